// The conditions of before there were expressions: Expected, QueryFilter, ScanFilter and KeyConditions, with
// ConditionalOperator. They become the same trees as expressions (dynamo/expr/ast.h) and are evaluated by the same
// code; only the rules on how they may be written, and the texts that say so, are their own.
//
//   EQ NE LE LT GE GT     = <> <= < >= >
//   NULL, NOT_NULL        attribute_not_exists, attribute_exists
//   CONTAINS              contains
//   NOT_CONTAINS          attribute_exists AND NOT contains: of what is not there, nothing is said
//   BEGINS_WITH IN BETWEEN
//   {"Value": v}          EQ;  {"Exists": false}  NULL
//
// Sources: API reference, "Legacy Conditional Parameters" and "Condition"; the texts are the real service's.
// All functions are pure. The request has passed its shape.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json.h"
#include "dynamo/expr/condition.h"
#include "dynamo/expr/key_condition.h"
#include "dynamo/expr/substitution.h"
#include "dynamo/model/error.h"
#include "dynamo/ops/request.h"

namespace reprise::dynamo {

// A legacy condition and the values its tree names; the values go into the Substitutions it is bound with.
class LegacyCondition {
 public:
  // Nothing when the member is absent or empty.
  static Outcome<std::optional<LegacyCondition>> of_expected(const Fields& in);
  // `member`: "QueryFilter" or "ScanFilter".
  static Outcome<std::optional<LegacyCondition>> of_filter(const Fields& in, std::string_view member);

  // Adds the values to `substitutions`, which must outlive the condition, and in which nothing has been looked up yet.
  [[nodiscard]] Outcome<Condition> bind(Substitutions& substitutions) const;

 private:
  std::shared_ptr<const Ast> ast_;
  std::vector<Bytes> values_;
};

// KeyConditions as terms for resolve_key_terms(); their values live in `substitutions`, which holds nothing else.
Outcome<std::vector<KeyTerm>> read_key_conditions(const Fields& in, Substitutions& substitutions);

// The members of an object that are not null, each name once, with what stands there last.
std::vector<std::pair<std::string_view, codec::JsonValue>> distinct_members(const codec::JsonValue& object);

// AttributesToGet: no name twice. Nothing when absent.
Outcome<std::optional<std::vector<std::string>>> read_attributes_to_get(const Fields& in);

}  // namespace reprise::dynamo
