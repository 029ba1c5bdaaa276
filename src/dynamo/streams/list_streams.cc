// ListStreams: of all tables or of one, deleted ones included, in the order of their ARNs.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "dynamo/ops/catalog.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/table_streams.h"
#include "dynamo/streams/stream_lookup.h"
#include "dynamo/streams/stream_operations.h"
#include "dynamo/streams/stream_shapes.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t page_max = 100;

struct ListedStream {
  std::string arn;
  std::string label;
  std::string table;
};

std::vector<ListedStream> all_streams(Services& services, std::string_view account, std::string_view table_name) {
  std::vector<TablePtr> tables;
  for (TablePtr& table : services.catalog.all()) {
    if (table->account == account) tables.push_back(std::move(table));
  }
  for (TablePtr& table : services.catalog.deleted_of(account)) tables.push_back(std::move(table));
  const auto now = static_cast<std::int64_t>(services.store.now().micros());
  std::vector<ListedStream> streams;
  for (const TablePtr& table : tables) {
    if (!table_name.empty() && table->name != table_name) continue;
    for (const StreamSettings& stream : readable_streams(*table, now)) {
      streams.push_back({stream_arn(*table, stream), stream.label, table->name});
    }
  }
  std::sort(streams.begin(), streams.end(), [](const ListedStream& a, const ListedStream& b) { return a.arn < b.arn; });
  return streams;
}

}  // namespace

Task<OperationResult> list_streams(Services& services, OperationRequest request) {
  CO_TRY(check_stream_request(shapes::list_streams, request.body, "ExclusiveStartStreamArn"));
  const Fields in(request.body);
  const auto limit = static_cast<std::size_t>(in.integer("Limit").value_or(page_max));
  const std::string_view start = in.string_or("ExclusiveStartStreamArn", "");
  const auto streams = all_streams(services, request.caller.account, in.string_or("TableName", ""));

  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("Streams");
  w.begin_array();
  std::size_t shown = 0;
  std::string last;
  bool more = false;
  for (const ListedStream& stream : streams) {
    if (stream.arn <= start) continue;
    if (shown == limit) {
      more = true;
      break;
    }
    ++shown;
    last = stream.arn;
    w.begin_object();
    w.member("StreamArn", stream.arn);
    w.member("StreamLabel", stream.label);
    w.member("TableName", stream.table);
    w.end_object();
  }
  w.end_array();
  if (more) w.member("LastEvaluatedStreamArn", last);
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
