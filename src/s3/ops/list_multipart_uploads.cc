// ListParts and ListMultipartUploads.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "s3/ops/list_request.h"
#include "s3/ops/multipart_operations.h"
#include "s3/ops/services.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {

namespace {

constexpr std::uint32_t page_max = 1'000;
constexpr std::uint32_t any_number = 0x7fffffff;

using Truth = codec::XmlWriter::Truth;

// ---- Parts ---------------------------------------------------------------------------------------------------------

void write_part(codec::XmlWriter& xml, const UploadedPart& part) {
  xml.open("Part");
  xml.element("PartNumber", std::uint64_t{part.number()});
  xml.element("LastModified", listed_time(part.modified_micros));
  xml.element("ETag", '"' + part.etag + '"');
  xml.element("Size", part.bytes());
  if (const auto& checksum = part.checksum()) write_checksum(xml, checksum->algorithm(), checksum->base64());
  xml.close();
}

Bytes parts_document(const Call& call, const FoundUpload& upload, const std::vector<FoundPart>& parts,
                     std::uint32_t after, std::uint32_t most) {
  const std::size_t shown = std::min<std::size_t>(parts.size(), most);
  Bytes document;
  codec::XmlWriter xml(document);
  xml.declaration();
  xml.open("ListPartsResult", codec::s3_namespace);
  xml.element("Bucket", call.in().name);
  xml.element("Key", call.key);
  xml.element("UploadId", upload.id.text());
  write_user(xml, "Initiator", upload.upload.initiator);
  write_user(xml, "Owner", upload.upload.object.owner);
  xml.element("StorageClass", upload.upload.object.storage_class);
  xml.element("PartNumberMarker", std::uint64_t{after});
  xml.element("NextPartNumberMarker", std::uint64_t{shown == 0 ? 0 : parts[shown - 1].part.number()});
  xml.element("MaxParts", std::uint64_t{most});
  xml.element("IsTruncated", most > 0 && parts.size() > shown ? Truth::yes : Truth::no);
  for (std::size_t i = 0; i < shown; ++i) write_part(xml, parts[i].part);
  xml.element("ChecksumAlgorithm", codec::checksum_name(upload.upload.checksum));
  xml.element("ChecksumType", checksum_type_name(upload.upload.checksum_type));
  xml.close();
  return document;
}

// ---- Uploads -------------------------------------------------------------------------------------------------------

struct UploadsQuery {
  std::string prefix;
  std::string delimiter;
  std::string key_marker;
  std::string id_marker;
  std::uint32_t most = page_max;
  bool encoded = false;
};

Outcome<UploadsQuery> uploads_query(const Call& call) {
  UploadsQuery query;
  query.prefix = call.query.get_or("prefix", "");
  query.delimiter = call.query.get_or("delimiter", "");
  query.key_marker = call.query.get_or("key-marker", "");
  // Without a key it says nothing.
  if (!query.key_marker.empty()) query.id_marker = call.query.get_or("upload-id-marker", "");
  if (!query.id_marker.empty() && !UploadId::parse(query.id_marker)) {
    return invalid_argument("Invalid uploadId marker", "upload-id-marker", query.id_marker);
  }
  TRY_ASSIGN(query.most, number_of_query(call, "max-uploads", page_max, page_max));
  if (const auto encoding = call.query.get("encoding-type"); encoding && !encoding->empty()) {
    if (*encoding != "url") {
      return invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", std::string(*encoding));
    }
    query.encoded = true;
  }
  return query;
}

// Where the first upload behind the markers may be.
Bytes first_position(const UploadsQuery& query) {
  if (query.key_marker.empty()) return {};
  if (!query.id_marker.empty()) {
    return upload_key(UploadEntry::upload, query.key_marker, *UploadId::parse(query.id_marker)) + '\0';
  }
  // Behind every upload of that key: an id has no byte above 0xff.
  Bytes position = upload_key(UploadEntry::upload, query.key_marker, *UploadId::from_bytes(Bytes(24, '\xff')));
  return position + '\0';
}

struct UploadListing {
  std::vector<FoundUpload> uploads;
  std::vector<std::string> prefixes;
  std::string next_key;
  std::string next_id;
  bool truncated = false;
  [[nodiscard]] std::size_t size() const { return uploads.size() + prefixes.size(); }
};

// The common prefix that `key` belongs to; empty: none.
std::string common_prefix(const UploadsQuery& query, std::string_view key) {
  if (query.delimiter.empty()) return {};
  const auto found = key.find(query.delimiter, query.prefix.size());
  if (found == std::string_view::npos) return {};
  return std::string(key.substr(0, found + query.delimiter.size()));
}

// Takes what a page has. Returns where to go on when that is not behind the page: what the page's last common prefix
// hides is passed over.
std::optional<Bytes> take_page(const UploadsQuery& query, std::vector<FoundUpload> page, UploadListing& listing) {
  std::string group;  // of the upload before; empty: none
  for (FoundUpload& upload : page) {
    if (!group.empty() && upload.key.starts_with(group)) continue;
    group = common_prefix(query, upload.key);
    const bool passed = !group.empty() && group <= query.key_marker && query.key_marker.starts_with(group);
    if (!passed && listing.size() == query.most) {
      listing.truncated = true;
      return std::nullopt;
    }
    if (group.empty()) {
      listing.next_key = upload.key;
      listing.next_id = upload.id.text();
      listing.uploads.push_back(std::move(upload));
      continue;
    }
    if (passed) continue;
    listing.next_key = group;
    listing.next_id.clear();
    listing.prefixes.push_back(group);
  }
  if (group.empty()) return std::nullopt;
  return prefix_end(upload_scan_prefix(UploadEntry::upload, group));
}

// How many rows to read at once: few where common prefixes hide most of them, more while most are shown, so that a
// listing costs what it shows and not what is behind it.
class PageRows {
 public:
  explicit PageRows(const UploadsQuery& query)
      : most_(std::size_t{query.most} + 1), rows_(query.delimiter.empty() ? most_ : std::min(first, most_)) {}

