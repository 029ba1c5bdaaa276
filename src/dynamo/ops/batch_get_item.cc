// BatchGetItem: up to 100 items of any tables. What does not fit into 16 MB comes back as UnprocessedKeys, and so does
// what a table has no capacity for (throughput_limit.h), unless that is everything.
#include <algorithm>
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
#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/throughput_limit.h"
#include "history/store.h"

namespace reprise::dynamo {
namespace {

// The keys of one table.
struct TableGet {
  std::string requested_name;  // as in the request: a name or an ARN
  Fields in;
  TablePtr table;
  std::vector<Bytes> key_items;
  std::vector<Bytes> keys;
  std::optional<Projection> projection;
  std::optional<Timestamp> as_of;

  explicit TableGet(Fields fields) : in(fields) {}
};

Outcome<TableGet> parse_table(Services& services, std::string_view name, const Fields& in) {
  TableGet get(in);
  get.requested_name = std::string(name);
  TRY(check_expression_parameters(in, {{}, {"ProjectionExpression"}, {"AttributesToGet"}}));
  for (auto key = in.value("Keys")->first_element(); key; key.advance()) {
    TRY_ASSIGN(auto item, parse_item(key.value()));
    if (std::find(get.key_items.begin(), get.key_items.end(), item) != get.key_items.end()) {
      return validation("Provided list of item keys contains duplicates");
    }
    get.key_items.push_back(std::move(item));
  }
  TRY_ASSIGN(get.projection, read_projection(services, in));
  return get;
}

// The rules on all tables together. One table may not use what another's way of projecting rules out.
Check check_tables(const codec::JsonValue& requests) {
  bool expression = false;
  bool legacy = false;
  for (auto member = requests.first_member(); member; member.advance()) {
    if (member.value().is(codec::JsonType::null)) continue;
    const Fields table(member.value());
    if (table.value("Keys")->size() > limits::batch_get_keys_max) {
      return validation("1 validation error detected: Value at 'RequestItems." + std::string(member.key()) +
                        ".member.Keys' failed to satisfy constraint: Member must have length less than or equal to " +
                        std::to_string(limits::batch_get_keys_max));
    }
    expression = expression || table.has("ProjectionExpression");
    legacy = legacy || table.has("AttributesToGet");
  }
  if (!expression || !legacy) return Passed{};
  return validation(
      "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
      "{AttributesToGet} Expression parameters: {ProjectionExpression}");
}

Outcome<std::vector<TableGet>> prepare(Services& services, const OperationRequest& request) {
  TRY(check_types(shapes::batch_get_item, request.body, Values::deferred));
  const Fields in(request.body);
  const auto requests = in.value("RequestItems");
  if (!requests) return validation("The requestItems parameter is required for BatchGetItem");
  if (requests->size() == 0) {
    // BatchWriteItem still has a sentence of its own for this (seen in 32 of 33 regions in September 2026).
    return validation(
        "1 validation error detected: Value at 'RequestItems' failed to satisfy constraint: Member must have length "
        "greater than or equal to 1");
  }
  TRY(check_constraints(shapes::batch_get_item, request.body));
  TRY(check_tables(*requests));
  std::vector<TableGet> gets;
  std::size_t count = 0;
  for (auto member = requests->first_member(); member; member.advance()) {
    if (member.value().is(codec::JsonType::null)) continue;
    const Fields table(member.value());
    count += table.value("Keys")->size();
    if (count > limits::batch_get_keys_max) return validation("Too many items requested for the BatchGetItem call");
    TRY_ASSIGN(auto get, parse_table(services, member.key(), table));
    gets.push_back(std::move(get));
  }
  for (auto& get : gets) {
    TRY_ASSIGN(get.table, find_item_table(services, request.caller, get.requested_name));
    for (const auto& item : get.key_items) {
      TRY_ASSIGN(auto key, request_key(get.table->key, ItemView(item)));
      get.keys.push_back(std::move(key));
    }
    if (get.projection) TRY(get.projection->check_key_paths_scalar(*get.table));
    TRY_ASSIGN(get.as_of, resolve_as_of(services, get.table->space, request.as_of));
  }
  return gets;
}

// What is left of one table's request, from key `first` on.
void print_unprocessed(codec::JsonWriter& writer, const TableGet& get, std::size_t first) {
  writer.key(get.requested_name);
  writer.begin_object();
  writer.key("Keys");
  writer.begin_array();
  for (std::size_t i = first; i < get.key_items.size(); ++i) print_item(writer, ItemView(get.key_items[i]));
  writer.end_array();
  if (const auto consistent = get.in.boolean("ConsistentRead")) {
    writer.key("ConsistentRead");
    writer.boolean(*consistent);
  }
  if (const auto attributes = get.in.value("AttributesToGet")) {
    writer.key("AttributesToGet");
    writer.begin_array();
    for (auto name = attributes->first_element(); name; name.advance()) {
      if (name.value().is(codec::JsonType::string)) writer.string(name.value().string());
    }
    writer.end_array();
  }
  if (const auto projection = get.in.string("ProjectionExpression")) writer.member("ProjectionExpression", *projection);
  if (const auto names = get.in.value("ExpressionAttributeNames")) {
    writer.key("ExpressionAttributeNames");
    writer.begin_object();
    for (auto name = names->first_member(); name; name.advance()) {
      if (name.value().is(codec::JsonType::string)) writer.member(name.key(), name.value().string());
    }
    writer.end_object();
  }
  writer.end_object();
}

void print_capacity(Bytes& body, const std::vector<TableGet>& gets, const std::vector<double>& units,
                    CapacityReport report) {
  if (report == CapacityReport::none) return;
  body.append(",\"ConsumedCapacity\":");
  codec::JsonWriter writer(body);
  writer.begin_array();
  for (std::size_t i = 0; i < gets.size(); ++i) {
    ConsumedCapacity consumed;
    consumed.add_table(units[i]);
    consumed.print(writer, *gets[i].table, report);
  }
  writer.end_array();
}

}  // namespace

Task<OperationResult> batch_get_item(Services& services, OperationRequest request) {
  auto prepared = prepare(services, request);
  if (!prepared.ok()) co_return first_error(shapes::batch_get_item, request.body, std::move(prepared).error());
  const std::vector<TableGet>& gets = prepared.value();

  Bytes body = "{\"Responses\":{";
  Bytes unprocessed;
  codec::JsonWriter unprocessed_writer(unprocessed);
  std::vector<double> units(gets.size(), 0);
  std::size_t bytes = 0;
  bool full = false;
  bool any_read = false;
  for (std::size_t i = 0; i < gets.size(); ++i) {
    const TableGet& get = gets[i];
    if (i > 0) body.push_back(',');
    codec::JsonWriter::append_quoted(body, get.requested_name);
    body.append(":[");
    bool first = true;
    for (std::size_t k = 0; k < get.keys.size(); ++k) {
      if (full) {
        print_unprocessed(unprocessed_writer, get, k);
        break;
      }
      if (!admit_read(services, *get.table).ok()) {
        print_unprocessed(unprocessed_writer, get, k);
        break;
      }
      const auto version = co_await services.store.get(get.table->space, get.keys[k], get.as_of);
      if (!version.ok()) co_return store_error(version.error());
      const ItemView item = version->exists() ? ItemView(version->value()) : ItemView();
      const std::size_t size = item_size(item);
      // The answer stays within the limit: the item that would cross it is the first that is left.
      full = bytes + size > limits::batch_bytes_max;
      if (full) {
        print_unprocessed(unprocessed_writer, get, k);
        break;
      }
      const bool consistent = get.in.boolean("ConsistentRead", false);
      charge_read(services, *get.table, item, consistent);
      units[i] += read_units(size, consistent);
      any_read = true;
      bytes += size;
      if (!item) continue;
      if (!first) body.push_back(',');
      first = false;
      append_item_json(body, get.projection ? ItemView(get.projection->apply(item)) : item);
    }
    body.push_back(']');
  }
  // The only other reason to leave every key is that no table has capacity.
  if (!any_read && !full && !unprocessed.empty()) {
    co_return throughput_exceeded(*gets.front().table, Exceeded::table);
  }
  body.append("},\"UnprocessedKeys\":{").append(unprocessed).append("}");
  print_capacity(body, gets, units, capacity_report(Fields(request.body)));
  body.push_back('}');
  co_return body;
}

}  // namespace reprise::dynamo
