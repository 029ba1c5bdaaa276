// IS MISSING is attribute_not_exists, set_add is ADD, and so on: PartiQL says nothing here that the expressions of the
// other operations could not say.
#include "dynamo/partiql/translate.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "dynamo/model/item_json.h"
#include "dynamo/model/limits.h"

namespace reprise::dynamo::partiql {
namespace {

struct Function {
  std::string_view name;
  Op op;
  std::size_t operands;
  bool is_condition;
};
constexpr std::array functions = {
    Function{"attribute_exists", Op::attribute_exists, 1, true},
    Function{"attribute_not_exists", Op::attribute_not_exists, 1, true},
    Function{"attribute_type", Op::attribute_type, 2, true},
    Function{"begins_with", Op::begins_with, 2, true},
    Function{"contains", Op::contains, 2, true},
    Function{"size", Op::size, 1, false},
};

// IS followed by one of these asks for the type of a value.
struct TypeWord {
  std::string_view word;
  std::string_view type;
};
constexpr std::array type_words = {
    TypeWord{"null", "NULL"},  TypeWord{"bool", "BOOL"}, TypeWord{"boolean", "BOOL"}, TypeWord{"string", "S"},
    TypeWord{"char", "S"},     TypeWord{"varchar", "S"}, TypeWord{"decimal", "N"},    TypeWord{"dec", "N"},
    TypeWord{"numeric", "N"},  TypeWord{"int", "N"},     TypeWord{"integer", "N"},    TypeWord{"bigint", "N"},
    TypeWord{"smallint", "N"}, TypeWord{"float", "N"},   TypeWord{"real", "N"},       TypeWord{"blob", "B"},
    TypeWord{"list", "L"},     TypeWord{"struct", "M"},  TypeWord{"tuple", "M"},
};

std::optional<Op> comparison(Operator op) {
  switch (op) {
    case Operator::equal: return Op::equal;
    case Operator::not_equal: return Op::not_equal;
    case Operator::less: return Op::less;
    case Operator::less_equal: return Op::less_equal;
    case Operator::greater: return Op::greater;
    case Operator::greater_equal: return Op::greater_equal;
    case Operator::between: return Op::between;
    default: return std::nullopt;
  }
}

ApiError unsupported(std::string_view what) { return validation("Unsupported operation: " + std::string(what)); }

// "b[0]" of a.b[0].
std::string column_name(const std::vector<PathStep>& steps) {
  std::size_t last = steps.size();
  while (steps[last - 1].is_index) --last;
  std::string name = steps[last - 1].name;
  for (; last < steps.size(); ++last) name.append("[").append(std::to_string(steps[last].index)).append("]");
  return name;
}

// Builds one tree and collects its values.
class TreeMaker {
 public:
  TreeMaker(ExpressionKind kind, const Values& values)
      : builder_(kind), values_(values), substitutions_(std::make_unique<Substitutions>()) {}

  Outcome<std::uint16_t> condition(const Expr& expr) {
    if (expr.kind == ExprKind::call) return call(expr, true);
    if (expr.kind != ExprKind::operation) return unsupported("Expected a condition");
    switch (expr.op) {
      case Operator::logical_and: return logical(Op::logical_and, expr);
      case Operator::logical_or: return logical(Op::logical_or, expr);
      case Operator::logical_not: return logical(Op::logical_not, expr);
      case Operator::in: return in(expr);
      case Operator::is: return is(expr);
      default: break;
    }
    const auto op = comparison(expr.op);
    if (!op) return unsupported(expr.text.empty() ? "arithmetic as a condition" : expr.text);
    return operation(*op, expr.children);
  }

  Outcome<std::uint16_t> operand(const Expr& expr) {
    if (expr.kind == ExprKind::path) return builder_.path_node(path(expr));
    if (expr.kind == ExprKind::call) return call(expr, false);
    if (is_value(expr)) return value(expr);
    if (expr.kind == ExprKind::missing) return unsupported("MISSING as an operand; use IS MISSING");
    return unsupported(expr.text.empty() ? "an operation as an operand" : expr.text);
  }

  // The right side of SET.
  Outcome<std::uint16_t> assigned(const Expr& expr) {
    if (expr.kind == ExprKind::operation && (expr.op == Operator::plus || expr.op == Operator::minus)) {
      TRY_ASSIGN(const auto left, assigned(expr.children[0]));
      TRY_ASSIGN(const auto right, assigned(expr.children[1]));
      return builder_.node(expr.op == Operator::plus ? Op::plus : Op::minus, {left, right});
    }
    if (expr.kind != ExprKind::call) return operand(expr);
    const bool append = expr.text == "list_append";
    if (!append && expr.text != "if_not_exists") return unsupported("the function " + expr.text + " in SET");
    TRY(check_count(expr, 2));
    if (!append && expr.children[0].kind != ExprKind::path) return unsupported("if_not_exists needs a path");
    TRY_ASSIGN(const auto first, assigned(expr.children[0]));
    TRY_ASSIGN(const auto second, assigned(expr.children[1]));
    return builder_.node(append ? Op::list_append : Op::if_not_exists, {first, second});
  }

