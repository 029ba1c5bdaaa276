// The tokens of PartiQL statements. White space and comments ("-- to the end of the line", "/* ... */") separate and
// mean nothing else. Pure; a part of the parser.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/model/error.h"
#include "dynamo/partiql/statement.h"

namespace reprise::dynamo::partiql {

enum class TokenKind : std::uint8_t {
  identifier,
  quoted_identifier,
  keyword,  // text in lower case
  string,
  number,
  ion,       // `...`
  symbol,    // an operator or a bracket, as written
  question,  // a parameter
  semicolon,
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;  // of quoted tokens what stands between the quotes, with '' as ' and "" as "
  Position position;

  [[nodiscard]] bool is_keyword(std::string_view word) const { return kind == TokenKind::keyword && text == word; }
  [[nodiscard]] bool is_symbol(std::string_view spelling) const {
    return kind == TokenKind::symbol && text == spelling;
  }
};

// All tokens, the last of kind `end`.
Outcome<std::vector<Token>> tokenize(std::string_view text);

// Whether a word, in lower case, belongs to the language and can name an attribute in quotes only.
[[nodiscard]] bool is_keyword(std::string_view word) noexcept;

// "Statement wasn't well formed, can't be processed: " and the message.
ApiError malformed(std::string_view message);

}  // namespace reprise::dynamo::partiql
