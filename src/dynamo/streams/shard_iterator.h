// Shard iterators: where a reader stands, as the text a client carries from call to call. Nothing of them is stored.
//
//   STREAM-ARN|1|BASE64, the latter of: form 1, be64 issued (microseconds), be64 time and be32 sequence of the position
//   (LogPosition), and the shard's id.
//
// An iterator gives no right to anything: whoever presents one is checked for access to the stream it names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dynamo/streams/stream_shards.h"

namespace reprise::dynamo {

// How long an iterator can be used.
inline constexpr std::int64_t iterator_life_micros = std::int64_t{15} * 60 * 1'000'000;

struct ShardIterator {
  std::string stream_arn;
  std::string shard_id;
  LogPosition after;  // the next record is the first one behind this
  std::int64_t issued_micros = 0;
};

std::string print_iterator(const ShardIterator& iterator);
// Nothing when the text is none of ours.
std::optional<ShardIterator> parse_iterator(std::string_view text);

}  // namespace reprise::dynamo
