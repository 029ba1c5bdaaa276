// The patterns of policy documents: * for any characters, ? for any one, and ${...} for what the request's context
// says.
//
// ${*}, ${?} and ${$} stand for these characters themselves; ${aws:username, 'nobody'} has a default. A variable that
// the context does not know makes the pattern match nothing. What a variable stands for is taken literally: a user
// called "*" is no wildcard.
// Source: IAM user guide, "IAM policy elements: Variables and tags", "Wildcards in resource ARNs".
//
// Threading: immutable, shared freely. Matching allocates nothing but a buffer of the thread's, reused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::auth::policy {

class Context;

// Whether `pattern` with its * and ? covers the whole of `text`. Linear but for backtracking to the last *.
[[nodiscard]] bool covers(std::string_view pattern, std::string_view text) noexcept;
// The same, ASCII case ignored.
[[nodiscard]] bool covers_ignoring_case(std::string_view pattern, std::string_view text) noexcept;

class Pattern {
 public:
  enum class Wildcards : std::uint8_t { none, whole, arn };  // arn: each of the six parts of an ARN for itself
  struct Options {
    Wildcards wildcards = Wildcards::whole;
    bool variables = true;  // documents of Version 2012-10-17
    bool ignore_case = false;
  };
  Pattern(std::string_view text, Options options);

  [[nodiscard]] bool matches(std::string_view subject, const Context& context) const;
  // As it was written.
  [[nodiscard]] const std::string& text() const { return text_; }
  // Whether it stands for exactly one text, its own: no wildcard, no variable.
  [[nodiscard]] bool fixed() const { return fixed_; }

 private:
  struct Piece {
    enum class Kind : std::uint8_t { text, any, one, variable };
    Kind kind = Kind::text;
    std::string text;  // of a text; the key of a variable
    bool has_default = false;
    std::string otherwise{};  // of a variable
  };
  void add_text(std::string_view text);
  void add_variable(std::string_view inside);
  bool expand(const Context& context, std::u16string& out) const;

  std::string text_;
  Options options_;
  bool fixed_ = true;
  bool plain_ = true;          // no variable and no ${*}: text_ itself is the glob
  std::vector<Piece> pieces_;  // when not plain
};

}  // namespace reprise::auth::policy
