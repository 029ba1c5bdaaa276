// Where a parser stands in a list of tokens. A part of the parser.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dynamo/partiql/lexer.h"

namespace reprise::dynamo::partiql {

class TokenStream {
 public:
  // The last token is of kind `end` and is never passed.
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  [[nodiscard]] const Token& head() const { return tokens_[at_]; }
  [[nodiscard]] const Token& peek() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  Token take() {
    Token token = tokens_[at_];
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  [[nodiscard]] bool at_keyword(std::string_view word) const { return head().is_keyword(word); }
  [[nodiscard]] bool at_symbol(std::string_view spelling) const { return head().is_symbol(spelling); }
  [[nodiscard]] bool at_name() const {
    return head().kind == TokenKind::identifier || head().kind == TokenKind::quoted_identifier;
  }
  // Passes the token if it is that one.
  bool accept_keyword(std::string_view word) {
    if (!at_keyword(word)) return false;
    take();
    return true;
  }
  bool accept_symbol(std::string_view spelling) {
    if (!at_symbol(spelling)) return false;
    take();
    return true;
  }
  // "Expected RIGHT_PAREN"
  Check expect_symbol(std::string_view spelling, std::string_view name) {
    if (accept_symbol(spelling)) return Passed{};
    return malformed(std::string("Expected ").append(name));
  }
  // "Expected AND keyword"
  Check expect_keyword(std::string_view word, std::string_view name) {
    if (accept_keyword(word)) return Passed{};
    return malformed(std::string("Expected ").append(name).append(" keyword"));
  }

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace reprise::dynamo::partiql
