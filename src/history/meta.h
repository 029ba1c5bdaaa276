// The metadata partition: what the store keeps about its spaces, pins, counters and clock, as keys and values.
//
// Every value starts with eight bytes of version (the timestamp of its writing), as all engines expect of partitions
// with guards. Layout: docs/formats/history.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/task.h"
#include "history/space.h"
#include "kv/engine.h"

namespace reprise::history {

inline const kv::Partition meta_partition{SpaceId(0), kv::Kind::meta, ShardId(0), 0};

// A durable hold of the horizon.
struct Pin {
  std::string name;
  std::vector<SpaceId> spaces;
  Timestamp at;
};

struct CopyRecord {
  std::uint64_t keys = 0;
  Bytes position;
};

// Everything in the partition.
struct Metadata {
  bool fresh = true;   // nothing has been written yet
  bool clean = false;  // the last stop was a clean one
  Timestamp ceiling;
  std::uint64_t next_space = 1;
  std::vector<SpaceRecord> spaces;
  std::vector<Pin> pins;
  std::vector<std::pair<SpaceId, CounterRecord>> counters;
  std::vector<std::pair<SpaceId, CopyRecord>> copies;
};
// corruption: a record has no valid form, or is of a newer format.
Task<Result<Metadata>> load_metadata(kv::Engine& engine);

// Writes of single records, stamped `at`.
kv::Write write_clock(Timestamp ceiling);
kv::Write write_format(Timestamp at);
kv::Write write_clean(Timestamp at, bool clean);
kv::Write write_next_space(Timestamp at, std::uint64_t next);
kv::Write write_space(Timestamp at, const SpaceRecord& record);
kv::Write write_pin(Timestamp at, const Pin& pin);
kv::Write erase_pin(const std::string& name);
kv::Write write_counters(Timestamp at, SpaceId space, const CounterRecord& counters);
kv::Write write_copy(Timestamp at, SpaceId space, const CopyRecord& copy);
kv::Write erase_copy(SpaceId space);
// All records of one space.
std::vector<kv::Write> erase_space(SpaceId space);

}  // namespace reprise::history
