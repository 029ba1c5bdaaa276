// From PartiQL's conditions, paths and assignments to the trees of dynamo/expr, whose evaluators do all the work.
//
// What is made is bound to values of its own and needs neither the statement nor the request any more.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/expr/condition.h"
#include "dynamo/expr/substitution.h"
#include "dynamo/expr/update.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/partiql/values.h"

namespace reprise::dynamo::partiql {

// A condition, an update or a projection with the values it points at, which stay in place when this is moved.
template <class T>
struct Bound {
  std::unique_ptr<Substitutions> values;
  T expression;
};

// All of `terms` (at least one): conditions as WHERE has them. `kind` is condition or filter.
Outcome<Bound<Condition>> bind_terms(const std::vector<const Expr*>& terms, ExpressionKind kind, const Values& values);

// The SET and REMOVE clauses of UPDATE.
Outcome<Bound<Update>> bind_update(const std::vector<UpdateClause>& clauses, const Values& values);

// The columns of SELECT. Each becomes an attribute called after the end of its path: "a.b[0]" is "b[0]".
class Columns {
 public:
  // Fails for what is no path, and for two columns of one name.
  static Outcome<Columns> bind(const std::vector<Expr>& columns);

  // {"name":{"S":"text"},...} of what is there.
  void append_json(Bytes& out, ItemView item) const;
  // The attributes that the paths begin with, each once, sorted.
  [[nodiscard]] std::vector<std::string> root_names() const;

 private:
  explicit Columns(Binding binding) : binding_(std::move(binding)) {}
  Binding binding_;
  std::vector<std::string> names_;
};

// The attributes that the paths of an expression begin with are added to `out`.
void collect_root_names(const Expr& expr, std::vector<std::string>& out);

// Whether the expression is the plain attribute `name`.
[[nodiscard]] bool is_attribute(const Expr& expr, std::string_view name);

}  // namespace reprise::dynamo::partiql
