// Parsing the expressions of a statement: operators by precedence, terms, paths, literals. A part of the parser.
#pragma once

#include <cstdint>

#include "dynamo/partiql/token_stream.h"

namespace reprise::dynamo::partiql {

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& in) : in_(in) {}

  Outcome<Expr> expression() { return operators(0); }
  // What SET, REMOVE, INSERT INTO, UPDATE and DELETE FROM name: identifiers and list indexes only.
  Outcome<Expr> simple_path();
  // How many "?" have been seen.
  [[nodiscard]] std::uint32_t parameters() const { return parameters_; }

 private:
  Outcome<Expr> operators(int precedence);
  Outcome<Expr> infix(Expr left, int precedence);
  Outcome<Expr> unary();
  Outcome<Expr> signed_term(const Token& sign);
  Outcome<Expr> path_term();
  Outcome<Expr> term();
  Outcome<Expr> keyword_term();
  Outcome<Expr> call();
  Outcome<Expr> tuple(const Token& brace);
  Outcome<Expr> sequence(ExprKind kind, std::string_view close, std::string_view close_name);
  Outcome<Expr> candidates();
  Check path_steps(Expr& path, bool simple);
  Check dot_step(Expr& path, bool simple);
  Check index_step(Expr& path, bool simple);

  TokenStream& in_;
  std::uint32_t parameters_ = 0;
  int depth_ = 0;
};

}  // namespace reprise::dynamo::partiql
