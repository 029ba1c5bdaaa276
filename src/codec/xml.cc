// The reader: one pass over the text, without recursion, over a stack of the elements that are open.
//
// Invariants:
//   - the text is valid UTF-8 from the start, so every copied piece is;
//   - position_ only grows, and what is kept of a piece of text is never longer than the piece: a document cannot grow;
//   - only the innermost open element gets children, so the pointers to the open ones stay good.
#include "codec/xml.h"

#include <algorithm>
#include <optional>

#include "codec/utf8.h"

namespace reprise::codec {
namespace {

constexpr std::string_view white_space = " \t\r\n";

bool is_white(char c) { return white_space.find(c) != std::string_view::npos; }

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

// Where a control character, U+FFFE or U+FFFF stands plainly in valid UTF-8, which XML does not allow.
std::optional<std::size_t> first_forbidden(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 && !is_white(text[i])) return i;
    if (byte == 0xEF && (text.substr(i, 3) == "\xEF\xBF\xBE" || text.substr(i, 3) == "\xEF\xBF\xBF")) return i;
  }
  return std::nullopt;
}

// The character that "#10" or "#x1F" names.
std::optional<char32_t> referenced_character(std::string_view digits, bool nul_allowed) {
  const bool hexadecimal = digits.starts_with('x');
  if (hexadecimal) digits.remove_prefix(1);
  if (digits.empty()) return std::nullopt;
  char32_t value = 0;
  for (const char c : digits) {
    const char small = lower(c);
    unsigned digit = 16;
    if (small >= '0' && small <= '9') digit = static_cast<unsigned>(small - '0');
    if (hexadecimal && small >= 'a' && small <= 'f') digit = static_cast<unsigned>(small - 'a') + 10;
    if (digit >= (hexadecimal ? 16U : 10U)) return std::nullopt;
    value = value * (hexadecimal ? 16 : 10) + digit;
    if (value > 0x10FFFF) return std::nullopt;
  }
  if ((value == 0 && !nul_allowed) || (value >= 0xD800 && value <= 0xDFFF)) return std::nullopt;
  return value;
}

// Appends what stands between & and ;.
bool append_entity(std::string& out, std::string_view name, bool nul_allowed) {
  if (name.starts_with('#')) {
    const auto character = referenced_character(name.substr(1), nul_allowed);
    if (character) append_utf8(out, *character);
    return character.has_value();
  }
  constexpr std::pair<std::string_view, char> entities[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [known, c] : entities) {
    if (name != known) continue;
    out.push_back(c);
    return true;
  }
  return false;
}

class Reader {
 public:
  Reader(std::string_view text, const XmlLimits& limits) : text_(text), limits_(limits) {}

  Result<XmlElement> read() {
    if (text_.size() > limits_.bytes_max) return wrong("the document is too large");
    if (text_.starts_with("\xEF\xBB\xBF")) position_ = 3;
    if (!is_utf8(text_)) return wrong("the text is not UTF-8");
    if (const auto at = first_forbidden(text_)) {
      position_ = *at;
      return wrong("a character that XML does not have");
    }
    TRY(read_declaration());
    XmlElement root;
    bool found = false;
    while (position_ < text_.size() || !open_.empty()) {
      if (open_.empty()) {
        TRY(read_outside(root, found));
      } else {
        TRY(read_content());
      }
    }
    if (!found) return wrong("there is no element");
    return root;
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(position_); }

  [[nodiscard]] Status wrong(std::string_view what) const {
    return invalid(std::string("XML: ").append(what).append(" at byte ").append(std::to_string(position_)));
  }

  bool take(std::string_view expected) {
    if (!rest().starts_with(expected)) return false;
    position_ += expected.size();
    return true;
  }

  bool take_white() {
    const std::size_t from = position_;
    while (position_ < text_.size() && is_white(text_[position_])) ++position_;
    return position_ > from;
  }

  // Up to `end`, which is passed over.
  Result<std::string_view> take_until(std::string_view end) {
    const auto found = rest().find(end);
    if (found == std::string_view::npos) return wrong("the document ends too early");
    const std::string_view taken = rest().substr(0, found);
    position_ += found + end.size();
    return taken;
  }

