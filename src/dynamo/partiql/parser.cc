// Statements, clause by clause.
#include "dynamo/partiql/parser.h"

#include <string>
#include <utility>

#include "dynamo/partiql/expression_parser.h"

namespace reprise::dynamo::partiql {
namespace {

// "Unsupported clause: LIMIT at 1:33:1": where what the clause says stands.
ApiError unsupported_clause(std::string_view clause, const Token& at) {
  return validation("Unsupported clause: " + std::string(clause) + " at " + std::to_string(at.position.line) + ":" +
                    std::to_string(at.position.column) + ":" + std::to_string(at.position.length));
}

ApiError no_aliases() { return validation("Aliasing is not supported"); }

class StatementParser {
 public:
  explicit StatementParser(std::vector<Token> tokens) : in_(std::move(tokens)), expressions_(in_) {}

  Outcome<Statement> run() {
    TRY(statement());
    if (in_.head().kind == TokenKind::semicolon) {
      in_.take();
      if (in_.head().kind != TokenKind::end) {
        return malformed("Unexpected token after semicolon. (Only one query is allowed.)");
      }
    }
    if (in_.head().kind != TokenKind::end) return malformed("Unexpected token after expression");
    out_.parameters = expressions_.parameters();
    return std::move(out_);
  }

 private:
  Check statement() {
    if (in_.accept_keyword("select")) {
      out_.kind = StatementKind::select;
      return select();
    }
    if (in_.at_keyword("exists") && in_.peek().is_symbol("(")) return exists();
    if (in_.at_keyword("insert") && in_.peek().is_keyword("into")) {
      in_.take();
      in_.take();
      return insert();
    }
    if (in_.accept_keyword("update")) return update();
    if (in_.accept_keyword("delete")) return remove();
    return malformed("Expected data manipulation");
  }

  Check exists() {
    in_.take();
    in_.take();
    if (!in_.accept_keyword("select")) return malformed("Expected SELECT in EXISTS");
    out_.kind = StatementKind::exists;
    TRY(select());
    return in_.expect_symbol(")", "RIGHT_PAREN");
  }

  // ---- SELECT ----

  Check select() {
    if (in_.at_keyword("distinct")) return unsupported_clause("DISTINCT", in_.head());
    in_.accept_keyword("all");
    if (in_.at_keyword("value")) return unsupported_clause("SELECT VALUE", in_.head());
    TRY(columns());
    if (!in_.accept_keyword("from")) return malformed("Expected FROM after SELECT list");
    TRY(from());
    TRY(where(out_.select.where));
    if (in_.accept_keyword("order")) TRY(order_by());
    return no_other_clauses();
  }

  Check columns() {
    bool star = false;
    std::size_t count = 0;
    do {
      ++count;
      if (in_.accept_symbol("*")) {
        star = true;
        continue;
      }
      TRY_ASSIGN(Expr column, expressions_.expression());
      out_.select.columns.push_back(std::move(column));
      if (in_.at_keyword("as") || in_.at_name()) return no_aliases();
    } while (in_.accept_symbol(","));
    if (star && count > 1) {
      return malformed(
          "Other expressions may not be present in the select list when '*' is used without dot notation.");
    }
    return Passed{};
  }

  Check from() {
    if (in_.head().kind == TokenKind::keyword) return malformed("Unexpected keyword");
    if (!in_.at_name()) return malformed("Unexpected term");
    TRY(source());
    if (in_.at_keyword("as") || in_.at_keyword("at") || in_.at_keyword("by") || in_.at_name()) return no_aliases();
    for (const auto* word : {"join", "inner", "left", "right", "full", "outer", "cross"}) {
      if (in_.at_keyword(word)) return validation("Only select from a single table or index is supported.");
    }
    if (in_.at_symbol(",")) return validation("Only select from a single table or index is supported.");
    return Passed{};
  }

  // "Table" or "Table"."Index".
  Check source() {
    TRY_ASSIGN(Expr path, expressions_.simple_path());
    for (const PathStep& step : path.steps) {
      if (step.is_index) return malformed("Invalid path component");
    }
    if (path.steps.size() > 2) return malformed("Invalid path dot component");
    out_.source.table = std::move(path.steps[0].name);
    if (path.steps.size() == 2) out_.source.index = std::move(path.steps[1].name);
    return Passed{};
  }

  Check where(std::optional<Expr>& condition) {
    if (!in_.accept_keyword("where")) return Passed{};
    TRY_ASSIGN(condition, expressions_.expression());
    return Passed{};
  }

