// GetItem: one item by its key. The hot path: the item goes from its encoding straight into the answer.
#include <string>
#include <utility>

#include "dynamo/expr/parser.h"
#include "dynamo/expr/projection.h"
#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
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

struct GetPlan {
  TablePtr table;
  Bytes key;
  std::optional<Projection> projection;
  std::optional<Timestamp> as_of;
};

Outcome<GetPlan> prepare(Services& services, const OperationRequest& request) {
  TRY(check_request(shapes::get_item, request.body, Values::deferred));
  const Fields in(request.body);
  TRY(check_expression_parameters(in, {{}, {"ProjectionExpression"}, {"AttributesToGet"}}));
  TRY_ASSIGN(const Bytes key_item, parse_item(*in.value("Key")));
  GetPlan plan;
  TRY_ASSIGN(plan.projection, read_projection(services, in));
  TRY_ASSIGN(plan.table, find_item_table(services, request.caller, *in.string("TableName")));
  TRY_ASSIGN(plan.key, request_key(plan.table->key, ItemView(key_item)));
  if (plan.projection) TRY(plan.projection->check_key_paths_scalar(*plan.table));
  TRY_ASSIGN(plan.as_of, resolve_as_of(services, plan.table->space, request.as_of));
  return plan;
}

}  // namespace

Task<OperationResult> get_item(Services& services, OperationRequest request) {
  auto prepared = prepare(services, request);
  if (!prepared.ok()) co_return first_error(shapes::get_item, request.body, std::move(prepared).error());
  const GetPlan& plan = prepared.value();
  CO_TRY(admit_read(services, *plan.table));
  const auto version = co_await services.store.get(plan.table->space, plan.key, plan.as_of);
  if (!version.ok()) co_return store_error(version.error());

  const Fields in(request.body);
  const ItemView item = version->exists() ? ItemView(version->value()) : ItemView();
  charge_read(services, *plan.table, item, in.boolean("ConsistentRead", false));
  const CapacityReport report = capacity_report(in);
  Bytes body;
  body.reserve(item.encoded().size() * 2 + 64);
  body.push_back('{');
  if (item) {
    body.append("\"Item\":");
    append_item_json(body, plan.projection ? ItemView(plan.projection->apply(item)) : item);
  }
  if (report != CapacityReport::none) {
    body.append(item ? ",\"ConsumedCapacity\":" : "\"ConsumedCapacity\":");
    ConsumedCapacity consumed;
    consumed.add_table(read_units(item_size(item), in.boolean("ConsistentRead", false)));
    codec::JsonWriter writer(body);
    consumed.print(writer, *plan.table, report);
  }
  body.push_back('}');
  co_return body;
}

}  // namespace reprise::dynamo
