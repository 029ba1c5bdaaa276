// PutItem: replaces an item, or makes one. The hot path: the item is parsed once, into what is stored.
#include <utility>

#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/write_response.h"

namespace reprise::dynamo {
namespace {

class Put final : public ItemChange {
 public:
  Check prepare(Services& services, const OperationRequest& request) {
    TRY(check_request(shapes::put_item, request.body, Values::deferred));
    const Fields in(request.body);
    TRY(check_expression_parameters(in, {{"ConditionExpression"}, {}, {"Expected", "ConditionalOperator"}}));
    TRY_ASSIGN(item_, parse_item(*in.value("Item")));
    returned = return_values(in);
    if (returned != ReturnValues::none && returned != ReturnValues::all_old) {
      return validation("ReturnValues can only be ALL_OLD or NONE");
    }
    if (item_size(ItemView(item_)) > limits::item_size_max) {
      return validation("Item size has exceeded the maximum allowed size");
    }
    TRY_ASSIGN(condition_, bind_either(services, in, substitutions_));
    TRY_ASSIGN(table, find_item_table(services, request.caller, *in.string("TableName")));
    TRY_ASSIGN(key, item_key(table->key, ItemView(item_)));
    if (condition_.expression) TRY(condition_.expression->check_key_paths_scalar(*table));
    TRY(check_index_keys(*table, ItemView(item_)));
    if (!fits_with_local_entries(*table, ItemView(item_))) {
      return validation("Item size has exceeded the maximum allowed size");
    }
    return Passed{};
  }

  Outcome<Decision> decide(const TableDefinition&, ItemView before) override {
    TRY(condition_.check(before));
    return Decision{Decision::Kind::put, item_};
  }

  TablePtr table;
  Bytes key;
  ReturnValues returned = ReturnValues::none;
  [[nodiscard]] ItemView item() const { return ItemView(item_); }

 private:
  Bytes item_;
  Substitutions substitutions_;
  WriteCondition condition_;
};

}  // namespace

Task<OperationResult> put_item(Services& services, OperationRequest request) {
  Put put;
  auto prepared = put.prepare(services, request);
  if (!prepared.ok()) co_return first_error(shapes::put_item, request.body, std::move(prepared).error());
  const WriteReport report = write_report(Fields(request.body), *put.table);
  const bool capacity = report.report != CapacityReport::none;
  const WriteKeep keep{capacity || put.returned == ReturnValues::all_old, capacity};
  CO_TRY_ASSIGN(const ItemWritten written, co_await write_item(services, put.table, put.key, put, keep));
  const ItemView attributes = put.returned == ReturnValues::all_old ? written.old_item() : ItemView();
  co_return write_response(written, attributes, put.item(), report);
}

}  // namespace reprise::dynamo
