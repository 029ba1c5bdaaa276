// See list_request.h. Source: S3 API reference, ListObjects, ListObjectsV2 and ListObjectVersions; facts measured on
// the service.
#include "s3/ops/list_request.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/clock.h"

namespace reprise::s3 {

namespace {

constexpr std::size_t page_max = 1000;
constexpr std::int64_t max_keys_limit = 2147483647;

Outcome<std::size_t> max_keys_of(const Call& call) {
  const std::string_view text = call.query.get_or("max-keys", "");
  if (text.empty()) return page_max;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = end == text.data() + text.size();
  if (error == std::errc::result_out_of_range || error != std::errc() || !whole) {
    return invalid_argument("Provided max-keys not an integer or within integer range", "max-keys", std::string(text));
  }
  if (value < 0 || value > max_keys_limit) {
    return invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys",
                            std::string(text));
  }
  return std::min(static_cast<std::size_t>(value), page_max);
}

// The form encoding of application/x-www-form-urlencoded, but for '/': what S3 does to keys.
std::string url_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '*' || c == '/';
    if (plain) {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
  return out;
}

}  // namespace

Outcome<ListRequest> list_request_of(const Call& call) {
  ListRequest request;
  const std::string_view encoding = call.query.get_or("encoding-type", "");
  if (!encoding.empty() && encoding != "url") {
    return invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", std::string(encoding));
  }
  request.url_encoded = !encoding.empty();
  TRY_ASSIGN(request.range.max, max_keys_of(call));
  request.range.prefix = call.query.get_or("prefix", "");
  request.range.delimiter = call.query.get_or("delimiter", "");
  request.has_delimiter = call.query.has("delimiter") && !request.range.delimiter.empty();
  request.range.as_of = call.as_of;
  // Nothing here is ever being restored from an archive, so the attribute has nothing to tell.
  const std::string_view attributes = call.headers.get_or("x-amz-optional-object-attributes", "");
  if (!attributes.empty() && attributes != "RestoreStatus") {
    return invalid_argument("Invalid attribute name specified.", "x-amz-optional-object-attributes",
                            std::string(attributes));
  }
  return request;
}

std::string printed_key(const ListRequest& request, std::string_view key) {
  return request.url_encoded ? url_encoded(key) : std::string(key);
}

std::string listed_time(std::int64_t micros) {
  constexpr std::int64_t second = 1'000'000;
  return format_iso8601(static_cast<std::uint64_t>(micros / second * second), 3);
}

void print_content(codec::XmlWriter& xml, const ObjectVersion& version) {
  xml.element("ETag", "\"" + version.etag + "\"");
  for (const auto& checksum : version.checksums) {
    xml.element("ChecksumAlgorithm", codec::checksum_name(checksum.value.algorithm()));
  }
  if (!version.checksums.empty()) {
    const bool whole = version.checksums.front().type == ChecksumType::full_object;
    xml.element("ChecksumType", whole ? "FULL_OBJECT" : "COMPOSITE");
  }
  xml.element("Size", version.bytes);
}

void print_owner(codec::XmlWriter& xml, std::string_view canonical_id) {
  xml.open("Owner");
  xml.element("ID", canonical_id);
  xml.close();
}

void print_common_prefixes(codec::XmlWriter& xml, const ListRequest& request, const Listing& listing) {
  for (const auto& prefix : listing.common_prefixes) {
    xml.open("CommonPrefixes");
    xml.element("Prefix", printed_key(request, prefix));
    xml.close();
  }
}

}  // namespace reprise::s3
