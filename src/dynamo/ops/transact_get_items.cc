// TransactGetItems: up to 100 items of any tables as they were at one moment.
#include <string>
#include <utility>
#include <vector>

#include "dynamo/expr/parser.h"
#include "dynamo/expr/projection.h"
#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/capacity.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/transact.h"
#include "dynamo/ops/transact_capacity.h"
#include "dynamo/ops/transact_operations.h"

namespace reprise::dynamo {
namespace {

struct Entry {
  std::string_view requested_table;  // a view into the request
  Bytes key_item;
  std::optional<Projection> projection;
};

struct Request {
  std::vector<Entry> entries;
  std::vector<TransactGet> keys;  // one for each entry
};

Outcome<Entry> parse_entry(Services& services, const Fields& in) {
  Entry entry;
  entry.requested_table = *in.string("TableName");
  TRY(check_expression_parameters(in, {{}, {"ProjectionExpression"}, {}}));
  TRY_ASSIGN(entry.key_item, parse_item(*in.value("Key")));
  if (in.has("ProjectionExpression")) {
    TRY_ASSIGN(auto substitutions, parse_substitutions(in));
    TRY_ASSIGN(auto ast, parse_member(services, in, "ProjectionExpression", ExpressionKind::projection));
    TRY_ASSIGN(entry.projection, Projection::bind(std::move(ast), substitutions));
    TRY(substitutions.check_all_used());
  }
  return entry;
}

// Keys that do not fit their tables cancel the transaction.
Check place_entries(Services& services, const Caller& caller, Request& request) {
  for (const auto& entry : request.entries) {
    TRY_ASSIGN(auto table, find_item_table(services, caller, entry.requested_table));
    request.keys.push_back({std::move(table), {}});
  }
  std::vector<CancellationReason> reasons;
  bool failed = false;
  for (std::size_t i = 0; i < request.keys.size(); ++i) {
    TransactGet& get = request.keys[i];
    auto key = request_key(get.table->key, ItemView(request.entries[i].key_item));
    if (key.ok()) {
      get.key = std::move(key).value();
      reasons.push_back(no_reason());
      continue;
    }
    auto reason = cancellation_reason(key.error());
    if (!reason) return std::move(key).error();
    failed = true;
    reasons.push_back(std::move(*reason));
  }
  if (failed) return transaction_canceled(std::move(reasons));
  return check_distinct_items(request.keys);
}

Check prepare(Services& services, const OperationRequest& operation, Request& request) {
  TRY(check_request(shapes::transact_get_items, operation.body, Values::deferred));
  for (auto element = Fields(operation.body).value("TransactItems")->first_element(); element; element.advance()) {
    if (element.value().is(codec::JsonType::null)) {
      return validation("Invalid Request: TransactGetRequest should contain Get request");
    }
    TRY_ASSIGN(auto entry, parse_entry(services, *Fields(element.value()).object("Get")));
    request.entries.push_back(std::move(entry));
  }
  return place_entries(services, operation.caller, request);
}

}  // namespace

Task<OperationResult> transact_get_items(Services& services, OperationRequest operation) {
  Request request;
  auto prepared = prepare(services, operation, request);
  if (!prepared.ok()) {
    co_return first_error(shapes::transact_get_items, operation.body, std::move(prepared).error());
  }
  CO_TRY_ASSIGN(const std::vector<history::Version> found,
                co_await transact_get(services, request.keys, operation.as_of));

  std::vector<std::size_t> sizes;
  std::size_t bytes = 0;
  for (const auto& version : found) {
    sizes.push_back(version.exists() ? item_size(ItemView(version.value())) : 0);
    bytes += sizes.back();
  }
  if (bytes > limits::transaction_bytes_max) {
    co_return validation("The aggregate size of the items in the transaction cannot exceed 4 MB");
  }

  Bytes body;
  codec::JsonWriter writer(body);
  writer.begin_object();
  writer.key("Responses");
  writer.begin_array();
  Bytes projected;
  for (std::size_t i = 0; i < found.size(); ++i) {
    writer.begin_object();
    if (found[i].exists()) {
      const ItemView item(found[i].value());
      const auto& projection = request.entries[i].projection;
      if (projection) projection->apply_to(item, projected);
      writer.key("Item");
      print_item(writer, projection ? ItemView(projected) : item);
    }
    writer.end_object();
  }
  writer.end_array();
  print_transact_capacity(writer, request.keys, capacity_report(Fields(operation.body)),
                          [&](ConsumedCapacity& consumed, std::size_t i) { consumed.add_transact_read(sizes[i]); });
  writer.end_object();
  co_return body;
}

}  // namespace reprise::dynamo
