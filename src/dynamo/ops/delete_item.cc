// DeleteItem: removes an item; one that is not there is no error.
#include <utility>

#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/write_response.h"

namespace reprise::dynamo {
namespace {

class Erase final : public ItemChange {
 public:
  Check prepare(Services& services, const OperationRequest& request) {
    TRY(check_request(shapes::delete_item, request.body, Values::deferred));
    const Fields in(request.body);
    TRY(check_expression_parameters(in, {{"ConditionExpression"}, {}, {"Expected", "ConditionalOperator"}}));
    TRY_ASSIGN(key_item, parse_item(*in.value("Key")));
    returned = return_values(in);
    if (returned != ReturnValues::none && returned != ReturnValues::all_old) {
      return validation("ReturnValues can only be ALL_OLD or NONE");
    }
    TRY_ASSIGN(condition_, bind_either(services, in, substitutions_));
    TRY_ASSIGN(table, find_item_table(services, request.caller, *in.string("TableName")));
    TRY_ASSIGN(key, request_key(table->key, ItemView(key_item)));
    if (condition_.expression) TRY(condition_.expression->check_key_paths_scalar(*table));
    return Passed{};
  }

  Outcome<Decision> decide(const TableDefinition&, ItemView before) override {
    TRY(condition_.check(before));
    return Decision{Decision::Kind::erase, {}};
  }

  TablePtr table;
  Bytes key;
  Bytes key_item;
  ReturnValues returned = ReturnValues::none;

 private:
  Substitutions substitutions_;
  WriteCondition condition_;
};

}  // namespace

Task<OperationResult> delete_item(Services& services, OperationRequest request) {
  Erase erase;
  auto prepared = erase.prepare(services, request);
  if (!prepared.ok()) co_return first_error(shapes::delete_item, request.body, std::move(prepared).error());
  const WriteReport report = write_report(Fields(request.body), *erase.table);
  const bool capacity = report.report != CapacityReport::none;
  const WriteKeep keep{capacity || erase.returned == ReturnValues::all_old, capacity};
  CO_TRY_ASSIGN(const ItemWritten written, co_await write_item(services, erase.table, erase.key, erase, keep));
  const ItemView attributes = erase.returned == ReturnValues::all_old ? written.old_item() : ItemView();
  co_return write_response(written, attributes, ItemView(erase.key_item), report);
}

}  // namespace reprise::dynamo
