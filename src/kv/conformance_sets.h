// Partitions, values and write sets as the tests of engines like to make them.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "kv/engine.h"

namespace reprise::kv::conformance {

inline Partition data_partition(std::uint64_t space, std::uint16_t shard = 0) {
  return {SpaceId(space), Kind::data, ShardId(shard), 0};
}
inline Partition bucket_partition(std::uint64_t space, Kind kind, std::uint64_t bucket, std::uint16_t shard = 0) {
  return {SpaceId(space), kind, ShardId(shard), bucket};
}

// A value that carries a version, as guards want it.
inline Bytes versioned(std::uint64_t version, BytesView text = {}) {
  Bytes value;
  append_be64(value, version);
  return value.append(text);
}

inline WriteSet put_set(const Partition& partition, Bytes key, Bytes value) {
  WriteSet set;
  set.atomic.push_back({partition, std::move(key), std::move(value)});
  return set;
}
inline WriteSet delete_set(const Partition& partition, Bytes key) {
  WriteSet set;
  set.atomic.push_back({partition, std::move(key), std::nullopt});
  return set;
}
inline WriteSet guarded_set(const Partition& partition, const Bytes& key, std::optional<std::uint64_t> version,
                            Bytes value) {
  WriteSet set = put_set(partition, key, std::move(value));
  set.guards.push_back({partition, key, version});
  return set;
}

}  // namespace reprise::kv::conformance
