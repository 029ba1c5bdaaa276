// GetObjectAttributes, and RestoreObject, which has nothing to restore.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "codec/xml.h"
#include "s3/model/document.h"
#include "s3/ops/access.h"
#include "s3/ops/conditions.h"
#include "s3/ops/multipart_operations.h"
#include "s3/ops/object_operations.h"

namespace reprise::s3 {
namespace {

constexpr std::uint32_t parts_a_page_max = 1000;
constexpr std::string_view attributes_header = "x-amz-object-attributes";
constexpr std::array<std::string_view, 5> attribute_names = {"ETag", "Checksum", "ObjectParts", "StorageClass",
                                                             "ObjectSize"};

Outcome<std::vector<std::string_view>> wanted_attributes(const Call& call) {
  std::vector<std::string_view> wanted;
  for (const auto& [name, value] : call.headers) {
    if (name != attributes_header) continue;
    std::string_view list = value;
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      const std::string_view attribute = trimmed(list.substr(0, comma));
      list.remove_prefix(std::min(comma + 1, list.size()));
      if (attribute.empty()) continue;
      if (std::ranges::find(attribute_names, attribute) == attribute_names.end()) {
        return invalid_argument("Invalid attribute name specified.", std::string(attributes_header),
                                std::string(attribute));
      }
      wanted.push_back(attribute);
    }
  }
  if (!wanted.empty()) return wanted;
  return invalid_argument(
      "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
      std::string(attributes_header), "");
}

// A header that is a whole number.
Outcome<std::uint32_t> number_of_header(const Call& call, std::string_view name, std::uint32_t otherwise) {
  const auto text = call.headers.get(name);
  if (!text) return otherwise;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc() && end == text->data() + text->size() && number <= 0x7fffffff) return number;
  return invalid_argument("Provided " + std::string(name) + " not an integer or within integer range",
                          std::string(name), std::string(*text));
}

struct PartsPage {
  std::uint32_t marker = 0;
  std::uint32_t limit = parts_a_page_max;
};

void write_parts(codec::XmlWriter& xml, const ObjectVersion& version, const PartsPage& page) {
  xml.open("ObjectParts");
  const std::vector<ObjectPart> all = parts_of(version.payload);
  // Of an object whose checksum is not made of its parts' S3 tells their number alone.
  const bool composite = !version.checksums.empty() && version.checksums.front().type == ChecksumType::composite;
  const bool listed = composite && !all.empty() && all.front().head->checksum.has_value();
  if (listed) {
    std::vector<ObjectPart> parts;
    for (const ObjectPart& part : all) {
      if (part.number() > page.marker) parts.push_back(part);
    }
    const bool truncated = page.limit > 0 && parts.size() > page.limit;
    if (parts.size() > page.limit) parts.resize(page.limit);
    xml.element("IsTruncated", truncated ? codec::XmlWriter::Truth::yes : codec::XmlWriter::Truth::no);
    xml.element("MaxParts", page.limit);
    xml.element("NextPartNumberMarker", parts.empty() ? page.marker : parts.back().number());
    xml.element("PartNumberMarker", page.marker);
    for (const ObjectPart& part : parts) {
      xml.open("Part");
      const auto& checksum = part.head->checksum;
      if (checksum) write_checksum(xml, checksum->algorithm(), checksum->base64());
      xml.element("PartNumber", part.number());
      xml.element("Size", part.bytes);
      xml.close();
    }
  }
  xml.element("PartsCount", static_cast<std::uint64_t>(all.size()));
  xml.close();
}

Bytes attributes_document(const ObjectVersion& version, const std::vector<std::string_view>& wanted,
                          const PartsPage& page) {
  const auto is_wanted = [&](std::string_view name) { return std::ranges::find(wanted, name) != wanted.end(); };
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("GetObjectAttributesResponse", codec::s3_namespace);
  if (is_wanted("ETag")) xml.element("ETag", version.etag);
  if (is_wanted("Checksum") && !version.checksums.empty()) {
    xml.open("Checksum");
    for (const ObjectChecksum& checksum : version.checksums) {
      // Without the "-N" that the header has.
      write_checksum(xml, checksum.value.algorithm(), checksum.value.base64());
    }
    xml.element("ChecksumType", checksum_type_name(version.checksums.front().type));
    xml.close();
  }
  if (is_wanted("ObjectParts") && version.multipart) write_parts(xml, version, page);
  if (is_wanted("StorageClass")) xml.element("StorageClass", version.storage_class);
  if (is_wanted("ObjectSize")) xml.element("ObjectSize", version.bytes);
  xml.close();
  return body;
}

}  // namespace

Task<Outcome<Reply>> get_object_attributes(Services& services, Call& call) {
  CO_TRY_ASSIGN(const auto wanted, wanted_attributes(call));
  PartsPage page;
  CO_TRY_ASSIGN(page.limit, number_of_header(call, "x-amz-max-parts", parts_a_page_max));
  CO_TRY_ASSIGN(page.marker, number_of_header(call, "x-amz-part-number-marker", 0));
  page.limit = std::min(page.limit, parts_a_page_max);
  CO_TRY_ASSIGN(const NamedObject object,
                co_await readable_object(services, call, "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"));
  const ObjectVersion& version = object.version;
  AccessTarget target;
  target.bucket = call.bucket_info;
  target.bucket_name = call.bucket;
  target.key = call.key;
  target.object = &version;
  std::string reading = call.query.has("versionId") ? "s3:GetObjectVersion" : "s3:GetObject";
  CO_TRY(co_await authorize(services, call, std::move(reading), std::move(target)));
  CO_TRY(key_of_read(services, call, version));
  CO_TRY(check_read_conditions(call.headers, version, static_cast<std::int64_t>(services.wall.now_micros())));
  Reply reply = xml_reply(attributes_document(version, wanted, page));
  reply.headers.add("Last-Modified", http_date(version.modified_micros));
  if (call.in().versioning != Versioning::never) reply.headers.add("x-amz-version-id", version.id.text());
  co_return reply;
}

Task<Outcome<Reply>> restore_object(Services& services, Call& call) {
  CO_TRY(parse_document(call.document, "RestoreRequest"));
  CO_TRY_ASSIGN(const NamedObject object,
                co_await readable_object(services, call, "s3:RestoreObject", "s3:RestoreObject"));
  S3Error error =
      s3_error(ErrorCode::invalid_object_state, "Restore is not allowed for the object's current storage class");
  error.details = {{"StorageClass", object.version.storage_class}};
  co_return error;
}

}  // namespace reprise::s3
