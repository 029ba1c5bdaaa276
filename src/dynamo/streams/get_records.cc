// GetRecords: the next changes behind an iterator, with the images the stream's view shows.
//
// Invariant: following the iterators of a shard from TRIM_HORIZON shows every change of the shard once, in the order of
// their sequence numbers, but for what has become too old meanwhile. Only closed time is read (history::Store::closed),
// so no change can appear behind a reader's back; at its end an iterator moves on with the time, not only with records,
// so that a quiet stream never leaves its reader behind the horizon.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_streams.h"
#include "dynamo/streams/shard_iterator.h"
#include "dynamo/streams/stream_lookup.h"
#include "dynamo/streams/stream_operations.h"
#include "dynamo/streams/stream_record.h"
#include "dynamo/streams/stream_shapes.h"
#include "dynamo/streams/stream_shards.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t records_max = 1000;
constexpr std::size_t answer_bytes_max = std::size_t{1} << 20;

// What one call reads from.
struct Reading {
  FoundStream found;
  Shard shard;
  LogPosition after;
};

Outcome<Reading> open_iterator(Services& services, const Caller& caller, std::string_view text) {
  const auto iterator = parse_iterator(text);
  if (!iterator) return validation("Invalid ShardIterator");
  const Timestamp now = services.store.now();
  const auto now_micros = static_cast<std::int64_t>(now.micros());
  if (iterator->issued_micros > now_micros) return validation("Invalid ShardIterator");
  if (now_micros - iterator->issued_micros > iterator_life_micros) {
    return api_error(ErrorKind::expired_iterator, "Shard iterator has expired");
  }
  auto found = find_stream(services, caller, iterator->stream_arn);
  if (!found.ok() && found.error().kind == ErrorKind::validation) return validation("Invalid ShardIterator");
  if (!found.ok()) return found.error();
  auto shard = find_shard(*found->table, found->stream, iterator->shard_id, now);
  const bool inside =
      shard && iterator->after.at >= shard->start().at && iterator->after.at <= shard->end.value_or(now);
  if (!inside) return validation("Invalid ShardIterator");
  // An iterator at the horizon stays good for its own life; the store keeps that much more (recovery_window.cc).
  const Timestamp trimmed = trim_horizon(Timestamp::from_micros(now.micros() - iterator_life_micros));
  if (iterator->after.at.next() < trimmed) {
    return api_error(ErrorKind::trimmed_data_access, "The data you are trying to access has been trimmed");
  }
  return Reading{std::move(found).value(), std::move(*shard), iterator->after};
}

// Whether nothing can come any more in a shard that has been read up to its end, or up to all there is.
bool is_drained(Services& services, const Reading& reading, const LogPosition& next) {
  if (!reading.shard.end) return false;
  if (next.at >= *reading.shard.end) return true;
  const auto info = space_info(services.store, reading.found.table->space);
  return !info || info->dropped;
}

// Prints as many of the changes as fit; where the next call goes on.
LogPosition write_records(codec::JsonWriter& w, const Reading& reading, std::string_view region,
                          const history::Store::ImagedPage& page, bool& more) {
  const StreamView view = view_of(reading.found.stream.view_type);
  LogPosition last = reading.after;
  std::size_t bytes = 0;
  for (const history::ImagedChange& change : page.changes) {
    const std::size_t size = record_size(*reading.found.table, view, change);
    if (bytes > 0 && bytes + size > answer_bytes_max) {
      more = true;
      return last;
    }
    bytes += size;
    write_record(w, *reading.found.table, reading.found.stream, region, change, size);
    last = {change.entry.at, change.entry.sequence};
  }
  more = page.more;
  return page.next;
}

}  // namespace

Task<OperationResult> get_records(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::get_records, request.body));
  const Fields in(request.body);
  CO_TRY_ASSIGN(const Reading reading, open_iterator(services, request.caller, in.string_or("ShardIterator", "")));

  history::Store::ImagesRequest wanted;
  wanted.space = reading.found.table->space;
  wanted.after = reading.after;
  wanted.to = reading.shard.end.value_or(Timestamp::max());
  wanted.limit = static_cast<std::size_t>(in.integer("Limit").value_or(records_max));
  wanted.max_bytes = answer_bytes_max;
  const auto page = co_await services.store.changes_with_images(wanted);
  if (!page.ok() && page.error().is(Code::not_found)) {
    co_return stream_not_found(stream_arn(*reading.found.table, reading.found.stream));
  }
  if (!page.ok()) co_return store_error(page.error());

  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  ShardIterator next;
  bool more = false;
  w.key("Records");
  w.begin_array();
  next.after = write_records(w, reading, services.settings.region, *page, more);
  w.end_array();
  if (more || !is_drained(services, reading, next.after)) {
    next.stream_arn = stream_arn(*reading.found.table, reading.found.stream);
    next.shard_id = reading.shard.id;
    next.issued_micros = static_cast<std::int64_t>(services.store.now().micros());
    w.member("NextShardIterator", print_iterator(next));
  }
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
