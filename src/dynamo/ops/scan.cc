// Scan: every item of a table or index, or one segment of it. A segment is a range of hashes.
#include <string>
#include <utility>

#include "dynamo/expr/parser.h"
#include "dynamo/model/key.h"
#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/legacy_conditions.h"
#include "dynamo/ops/page.h"
#include "dynamo/ops/shapes.h"

namespace reprise::dynamo {
namespace {

struct Segment {
  std::uint32_t number = 0;
  std::uint32_t total = 1;
};

Outcome<std::optional<Segment>> read_segment(const Fields& in) {
  const auto number = in.integer("Segment");
  const auto total = in.integer("TotalSegments");
  if (!number && !total) return std::optional<Segment>();
  if (!total) {
    return validation(
        "The TotalSegments parameter is required but was not present in the request when Segment parameter is present");
  }
  if (!number) {
    return validation(
        "The Segment parameter is required but was not present in the request when parameter TotalSegments is present");
  }
  if (*number >= *total) {
    return validation("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: " +
                      std::to_string(*number) + " is not less than TotalSegments: " + std::to_string(*total));
  }
  return std::optional<Segment>({static_cast<std::uint32_t>(*number), static_cast<std::uint32_t>(*total)});
}

Check bind_expressions(Services& services, const Fields& in, Substitutions& substitutions, PagePlan& plan) {
  TRY_ASSIGN(substitutions, parse_substitutions(in));
  TRY_ASSIGN(auto filter, parse_member(services, in, "FilterExpression", ExpressionKind::filter));
  TRY_ASSIGN(auto projection, parse_member(services, in, "ProjectionExpression", ExpressionKind::projection));
  if (filter != nullptr) {
    TRY_ASSIGN(plan.filter, Condition::bind(std::move(filter), substitutions));
  }
  if (projection != nullptr) {
    TRY_ASSIGN(plan.projection, Projection::bind(std::move(projection), substitutions));
  }
  return substitutions.check_all_used();
}

Check check_start(const std::optional<Segment>& segment, const KeyRange& range, BytesView start) {
  if (range.contains(start)) return Passed{};
  return validation(
      "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct "
      "Segment. TotalSegments: " +
      std::to_string(segment->total) + " Segment: " + std::to_string(segment->number));
}

Check prepare(Services& services, const OperationRequest& request, Substitutions& substitutions, PagePlan& plan) {
  TRY(check_request(shapes::scan, request.body, Values::deferred));
  const Fields in(request.body);
  TRY(check_expression_parameters(
      in, {{"FilterExpression"}, {"ProjectionExpression"}, {"AttributesToGet", "ScanFilter", "ConditionalOperator"}}));
  TRY_ASSIGN(const auto legacy_filter, LegacyCondition::of_filter(in, "ScanFilter"));
  TRY_ASSIGN(const Bytes start, parse_start(in));
  TRY_ASSIGN(const auto segment, read_segment(in));
  TRY_ASSIGN(const auto attributes, read_attributes_to_get(in));
  TRY(bind_expressions(services, in, substitutions, plan));
  if (attributes) plan.projection = Projection::of_attributes(*attributes);
  if (legacy_filter) {
    TRY_ASSIGN(plan.filter, legacy_filter->bind(substitutions));
  }
  TRY(check_select(in));

  TRY(resolve_source(services, request.caller, in, plan));
  if (plan.filter) TRY(plan.filter->check_key_paths_scalar(*plan.table));
  if (plan.projection) TRY(plan.projection->check_key_paths_scalar(*plan.table));
  KeyRange range = segment ? segment_range(segment->number, segment->total) : whole_range();
  TRY_ASSIGN(const auto start_key, resolve_start(plan, start, StartOf::scan));
  if (start_key) TRY(check_start(segment, range, *start_key));
  plan.range = {std::move(range.lower), std::move(range.upper)};
  if (start_key) start_after(plan, *start_key);
  TRY_ASSIGN(plan.as_of, resolve_as_of(services, plan.space(), request.as_of));
  return Passed{};
}

}  // namespace

Task<OperationResult> scan(Services& services, OperationRequest request) {
  Substitutions substitutions;
  PagePlan plan;
  auto prepared = prepare(services, request, substitutions, plan);
  if (!prepared.ok()) co_return first_error(shapes::scan, request.body, std::move(prepared).error());
  co_return co_await read_page(services, plan);
}

}  // namespace reprise::dynamo
