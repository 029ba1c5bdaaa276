// How much may still be written before the disk is full: the check that every commit passes.
//
// "Left" is what the file system has free, less what is in memory and still has to be written to tables, less what the
// merges under way read (so much may they write before they give any of it back), less twice the bytes committed since
// that was measured (once in the log, once in a table). Invariants:
//   - an ordinary commit is taken while at least the reserve is left (base/disk_room.h), one that makes room down to a
//     quarter of it: so RocksDB can always write out what it has taken, and deletes go on when nothing else does;
//   - a commit costs no system call: the file system is asked once a second (RoomKeeper) and after each 32 MiB.
// Threading: admit() and write_begins/ends are the commit thread's, the rest anybody's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/disk_room.h"
#include "base/status.h"

namespace reprise::kv {

struct RoomProbes {
  std::function<std::optional<DiskRoom>()> disk;  // nothing: not known, and nothing is refused
  // Bytes that tables have yet to take: what is in memory, and what merges under way may still write.
  std::function<std::uint64_t()> unwritten = nullptr;
};

// What the merges under way read, in bytes. Thread-safe.
class RunningMerges {
 public:
  void begin(int job, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    jobs_[job] = bytes;
  }
  void end(int job) {
    const std::lock_guard lock(mutex_);
    jobs_.erase(job);
  }
  [[nodiscard]] std::uint64_t bytes() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const auto& [job, bytes] : jobs_) sum += bytes;
    return sum;
  }

 private:
  mutable std::mutex mutex_;
  std::map<int, std::uint64_t> jobs_;
};

class Room {
 public:
  // Measures at once.
  explicit Room(RoomProbes probes);

  // Whether a commit of `bytes` may be written now; `frees_room`: it makes room.
  [[nodiscard]] bool admit(std::size_t bytes, bool frees_room);
  // Around each write of `bytes` to the database.
  void write_begins(std::size_t bytes);
  void write_ends();

  // What is left, in bytes: below 0 when the disk cannot take what is in memory; INT64_MAX when it is not known. Asks
  // the file system.
  std::int64_t measure();
  // Commits that make room are taken with this much left.
  [[nodiscard]] std::int64_t last_reserve() const { return reserve_.load(std::memory_order_relaxed) / 4; }
  [[nodiscard]] std::int64_t reserve() const { return reserve_.load(std::memory_order_relaxed); }
  // Of the last measure; nothing when it is not known.
  [[nodiscard]] std::optional<DiskRoom> disk() const;
  [[nodiscard]] std::uint64_t unwritten() const { return probes_.unwritten ? probes_.unwritten() : 0; }

  // Whether ordinary commits are refused at present; the answer to them (exhausted, with what is left).
  [[nodiscard]] bool refuses() const noexcept { return refuses_.load(std::memory_order_acquire); }
  [[nodiscard]] Status refusal() const;

 private:
  [[nodiscard]] std::int64_t threshold(bool frees_room) const;
  [[nodiscard]] std::int64_t left(std::size_t bytes) const;
  void set_refuses(bool refuses, std::uint64_t free_bytes);

  const RoomProbes probes_;
  std::int64_t begun_ = 0;  // twice the bytes of all writes so far; the commit thread's
  std::atomic<std::int64_t> ended_{0};
  // Writes may begin up to here, in terms of begun_; less than there is, so that it is measured again now and then.
  std::atomic<std::int64_t> limit_{0};
  std::atomic<std::int64_t> measured_at_{0};  // ended_ at the last measure
  std::atomic<std::int64_t> reserve_{0};
  std::atomic<bool> refuses_{false};

  mutable std::mutex mutex_;  // guards the next one, and that measures do not overtake each other
  std::optional<DiskRoom> disk_;
};

}  // namespace reprise::kv