  // A name as written, prefix and all.
  Result<std::string_view> take_name() {
    std::size_t end = position_;
    while (end < text_.size() && continues_name(text_[end])) ++end;
    const std::string_view name = text_.substr(position_, end - position_);
    const auto colon = name.find(':');
    const bool good = !name.empty() && begins_name(name.front()) &&
                      (colon == std::string_view::npos ||
                       (colon == name.rfind(':') && colon + 1 < name.size() && begins_name(name[colon + 1])));
    if (!good) return wrong("a name is missing or malformed");
    position_ = end;
    return name;
  }

  static std::string_view local_name(std::string_view name) {
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
  }

  // <?xml version="1.0" encoding="UTF-8"?>: only the encoding matters.
  Status read_declaration() {
    if (!rest().starts_with("<?xml") || rest().size() < 6 || !is_white(rest()[5])) return {};
    position_ += 5;
    TRY_ASSIGN(std::string_view inside, take_until("?>"));
    const auto found = inside.find("encoding");
    if (found == std::string_view::npos) return {};
    inside.remove_prefix(found + 8);
    const auto quote = inside.find_first_of("\"'");
    if (quote == std::string_view::npos) return wrong("the declaration is malformed");
    const auto end = inside.find(inside[quote], quote + 1);
    if (end == std::string_view::npos) return wrong("the declaration is malformed");
    const std::string_view encoding = inside.substr(quote + 1, end - quote - 1);
    if (!equal_ignoring_case(encoding, "UTF-8") && !equal_ignoring_case(encoding, "US-ASCII")) {
      return wrong("the encoding is not UTF-8");
    }
    return {};
  }

  // A comment or a processing instruction. False: neither begins here.
  Result<bool> skip_aside() {
    if (take("<!--")) {
      TRY(take_until("--"));
      if (!take(">")) return wrong("a comment holds two dashes");
      return true;
    }
    if (take("<?")) {
      TRY_ASSIGN(const std::string_view target, take_name());
      if (equal_ignoring_case(target, "xml")) return wrong("a declaration that does not come first");
      TRY(take_until("?>"));
      return true;
    }
    return false;
  }

  // Before and after the root.
  Status read_outside(XmlElement& root, bool& found) {
    if (take_white()) return {};
    TRY_ASSIGN(const bool aside, skip_aside());
    if (aside) return {};
    if (rest().starts_with("<!DOCTYPE")) return wrong("document type declarations are not allowed");
    if (found || !take("<")) return wrong("there is something outside the one root element");
    found = true;
    return read_start_tag(root);
  }

  // The next thing inside the innermost open element.
  Status read_content() {
    XmlElement& element = *open_.back();
    const std::size_t tag = std::min(rest().find('<'), rest().size());
    if (tag > 0) return read_text(element, tag);
    if (position_ == text_.size()) return wrong("the document ends too early");
    if (take("</")) return read_end_tag();
    if (take("<![CDATA[")) {
      TRY_ASSIGN(const std::string_view data, take_until("]]>"));
      append_lines(element.text, data);
      return {};
    }
    TRY_ASSIGN(const bool aside, skip_aside());
    if (aside) return {};
    take("<");
    return read_start_tag(element.children.emplace_back());
  }

  Status read_text(XmlElement& element, std::size_t size) {
    const std::string_view piece = rest().substr(0, size);
    if (piece.find("]]>") != std::string_view::npos) return wrong("]]> outside of CDATA");
    TRY(append_unescaped(element.text, piece));
    position_ += size;
    return {};
  }

