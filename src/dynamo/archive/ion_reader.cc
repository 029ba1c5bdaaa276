// A recursive descent over Ion's text grammar, writing JSON as it goes.
//
// Invariants: reads every byte a bounded number of times; containers nest at most depth_max deep, so the stack is
// bounded whatever the text; on failure the position named is where the text stopped making sense.
#include "dynamo/archive/ion_reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/utf8.h"
#include "dynamo/archive/ion_number.h"

namespace reprise::dynamo {

namespace {

// DynamoDB's own limit is 32; the reader only has to stay within the stack.
constexpr int depth_max = 100;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'; }

enum class SetKind : std::uint8_t { none, strings, numbers, binaries };

class IonReader {
 public:
  IonReader(Bytes& out, std::string_view text) : out_(out), text_(text) {}

  Status record() {
    SetKind set = SetKind::none;
    do {
      TRY(skip_blank());
      TRY(annotations(set));
    } while (skip_version_marker());
    TRY(skip_blank());
    if (!at_struct()) return fault("an item must be a struct");
    TRY(record_members());
    TRY(skip_blank());
    if (position_ != text_.size()) return fault("there is something behind the item");
    return {};
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  [[nodiscard]] bool at(std::string_view what) const { return text_.substr(position_).starts_with(what); }
  [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
  [[nodiscard]] bool at_struct() const { return peek() == '{' && peek(1) != '{'; }
  [[nodiscard]] Status fault(std::string_view what) const {
    return invalid("Ion: " + std::string(what) + " at byte " + std::to_string(position_));
  }

  // White space and comments.
  Status skip_blank() {
    for (;;) {
      while (!at_end() && is_space(peek())) ++position_;
      if (at("//")) {
        position_ = std::min(text_.find('\n', position_), text_.size());
      } else if (at("/*")) {
        const std::size_t end = text_.find("*/", position_ + 2);
        if (end == std::string_view::npos) return fault("a comment does not end");
        position_ = end + 2;
      } else {
        return {};
      }
    }
  }

  bool skip_version_marker() {
    constexpr std::string_view marker = "$ion_1_0";
    if (!at(marker) || is_letter(peek(marker.size())) || is_digit(peek(marker.size()))) return false;
    position_ += marker.size();
    return true;
  }

  // Annotations in front of a value; `set` is what they say about a list.
  Status annotations(SetKind& set) {
    for (;;) {
      const std::size_t start = position_;
      std::string name;
      if (peek() == '\'' && !at("'''")) {
        TRY(quoted(name, '\''));
      } else if (is_letter(peek())) {
        while (is_letter(peek()) || is_digit(peek())) name.push_back(text_[position_++]);
      } else {
        return {};
      }
      TRY(skip_blank());
      if (!at("::")) {
        position_ = start;
        return {};
      }
      position_ += 2;
      if (name == "$dynamodb_SS") set = SetKind::strings;
      if (name == "$dynamodb_NS") set = SetKind::numbers;
      if (name == "$dynamodb_BS") set = SetKind::binaries;
      TRY(skip_blank());
    }
  }

  // ---- Values
  // --------------------------------------------------------------------------------------------------------

  // {"S":"text"} and its like.
  Status value(int depth) {
    if (depth > depth_max) return fault("the nesting is too deep");
    SetKind set = SetKind::none;
    TRY(annotations(set));
    if (at_end()) return fault("a value is missing");
    const char c = peek();
    if (set != SetKind::none) {
      if (c != '[') return fault("a set must be a list");
      return set_value(set);
    }
    if (at("{{")) return tagged("B", &IonReader::binary);
    if (c == '{') return map_value(depth);
    if (c == '[') return list_value(depth);
    if (c == '(') return fault("an s-expression has no DynamoDB type");
    if (c == '"' || c == '\'') return tagged("S", &IonReader::text);
    if (is_digit(c) || c == '-' || c == '+') return tagged("N", &IonReader::number);
    return word();
  }

  Status tagged(std::string_view type, Status (IonReader::*scalar)()) {
    out_.append("{\"").append(type).append("\":");
    TRY((this->*scalar)());
    out_.push_back('}');
    return {};
  }

  // A value that begins with a letter: a keyword or a symbol.
  Status word() {
    const std::size_t start = position_;
    while (is_letter(peek()) || is_digit(peek())) ++position_;
    const std::string_view name = text_.substr(start, position_ - start);
    if (name.empty()) return fault("a value is missing");
    if (name == "null") {
      if (peek() == '.') {
        ++position_;
        while (is_letter(peek())) ++position_;
      }
      out_.append("{\"NULL\":true}");
      return {};
    }
    if (name == "true" || name == "false") {
      out_.append("{\"BOOL\":").append(name).append("}");
      return {};
    }
    position_ = start;
    if (name == "nan") return fault("DynamoDB has no number for nan");
    if (is_symbol_number(name)) return fault("a symbol is known by its number alone");
    position_ = start + name.size();
    out_.append("{\"S\":");
    codec::JsonWriter::append_quoted(out_, name);
    out_.push_back('}');
    return {};
  }

  static bool is_symbol_number(std::string_view name) {
    return name.size() > 1 && name[0] == '$' && std::all_of(name.begin() + 1, name.end(), is_digit);
  }

  Status map_value(int depth) {
    out_.append("{\"M\":");
    TRY(members([this, depth] { return value(depth + 1); }));
    out_.push_back('}');
    return {};
  }

  // The outermost struct: its own members are no attribute values, those of its members are.
  Status record_members() {
    return members([this]() -> Status {
      SetKind set = SetKind::none;
      TRY(annotations(set));
      if (!at_struct()) return value(0);
      return members([this] { return value(0); });
    });
  }

  // { name : VALUE , ... }, each value read by `read`.
  template <class Read>
  Status members(Read read) {
    ++position_;
    out_.push_back('{');
    bool first = true;
    for (;;) {
      TRY(skip_blank());
      if (peek() == '}') break;
      if (!first) out_.push_back(',');
      first = false;
      TRY(field_name());
      TRY(skip_blank());
      if (peek() != ':' || peek(1) == ':') return fault("a colon is missing");
      ++position_;
      TRY(skip_blank());
      TRY(read());
      TRY(skip_blank());
      if (peek() == ',') {
        ++position_;
      } else if (peek() != '}') {
        return fault("a comma or a brace is missing");
      }
    }
    ++position_;
    out_.push_back('}');
    return {};
  }

  Status field_name() {
    std::string name;
    if (peek() == '"') {
      TRY(quoted(name, '"'));
    } else if (at("'''")) {
      TRY(long_text(name));
    } else if (peek() == '\'') {
      TRY(quoted(name, '\''));
    } else {
      while (is_letter(peek()) || is_digit(peek())) name.push_back(text_[position_++]);
      if (name.empty() || is_digit(name[0]) || is_symbol_number(name)) return fault("a field has no name");
    }
    codec::JsonWriter::append_quoted(out_, name);
    out_.push_back(':');
    return {};
  }

  // [ VALUE , ... ]
  template <class Read>
  Status elements(Read read) {
    ++position_;
    out_.push_back('[');
    bool first = true;
    for (;;) {
      TRY(skip_blank());
      if (peek() == ']') break;
      if (!first) out_.push_back(',');
      first = false;
      TRY(read());
      TRY(skip_blank());
      if (peek() == ',') {
        ++position_;
      } else if (peek() != ']') {
        return fault("a comma or a bracket is missing");
      }
    }
    ++position_;
    out_.push_back(']');
    return {};
  }

  Status list_value(int depth) {
    out_.append("{\"L\":");
    TRY(elements([this, depth] { return value(depth + 1); }));
    out_.push_back('}');
    return {};
  }

  Status set_value(SetKind kind) {
    out_.append(kind == SetKind::strings ? "{\"SS\":" : kind == SetKind::numbers ? "{\"NS\":" : "{\"BS\":");
    TRY(elements([this, kind]() -> Status {
      SetKind inner = SetKind::none;
      TRY(annotations(inner));
      if (kind == SetKind::numbers) return number();
      if (kind == SetKind::binaries) return at("{{") ? binary() : fault("an element of a binary set is no blob");
      if (peek() != '"' && peek() != '\'') return fault("an element of a string set is no string");
      return text();
    }));
    out_.push_back('}');
    return {};
  }

  // ---- Scalars
  // -------------------------------------------------------------------------------------------------------

  Status text() {
    std::string content;
    if (peek() == '"') {
      TRY(quoted(content, '"'));
    } else if (at("'''")) {
      TRY(long_text(content));
    } else {
      TRY(quoted(content, '\''));
    }
    codec::JsonWriter::append_quoted(out_, content);
    return {};
  }

  Status quoted(std::string& content, char quote) {
    const std::size_t start = position_++;
    while (peek() != quote || at_end()) {
      if (at_end() || peek() == '\n') {
        position_ = start;
        return fault("a quoted text does not end");
      }
      TRY(character(content));
    }
    ++position_;
    return {};
  }

  // '''one''' '''two'''
  Status long_text(std::string& content) {
    while (at("'''")) {
      const std::size_t start = position_;
      position_ += 3;
      while (!at("'''")) {
        if (at_end()) {
          position_ = start;
          return fault("a long text does not end");
        }
        TRY(character(content));
      }
      position_ += 3;
      TRY(skip_blank());
    }
    return {};
  }

  // One character, or what an escape stands for. A line break of any kind is "\n".
  Status character(std::string& content) {
    const char c = text_[position_++];
    if (c == '\r') {
      if (peek() == '\n') ++position_;
      content.push_back('\n');
      return {};
    }
    if (c != '\\') {
      content.push_back(c);
      return {};
    }
    const char escaped = peek();
    ++position_;
    switch (escaped) {
      case '0': content.push_back('\0'); return {};
      case 'a': content.push_back('\a'); return {};
      case 'b': content.push_back('\b'); return {};
      case 't': content.push_back('\t'); return {};
      case 'n': content.push_back('\n'); return {};
      case 'f': content.push_back('\f'); return {};
      case 'r': content.push_back('\r'); return {};
      case 'v': content.push_back('\v'); return {};
      case '\n': return {};  // a line break that is not meant
      case '\r':
        if (peek() == '\n') ++position_;
        return {};
      case '"':
      case '\'':
      case '?':
      case '\\':
      case '/': content.push_back(escaped); return {};
      case 'x': return code_point(content, 2);
      case 'u': return code_point(content, 4);
      case 'U': return code_point(content, 8);
      default: position_ -= 2; return fault("an escape is not known");
    }
  }

  Status hex_number(std::size_t digits, std::uint32_t& code) {
    code = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const int digit = codec::hex_digit_value(peek());
      if (digit < 0) return fault("a hexadecimal digit is missing");
      code = code << 4 | static_cast<std::uint32_t>(digit);
      ++position_;
    }
    return {};
  }

  Status code_point(std::string& content, std::size_t digits) {
    std::uint32_t code = 0;
    TRY(hex_number(digits, code));
    if (clob_) {
      if (digits != 2) return fault("a clob has no Unicode escapes");
      content.push_back(static_cast<char>(code));
      return {};
    }
    if (digits == 4 && code >= 0xd800 && code <= 0xdbff && at("\\u")) {  // two escapes for one character
      position_ += 2;
      std::uint32_t low = 0;
      TRY(hex_number(4, low));
      if (low < 0xdc00 || low > 0xdfff) return fault("half of a surrogate pair is missing");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return fault("there is no such character");
    codec::append_utf8(content, code);
    return {};
  }

  // {{base64}}, {{"clob"}}, {{'''clob'''}}
  Status binary() {
    position_ += 2;
    while (is_space(peek())) ++position_;
    if (peek() == '"' || peek() == '\'') {
      TRY(clob());
    } else {
      std::string encoded;
      while (!at_end() && peek() != '}') {
        if (!is_space(peek())) encoded.push_back(peek());
        ++position_;
      }
      codec::JsonWriter::append_quoted(out_, encoded);
    }
    if (!at("}}")) return fault("a blob does not end");
    position_ += 2;
    return {};
  }

  // A clob is octets: \x80 is one of them, unlike in a string.
  Status clob() {
    std::string octets;
    const bool is_long = at("'''");
    if (!is_long && peek() == '\'') return fault("a clob has one quote");
    clob_ = true;
    const Status read = is_long ? long_text(octets) : quoted(octets, '"');
    clob_ = false;
    TRY(read);
    while (is_space(peek())) ++position_;
    out_.push_back('"');
    codec::append_base64(out_, octets);
    out_.push_back('"');
    return {};
  }

  Status number() {
    const std::size_t start = position_;
    while (is_letter(peek()) || is_digit(peek()) || peek() == '-' || peek() == '+' || peek() == '.' || peek() == ':') {
      if (peek() == ':' && peek(1) == ':') break;
      ++position_;
    }
    const std::string_view literal = text_.substr(start, position_ - start);
    const auto plain = plain_ion_number(literal);
    if (!plain) {
      position_ = start;
      return fault(is_ion_timestamp(literal) ? "a timestamp has no DynamoDB type" : "a number is not well formed");
    }
    codec::JsonWriter::append_quoted(out_, *plain);
    return {};
  }

  Bytes& out_;
  std::string_view text_;
  std::size_t position_ = 0;
  bool clob_ = false;
};

}  // namespace

Status append_ion_record_json(Bytes& out, std::string_view text) { return IonReader(out, text).record(); }

}  // namespace reprise::dynamo
