// Everything is quoted and put in parentheses, so that no precedence and no keyword has to be thought of.
#include "dynamo/partiql/statement.h"

namespace reprise::dynamo::partiql {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out.push_back(c);
    if (c == quote) out.push_back(c);
  }
  out.push_back(quote);
  return out;
}

std::string_view spelling(Operator op) {
  switch (op) {
    case Operator::logical_or: return " OR ";
    case Operator::logical_and: return " AND ";
    case Operator::equal: return " = ";
    case Operator::not_equal: return " <> ";
    case Operator::less: return " < ";
    case Operator::less_equal: return " <= ";
    case Operator::greater: return " > ";
    case Operator::greater_equal: return " >= ";
    case Operator::in: return " IN ";
    case Operator::plus: return " + ";
    case Operator::minus: return " - ";
    default: return "";
  }
}

std::string print(const Expr& expr);

std::string join(const std::vector<Expr>& exprs, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < exprs.size(); ++i) {
    if (i > 0) out.append(separator);
    out.append(print(exprs[i]));
  }
  return out;
}

std::string print_path(const std::vector<PathStep>& steps) {
  std::string out;
  for (const PathStep& step : steps) {
    if (step.is_index) {
      out.append("[").append(std::to_string(step.index)).append("]");
    } else {
      if (!out.empty()) out.push_back('.');
      out.append(quoted(step.name, '"'));
    }
  }
  return out;
}

std::string print_tuple(const std::vector<Expr>& children) {
  std::string out = "{";
  for (std::size_t i = 0; i < children.size(); i += 2) {
    if (i > 0) out.append(", ");
    out.append(print(children[i])).append(": ").append(print(children[i + 1]));
  }
  return out + "}";
}

std::string print_operation(const Expr& expr) {
  const auto& children = expr.children;
  switch (expr.op) {
    case Operator::logical_not: return "(NOT " + print(children[0]) + ")";
    case Operator::is: return "(" + print(children[0]) + " IS " + expr.text + ")";
    case Operator::between:
      return "(" + print(children[0]) + " BETWEEN " + print(children[1]) + " AND " + print(children[2]) + ")";
    case Operator::other:
      if (children.size() == 1) return "(" + expr.text + " " + print(children[0]) + ")";
      return "(" + print(children[0]) + " " + expr.text + " " + print(children[1]) + ")";
    default: return "(" + join(children, spelling(expr.op)) + ")";
  }
}

std::string print(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::string: return quoted(expr.text, '\'');
    case ExprKind::number: return expr.text;
    case ExprKind::boolean: return expr.flag ? "TRUE" : "FALSE";
    case ExprKind::null: return "NULL";
    case ExprKind::missing: return "MISSING";
    case ExprKind::parameter: return "?";
    case ExprKind::path: return print_path(expr.steps);
    case ExprKind::list: return "[" + join(expr.children, ", ") + "]";
    case ExprKind::bag: return "<<" + join(expr.children, ", ") + ">>";
    case ExprKind::tuple: return print_tuple(expr.children);
    case ExprKind::call: return quoted(expr.text, '"') + "(" + join(expr.children, ", ") + ")";
    case ExprKind::operation: return print_operation(expr);
  }
  return "";
}

std::string print(const Source& source) {
  std::string out = quoted(source.table, '"');
  if (source.index) out.append(".").append(quoted(*source.index, '"'));
  return out;
}

std::string print_where(const std::optional<Expr>& where) { return where ? " WHERE " + print(*where) : ""; }

std::string_view print(Returning returning) {
  switch (returning) {
    case Returning::nothing: return "";
    case Returning::all_old: return " RETURNING ALL OLD *";
    case Returning::modified_old: return " RETURNING MODIFIED OLD *";
    case Returning::all_new: return " RETURNING ALL NEW *";
    case Returning::modified_new: return " RETURNING MODIFIED NEW *";
  }
  return "";
}

std::string print_select(const Statement& statement) {
  const SelectStatement& select = statement.select;
  std::string out = "SELECT " + (select.columns.empty() ? "*" : join(select.columns, ", "));
  out.append(" FROM ").append(print(statement.source)).append(print_where(select.where));
  for (std::size_t i = 0; i < select.order.size(); ++i) {
    out.append(i == 0 ? " ORDER BY " : ", ").append(quoted(select.order[i].attribute, '"'));
    out.append(select.order[i].descending ? " DESC" : " ASC");
  }
  return out;
}

std::string print_update(const Statement& statement) {
  std::string out = "UPDATE " + print(statement.source);
  for (const UpdateClause& clause : statement.update.clauses) {
    out.append(clause.remove ? " REMOVE " : " SET ").append(print(clause.path));
    if (clause.value) out.append(" = ").append(print(*clause.value));
  }
  out.append(print_where(statement.update.where)).append(print(statement.update.returning));
  return out;
}

}  // namespace

std::string print(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::select: return print_select(statement);
    case StatementKind::exists: return "EXISTS(" + print_select(statement) + ")";
    case StatementKind::insert:
      return "INSERT INTO " + print(statement.source) + " VALUE " + print(statement.insert.item);
    case StatementKind::update: return print_update(statement);
    case StatementKind::remove: {
      std::string out = "DELETE FROM " + print(statement.source) + print_where(statement.remove.where);
      return out.append(print(statement.remove.returning));
    }
  }
  return "";
}

}  // namespace reprise::dynamo::partiql