  // Line ends as XML 1.0 section 2.11 has them: all are '\n'.
  static void append_lines(std::string& out, std::string_view piece) {
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (piece[i] != '\r') {
        out.push_back(piece[i]);
      } else if (i + 1 == piece.size() || piece[i + 1] != '\n') {
        out.push_back('\n');
      }
    }
  }

  Status append_unescaped(std::string& out, std::string_view piece) {
    for (;;) {
      const auto ampersand = piece.find('&');
      append_lines(out, piece.substr(0, ampersand));
      if (ampersand == std::string_view::npos) return {};
      piece.remove_prefix(ampersand + 1);
      const auto end = piece.find(';');
      if (end == std::string_view::npos || !append_entity(out, piece.substr(0, end), limits_.nul_references)) {
        return wrong("an entity that is not defined");
      }
      piece.remove_prefix(end + 1);
    }
  }

  // Behind the '<'.
  Status read_start_tag(XmlElement& element) {
    if (++elements_ > limits_.elements_max) return wrong("there are too many elements");
    if (open_.size() >= limits_.depth_max) return wrong("elements are nested too deep");
    TRY_ASSIGN(const std::string_view name, take_name());
    element.name = local_name(name);
    std::vector<std::string_view> names;
    for (;;) {
      const bool separated = take_white();
      if (rest().starts_with("/>") || rest().starts_with(">")) break;
      if (!separated) return wrong("a start tag is malformed");
      TRY(read_attribute(element, names));
    }
    if (elements_ == 1) keep_namespace(element, name);
    if (take("/>")) return {};
    take(">");
    open_.push_back(&element);
    open_names_.push_back(name);
    return {};
  }

  Status read_attribute(XmlElement& element, std::vector<std::string_view>& names) {
    TRY_ASSIGN(const std::string_view name, take_name());
    if (std::find(names.begin(), names.end(), name) != names.end()) return wrong("an attribute comes twice");
    if (names.size() >= limits_.attributes_max) return wrong("there are too many attributes");
    names.push_back(name);
    take_white();
    if (!take("=")) return wrong("an attribute has no value");
    take_white();
    if (rest().empty() || (rest().front() != '"' && rest().front() != '\'')) return wrong("an attribute has no value");
    const char quote = rest().front();
    ++position_;
    TRY_ASSIGN(const std::string_view raw, take_until({&quote, 1}));
    if (raw.find('<') != std::string_view::npos) return wrong("< in the value of an attribute");
    std::string value;
    TRY(append_unescaped(value, raw));
    if (name == "xmlns" || name.starts_with("xmlns:")) {
      if (elements_ == 1) root_namespaces_.emplace_back(name == "xmlns" ? "" : local_name(name), std::move(value));
      return {};
    }
    element.attributes.emplace_back(local_name(name), std::move(value));
    return {};
  }

  // Of the root, whose declarations have been read: the one that its prefix, or the lack of one, names.
  void keep_namespace(XmlElement& root, std::string_view name) {
    const auto colon = name.find(':');
    const std::string_view prefix = colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
    for (auto& [declared, value] : root_namespaces_) {
      if (declared != prefix || value.empty()) continue;
      root.attributes.emplace(root.attributes.begin(), "xmlns", std::move(value));
      return;
    }
  }

  Status read_end_tag() {
    TRY_ASSIGN(const std::string_view name, take_name());
    take_white();
    if (name != open_names_.back() || !take(">")) return wrong("an end tag does not fit");
    open_.pop_back();
    open_names_.pop_back();
    return {};
  }

  const std::string_view text_;
  const XmlLimits limits_;
  std::size_t position_ = 0;
  std::size_t elements_ = 0;
  std::vector<XmlElement*> open_;                                          // the root first
  std::vector<std::string_view> open_names_;                               // as written
  std::vector<std::pair<std::string_view, std::string>> root_namespaces_;  // by prefix
};

}  // namespace

const XmlElement* XmlElement::child(std::string_view name) const {
  for (const XmlElement& element : children) {
    if (element.name == name) return &element;
  }
  return nullptr;
}

std::string_view XmlElement::text_of(std::string_view name) const {
  const XmlElement* const found = child(name);
  return found == nullptr ? std::string_view() : std::string_view(found->text);
}

const std::string* XmlElement::attribute(std::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (key == name) return &value;
  }
  return nullptr;
}

Result<XmlElement> parse_xml(BytesView text, const XmlLimits& limits) { return Reader(text, limits).read(); }

}  // namespace reprise::codec
