// DescribeStream: a stream's settings and the shards that can still be read, all or the children of one.
#include <algorithm>
#include <cstddef>
#include <vector>

#include "dynamo/ops/request.h"
#include "dynamo/streams/stream_lookup.h"
#include "dynamo/streams/stream_operations.h"
#include "dynamo/streams/stream_shapes.h"
#include "dynamo/streams/stream_shards.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t page_max = 100;

void write_key(codec::JsonWriter& w, const KeySchema& key) {
  w.key("KeySchema");
  w.begin_array();
  for (const auto* const part : {&key.hash, &key.range}) {
    for (const KeyAttribute& attribute : *part) {
      w.begin_object();
      w.member("AttributeName", attribute.name);
      w.member("KeyType", part == &key.hash ? "HASH" : "RANGE");
      w.end_object();
    }
  }
  w.end_array();
}

void write_shards(codec::JsonWriter& w, const std::vector<Shard>& shards) {
  w.key("Shards");
  w.begin_array();
  for (const Shard& shard : shards) {
    w.begin_object();
    if (!shard.parent.empty()) w.member("ParentShardId", shard.parent);
    w.key("SequenceNumberRange");
    w.begin_object();
    if (shard.end) w.member("EndingSequenceNumber", sequence_number({*shard.end}));
    w.member("StartingSequenceNumber", sequence_number({shard.from, 0}));
    w.end_object();
    w.member("ShardId", shard.id);
    w.end_object();
  }
  w.end_array();
}

}  // namespace

Task<OperationResult> describe_stream(Services& services, OperationRequest request) {
  CO_TRY(check_stream_request(shapes::describe_stream, request.body, "StreamArn"));
  const Fields in(request.body);
  const std::string_view arn = in.string_or("StreamArn", "");
  CO_TRY_ASSIGN(const FoundStream found, find_stream(services, request.caller, arn));
  auto shards = find_shards(*found.table, found.stream, services.store.now());
  if (const auto filter = in.object("ShardFilter")) {
    const std::string_view parent = filter->string_or("ShardId", "");
    std::erase_if(shards, [parent](const Shard& shard) { return shard.parent != parent; });
  }
  const std::string_view start = in.string_or("ExclusiveStartShardId", "");
  std::erase_if(shards, [start](const Shard& shard) { return shard.id <= start; });
  const auto limit = static_cast<std::size_t>(in.integer("Limit").value_or(page_max));
  const bool more = shards.size() > limit;
  if (more) shards.resize(limit);

  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("StreamDescription");
  w.begin_object();
  w.key("CreationRequestDateTime");
  w.epoch_seconds(static_cast<std::uint64_t>(found.stream.enabled_micros));
  write_key(w, found.table->key);
  if (more) w.member("LastEvaluatedShardId", shards.back().id);
  write_shards(w, shards);
  w.member("StreamArn", arn);
  w.member("StreamLabel", found.stream.label);
  w.member("StreamStatus", found.stream.enabled ? "ENABLED" : "DISABLED");
  w.member("StreamViewType", found.stream.view_type);
  w.member("TableName", found.table->name);
  w.end_object();
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
