// ConditionExpression and FilterExpression, ready to be asked about items.
//
//   TRY_ASSIGN(auto ast, cache.get(ExpressionKind::filter, text));
//   TRY_ASSIGN(auto filter, Condition::bind(ast, substitutions));
//   ... if (filter.matches(item)) ...
//
// Evaluating never fails and takes no heap: an operand that is absent or of another type makes its comparison false
// (`<>` true), as in DynamoDB. Immutable after binding, so usable from several threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/expr/ast.h"
#include "dynamo/expr/substitution.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

class Condition {
 public:
  // Fails with undefined names and values, wrong operand types and counts, BETWEEN bounds in the wrong order,
  // identical operands.
  static Outcome<Condition> bind(std::shared_ptr<const Ast> ast, Substitutions& substitutions);

  // `item` may be absent: then no attribute exists.
  [[nodiscard]] bool matches(ItemView item) const;

  // For the FilterExpression of a Query: fails when a path begins with a key attribute of `schema`.
  [[nodiscard]] Check check_no_key_attribute(const KeySchema& schema) const;

  // The top-level attributes the paths begin with, each once, in the order written.
  [[nodiscard]] std::vector<std::string> root_names() const;

  // For any table: fails when a path goes on behind a key attribute, as in "pk.a".
  [[nodiscard]] Check check_key_paths_scalar(const TableDefinition& table) const {
    return binding_.check_key_paths_scalar(table);
  }

 private:
  explicit Condition(Binding binding) : binding_(std::move(binding)) {}
  Binding binding_;
};

}  // namespace reprise::dynamo
