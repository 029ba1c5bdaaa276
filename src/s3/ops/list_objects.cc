// ListObjects and ListObjectsV2: the current objects of a bucket. They differ in how a listing goes on: by a marker
// that is a key, or by a token that only this server reads.
#include <utility>

#include "codec/base64.h"
#include "codec/crc32.h"
#include "s3/ops/list_request.h"
#include "s3/ops/version_operations.h"

namespace reprise::s3 {

namespace {

using codec::XmlWriter;

void print_objects(XmlWriter& xml, const ListRequest& request, const Listing& listing, bool with_owner) {
  for (const auto& entry : listing.entries) {
    xml.open("Contents");
    xml.element("Key", printed_key(request, entry.key));
    xml.element("LastModified", listed_time(entry.version.modified_micros));
    print_content(xml, entry.version);
    if (with_owner) print_owner(xml, entry.version.owner);
    xml.element("StorageClass", entry.version.storage_class);
    xml.close();
  }
  print_common_prefixes(xml, request, listing);
}

// Behind the numbers and before the objects, of both operations.
void print_page(XmlWriter& xml, const ListRequest& request, const Listing& listing) {
  if (request.has_delimiter) xml.element("Delimiter", printed_key(request, request.range.delimiter));
  if (request.url_encoded) xml.element("EncodingType", "url");
  xml.element("IsTruncated", listing.truncated ? XmlWriter::Truth::yes : XmlWriter::Truth::no);
}

// ---- Tokens --------------------------------------------------------------------------------------------------------
//
// A token is the first key that the next page may show, with a checksum of it, in base64: it holds no parameters of the
// request, and a text that this server has not made is refused.
constexpr char token_format = 1;
constexpr std::size_t checksum_bytes = 4;

Bytes checksum_of_token(BytesView token) {
  Bytes checksum;
  append_be32(checksum, codec::crc32c(token));
  return checksum;
}

std::string token_of(std::string_view next_key) {
  Bytes token(1, token_format);
  token.append(next_key);
  const Bytes checksum = checksum_of_token(token);
  return codec::to_base64(token + checksum);
}

Outcome<std::string> key_of_token(std::string_view text) {
  auto token = codec::from_base64(text);
  bool good = token.ok() && token->size() > checksum_bytes && token->front() == token_format;
  if (good) {
    const BytesView all(*token);
    good = all.substr(all.size() - checksum_bytes) == checksum_of_token(all.substr(0, all.size() - checksum_bytes));
  }
  if (!good) {
    S3Error error = s3_error(ErrorCode::invalid_argument, "The continuation token provided is incorrect");
    error.details.emplace_back("ArgumentName", "continuation-token");
    return error;
  }
  return token->substr(1, token->size() - 1 - checksum_bytes);
}

}  // namespace

Task<Outcome<Reply>> list_objects(Services& services, Call& call) {
  CO_TRY_ASSIGN(ListRequest request, list_request_of(call));
  const std::string marker(call.query.get_or("marker", ""));
  request.range.from = first_key_after(marker, request.range);
  CO_TRY_ASSIGN(const Listing listing, co_await list_current(services, call.bucket_info, request.range));

  Bytes document;
  XmlWriter xml(document);
  xml.declaration();
  xml.open("ListBucketResult", codec::s3_namespace);
  xml.element("Name", call.in().name);
  xml.element("Prefix", printed_key(request, request.range.prefix));
  xml.element("Marker", printed_key(request, marker));
  // Without a delimiter the last key shown is the marker, as clients know.
  if (listing.truncated && request.has_delimiter) xml.element("NextMarker", printed_key(request, listing.last));
  xml.element("MaxKeys", std::uint64_t{request.range.max});
  print_page(xml, request, listing);
  print_objects(xml, request, listing, true);
  xml.close();
  co_return xml_reply(std::move(document));
}

Task<Outcome<Reply>> list_objects_v2(Services& services, Call& call) {
  if (call.query.get("list-type") != "2") co_return co_await list_objects(services, call);
  CO_TRY_ASSIGN(ListRequest request, list_request_of(call));
  const std::string start_after(call.query.get_or("start-after", ""));
  const std::string token(call.query.get_or("continuation-token", ""));
  if (token.empty()) {
    request.range.from = first_key_after(start_after, request.range);
  } else {
    CO_TRY_ASSIGN(request.range.from, key_of_token(token));
  }
  CO_TRY_ASSIGN(const Listing listing, co_await list_current(services, call.bucket_info, request.range));

  Bytes document;
  XmlWriter xml(document);
  xml.declaration();
  xml.open("ListBucketResult", codec::s3_namespace);
  xml.element("Name", call.in().name);
  xml.element("Prefix", printed_key(request, request.range.prefix));
  if (!start_after.empty()) xml.element("StartAfter", printed_key(request, start_after));
  if (call.query.has("continuation-token")) xml.element("ContinuationToken", token);
  if (listing.truncated) {
    xml.element("NextContinuationToken", token_of(first_key_after(listing.last, request.range)));
  }
  xml.element("KeyCount", std::uint64_t{listing.entries.size() + listing.common_prefixes.size()});
  xml.element("MaxKeys", std::uint64_t{request.range.max});
  print_page(xml, request, listing);
  print_objects(xml, request, listing, call.query.get_or("fetch-owner", "") == "true");
  xml.close();
  co_return xml_reply(std::move(document));
}

}  // namespace reprise::s3
