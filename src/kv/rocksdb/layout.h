// Where a partition's keys lie: one column family per kind, and in it
//   be64 space | be16 shard | be64 bucket | key
// so that a partition is one contiguous range and the buckets of a shard follow one another.
// docs/formats/rocksdb.md is the authority; a change here is a new format version.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"
#include "kv/engine.h"

namespace reprise::kv {

inline constexpr std::size_t prefix_size = 18;
inline constexpr std::size_t shard_prefix_size = 10;

// The bytes in front of every key of a partition; no allocation.
class Prefix {
 public:
  explicit Prefix(const Partition& partition) noexcept {
    put(0, partition.space.value(), 8);
    put(8, partition.shard.value(), 2);
    put(10, partition.bucket, 8);
  }
  [[nodiscard]] BytesView view() const noexcept { return {bytes_.data(), bytes_.size()}; }
  [[nodiscard]] BytesView shard_view() const noexcept { return {bytes_.data(), shard_prefix_size}; }

 private:
  void put(std::size_t at, std::uint64_t value, int size) noexcept {
    for (int i = size - 1; i >= 0; --i, value >>= 8) {
      bytes_[at + static_cast<std::size_t>(i)] = static_cast<char>(value & 0xff);
    }
  }
  std::array<char, prefix_size> bytes_{};
};

inline Bytes full_key(const Partition& partition, BytesView key) {
  Bytes full;
  full.reserve(prefix_size + key.size());
  full.append(Prefix(partition).view()).append(key);
  return full;
}

inline std::size_t family_of(Kind kind) noexcept { return static_cast<std::size_t>(kind); }

}  // namespace reprise::kv
