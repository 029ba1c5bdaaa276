#include "dynamo/ops/write_response.h"

#include <utility>

#include "dynamo/expr/parser.h"
#include "dynamo/model/item_json.h"
#include "dynamo/ops/legacy_conditions.h"

namespace reprise::dynamo {

ReturnValues return_values(const Fields& in) {
  const auto text = in.string_or("ReturnValues", "NONE");
  if (text == "ALL_OLD") return ReturnValues::all_old;
  if (text == "UPDATED_OLD") return ReturnValues::updated_old;
  if (text == "ALL_NEW") return ReturnValues::all_new;
  if (text == "UPDATED_NEW") return ReturnValues::updated_new;
  return ReturnValues::none;
}

Check WriteCondition::check(ItemView before) const {
  if (!expression || expression->matches(before)) return Passed{};
  ApiError error = api_error(ErrorKind::conditional_check_failed, "The conditional request failed");
  if (return_item) error.item = Bytes(before.encoded());
  return error;
}

Outcome<WriteCondition> bind_condition(Services& services, const Fields& in, Substitutions& substitutions) {
  WriteCondition condition;
  condition.return_item = in.string_or("ReturnValuesOnConditionCheckFailure", "NONE") == "ALL_OLD";
  TRY_ASSIGN(auto ast, parse_member(services, in, "ConditionExpression", ExpressionKind::condition));
  if (ast != nullptr) {
    TRY_ASSIGN(condition.expression, Condition::bind(std::move(ast), substitutions));
  }
  return condition;
}

Outcome<WriteCondition> bind_expected(const Fields& in, Substitutions& substitutions) {
  WriteCondition condition;
  condition.return_item = in.string_or("ReturnValuesOnConditionCheckFailure", "NONE") == "ALL_OLD";
  TRY_ASSIGN(const auto expected, LegacyCondition::of_expected(in));
  if (expected) {
    TRY_ASSIGN(condition.expression, expected->bind(substitutions));
  }
  return condition;
}

Outcome<WriteCondition> bind_either(Services& services, const Fields& in, Substitutions& substitutions) {
  if (!in.has("ConditionExpression")) return bind_expected(in, substitutions);
  TRY_ASSIGN(substitutions, parse_substitutions(in));
  TRY_ASSIGN(WriteCondition condition, bind_condition(services, in, substitutions));
  TRY(substitutions.check_all_used());
  return condition;
}

WriteReport write_report(const Fields& in, const TableDefinition& table) {
  return {capacity_report(in), wants_item_collections(in, table)};
}

Bytes write_response(const ItemWritten& written, ItemView attributes, ItemView collection_of, WriteReport report) {
  Bytes body;
  body.reserve(attributes.encoded().size() * 2 + 64);
  body.push_back('{');
  const auto separate = [&body] {
    if (body.size() > 1) body.push_back(',');
  };
  if (attributes) {
    body.append("\"Attributes\":");
    append_item_json(body, attributes);
  }
  if (report.report != CapacityReport::none) {
    separate();
    body.append("\"ConsumedCapacity\":");
    ConsumedCapacity consumed;
    consumed.add_write(*written.table, written.old_item(), ItemView(written.after));
    codec::JsonWriter writer(body);
    consumed.print(writer, *written.table, report.report);
  }
  if (report.item_collection) {
    separate();
    body.append("\"ItemCollectionMetrics\":");
    codec::JsonWriter writer(body);
    print_item_collection(writer, *written.table, collection_of);
  }
  body.push_back('}');
  return body;
}

}  // namespace reprise::dynamo