  Outcome<std::uint16_t> value(const Expr& expr) {
    TRY_ASSIGN(const Bytes encoded, values_.of(expr));
    return value_node(ValueView(encoded));
  }

  std::uint16_t path(const Expr& expr) {
    const std::uint16_t path = builder_.begin_path();
    for (const PathStep& step : expr.steps) {
      if (step.is_index) {
        builder_.add_index(step.index);
      } else {
        builder_.add_name(step.name, false);
      }
    }
    return path;
  }

  Check check_count(const Expr& call, std::size_t operands) {
    if (call.children.size() == operands) return Passed{};
    return validation("Incorrect number of operands for operator or function; operator or function: " + call.text +
                      ", number of operands: " + std::to_string(call.children.size()));
  }

  AstBuilder& builder() { return builder_; }
  std::unique_ptr<Substitutions> take_values() { return std::move(substitutions_); }

 private:
  std::uint16_t value_node(ValueView encoded) {
    const std::string placeholder = ":" + std::to_string(count_++);
    substitutions_->add_value(placeholder, encoded);
    return builder_.value_node(placeholder);
  }

  Outcome<std::uint16_t> logical(Op op, const Expr& expr) {
    std::vector<std::uint16_t> children;
    children.reserve(expr.children.size());
    for (const Expr& child : expr.children) {
      TRY_ASSIGN(const auto node, condition(child));
      children.push_back(node);
    }
    return builder_.node(op, children);
  }

  Outcome<std::uint16_t> operation(Op op, const std::vector<Expr>& operands) {
    std::vector<std::uint16_t> children;
    for (const Expr& expr : operands) {
      TRY_ASSIGN(const auto node, operand(expr));
      children.push_back(node);
    }
    return builder_.node(op, children);
  }

  static Check check_candidates(std::size_t count) {
    if (count == 0) return validation("The IN operator must be provided with at least one operand");
    if (count <= limits::in_operands_max) return Passed{};
    return validation("The IN operator is provided with too many operands; number of operands: " +
                      std::to_string(count));
  }

  Outcome<std::uint16_t> in(const Expr& expr) {
    TRY_ASSIGN(const auto left, operand(expr.children[0]));
    std::vector<std::uint16_t> children = {left};
    const Expr& list = expr.children[1];
    if (list.kind == ExprKind::parameter) {
      TRY_ASSIGN(const Bytes encoded, values_.of(list));
      const ValueView value(encoded);
      if (!value.is(AttributeType::list)) return unsupported("IN needs a list");
      TRY(check_candidates(value.list().count()));
      for (auto element = value.list().elements(); element; element.advance()) {
        children.push_back(value_node(element.value()));
      }
    } else if (list.kind == ExprKind::list || list.kind == ExprKind::bag) {
      TRY(check_candidates(list.children.size()));
      for (const Expr& candidate : list.children) {
        TRY_ASSIGN(const auto node, operand(candidate));
        children.push_back(node);
      }
    } else {
      return unsupported("IN needs a list");
    }
    return builder_.node(Op::in, children);
  }

  Outcome<std::uint16_t> is(const Expr& expr) {
    const Expr& operand = expr.children[0];
    if (operand.kind != ExprKind::path) return unsupported("IS needs an attribute");
    if (expr.text == "missing") {
      const auto node = builder_.path_node(path(operand));
      return builder_.node(Op::attribute_not_exists, {node});
    }
    const auto word =
        std::find_if(type_words.begin(), type_words.end(), [&](const TypeWord& t) { return t.word == expr.text; });
    if (word == type_words.end()) return unsupported("IS " + expr.text);
    const auto left = builder_.path_node(path(operand));
    Bytes encoded;
    ValueWriter(encoded).string(word->type);
    const auto right = value_node(ValueView(encoded));
    return builder_.node(Op::attribute_type, {left, right});
  }

  Outcome<std::uint16_t> call(const Expr& expr, bool as_condition) {
    const auto function =
        std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.name == expr.text; });
    if (expr.text == "exists") return validation("EXISTS is only supported within transactions");
    if (function == functions.end()) return unsupported("the function " + expr.text);
    TRY(check_count(expr, function->operands));
    if (function->is_condition != as_condition) {
      return validation("The function is not allowed to be used this way in an expression; function: " + expr.text);
    }
    const bool needs_path = function->op == Op::attribute_exists || function->op == Op::attribute_not_exists;
    if (needs_path && expr.children[0].kind != ExprKind::path) {
      return validation("Operator or function requires a document path; operator or function: " + expr.text);
    }
    return operation(function->op, expr.children);
  }

