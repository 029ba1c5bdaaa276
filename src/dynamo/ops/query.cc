// Query: one partition of a table or index, or a part of it, in the order of its sort key.
#include <string>
#include <utility>

#include "dynamo/expr/key_condition.h"
#include "dynamo/expr/parser.h"
#include "dynamo/model/key.h"
#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/page.h"
#include "dynamo/ops/shapes.h"

namespace reprise::dynamo {
namespace {

struct QueryExpressions {
  std::optional<BoundKeyCondition> key;
};

Outcome<QueryExpressions> bind_expressions(Services& services, const Fields& in, Substitutions& substitutions,
                                           PagePlan& plan) {
  QueryExpressions bound;
  TRY_ASSIGN(auto filter, parse_member(services, in, "FilterExpression", ExpressionKind::filter));
  TRY_ASSIGN(auto projection, parse_member(services, in, "ProjectionExpression", ExpressionKind::projection));
  TRY_ASSIGN(auto key, parse_member(services, in, "KeyConditionExpression", ExpressionKind::key_condition));
  if (key == nullptr) {
    return validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
  }
  if (filter != nullptr) {
    TRY_ASSIGN(plan.filter, Condition::bind(std::move(filter), substitutions));
  }
  if (projection != nullptr) {
    TRY_ASSIGN(plan.projection, Projection::bind(std::move(projection), substitutions));
  }
  TRY_ASSIGN(bound.key, BoundKeyCondition::bind(std::move(key), substitutions));
  TRY(substitutions.check_all_used());
  return bound;
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
  TRY(check_expression_parameters(in, {{"FilterExpression", "KeyConditionExpression"},
                                       {"ProjectionExpression"},
                                       {"AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"}}));
  TRY_ASSIGN(const Bytes start, parse_start(in));
  TRY_ASSIGN(substitutions, parse_substitutions(in));
  TRY_ASSIGN(const QueryExpressions bound, bind_expressions(services, in, substitutions, plan));
  TRY(check_select(in));

  TRY(resolve_source(services, request.caller, in, plan));
  TRY_ASSIGN(const KeyCondition condition, bound.key->resolve(plan.key()));
  if (plan.filter) TRY(plan.filter->check_no_key_attribute(plan.key()));
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
