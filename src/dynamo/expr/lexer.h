// The tokens of expressions. White space separates and means nothing else. Tokens are views of the text.
// Pure; a part of the parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::dynamo {

enum class TokenKind : std::uint8_t {
  identifier,         // a letter, then letters, digits, underscores
  name_placeholder,   // #name
  value_placeholder,  // :value
  number,             // digits
  left_paren,
  right_paren,
  left_bracket,
  right_bracket,
  dot,
  comma,
  plus,
  minus,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  keyword_and,
  keyword_or,
  keyword_not,
  keyword_between,
  keyword_in,
  keyword_set,
  keyword_remove,
  keyword_add,
  keyword_delete,
  unknown,  // one character that begins nothing
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
};

// Which words belong to the language: AND, OR, NOT, BETWEEN and IN, or SET, REMOVE, ADD and DELETE, or none.
enum class Keywords : std::uint8_t { conditions, updates, none };

// All tokens, the last of kind `end` with an empty text at the end of `text`.
std::vector<Token> tokenize(std::string_view text, Keywords keywords);

// `Syntax error; token: "x", near: "a x b"`: the token at `index`, and the text from the token before it to the one
// behind it.
std::string syntax_error(const std::vector<Token>& tokens, std::size_t index);

}  // namespace reprise::dynamo
