// Fuzzes the XML reader and writer. Oracle: what is refused is refused with Code::invalid; what parses is written and
// parsed again to the same tree, whose text is not longer than the document; and any bytes at all, written as text,
// read back as themselves when they are characters.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "codec/utf8.h"
#include "codec/xml.h"

namespace reprise::codec {
namespace {

// The bytes of all names, texts and attribute values.
std::size_t write(XmlWriter& xml, Bytes& out, const XmlElement& element) {
  std::vector<std::pair<std::string_view, std::string_view>> attributes;
  std::size_t bytes = element.name.size() + element.text.size();
  for (std::size_t i = 0; i < element.attributes.size(); ++i) {
    const auto& [name, value] = element.attributes[i];
    bytes += name.size() + value.size();
    // Two prefixes may have had the same local name.
    if (element.attribute(name) == &value && name != "xmlns") attributes.emplace_back(name, value);
  }
  xml.open_with(element.name, attributes);
  append_xml_text(out, element.text);
  for (const XmlElement& child : element.children) bytes += write(xml, out, child);
  xml.close();
  return bytes;
}

bool same(const XmlElement& a, const XmlElement& b) {
  if (a.name != b.name || a.text != b.text || a.children.size() != b.children.size()) return false;
  for (const auto& [name, value] : b.attributes) {
    if (a.attribute(name) == nullptr || *a.attribute(name) != value) return false;
  }
  for (std::size_t i = 0; i < a.children.size(); ++i) {
    if (!same(a.children[i], b.children[i])) return false;
  }
  return true;
}

void parse(BytesView input) {
  const auto root = parse_xml(input);
  if (!root.ok()) {
    ASSERT(root.error().is(Code::invalid));
    return;
  }
  Bytes written;
  XmlWriter xml(written);
  ASSERT(write(xml, written, *root) <= input.size());
  ASSERT(xml.depth() == 0);
  const auto again = parse_xml(written);
  ASSERT(again.ok());
  ASSERT(same(*root, *again));
}

void escape(BytesView input) {
  Bytes written;
  XmlWriter(written).element("a", input);
  const auto root = parse_xml(written);
  const bool has_nul = input.find('\0') != BytesView::npos;
  ASSERT(root.ok() == !has_nul);
  if (root.ok() && is_utf8(input)) ASSERT(root->text == input);
}

}  // namespace
}  // namespace reprise::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const reprise::BytesView input(reinterpret_cast<const char*>(data), size);
  reprise::codec::parse(input);
  reprise::codec::escape(input);
  return 0;
}
