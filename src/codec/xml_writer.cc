// The writer's one promise: what it writes is well-formed, whatever bytes a text has.
#include <array>
#include <charconv>

#include "base/assert.h"
#include "codec/utf8.h"
#include "codec/xml.h"

namespace reprise::codec {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

void append_reference(Bytes& out, char32_t value) {
  std::array<char, 8> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), static_cast<std::uint32_t>(value), 16).ptr;
  out.append("&#x").append(digits.begin(), end).append(";");
}

void append_ascii(Bytes& out, char c) {
  switch (c) {
    case '&': out.append("&amp;"); return;
    case '<': out.append("&lt;"); return;
    case '>': out.append("&gt;"); return;
    case '"': out.append("&quot;"); return;
    case '\r': out.append("&#13;"); return;
    case '\n':
    case '\t': out.push_back(c); return;
    default: break;
  }
  if (static_cast<unsigned char>(c) < 0x20) {
    append_reference(out, static_cast<unsigned char>(c));
  } else {
    out.push_back(c);
  }
}

}  // namespace

void append_xml_text(Bytes& out, std::string_view text) {
  while (!text.empty()) {
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      append_ascii(out, text.front());
      text.remove_prefix(1);
      continue;
    }
    const Utf8Character character = first_utf8(text);
    if (character.size == 0) {
      out.append(replacement);
      text.remove_prefix(1);
      continue;
    }
    if (character.value == 0xFFFE || character.value == 0xFFFF) {
      append_reference(out, character.value);
    } else {
      out.append(text.substr(0, character.size));
    }
    text.remove_prefix(character.size);
  }
}

void XmlWriter::declaration() { out_.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"); }

void XmlWriter::open(std::string_view name) {
  out_.append("<").append(name).append(">");
  open_.push_back(name);
}

void XmlWriter::open(std::string_view name, std::string_view name_space) { open_with(name, {{"xmlns", name_space}}); }

void XmlWriter::open_with(std::string_view name,
                          const std::vector<std::pair<std::string_view, std::string_view>>& attributes) {
  out_.append("<").append(name);
  for (const auto& [key, value] : attributes) {
    out_.append(" ").append(key).append("=\"");
    append_xml_text(out_, value);
    out_.append("\"");
  }
  out_.append(">");
  open_.push_back(name);
}

void XmlWriter::close() {
  ASSERT(!open_.empty());
  out_.append("</").append(open_.back()).append(">");
  open_.pop_back();
}

void XmlWriter::element(std::string_view name, std::string_view text) {
  open(name);
  append_xml_text(out_, text);
  close();
}

void XmlWriter::element(std::string_view name, std::uint64_t number) { element(name, std::to_string(number)); }

void XmlWriter::element(std::string_view name, Truth truth) { element(name, truth == Truth::yes ? "true" : "false"); }

}  // namespace reprise::codec
