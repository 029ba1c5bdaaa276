// UpdateItem: changes attributes of an item, which is made when it is not there, unless there is only something to be
// taken from it.
#include <optional>
#include <utility>

#include "dynamo/expr/parser.h"
#include "dynamo/expr/update.h"
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

// An update may not leave an index key that the index cannot hold; PutItem says so in other words.
Check check_updated_index_keys(const TableDefinition& table, ItemView item) {
  Check plain = check_index_keys(table, item);
  if (plain.ok()) return plain;
  bool wrong_type = false;
  bool too_long = false;
  const auto look = [&](const KeyAttribute& attribute, std::size_t size_max) {
    const ValueView value = item.find(attribute.name);
    if (!value) return;
    wrong_type = wrong_type || value.type() != attribute.type;
    too_long = too_long || value_size(value) > size_max;
  };
  for_each_index(table, [&](const IndexView& index) {
    for (const auto& attribute : index.key->hash) look(attribute, limits::partition_key_size_max);
    for (const auto& attribute : index.key->range) look(attribute, limits::sort_key_size_max);
  });
  if (wrong_type) {
    return validation("The update expression attempted to update the secondary index key to unsupported type");
  }
  if (too_long) {
    return validation("The update expression attempted to update the secondary index key beyond allowed size limits");
  }
  return plain;
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
    TRY_ASSIGN(substitutions_, parse_substitutions(in));
    TRY_ASSIGN(auto update, parse_member(services, in, "UpdateExpression", ExpressionKind::update));
    if (update != nullptr) {
      TRY_ASSIGN(update_, Update::bind(std::move(update), substitutions_));
    }
    TRY_ASSIGN(condition_, bind_condition(services, in, substitutions_));
    TRY(substitutions_.check_all_used());
    TRY_ASSIGN(table, find_item_table(services, request.caller, *in.string("TableName")));
    if (update_) TRY(update_->check_no_key_attribute(table->key));
    TRY_ASSIGN(key, request_key(table->key, ItemView(key_item)));
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
    if (item_size(ItemView(result.item)) > limits::item_size_max) {
      return validation("Item size to update has exceeded the maximum allowed size");
    }
    if (!before && update_ && !update_->makes_item()) {
      result = {};
      return Decision{};
    }
    TRY(check_updated_index_keys(now, ItemView(result.item)));
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

  Substitutions substitutions_;
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
