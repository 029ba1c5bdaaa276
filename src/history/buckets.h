// Buckets: which time range a history or log record belongs to, and which of them hold anything.
//
// A bucket is named by the timestamp it begins with. Which one a timestamp falls into is a pure function of the space's
// epochs, so that writer and reader agree without asking anybody; epochs are added when the retention changes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "base/clock.h"

namespace reprise::history {

// From `from` on (until the next epoch) buckets are `width` wide; both in bits of a Timestamp.
struct Epoch {
  std::uint64_t from = 0;
  std::uint64_t width = 1;
  bool operator==(const Epoch&) const = default;
};

inline constexpr std::size_t epochs_max = 64;

// A duration in bits of a Timestamp.
[[nodiscard]] std::uint64_t duration_bits(std::chrono::microseconds duration);

// The bucket of `t`. `epochs` is sorted by `from`; a time before all of them falls into bucket 0.
[[nodiscard]] std::uint64_t bucket_of(const std::vector<Epoch>& epochs, Timestamp t);
// The first timestamp beyond the bucket (which exists, or once existed, under these epochs).
[[nodiscard]] Timestamp bucket_end(const std::vector<Epoch>& epochs, std::uint64_t bucket);
// Adds an epoch unless the last one already is that wide or there are too many.
void add_epoch(std::vector<Epoch>& epochs, Timestamp from, std::uint64_t width);
// Removes the epochs that no bucket ending after `horizon` needs; true when there were any.
bool forget_epochs(std::vector<Epoch>& epochs, Timestamp horizon);

// The buckets of one kind of one space that may hold records: a superset of those that do, so that readers skip the
// others without a seek. Writers add a bucket before they write into it. Thread-safe.
class BucketSet {
 public:
  void add(std::uint64_t bucket);
  void remove(std::uint64_t bucket);
  // The first at or after `bucket`.
  [[nodiscard]] std::optional<std::uint64_t> next(std::uint64_t bucket) const;
  [[nodiscard]] std::vector<std::uint64_t> all() const;

 private:
  mutable std::shared_mutex mutex_;
  std::vector<std::uint64_t> sorted_;
  std::atomic<std::uint64_t> newest_{none};  // the one nearly every write goes to
  static constexpr std::uint64_t none = ~std::uint64_t{0};
};

}  // namespace reprise::history
