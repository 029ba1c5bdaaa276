#include "s3/api/error_document.h"

#include <algorithm>

#include "base/rng.h"
#include "codec/base64.h"
#include "codec/xml.h"

namespace reprise::s3 {
namespace {

// What S3 calls the host's id: any text that an operator can find a server by. One for each process.
const std::string& host_id() {
  static const std::string id = [] {
    Rng rng = Rng::from_entropy();
    Bytes bytes;
    for (int word = 0; word < 7; ++word) {
      const std::uint64_t random = rng.next();
      bytes.append(reinterpret_cast<const char*>(&random), sizeof random);
    }
    return codec::to_base64(bytes);
  }();
  return id;
}

struct Detail {
  std::string_view name;
  std::string_view value;
};

// What S3 tells with such an error, out of the request.
std::vector<Detail> details_of(ErrorCode code, const Call& call) {
  switch (code) {
    case ErrorCode::no_such_bucket:
    case ErrorCode::bucket_already_exists:
    case ErrorCode::bucket_already_owned_by_you:
    case ErrorCode::bucket_not_empty:
    case ErrorCode::invalid_bucket_name:
    case ErrorCode::no_such_bucket_policy:
    case ErrorCode::no_such_cors_configuration:
    case ErrorCode::no_such_lifecycle_configuration:
    case ErrorCode::no_such_public_access_block:
    case ErrorCode::no_such_tag_set:
    case ErrorCode::no_such_website_configuration:
    case ErrorCode::object_lock_configuration_not_found:
    case ErrorCode::ownership_controls_not_found:
    case ErrorCode::replication_configuration_not_found:
    case ErrorCode::server_side_encryption_configuration_not_found: return {{"BucketName", call.bucket}};
    case ErrorCode::no_such_key: return {{"Key", call.key}};
    case ErrorCode::no_such_version: return {{"Key", call.key}, {"VersionId", call.query.get_or("versionId", "")}};
    case ErrorCode::no_such_upload: return {{"UploadId", call.query.get_or("uploadId", "")}};
    case ErrorCode::invalid_uri: return {{"URI", call.resource}};
    case ErrorCode::method_not_allowed:
      return {{"Method", call.method}, {"ResourceType", call.key.empty() ? "BUCKET" : "OBJECT"}};
    default: return {};
  }
}

// Keys may hold control characters, which XML 1.0 has no form for: a client must read the error's code all the same.
std::string readable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 || c == '\t' || c == '\r' || c == '\n') {
      out.push_back(c);
    } else {
      out.append("\xEF\xBF\xBD");
    }
  }
  return out;
}

}  // namespace

Bytes error_document(const S3Error& error, const Call& call) {
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("Error");
  xml.element("Code", spelling_of(error.code).name);
  xml.element("Message", readable(error.message));
  const auto said = [&](std::string_view name) {
    return std::ranges::any_of(error.details, [&](const auto& detail) { return detail.first == name; });
  };
  for (const auto& [name, value] : error.details) xml.element(name, readable(value));
  for (const Detail& detail : details_of(error.code, call)) {
    if (!said(detail.name)) xml.element(detail.name, readable(detail.value));
  }
  if (!said("Resource")) xml.element("Resource", call.resource);
  xml.element("RequestId", call.request_id);
  xml.element("HostId", host_id());
  xml.close();
  return body;
}

http::Response error_response(const S3Error& error, const Call& call) {
  http::Response response;
  response.status = spelling_of(error.code).status;
  response.error_code = std::string(spelling_of(error.code).name);
  add_common_headers(response.headers, call.request_id);
  for (const auto& [name, value] : error.headers) response.headers.add(name, value);
  if (response.status == 304) return response;
  response.headers.add("Content-Type", "application/xml");
  if (call.method != "HEAD") response.body = error_document(error, call);
  return response;
}

void add_common_headers(http::Headers& headers, std::string_view request_id) {
  headers.add("x-amz-request-id", request_id);
  headers.add("x-amz-id-2", host_id());
  headers.add("Server", "Reprise");
}

ErrorCode code_named(std::string_view name) {
  for (std::size_t code = 0; code < error_codes; ++code) {
    if (spelling_of(static_cast<ErrorCode>(code)).name == name) return static_cast<ErrorCode>(code);
  }
  return ErrorCode::internal_error;
}

S3Error error_of(auth::sigv4::AuthError error) { return s3_error(code_named(error.code), std::move(error.message)); }

}  // namespace reprise::s3
