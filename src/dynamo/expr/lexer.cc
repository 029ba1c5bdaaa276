// Tokens of expressions. Anything that begins no token is a token of its own, so that the parser can name it.
#include "dynamo/expr/lexer.h"

#include <array>
#include <utility>

namespace reprise::dynamo {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool equals_upper(std::string_view text, std::string_view upper) {
  if (text.size() != upper.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
    if (c != upper[i]) return false;
  }
  return true;
}

TokenKind word_kind(std::string_view word, Keywords keywords) {
  static constexpr std::array<std::pair<std::string_view, TokenKind>, 5> in_conditions = {{
      {"AND", TokenKind::keyword_and},
      {"OR", TokenKind::keyword_or},
      {"NOT", TokenKind::keyword_not},
      {"BETWEEN", TokenKind::keyword_between},
      {"IN", TokenKind::keyword_in},
  }};
  static constexpr std::array<std::pair<std::string_view, TokenKind>, 4> in_updates = {{
      {"SET", TokenKind::keyword_set},
      {"REMOVE", TokenKind::keyword_remove},
      {"ADD", TokenKind::keyword_add},
      {"DELETE", TokenKind::keyword_delete},
  }};
  if (keywords == Keywords::conditions) {
    for (const auto& [text, kind] : in_conditions) {
      if (equals_upper(word, text)) return kind;
    }
  } else if (keywords == Keywords::updates) {
    for (const auto& [text, kind] : in_updates) {
      if (equals_upper(word, text)) return kind;
    }
  }
  return TokenKind::identifier;
}

std::size_t word_end(std::string_view text, std::size_t from) {
  while (from < text.size() && is_word(text[from])) ++from;
  return from;
}

// A character outside the language, with the bytes that continue it in UTF-8.
std::size_t character_end(std::string_view text, std::size_t from) {
  ++from;
  while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80) ++from;
  return from;
}

Token symbol(std::string_view rest) {
  const char next = rest.size() > 1 ? rest[1] : '\0';
  switch (rest[0]) {
    case '(': return {TokenKind::left_paren, rest.substr(0, 1)};
    case ')': return {TokenKind::right_paren, rest.substr(0, 1)};
    case '[': return {TokenKind::left_bracket, rest.substr(0, 1)};
    case ']': return {TokenKind::right_bracket, rest.substr(0, 1)};
    case '.': return {TokenKind::dot, rest.substr(0, 1)};
    case ',': return {TokenKind::comma, rest.substr(0, 1)};
    case '+': return {TokenKind::plus, rest.substr(0, 1)};
    case '-': return {TokenKind::minus, rest.substr(0, 1)};
    case '=': return {TokenKind::equal, rest.substr(0, 1)};
    case '<':
      if (next == '>') return {TokenKind::not_equal, rest.substr(0, 2)};
      if (next == '=') return {TokenKind::less_equal, rest.substr(0, 2)};
      return {TokenKind::less, rest.substr(0, 1)};
    case '>':
      if (next == '=') return {TokenKind::greater_equal, rest.substr(0, 2)};
      return {TokenKind::greater, rest.substr(0, 1)};
    default: return {TokenKind::unknown, rest.substr(0, character_end(rest, 0))};
  }
}

Token next_token(std::string_view text, std::size_t at, Keywords keywords) {
  const char c = text[at];
  if (is_letter(c)) {
    const std::string_view word = text.substr(at, word_end(text, at) - at);
    return {word_kind(word, keywords), word};
  }
  if (is_digit(c)) {
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    return {TokenKind::number, text.substr(at, end - at)};
  }
  if (c == '#' || c == ':') {
    const std::size_t end = word_end(text, at + 1);
    if (end == at + 1) return {TokenKind::unknown, text.substr(at, 1)};
    return {c == '#' ? TokenKind::name_placeholder : TokenKind::value_placeholder, text.substr(at, end - at)};
  }
  return symbol(text.substr(at));
}

}  // namespace

std::vector<Token> tokenize(std::string_view text, Keywords keywords) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while (true) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at == text.size()) break;
    tokens.push_back(next_token(text, at, keywords));
    at += tokens.back().text.size();
  }
  tokens.push_back({TokenKind::end, text.substr(text.size())});
  return tokens;
}

std::string syntax_error(const std::vector<Token>& tokens, std::size_t index) {
  const Token& bad = tokens[index];
  const Token& first = index > 0 ? tokens[index - 1] : bad;
  const Token& last = index + 1 < tokens.size() && tokens[index + 1].kind != TokenKind::end ? tokens[index + 1] : bad;
  // Up to the end of the text only when something stands there: blanks at the end are not shown.
  const char* end =
      bad.kind == TokenKind::end ? first.text.data() + first.text.size() : last.text.data() + last.text.size();
  std::string message = "Syntax error; token: \"";
  message.append(bad.kind == TokenKind::end ? std::string_view("<EOF>") : bad.text);
  message += "\", near: \"";
  message.append(first.text.data(), static_cast<std::size_t>(end - first.text.data()));
  message += "\"";
  return message;
}

}  // namespace reprise::dynamo
