// Shards of a stream, and positions in them. Both are arithmetic: nothing of them is stored.
//
// A shard is a span of a stream's time, four hours long as AWS's usually are; it is closed when its time is over or
// when its stream was disabled, and each but the first is the child of the one before. A record's sequence number is
// its place in the table's change log, so numbers rise within a table for ever, across shards and streams.
//
// Threading: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "dynamo/model/schema.h"
#include "history/store.h"

namespace reprise::dynamo {

using LogPosition = history::Store::LogPosition;

inline constexpr std::int64_t shard_width_micros = std::int64_t{4} * 3600 * 1'000'000;

struct Shard {
  std::string id;                // "shardId-<20 digits>-<8 hexadecimal digits>", rising with time
  std::string parent;            // empty: the stream's first
  Timestamp from;                // its first moment
  std::optional<Timestamp> end;  // its last one; nothing while it is open

  // Where reading begins: the changes after this are the shard's.
  [[nodiscard]] LogPosition start() const { return {from.previous()}; }
};

// The shards that hold readable records at `now`, oldest first; at least one of a readable stream.
std::vector<Shard> find_shards(const TableDefinition& table, const StreamSettings& stream, Timestamp now);
// The shard called that, readable or not any more; nothing when the stream never had it.
std::optional<Shard> find_shard(const TableDefinition& table, const StreamSettings& stream, std::string_view id,
                                Timestamp now);

// The moment before which records are out of reach.
Timestamp trim_horizon(Timestamp now);

// Sequence numbers: 31 decimal digits, so that their order as texts is their order as numbers.
std::string sequence_number(LogPosition position);
// Nothing when the text is no sequence number of ours.
std::optional<LogPosition> parse_sequence_number(std::string_view text);
// The position after which the record at `position` comes next.
LogPosition just_before(LogPosition position);

}  // namespace reprise::dynamo
