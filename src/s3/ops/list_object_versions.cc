// ListObjectVersions: every version and delete marker of a bucket, in one order: keys by their bytes, and of each key
// the newest first. Versions and markers are interleaved in the document as they are in that order.
#include <utility>

#include "s3/ops/key_write.h"
#include "s3/ops/list_request.h"
#include "s3/ops/version_operations.h"

namespace reprise::s3 {

namespace {

using codec::XmlWriter;

struct Markers {
  std::string key;
  std::string version_id;
};

Outcome<Markers> markers_of(const Call& call) {
  Markers markers{std::string(call.query.get_or("key-marker", "")),
                  std::string(call.query.get_or("version-id-marker", ""))};
  const bool alone = call.query.has("version-id-marker") && !call.query.has("key-marker");
  if (alone || (!markers.version_id.empty() && markers.key.empty())) {
    return invalid_argument("A version-id marker cannot be specified without a key marker.", "version-id-marker",
                            markers.version_id);
  }
  return markers;
}

// Sets where the listing starts: behind the markers, which the listing before gave out.
Task<Outcome<Passed>> start_behind(Services& services, const Call& call, const Markers& markers, ListRange& range) {
  range.from = first_key_after(markers.key, range);
  if (markers.version_id.empty()) co_return Passed{};
  const auto id = VersionId::parse(markers.version_id);
  if (!id) co_return invalid_argument("Invalid version id specified", "version-id-marker", markers.version_id);
  if (!markers.key.starts_with(range.prefix) || common_prefix_of(markers.key, range)) co_return Passed{};
  if (!id->is_null()) {
    range.from = markers.key;
    range.below = id->sequence();
    co_return Passed{};
  }
  CO_TRY_ASSIGN(const auto found, co_await find_version(services, call.in(), markers.key, *id, range.as_of));
  // The null version that the last page ended with has been removed since. Where it stood is not known any more; the
  // key's other versions come again rather than not at all.
  range.from = markers.key;
  if (found) range.below = found->version.sequence;
  co_return Passed{};
}

void print_version(XmlWriter& xml, const ListRequest& request, const ListedVersion& entry) {
  const ObjectVersion& version = entry.version;
  xml.open(version.delete_marker ? "DeleteMarker" : "Version");
  xml.element("Key", printed_key(request, entry.key));
  xml.element("VersionId", version.id.text());
  xml.element("IsLatest", entry.latest ? XmlWriter::Truth::yes : XmlWriter::Truth::no);
  xml.element("LastModified", listed_time(version.modified_micros));
  if (!version.delete_marker) print_content(xml, version);
  print_owner(xml, version.owner);
  if (!version.delete_marker) xml.element("StorageClass", version.storage_class);
  xml.close();
}

}  // namespace

Task<Outcome<Reply>> list_object_versions(Services& services, Call& call) {
  CO_TRY_ASSIGN(ListRequest request, list_request_of(call));
  CO_TRY_ASSIGN(const Markers markers, markers_of(call));
  CO_TRY(co_await start_behind(services, call, markers, request.range));
  CO_TRY_ASSIGN(const Listing listing, co_await list_versions(services, call.bucket_info, request.range));

  Bytes document;
  XmlWriter xml(document);
  xml.declaration();
  xml.open("ListVersionsResult", codec::s3_namespace);
  xml.element("Name", call.in().name);
  xml.element("Prefix", printed_key(request, request.range.prefix));
  xml.element("KeyMarker", printed_key(request, markers.key));
  xml.element("VersionIdMarker", markers.version_id);
  if (listing.truncated) {
    xml.element("NextKeyMarker", printed_key(request, listing.last));
    if (!listing.last_is_prefix) xml.element("NextVersionIdMarker", listing.entries.back().version.id.text());
  }
  xml.element("MaxKeys", std::uint64_t{request.range.max});
  if (request.has_delimiter) xml.element("Delimiter", printed_key(request, request.range.delimiter));
  if (request.url_encoded) xml.element("EncodingType", "url");
  xml.element("IsTruncated", listing.truncated ? XmlWriter::Truth::yes : XmlWriter::Truth::no);
  for (const auto& entry : listing.entries) print_version(xml, request, entry);
  print_common_prefixes(xml, request, listing);
  xml.close();
  co_return xml_reply(std::move(document));
}

}  // namespace reprise::s3
