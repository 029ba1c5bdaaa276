// GetShardIterator: a place in a shard to read from, as a text.
#include <algorithm>

#include "dynamo/ops/request.h"
#include "dynamo/streams/shard_iterator.h"
#include "dynamo/streams/stream_lookup.h"
#include "dynamo/streams/stream_operations.h"
#include "dynamo/streams/stream_shapes.h"
#include "dynamo/streams/stream_shards.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

bool is_before(const LogPosition& a, const LogPosition& b) {
  return a.at < b.at || (a.at == b.at && a.sequence < b.sequence);
}

// AT_ and AFTER_SEQUENCE_NUMBER.
Outcome<LogPosition> place_of_number(std::string_view text, bool after, const Shard& shard, Timestamp now) {
  const auto place = parse_sequence_number(text);
  if (!place || place->at > shard.end.value_or(now)) return validation("Invalid SequenceNumber");
  const Timestamp oldest = std::max(shard.from, trim_horizon(now));
  if (place->at < oldest) {
    return api_error(ErrorKind::trimmed_data_access, "The data you are trying to access has been trimmed");
  }
  return after ? *place : just_before(*place);
}

Outcome<LogPosition> find_place(const Fields& in, const Shard& shard, Timestamp now) {
  const std::string_view type = in.string_or("ShardIteratorType", "");
  if (type == "TRIM_HORIZON") {
    const LogPosition horizon{trim_horizon(now).previous()};
    return is_before(shard.start(), horizon) ? horizon : shard.start();
  }
  if (type == "LATEST") return LogPosition{shard.end.value_or(now)};
  const auto number = in.string("SequenceNumber");
  if (!number) {
    return invalid_parameter(std::string("SequenceNumber must be specified for ShardIteratorType: ").append(type));
  }
  return place_of_number(*number, type == "AFTER_SEQUENCE_NUMBER", shard, now);
}

}  // namespace

Task<OperationResult> get_shard_iterator(Services& services, OperationRequest request) {
  CO_TRY(check_stream_request(shapes::get_shard_iterator, request.body, "StreamArn"));
  const Fields in(request.body);
  const std::string_view arn = in.string_or("StreamArn", "");
  CO_TRY_ASSIGN(const FoundStream found, find_stream(services, request.caller, arn));
  // Everything that was acknowledged before this moment lies before it, everything that begins now behind it.
  const Timestamp now = services.store.now();
  const auto shard = find_shard(*found.table, found.stream, in.string_or("ShardId", ""), now);
  if (!shard || shard->end.value_or(now) < trim_horizon(now)) {
    co_return api_error(ErrorKind::resource_not_found, "Requested resource not found: Shard does not exist");
  }
  ShardIterator iterator;
  CO_TRY_ASSIGN(iterator.after, find_place(in, *shard, now));
  iterator.stream_arn = std::string(arn);
  iterator.shard_id = shard->id;
  iterator.issued_micros = static_cast<std::int64_t>(now.micros());
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.member("ShardIterator", print_iterator(iterator));
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
