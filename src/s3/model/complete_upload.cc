#include "s3/model/complete_upload.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "codec/xml.h"
#include "s3/model/document.h"

namespace reprise::s3 {

namespace {

constexpr std::string_view checksum_prefix = "Checksum";

S3Error malformed() { return s3_error(ErrorCode::malformed_xml); }

// "ChecksumCRC32" and its like, spelled exactly so.
std::optional<codec::ChecksumAlgorithm> checksum_element(std::string_view name) {
  if (!name.starts_with(checksum_prefix)) return std::nullopt;
  name.remove_prefix(checksum_prefix.size());
  for (const auto algorithm : codec::checksum_algorithms) {
    if (name == codec::checksum_name(algorithm)) return algorithm;
  }
  return std::nullopt;
}

std::string_view unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
  return etag;
}

Outcome<std::uint32_t> part_number(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return malformed();
  if (number < 1) {
    return invalid_argument("PartNumber must be >= 1", "PartNumber", std::string(text));
  }
  return static_cast<std::uint32_t>(std::min<std::int64_t>(number, std::numeric_limits<std::uint32_t>::max()));
}

Outcome<CompletedPart> part_of(const codec::XmlElement& element) {
  const auto number = only_text_of(element, "PartNumber");
  const auto etag = only_text_of(element, "ETag");
  if (!number || !etag || etag->empty()) return malformed();
  CompletedPart part;
  TRY_ASSIGN(part.number, part_number(*number));
  part.etag = unquoted(*etag);
  for (const codec::XmlElement& child : element.children) {
    if (child.name == "PartNumber" || child.name == "ETag") continue;
    const auto algorithm = checksum_element(child.name);
    if (!algorithm || count_of(element, child.name) != 1) return malformed();
    part.checksums.push_back({*algorithm, std::string(trimmed(child.text))});
  }
  return part;
}

}  // namespace

Outcome<std::vector<CompletedPart>> parse_complete_upload(BytesView xml) {
  TRY_ASSIGN(const codec::XmlElement root, parse_document(xml, "CompleteMultipartUpload"));
  if (root.children.empty() || !has_only(root, {"Part"})) return malformed();
  std::vector<CompletedPart> parts;
  parts.reserve(root.children.size());
  for (const codec::XmlElement& child : root.children) {
    TRY_ASSIGN(CompletedPart part, part_of(child));
    parts.push_back(std::move(part));
  }
  return parts;
}

Bytes print_complete_upload(const std::vector<CompletedPart>& parts) {
  Bytes out;
  codec::XmlWriter xml(out);
  xml.declaration();
  xml.open("CompleteMultipartUpload", codec::s3_namespace);
  for (const CompletedPart& part : parts) {
    xml.open("Part");
    for (const auto& checksum : part.checksums) {
      const std::string name = std::string(checksum_prefix) + std::string(codec::checksum_name(checksum.algorithm));
      xml.element(name, checksum.base64);
    }
    xml.element("ETag", '"' + part.etag + '"');
    xml.element("PartNumber", std::uint64_t{part.number});
    xml.close();
  }
  xml.close();
  return out;
}

}  // namespace reprise::s3
