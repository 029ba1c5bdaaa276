// What the parsers of S3's documents share. Invariant: nothing here looks at more than names and texts; what they mean
// is each document's own.
#include "s3/model/document.h"

#include <algorithm>
#include <utility>

namespace reprise::s3 {

namespace {

constexpr std::string_view instance_namespace = "http://www.w3.org/2001/XMLSchema-instance";

void print_children(codec::XmlWriter& xml, Bytes& out, const codec::XmlElement& element) {
  if (element.children.empty()) codec::append_xml_text(out, trimmed(element.text));
  for (const codec::XmlElement& child : element.children) {
    if (const std::string* type = child.attribute("type")) {
      xml.open_with(child.name, {{"xmlns:xsi", instance_namespace}, {"xsi:type", *type}});
    } else {
      xml.open(child.name);
    }
    print_children(xml, out, child);
    xml.close();
  }
}

}  // namespace

Outcome<codec::XmlElement> parse_document(BytesView xml, std::string_view root, ErrorCode malformed,
                                          const codec::XmlLimits& limits) {
  if (xml.empty() && malformed == ErrorCode::malformed_xml) return s3_error(ErrorCode::missing_request_body);
  auto parsed = codec::parse_xml(xml, limits);
  if (!parsed.ok() || parsed->name != root || !is_of_s3(*parsed)) return s3_error(malformed);
  return std::move(parsed).value();
}

bool is_of_s3(const codec::XmlElement& root) {
  const std::string* const declared = root.attribute("xmlns");
  if (declared == nullptr) return true;
  // The second stands in the service's own samples and in clients that were made after them.
  std::string_view name = *declared;
  if (name.ends_with('/')) name.remove_suffix(1);
  return name == "http://s3.amazonaws.com/doc/2006-03-01" || name == "http://doc.s3.amazonaws.com/2006-03-01";
}

bool has_only(const codec::XmlElement& element, std::initializer_list<std::string_view> names) {
  return std::all_of(element.children.begin(), element.children.end(), [&](const codec::XmlElement& child) {
    return std::find(names.begin(), names.end(), child.name) != names.end();
  });
}

std::size_t count_of(const codec::XmlElement& element, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(element.children.begin(), element.children.end(),
                                                [&](const codec::XmlElement& child) { return child.name == name; }));
}

std::optional<std::string_view> only_text_of(const codec::XmlElement& element, std::string_view name) {
  if (count_of(element, name) != 1) return std::nullopt;
  return trimmed(element.text_of(name));
}

Bytes print_document(const codec::XmlElement& root) {
  Bytes out;
  codec::XmlWriter xml(out);
  xml.declaration();
  xml.open(root.name, codec::s3_namespace);
  print_children(xml, out, root);
  xml.close();
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  const auto first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

}  // namespace reprise::s3
