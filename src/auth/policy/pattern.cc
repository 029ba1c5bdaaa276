// Matching of patterns. Invariant: what a variable brings in never becomes a wildcard or the border of an ARN's part.
#include "auth/policy/pattern.h"

#include <algorithm>
#include <utility>

#include "auth/policy/context.h"

namespace reprise::auth::policy {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// The expanded form: a byte, with a mark where it came from a variable or an escape; or a wildcard.
constexpr char16_t literal_mark = 0x0100;
constexpr char16_t any_unit = 0x0200;
constexpr char16_t one_unit = 0x0201;
constexpr std::size_t arn_parts = 6;

char16_t literal(char c) { return static_cast<char16_t>(literal_mark | static_cast<unsigned char>(c)); }

enum class Glob : std::uint8_t { character, any, one };
struct BytesAsGlob {
  static Glob kind(char c) { return c == '*' ? Glob::any : c == '?' ? Glob::one : Glob::character; }
  static char byte(char c) { return c; }
};
struct BytesAsText {
  static Glob kind(char /*c*/) { return Glob::character; }
  static char byte(char c) { return c; }
};
struct Units {
  static Glob kind(char16_t c) { return c == any_unit ? Glob::any : c == one_unit ? Glob::one : Glob::character; }
  static char byte(char16_t c) { return static_cast<char>(c & 0xff); }
};

// Backtracks to the last wildcard alone: what an earlier one swallowed need not be looked at again.
template <class Form, bool ignore_case, class View>
bool glob(View pattern, std::string_view text) noexcept {
  std::size_t p = 0, t = 0, star = View::npos, mark = 0;
  while (t < text.size()) {
    const Glob kind = p < pattern.size() ? Form::kind(pattern[p]) : Glob::character;
    if (kind == Glob::any) {
      star = p++;
      mark = t;
      continue;
    }
    bool same = kind == Glob::one;
    if (!same && p < pattern.size()) {
      const char want = Form::byte(pattern[p]);
      same = ignore_case ? lower(want) == lower(text[t]) : want == text[t];
    }
    if (same) {
      ++p, ++t;
    } else if (star != View::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && Form::kind(pattern[p]) == Glob::any) ++p;
  return p == pattern.size();
}

template <class Form, class View>
bool glob(View pattern, std::string_view text, bool ignore_case) noexcept {
  return ignore_case ? glob<Form, true>(pattern, text) : glob<Form, false>(pattern, text);
}

// Part by part, the last one taking what is left. `colon` is what separates the pattern's.
template <class Form, class View, class Unit>
bool glob_arn(View pattern, std::string_view text, Unit colon, bool ignore_case) noexcept {
  for (std::size_t part = 0; part + 1 < arn_parts; ++part) {
    const std::size_t pattern_end = pattern.find(colon);
    const std::size_t text_end = text.find(':');
    if (pattern_end == View::npos || text_end == std::string_view::npos) return false;
    if (!glob<Form>(pattern.substr(0, pattern_end), text.substr(0, text_end), ignore_case)) return false;
    pattern.remove_prefix(pattern_end + 1);
    text.remove_prefix(text_end + 1);
  }
  return glob<Form>(pattern, text, ignore_case);
}

template <class Form, class View, class Unit>
bool match(View pattern, std::string_view text, Unit colon, Pattern::Wildcards wildcards, bool ignore_case) noexcept {
  if (wildcards == Pattern::Wildcards::arn) return glob_arn<Form>(pattern, text, colon, ignore_case);
  return glob<Form>(pattern, text, ignore_case);
}

}  // namespace

bool covers(std::string_view pattern, std::string_view text) noexcept {
  return glob<BytesAsGlob, false>(pattern, text);
}
bool covers_ignoring_case(std::string_view pattern, std::string_view text) noexcept {
  return glob<BytesAsGlob, true>(pattern, text);
}

Pattern::Pattern(std::string_view text, Options options) : text_(text), options_(options) {
  const bool wild = options_.wildcards != Wildcards::none;
  fixed_ = !wild || text.find_first_of("*?") == std::string_view::npos;
  if (!options_.variables || text.find("${") == std::string_view::npos) return;
  plain_ = false;
  while (!text.empty()) {
    const std::size_t begin = text.find("${");
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    add_text(end == std::string_view::npos ? text : text.substr(0, begin));
    if (end == std::string_view::npos) return;
    add_variable(text.substr(begin + 2, end - begin - 2));
    text.remove_prefix(end + 1);
  }
}

void Pattern::add_text(std::string_view text) {
  const bool wild = options_.wildcards != Wildcards::none;
  while (!text.empty()) {
    const std::size_t special = wild ? text.find_first_of("*?") : std::string_view::npos;
    if (special != 0) pieces_.push_back({Piece::Kind::text, std::string(text.substr(0, special))});
    if (special == std::string_view::npos) return;
    pieces_.push_back({text[special] == '*' ? Piece::Kind::any : Piece::Kind::one, {}});
    text.remove_prefix(special + 1);
  }
}

void Pattern::add_variable(std::string_view inside) {
  Piece piece{Piece::Kind::variable, {}};
  if (inside == "*" || inside == "?" || inside == "$") {
    piece.has_default = true;
    piece.otherwise = inside;
    pieces_.push_back(std::move(piece));
    return;
  }
  fixed_ = false;
  const std::size_t comma = inside.find(',');
  std::string_view name = inside.substr(0, comma);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  if (comma != std::string_view::npos) {
    const std::size_t open = inside.find('\'', comma);
    const std::size_t close = inside.rfind('\'');
    if (open != std::string_view::npos && close > open) {
      piece.has_default = true;
      piece.otherwise = inside.substr(open + 1, close - open - 1);
    }
  }
  const std::size_t slash = name.find('/');
  piece.text = name;
  for (std::size_t i = 0; i < std::min(slash, name.size()); ++i) piece.text[i] = lower(piece.text[i]);
  pieces_.push_back(std::move(piece));
}

bool Pattern::expand(const Context& context, std::u16string& out) const {
  out.clear();
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Piece::Kind::text:
        for (const char c : piece.text) out.push_back(static_cast<unsigned char>(c));
        break;
      case Piece::Kind::any: out.push_back(any_unit); break;
      case Piece::Kind::one: out.push_back(one_unit); break;
      case Piece::Kind::variable: {
        thread_local Values values;
        values.clear();
        if (!piece.text.empty()) context.find(piece.text, values);
        // A key with several values has no one value to put in.
        if (values.size() != 1 && !piece.has_default) return false;
        for (const char c : values.size() == 1 ? values.front() : std::string_view(piece.otherwise)) {
          out.push_back(literal(c));
        }
      }
    }
  }
  return true;
}

bool Pattern::matches(std::string_view subject, const Context& context) const {
  const bool none = options_.wildcards == Wildcards::none;
  if (plain_) {
    const std::string_view text = text_;
    if (none) return glob<BytesAsText>(text, subject, options_.ignore_case);
    return match<BytesAsGlob>(text, subject, ':', options_.wildcards, options_.ignore_case);
  }
  thread_local std::u16string expanded;
  if (!expand(context, expanded)) return false;
  return match<Units>(std::u16string_view(expanded), subject, u':', options_.wildcards, options_.ignore_case);
}

}  // namespace reprise::auth::policy
