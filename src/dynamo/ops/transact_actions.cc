#include "dynamo/ops/transact_actions.h"

#include <array>
#include <utility>

#include "dynamo/expr/parser.h"
#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/updated_item.h"

namespace reprise::dynamo {

namespace {

struct Action {
  std::string_view member;
  TransactEntry::Kind kind;
};
constexpr std::array actions = {
    Action{"ConditionCheck", TransactEntry::Kind::check},
    Action{"Put", TransactEntry::Kind::put},
    Action{"Delete", TransactEntry::Kind::erase},
    Action{"Update", TransactEntry::Kind::update},
};

}  // namespace

Outcome<std::unique_ptr<TransactEntry>> TransactEntry::parse(Services& services, const Fields& in) {
  const Action* chosen = nullptr;
  for (const auto& action : actions) {
    if (!in.has(action.member)) continue;
    if (chosen != nullptr) return validation("TransactItems can only contain one of Check, Put, Update or Delete");
    chosen = &action;
  }
  if (chosen == nullptr) {
    return validation("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request");
  }
  const Fields body = *in.object(chosen->member);
  std::unique_ptr<TransactEntry> entry(new TransactEntry(chosen->kind, *body.string("TableName")));
  TRY(entry->read(services, body));
  return entry;
}

Check TransactEntry::read(Services& services, const Fields& in) {
  if (kind_ == Kind::update) {
    TRY(check_expression_parameters(in, {{"UpdateExpression", "ConditionExpression"}, {}, {}}));
  } else {
    TRY(check_expression_parameters(in, {{"ConditionExpression"}, {}, {}}));
  }
  TRY_ASSIGN(item_, parse_item(*in.value(kind_ == Kind::put ? "Item" : "Key")));
  if (kind_ == Kind::put && item_size(item()) > limits::item_size_max) {
    return validation("Item size has exceeded the maximum allowed size");
  }
  TRY_ASSIGN(substitutions_, parse_substitutions(in));
  if (kind_ == Kind::update) {
    TRY_ASSIGN(auto update, parse_member(services, in, "UpdateExpression", ExpressionKind::update));
    TRY_ASSIGN(update_, Update::bind(std::move(update), substitutions_));
  }
  TRY_ASSIGN(condition_, bind_condition(services, in, substitutions_));
  return substitutions_.check_all_used();
}

Outcome<Bytes> TransactEntry::place(const TableDefinition& table) const {
  if (kind_ == Kind::put) {
    TRY_ASSIGN(auto key, item_key(table.key, item()));
    TRY(check_index_keys(table, item()));
    if (!fits_with_local_entries(table, item())) return validation("Item size has exceeded the maximum allowed size");
    return key;
  }
  TRY_ASSIGN(auto key, request_key(table.key, item()));
  if (update_) {
    TRY(update_->check_no_key_attribute(table.key));
    TRY(check_written_index_keys(table, *update_));
    TRY(update_->check_key_paths_scalar(table));
  }
  if (condition_.expression) TRY(condition_.expression->check_key_paths_scalar(table));
  return key;
}

Outcome<Decision> TransactEntry::decide(const TableDefinition& table, ItemView before) {
  TRY(condition_.check(before));
  switch (kind_) {
    case Kind::check: return Decision{};
    case Kind::erase: return Decision{Decision::Kind::erase, {}};
    case Kind::put: return Decision{Decision::Kind::put, item_};
    case Kind::update: break;
  }
  TRY_ASSIGN(auto result, update_->apply(before ? before : item()));
  if (!before && !update_->makes_item()) return Decision{};
  TRY(check_updated_item(table, ItemView(result.item)));
  return Decision{Decision::Kind::put, std::move(result.item)};
}

}  // namespace reprise::dynamo