  AstBuilder builder_;
  const Values& values_;
  std::unique_ptr<Substitutions> substitutions_;
  std::size_t count_ = 0;
};

// set_add(path, <<...>>) and set_delete(path, <<...>>), which change the path they are assigned to.
Check add_set_action(TreeMaker& maker, const UpdateClause& clause, UpdateSection section) {
  const Expr& call = *clause.value;
  TRY(maker.check_count(call, 2));
  if (call.children[0].kind != ExprKind::path || call.children[0].steps != clause.path.steps) {
    return validation("The first operand of " + call.text + " must be the path that is set");
  }
  if (!is_value(call.children[1])) return validation("The second operand of " + call.text + " must be a value");
  const auto path = maker.path(clause.path);
  TRY_ASSIGN(const auto value, maker.value(call.children[1]));
  maker.builder().add_action(section, path, value);
  return Passed{};
}

Check add_clause(TreeMaker& maker, const UpdateClause& clause) {
  if (clause.remove) {
    maker.builder().add_action(UpdateSection::remove, maker.path(clause.path), 0);
    return Passed{};
  }
  if (clause.value->kind == ExprKind::call) {
    if (clause.value->text == "set_add") return add_set_action(maker, clause, UpdateSection::add);
    if (clause.value->text == "set_delete") return add_set_action(maker, clause, UpdateSection::remove_from_set);
  }
  const auto path = maker.path(clause.path);
  TRY_ASSIGN(const auto node, maker.assigned(*clause.value));
  maker.builder().add_action(UpdateSection::set, path, node);
  return Passed{};
}

}  // namespace

Outcome<Bound<Condition>> bind_terms(const std::vector<const Expr*>& terms, ExpressionKind kind, const Values& values) {
  TreeMaker maker(kind, values);
  std::vector<std::uint16_t> nodes;
  for (const Expr* term : terms) {
    TRY_ASSIGN(const auto node, maker.condition(*term));
    nodes.push_back(node);
  }
  maker.builder().set_root(nodes.size() == 1 ? nodes[0] : maker.builder().node(Op::logical_and, nodes));
  auto substitutions = maker.take_values();
  TRY_ASSIGN(auto condition, Condition::bind(maker.builder().build(), *substitutions));
  return Bound<Condition>{std::move(substitutions), std::move(condition)};
}

Outcome<Bound<Update>> bind_update(const std::vector<UpdateClause>& clauses, const Values& values) {
  TreeMaker maker(ExpressionKind::update, values);
  for (const UpdateClause& clause : clauses) TRY(add_clause(maker, clause));
  auto substitutions = maker.take_values();
  TRY_ASSIGN(auto update, Update::bind(maker.builder().build(), *substitutions));
  return Bound<Update>{std::move(substitutions), std::move(update)};
}

Outcome<Columns> Columns::bind(const std::vector<Expr>& columns) {
  const Values no_values;
  TreeMaker maker(ExpressionKind::projection, no_values);
  std::vector<std::string> names;
  for (const Expr& column : columns) {
    if (column.kind != ExprKind::path) {
      return validation("Only attributes and document paths are supported in the select clause");
    }
    maker.builder().add_projection(maker.path(column));
    names.push_back(column_name(column.steps));
    if (std::find(names.begin(), names.end() - 1, names.back()) != names.end() - 1) {
      return validation("Duplicate identifiers in select clause: " + names.back());
    }
  }
  Substitutions none;
  TRY_ASSIGN(auto binding, Binding::bind(maker.builder().build(), none));
  Columns bound(std::move(binding));
  bound.names_ = std::move(names);
  return bound;
}

void Columns::append_json(Bytes& out, ItemView item) const {
  const Ast& ast = binding_.ast();
  bool first = true;
  out.push_back('{');
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const ValueView value = binding_.resolve(ast.paths[ast.projection[i]], item);
    if (!value) continue;
    if (!first) out.push_back(',');
    first = false;
    codec::JsonWriter::append_quoted(out, names_[i]);
    out.push_back(':');
    append_value_json(out, value);
  }
  out.push_back('}');
}

std::vector<std::string> Columns::root_names() const {
  std::vector<std::string> names;
  for (const PathSpan& path : binding_.ast().paths) names.emplace_back(binding_.root_name(path));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void collect_root_names(const Expr& expr, std::vector<std::string>& out) {
  if (expr.kind == ExprKind::path) out.push_back(expr.steps[0].name);
  for (const Expr& child : expr.children) collect_root_names(child, out);
}

bool is_attribute(const Expr& expr, std::string_view name) {
  return expr.kind == ExprKind::path && expr.steps.size() == 1 && expr.steps[0].name == name;
}

}  // namespace reprise::dynamo::partiql
