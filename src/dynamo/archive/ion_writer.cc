// Ion 1.0 text (the Ion specification, "Text encoding"). Invariant: what is written here, ion_reader.h reads back as
// the same item (ion_fuzz.cc).
#include "dynamo/archive/ion_writer.h"

#include <algorithm>
#include <array>
#include <string>

#include "codec/base64.h"

namespace reprise::dynamo {

namespace {

constexpr std::array<std::string_view, 4> keywords = {"null", "true", "false", "nan"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A symbol that can stand without quotes: an identifier that is no keyword and does not look like a symbol's number
// ($10) or the version marker ($ion_1_0).
bool is_plain_symbol(std::string_view name) {
  if (name.empty() || !is_letter(name[0])) return false;
  if (!std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); })) return false;
  if (name[0] == '$') return false;
  return std::find(keywords.begin(), keywords.end(), name) == keywords.end();
}

void append_escaped(Bytes& out, std::string_view text, char quote) {
  constexpr char digits[] = "0123456789abcdef";
  out.push_back(quote);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '\r') {
      out.append("\\r");
    } else if (c == '\t') {
      out.append("\\t");
    } else if (byte < 0x20 || byte == 0x7f) {
      out.append("\\x");
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 0xf]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back(quote);
}

void append_name(Bytes& out, std::string_view name) {
  if (is_plain_symbol(name)) {
    out.append(name);
  } else {
    append_escaped(out, name, '\'');
  }
}

void append_blob(Bytes& out, BytesView octets) {
  out.append("{{");
  codec::append_base64(out, octets);
  out.append("}}");
}

void append_struct(Bytes& out, MapView map) {
  out.push_back('{');
  bool first = true;
  for (auto member = map.members(); member; member.advance()) {
    if (!first) out.push_back(',');
    first = false;
    append_name(out, member.name());
    out.push_back(':');
    append_ion_value(out, member.value());
  }
  out.push_back('}');
}

void append_list(Bytes& out, ListView list) {
  out.push_back('[');
  bool first = true;
  for (auto element = list.elements(); element; element.advance()) {
    if (!first) out.push_back(',');
    first = false;
    append_ion_value(out, element.value());
  }
  out.push_back(']');
}

void append_set(Bytes& out, ValueView value) {
  const AttributeType type = value.type();
  out.append("$dynamodb_").append(type_name(type)).append("::[");
  bool first = true;
  for (auto element = value.set().elements(); element; element.advance()) {
    if (!first) out.push_back(',');
    first = false;
    if (type == AttributeType::string_set) append_escaped(out, element.bytes(), '"');
    if (type == AttributeType::number_set) append_ion_decimal(out, Number::from_encoded(element.bytes()).to_string());
    if (type == AttributeType::binary_set) append_blob(out, element.bytes());
  }
  out.push_back(']');
}

}  // namespace

void append_ion_decimal(Bytes& out, std::string_view digits) {
  if (digits.starts_with('-')) {
    out.push_back('-');
    digits.remove_prefix(1);
  }
  const std::size_t point = digits.find('.');
  std::string significant(digits.substr(0, point));
  std::ptrdiff_t scale = 0;  // how many of the digits stand behind the point; negative: zeros left out
  if (point != std::string_view::npos) {
    significant.append(digits.substr(point + 1));
    scale = static_cast<std::ptrdiff_t>(digits.size() - point - 1);
  }
  significant.erase(0, std::min(significant.find_first_not_of('0'), significant.size()));
  while (!significant.empty() && significant.back() == '0') {
    significant.pop_back();
    --scale;
  }
  if (significant.empty()) {
    out.append("0.");
  } else if (scale == 0) {
    out.append(significant).push_back('.');
  } else if (scale < 0) {
    out.append(significant).append("d").append(std::to_string(-scale));
  } else {
    const auto count = static_cast<std::ptrdiff_t>(significant.size());
    const std::ptrdiff_t whole = count > scale ? count - scale : 1;
    const std::ptrdiff_t left = count > scale ? 0 : scale - count + 1;
    out.append(significant, 0, static_cast<std::size_t>(whole));
    if (whole < count) out.append(".").append(significant, static_cast<std::size_t>(whole));
    if (left != 0) out.append("d-").append(std::to_string(left));
  }
}

void append_ion_value(Bytes& out, ValueView value) {
  switch (value.type()) {
    case AttributeType::string: return append_escaped(out, value.bytes(), '"');
    case AttributeType::number: return append_ion_decimal(out, value.number().to_string());
    case AttributeType::binary: return append_blob(out, value.bytes());
    case AttributeType::boolean: out.append(value.boolean() ? "true" : "false"); return;
    case AttributeType::null: out.append("null"); return;
    case AttributeType::list: return append_list(out, value.list());
    case AttributeType::map: return append_struct(out, value.map());
    case AttributeType::string_set:
    case AttributeType::number_set:
    case AttributeType::binary_set: return append_set(out, value);
  }
}

void append_ion_item(Bytes& out, ItemView item) { append_struct(out, item.map()); }

}  // namespace reprise::dynamo
