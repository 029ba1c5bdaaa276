// The values a statement works with: its literals and the request's parameters, in the items' encoding.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "codec/json.h"
#include "dynamo/model/error.h"
#include "dynamo/partiql/statement.h"

namespace reprise::dynamo::partiql {

class Values {
 public:
  // `parameters` is the request's member, nothing when it is absent. Fails for what is no attribute value.
  static Outcome<Values> parse(std::optional<codec::JsonValue> parameters);

  // "Number of parameters in request and statement don't match.": as many as the statement has "?".
  [[nodiscard]] Check check_count(const Statement& statement) const;

  // The value of a literal or a parameter. Fails for numbers that are none, sets that are none, and nesting beyond the
  // limit. `expr` is is_value().
  [[nodiscard]] Outcome<Bytes> of(const Expr& expr) const;

  [[nodiscard]] const std::vector<Bytes>& parameters() const { return parameters_; }

 private:
  std::vector<Bytes> parameters_;
};

// Whether an expression can be worth a value without any item: a literal or a parameter.
[[nodiscard]] bool is_value(const Expr& expr);

}  // namespace reprise::dynamo::partiql
