// KeyConditionExpression: bound and reduced to what a range of keys needs (model/key.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dynamo/expr/ast.h"
#include "dynamo/expr/substitution.h"
#include "dynamo/model/error.h"
#include "dynamo/model/key.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

// One condition on one attribute, the attribute on its left.
struct KeyTerm {
  std::string attribute;
  SortOperator op = SortOperator::equal;
  ValueView low;   // the operand; the lower bound of between
  ValueView high;  // the upper bound of between
};

// What `op` says with its sides exchanged: `:v < a` says `a > :v`.
SortOperator mirrored(SortOperator op);

// Conditions on keys that fit a schema, or AWS's answer. Legacy KeyConditions are resolved by this as well. The values
// belong to the caller.
Outcome<KeyCondition> resolve_key_terms(const std::vector<KeyTerm>& terms, const KeySchema& schema);

// Works in two steps because DynamoDB does: what is wrong with the expression itself is reported before the other
// expressions are looked at and the table is known, what does not fit the schema after that.
class BoundKeyCondition {
 public:
  // The values point into the Substitutions, which must outlive this and what it resolves to.
  static Outcome<BoundKeyCondition> bind(std::shared_ptr<const Ast> ast, Substitutions& substitutions);

  // `schema` is the table's or the queried index's. Fails with missing or surplus key attributes, operators that no
  // key allows, types that do not match, values that cannot be keys.
  [[nodiscard]] Outcome<KeyCondition> resolve(const KeySchema& schema) const {
    return resolve_key_terms(terms_, schema);
  }
  [[nodiscard]] const std::vector<KeyTerm>& terms() const { return terms_; }

 private:
  std::vector<KeyTerm> terms_;
};

}  // namespace reprise::dynamo