  [[nodiscard]] std::size_t next() const { return rows_; }
  // What came of a page: `shown` of its rows made a line of the listing.
  void read(std::size_t shown) {
    const bool worth_it = shown * shown_share >= rows_;
    rows_ = worth_it ? std::min(rows_ * growth, most_) : std::min(first, most_);
  }

 private:
  static constexpr std::size_t first = 16;
  static constexpr std::size_t growth = 4;
  static constexpr std::size_t shown_share = 8;

  const std::size_t most_;  // one more than is shown tells whether there is more
  std::size_t rows_;
};

Task<Outcome<UploadListing>> list_uploads(Services& services, const Bucket& bucket, UploadsQuery query) {
  UploadListing listing;
  if (query.most == 0) co_return listing;
  Bytes position = first_position(query);
  PageRows rows(query);
  for (;;) {
    CO_TRY_ASSIGN(UploadPage page, co_await scan_uploads(services, bucket, query.prefix, position, rows.next()));
    const std::size_t shown_before = listing.size();
    std::optional<Bytes> skip = take_page(query, std::move(page.uploads), listing);
    rows.read(listing.size() - shown_before);
    if (listing.truncated || !page.next) co_return listing;
    position = std::move(skip ? *skip : *page.next);
    if (position >= prefix_end(upload_scan_prefix(UploadEntry::upload, query.prefix))) co_return listing;
  }
}

void write_upload(codec::XmlWriter& xml, const FoundUpload& upload, const ListRequest& form) {
  xml.open("Upload");
  xml.element("Key", printed_key(form, upload.key));
  xml.element("UploadId", upload.id.text());
  write_user(xml, "Initiator", upload.upload.initiator);
  write_user(xml, "Owner", upload.upload.object.owner);
  xml.element("StorageClass", upload.upload.object.storage_class);
  xml.element("Initiated", listed_time(upload.id.initiated_micros()));
  if (upload.upload.checksum_asked) {
    xml.element("ChecksumAlgorithm", codec::checksum_name(upload.upload.checksum));
    xml.element("ChecksumType", checksum_type_name(upload.upload.checksum_type));
  }
  xml.close();
}

Bytes uploads_document(const Call& call, const UploadsQuery& query, const UploadListing& listing) {
  ListRequest form;
  form.url_encoded = query.encoded;
  Bytes document;
  codec::XmlWriter xml(document);
  xml.declaration();
  xml.open("ListMultipartUploadsResult", codec::s3_namespace);
  xml.element("Bucket", call.in().name);
  xml.element("KeyMarker", printed_key(form, query.key_marker));
  xml.element("UploadIdMarker", query.id_marker);
  xml.element("NextKeyMarker", printed_key(form, listing.next_key));
  xml.element("NextUploadIdMarker", listing.next_id);
  if (!query.delimiter.empty()) xml.element("Delimiter", printed_key(form, query.delimiter));
  if (call.query.has("prefix")) xml.element("Prefix", printed_key(form, query.prefix));
  if (query.encoded) xml.element("EncodingType", "url");
  xml.element("MaxUploads", std::uint64_t{query.most});
  xml.element("IsTruncated", listing.truncated ? Truth::yes : Truth::no);
  for (const FoundUpload& upload : listing.uploads) write_upload(xml, upload, form);
  for (const std::string& prefix : listing.prefixes) {
    xml.open("CommonPrefixes");
    xml.element("Prefix", printed_key(form, prefix));
    xml.close();
  }
  xml.close();
  return document;
}

}  // namespace

Task<Outcome<Reply>> list_parts(Services& services, Call& call) {
  CO_TRY_ASSIGN(const std::uint32_t most, number_of_query(call, "max-parts", page_max, page_max));
  CO_TRY_ASSIGN(const std::uint32_t after, number_of_query(call, "part-number-marker", 0, any_number));
  const std::string id = upload_id_of(call);
  CO_TRY_ASSIGN(const FoundUpload upload, co_await find_upload(services, call.in(), call.key, id));
  // One more than is shown tells whether there are more.
  CO_TRY_ASSIGN(const auto parts, co_await scan_parts(services, call.in(), call.key, upload.id, after, most + 1));
  Reply reply = xml_reply(parts_document(call, upload, parts, after, most));
  add_abort_headers(reply.headers, services, call.in(), call.key, upload.id.initiated_micros());
  co_return reply;
}

Task<Outcome<Reply>> list_multipart_uploads(Services& services, Call& call) {
  CO_TRY_ASSIGN(const UploadsQuery query, uploads_query(call));
  CO_TRY_ASSIGN(const UploadListing listing, co_await list_uploads(services, call.in(), query));
  co_return xml_reply(uploads_document(call, query, listing));
}

}  // namespace reprise::s3
