// One pass over the text, character by character; positions are counted as it goes.
#include "dynamo/partiql/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace reprise::dynamo::partiql {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool continues_word(char c) { return begins_word(c) || is_digit(c); }

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

// Longest first.
constexpr std::array<std::string_view, 26> symbols = {"<<", ">>", "<=", ">=", "<>", "!=", "||", "=", "<",
                                                      ">",  "+",  "-",  "*",  "/",  "%",  "(",  ")", "[",
                                                      "]",  "{",  "}",  ",",  ".",  ":",  "@",  "~"};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Outcome<std::vector<Token>> run() {
    while (true) {
      TRY(skip_blank());
      if (at_ == text_.size()) break;
      TRY(next());
    }
    add(TokenKind::end, at_, "");
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  // Moves the line and column from where they were last counted up to `at`.
  void count_to(std::size_t at) {
    for (; counted_ < at; ++counted_) {
      const auto byte = static_cast<unsigned char>(text_[counted_]);
      if (byte == '\n') {
        ++line_;
        column_ = 1;
      } else if ((byte & 0xc0) != 0x80) {
        ++column_;
      }
    }
  }

  void add(TokenKind kind, std::size_t begin, std::string text) {
    count_to(begin);
    tokens_.push_back({kind, std::move(text), {line_, column_, static_cast<std::uint32_t>(at_ - begin)}});
  }

  Check skip_blank() {
    while (at_ < text_.size()) {
      if (is_space(peek())) {
        ++at_;
      } else if (peek() == '-' && peek(1) == '-') {
        while (at_ < text_.size() && peek() != '\n') ++at_;
      } else if (peek() == '/' && peek(1) == '*') {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return malformed("Unterminated comment");
        at_ = end + 2;
      } else {
        break;
      }
    }
    return Passed{};
  }

  Check next() {
    const char c = peek();
    if (begins_word(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (c == '\'') return quoted(TokenKind::string);
    if (c == '"') return quoted(TokenKind::quoted_identifier);
    if (c == '`') return quoted(TokenKind::ion);
    const std::size_t begin = at_;
    if (c == '?' || c == ';') {
      ++at_;
      add(c == '?' ? TokenKind::question : TokenKind::semicolon, begin, std::string(1, c));
      return Passed{};
    }
    for (const std::string_view symbol : symbols) {
      if (!text_.substr(at_).starts_with(symbol)) continue;
      at_ += symbol.size();
      add(TokenKind::symbol, begin, symbol == "!=" ? "<>" : std::string(symbol));
      return Passed{};
    }
    return malformed("Invalid character");
  }

  Check word() {
    const std::size_t begin = at_;
    while (continues_word(peek())) ++at_;
    const std::string_view written = text_.substr(begin, at_ - begin);
    std::string lower = lower_case(written);
    if (is_keyword(lower)) {
      add(TokenKind::keyword, begin, std::move(lower));
    } else {
      add(TokenKind::identifier, begin, std::string(written));
    }
    return Passed{};
  }

  Check number() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    if (peek() == '.') {
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
      const bool sign = peek(1) == '+' || peek(1) == '-';
      if (is_digit(peek(sign ? 2 : 1))) {
        at_ += sign ? 2 : 1;
        while (is_digit(peek())) ++at_;
      }
    }
    if (begins_word(peek())) return malformed("Invalid number");
    add(TokenKind::number, begin, std::string(text_.substr(begin, at_ - begin)));
    return Passed{};
  }

  // A doubled quote stands for itself.
  Check quoted(TokenKind kind) {
    const std::size_t begin = at_;
    const char quote = text_[at_++];
    std::string content;
    while (true) {
      if (at_ == text_.size()) return malformed("Unterminated quoted text");
      const char c = text_[at_++];
      if (c == quote) {
        if (peek() != quote) break;
        ++at_;
      }
      content.push_back(c);
    }
    add(kind, begin, std::move(content));
    return Passed{};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace

Outcome<std::vector<Token>> tokenize(std::string_view text) { return Lexer(text).run(); }

ApiError malformed(std::string_view message) {
  return validation(std::string("Statement wasn't well formed, can't be processed: ").append(message));
}

}  // namespace reprise::dynamo::partiql