  Check order_by() {
    TRY(in_.expect_keyword("by", "BY"));
    do {
      TRY_ASSIGN(Expr key, expressions_.expression());
      if (key.kind != ExprKind::path || key.steps.size() != 1) {
        return validation("Only key attributes are supported in ORDER BY clause");
      }
      OrderKey order{std::move(key.steps[0].name), false};
      if (in_.accept_keyword("desc")) {
        order.descending = true;
      } else {
        in_.accept_keyword("asc");
      }
      out_.select.order.push_back(std::move(order));
    } while (in_.accept_symbol(","));
    return Passed{};
  }

  Check no_other_clauses() {
    struct Clause {
      std::string_view word;
      std::string_view name;
    };
    for (const auto& [word, name] : {Clause{"group", "GROUP BY"},
                                     {"having", "HAVING"},
                                     {"limit", "LIMIT"},
                                     {"offset", "OFFSET"},
                                     {"let", "LET"}}) {
      if (!in_.accept_keyword(word)) continue;
      if (word == "group") in_.accept_keyword("by");
      if (in_.head().kind == TokenKind::end) return malformed("Unexpected term");
      return unsupported_clause(name, in_.head());
    }
    return Passed{};
  }

  // ---- INSERT, UPDATE, DELETE ----

  Check insert() {
    out_.kind = StatementKind::insert;
    TRY(source());
    if (!in_.accept_keyword("value")) {
      if (in_.at_keyword("values")) return malformed("Expected VALUE in INSERT INTO");
      TRY(expressions_.expression());
      if (in_.head().kind != TokenKind::end) return malformed("Unexpected token after expression");
      return malformed("Expected VALUE in INSERT INTO");
    }
    TRY_ASSIGN(out_.insert.item, expressions_.expression());
    if (in_.at_keyword("at")) return unsupported_clause("AT", in_.head());
    if (in_.at_keyword("on")) return unsupported_clause("ON CONFLICT", in_.head());
    if (in_.at_keyword("returning")) return unsupported_clause("RETURNING", in_.head());
    return Passed{};
  }

  Check update() {
    out_.kind = StatementKind::update;
    TRY(source());
    while (true) {
      if (in_.accept_keyword("set")) {
        TRY(assignments());
      } else if (in_.accept_keyword("remove")) {
        UpdateClause clause;
        clause.remove = true;
        TRY_ASSIGN(clause.path, expressions_.simple_path());
        out_.update.clauses.push_back(std::move(clause));
      } else {
        break;
      }
    }
    if (out_.update.clauses.empty()) return malformed("Expected data manipulation");
    TRY(where(out_.update.where));
    return returning(out_.update.returning);
  }

  Check assignments() {
    do {
      UpdateClause clause;
      TRY_ASSIGN(clause.path, expressions_.simple_path());
      if (!in_.accept_symbol("=")) return malformed("Expected EQUALS");
      TRY_ASSIGN(clause.value, expressions_.expression());
      out_.update.clauses.push_back(std::move(clause));
    } while (in_.accept_symbol(","));
    return Passed{};
  }

  Check remove() {
    out_.kind = StatementKind::remove;
    if (!in_.accept_keyword("from")) return malformed("Expected FROM after DELETE");
    TRY(source());
    TRY(where(out_.remove.where));
    return returning(out_.remove.returning);
  }

  Check returning(Returning& what) {
    if (!in_.accept_keyword("returning")) return Passed{};
    const bool all = in_.accept_keyword("all");
    if (!all && !in_.accept_keyword("modified")) return no_returning();
    const bool old = in_.accept_keyword("old");
    if (!old && !in_.accept_keyword("new")) return no_returning();
    if (!in_.accept_symbol("*")) return malformed("Unsupported syntax in RETURNING columns.");
    if (all) {
      what = old ? Returning::all_old : Returning::all_new;
    } else {
      what = old ? Returning::modified_old : Returning::modified_new;
    }
    return Passed{};
  }
  static ApiError no_returning() {
    return malformed("Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element.");
  }

  TokenStream in_;
  ExpressionParser expressions_;
  Statement out_;
};

}  // namespace

Outcome<Statement> parse(std::string_view text) {
  TRY_ASSIGN(auto tokens, tokenize(text));
  return StatementParser(std::move(tokens)).run();
}

}  // namespace reprise::dynamo::partiql
