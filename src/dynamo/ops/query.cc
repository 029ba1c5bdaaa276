// Query: one partition of a table or index, or a part of it, in the order of its sort key.
#include <string>
#include <utility>
#include <vector>

#include "dynamo/expr/key_condition.h"
#include "dynamo/expr/parser.h"
#include "dynamo/model/key.h"
#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/legacy_conditions.h"
#include "dynamo/ops/page.h"
#include "dynamo/ops/shapes.h"

namespace reprise::dynamo {
namespace {

// The conditions on the key, whichever way they were written. The legacy ones' values live in the Substitutions given
// for them.
Outcome<std::vector<KeyTerm>> bind_expressions(Services& services, const Fields& in, Substitutions& substitutions,
                                               Substitutions& legacy_keys, PagePlan& plan) {
  TRY_ASSIGN(substitutions, parse_substitutions(in));
  TRY_ASSIGN(auto filter, parse_member(services, in, "FilterExpression", ExpressionKind::filter));
  TRY_ASSIGN(auto projection, parse_member(services, in, "ProjectionExpression", ExpressionKind::projection));
  TRY_ASSIGN(auto key, parse_member(services, in, "KeyConditionExpression", ExpressionKind::key_condition));
  if (key == nullptr && !in.has("KeyConditions")) {
    return validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
  }
  if (filter != nullptr) {
    TRY_ASSIGN(plan.filter, Condition::bind(std::move(filter), substitutions));
  }
  if (projection != nullptr) {
    TRY_ASSIGN(plan.projection, Projection::bind(std::move(projection), substitutions));
  }
  std::vector<KeyTerm> terms;
  if (key != nullptr) {
    TRY_ASSIGN(const auto bound, BoundKeyCondition::bind(std::move(key), substitutions));
    terms = bound.terms();
  }
  TRY(substitutions.check_all_used());
  if (key == nullptr && in.has("KeyConditions")) return read_key_conditions(in, legacy_keys);
  return terms;
}

// Of all the rules on Select, only Query's are worded with a count (observed in several regions in 2026).
Check check_query_select(const Fields& in) {
  auto checked = check_select(in);
  if (checked.ok()) return checked;
  return validation("1 validation error detected: " + checked.error().message);
}

// A query on an index, unlike a scan, may only ask about what the index holds, also where it could be fetched.
Check check_filter_projected(const PagePlan& plan) {
  if (!plan.filter || !plan.index) return Passed{};
  std::string missing;
  for (const auto& name : plan.filter->root_names()) {
    if (projects(*plan.table, *plan.index, name)) continue;
    missing.append(missing.empty() ? "" : ", ").append(name);
  }
  if (missing.empty()) return Passed{};
  return invalid_parameter("Secondary index " + std::string(plan.index->name) +
                           " does not project one or more filter attributes: [" + missing + "]");
}

// Where a page of this query may start: in its partition, and in the part of it that the condition asks for.
Check check_start(const PagePlan& plan, const KeyCondition& condition, BytesView start) {
  KeyCondition whole_partition = condition;
  whole_partition.range_equal.clear();
  whole_partition.op = SortOperator::none;
  if (!query_range(plan.key(), whole_partition).contains(start)) {
    return validation("The provided starting key is outside query boundaries based on provided conditions");
  }
  const KeyRange range{plan.range.lower, plan.range.upper};
  if (!range.contains(start)) return validation("The provided starting key does not match the range key predicate");
  return Passed{};
}

Check prepare(Services& services, const OperationRequest& request, Substitutions& substitutions, PagePlan& plan) {
  TRY(check_request(shapes::query, request.body, Values::deferred));
  const Fields in(request.body);
  if (in.integer("Limit").value_or(1) < 1) {
    return validation(
        "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater "
        "than or equal to 1");
  }
  TRY(check_expression_parameters(in, {{"FilterExpression", "KeyConditionExpression"},
                                       {"ProjectionExpression"},
                                       {"AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"}}));
  TRY_ASSIGN(const auto legacy_filter, LegacyCondition::of_filter(in, "QueryFilter"));
  TRY_ASSIGN(const Bytes start, parse_start(in));
  TRY_ASSIGN(const auto attributes, read_attributes_to_get(in));
  Substitutions legacy_keys;
  TRY_ASSIGN(const auto terms, bind_expressions(services, in, substitutions, legacy_keys, plan));
  if (attributes) plan.projection = Projection::of_attributes(*attributes);
  if (legacy_filter) {
    TRY_ASSIGN(plan.filter, legacy_filter->bind(substitutions));
  }
  TRY(check_query_select(in));

  TRY(resolve_source(services, request.caller, in, plan));
  TRY_ASSIGN(const KeyCondition condition, resolve_key_terms(terms, plan.key()));
  if (plan.filter) {
    TRY(plan.filter->check_no_key_attribute(plan.key()));
    TRY(check_filter_projected(plan));
    TRY(plan.filter->check_key_paths_scalar(*plan.table));
  }
  if (plan.projection) TRY(plan.projection->check_key_paths_scalar(*plan.table));
  plan.direction = in.boolean("ScanIndexForward", true) ? Direction::forward : Direction::backward;
  KeyRange range = query_range(plan.key(), condition);
  plan.range = {std::move(range.lower), std::move(range.upper)};
  TRY_ASSIGN(const auto start_key, resolve_start(plan, start, StartOf::query));
  if (start_key) {
    TRY(check_start(plan, condition, *start_key));
    start_after(plan, *start_key);
  }
  TRY_ASSIGN(plan.as_of, resolve_as_of(services, plan.space(), request.as_of));
  return Passed{};
}

}  // namespace

Task<OperationResult> query(Services& services, OperationRequest request) {
  Substitutions substitutions;
  PagePlan plan;
  auto prepared = prepare(services, request, substitutions, plan);
  if (!prepared.ok()) co_return first_error(shapes::query, request.body, std::move(prepared).error());
  co_return co_await read_page(services, plan);
}

}  // namespace reprise::dynamo
