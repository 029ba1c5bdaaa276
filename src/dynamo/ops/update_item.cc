// UpdateItem: changes attributes of an item, which is made when it is not there, unless there is only something to be
// taken from it.
#include <optional>
#include <string>
#include <utility>

#include "dynamo/expr/parser.h"
#include "dynamo/expr/update.h"
#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/legacy_updates.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/updated_item.h"
#include "dynamo/ops/write_response.h"

namespace reprise::dynamo {
namespace {

// The size of an updated item is not measured as that of one that is put: without its key, but with a charge for each
// action. What is over 400 KB as it is, check_updated_item refuses.
Check check_charged_size(const Update& update, ItemView item, ItemView key) {
  if (item_size(item) - item_size(key) + update.charged_size() <= limits::item_size_max) return Passed{};
  return validation("Item size to update has exceeded the maximum allowed size");
}

class ItemUpdate final : public ItemChange {
 public:
  Check prepare(Services& services, const OperationRequest& request) {
    TRY(check_request(shapes::update_item, request.body, Values::deferred));
    const Fields in(request.body);
    TRY(check_expression_parameters(
        in,
        {{"UpdateExpression", "ConditionExpression"}, {}, {"AttributeUpdates", "Expected", "ConditionalOperator"}}));
    TRY_ASSIGN(key_item, parse_item(*in.value("Key")));
    returned = return_values(in);
    const bool legacy = in.has("AttributeUpdates") || in.has("Expected") || in.has("ConditionalOperator");
    TRY(legacy ? bind_legacy(in) : bind(services, in));
    TRY_ASSIGN(table, find_item_table(services, request.caller, *in.string("TableName")));
    TRY_ASSIGN(key, request_key(table->key, ItemView(key_item)));
    if (update_) {
      TRY(update_->check_no_key_attribute(table->key));
      TRY(check_written_index_keys(*table, *update_));
      TRY(update_->check_key_paths_scalar(*table));
    }
    if (condition_.expression) TRY(condition_.expression->check_key_paths_scalar(*table));
    return Passed{};
  }

  Outcome<Decision> decide(const TableDefinition& now, ItemView before) override {
    TRY(condition_.check(before));
    const ItemView base = before ? before : ItemView(key_item);
    const bool parts = returned == ReturnValues::updated_old || returned == ReturnValues::updated_new;
    result = {};
    if (update_) {
      TRY_ASSIGN(result, update_->apply(base, parts ? WantUpdated::yes : WantUpdated::no));
    } else {
      result.item = Bytes(base.encoded());
    }
    if (update_) TRY(check_charged_size(*update_, ItemView(result.item), ItemView(key_item)));
    if (!before && update_ && !update_->makes_item()) {
      result = {};
      return Decision{};
    }
    TRY(check_updated_item(now, ItemView(result.item)));
    return Decision{Decision::Kind::put, result.item};
  }

  // What ReturnValues asks for; nothing when that is empty.
  [[nodiscard]] ItemView attributes(const ItemWritten& written) const {
    switch (returned) {
      case ReturnValues::none: return {};
      case ReturnValues::all_old: return written.old_item();
      case ReturnValues::all_new: return non_empty(result.item);
      case ReturnValues::updated_old: return written.old_item() ? non_empty(result.updated_old) : ItemView();
      case ReturnValues::updated_new: return non_empty(result.updated_new);
    }
    return {};
  }

  TablePtr table;
  Bytes key;
  Bytes key_item;
  ReturnValues returned = ReturnValues::none;
  UpdateResult result;

 private:
  static ItemView non_empty(const Bytes& item) {
    if (item.empty()) return {};
    const ItemView view(item);
    return view.members() ? view : ItemView();
  }

  Check bind(Services& services, const Fields& in) {
    TRY_ASSIGN(substitutions_, parse_substitutions(in));
    TRY_ASSIGN(auto update, parse_member(services, in, "UpdateExpression", ExpressionKind::update));
    if (update != nullptr) {
      TRY_ASSIGN(update_, Update::bind(std::move(update), substitutions_));
    }
    TRY_ASSIGN(condition_, bind_condition(services, in, substitutions_));
    return substitutions_.check_all_used();
  }

  Check bind_legacy(const Fields& in) {
    TRY_ASSIGN(update_, bind_attribute_updates(in, substitutions_));
    TRY_ASSIGN(condition_, bind_expected(in, expected_substitutions_));
    return Passed{};
  }

  Substitutions substitutions_;
  Substitutions expected_substitutions_;
  std::optional<Update> update_;
  WriteCondition condition_;
};

}  // namespace

Task<OperationResult> update_item(Services& services, OperationRequest request) {
  ItemUpdate update;
  auto prepared = update.prepare(services, request);
  if (!prepared.ok()) co_return first_error(shapes::update_item, request.body, std::move(prepared).error());
  const WriteReport report = write_report(Fields(request.body), *update.table);
  const bool capacity = report.report != CapacityReport::none;
  const bool old = update.returned == ReturnValues::all_old || update.returned == ReturnValues::updated_old;
  const WriteKeep keep{capacity || old, capacity};
  CO_TRY_ASSIGN(const ItemWritten written, co_await write_item(services, update.table, update.key, update, keep));
  co_return write_response(written, update.attributes(written), ItemView(update.key_item), report);
}

}  // namespace reprise::dynamo
