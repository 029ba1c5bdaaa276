// Keeps: nothing of a path is dropped or folded, so that every key that can be written can be read.
#include "s3/api/addressing.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "auth/sigv4/authorization.h"
#include "auth/sigv4/canonical.h"
#include "codec/utf8.h"
#include "s3/model/object.h"

namespace reprise::s3 {
namespace {

constexpr std::size_t request_id_size = 16;  // as S3's are; the server's own are longer

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Nothing when a '%' is not followed by two digits, or the whole is no UTF-8.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '%') {
      out.push_back(c == '+' ? ' ' : c);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = digit_value(text[i + 1]);
    const int low = digit_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
    i += 2;
  }
  if (!codec::is_utf8(out)) return std::nullopt;
  return out;
}

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lowered;
}

// "127.0.0.1:51234" and "[::1]:51234" without their ports.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    return end == host.npos ? host : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

// The bucket that a host names; empty when it names none.
std::string bucket_of_host(const http::Request& request, std::string_view domain) {
  if (domain.empty()) return {};
  const std::string host = lower_case(without_port(request.headers.get("Host").value_or("")));
  if (host.size() <= domain.size() + 1 || !host.ends_with(domain)) return {};
  const std::size_t dot = host.size() - domain.size() - 1;
  return host[dot] == '.' ? host.substr(0, dot) : std::string();
}

// The value of Content-Encoding without the framing's own.
std::string without_aws_chunked(std::string_view value) {
  std::string out;
  while (!value.empty()) {
    const auto comma = value.find(',');
    std::string_view piece = value.substr(0, comma);
    value.remove_prefix(comma == value.npos ? value.size() : comma + 1);
    while (piece.starts_with(' ')) piece.remove_prefix(1);
    while (piece.ends_with(' ')) piece.remove_suffix(1);
    if (piece.empty() || http::equal_ignoring_case(piece, "aws-chunked")) continue;
    out.append(out.empty() ? "" : ", ").append(piece);
  }
  return out;
}

// Names in lower case; repeated fields are one, joined with commas.
Fields fields_of(const http::Headers& headers) {
  std::vector<Fields::Field> joined;
  joined.reserve(headers.size());
  for (const auto& [name, value] : headers) {
    std::string lowered = lower_case(name);
    const auto before = std::ranges::find(joined, lowered, &Fields::Field::first);
    if (before != joined.end()) {
      before->second.append(",").append(value);
    } else {
      joined.emplace_back(std::move(lowered), std::string(value));
    }
  }
  Fields fields;
  for (auto& [name, value] : joined) {
    if (name == "content-encoding") {
      value = without_aws_chunked(value);
      if (value.empty()) continue;
    }
    fields.add(std::move(name), std::move(value));
  }
  return fields;
}

Outcome<Fields> query_of(std::string_view query) {
  Fields fields;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view piece = query.substr(0, end);
    query.remove_prefix(end == query.npos ? query.size() : end + 1);
    if (piece.empty()) continue;
    const auto equals = piece.find('=');
    auto name = decoded(piece.substr(0, equals));
    auto value = decoded(equals == piece.npos ? std::string_view() : piece.substr(equals + 1));
    if (!name || !value) return s3_error(ErrorCode::invalid_uri);
    fields.add(std::move(*name), std::move(*value));
  }
  return fields;
}

// Signature Version 2 in its two places, as S3 alone has it. In a header it is refused, but by S3, so that an old
// client which lists its buckets does not take the health answer for them.
bool signed_with_version_2(const http::Request& request) {
  if (request.headers.get("Authorization").value_or("").starts_with("AWS ")) return true;
  const std::string_view query = request.query();
  return query.starts_with("AWSAccessKeyId=") || query.find("&AWSAccessKeyId=") != query.npos;
}

}  // namespace

Outcome<Call> call_of(const http::Request& request, std::string_view domain) {
  const auto [raw_path, raw_query] = auth::sigv4::split_target(request.target);
  Call call;
  call.method = request.method;
  call.request_id = request.id.substr(0, request_id_size);
  call.resource = raw_path;
  call.peer = without_port(request.peer);
  call.secure = request.secure;
  call.tls_version = request.tls_version;
  call.headers = fields_of(request.headers);

  auto path = decoded(raw_path);
  if (!path || !path->starts_with('/')) return s3_error(ErrorCode::invalid_uri);
  call.bucket = bucket_of_host(request, domain);
  if (call.bucket.empty()) {
    const auto slash = path->find('/', 1);
    call.bucket = path->substr(1, slash == std::string::npos ? slash : slash - 1);
    if (slash != std::string::npos) call.key = path->substr(slash + 1);
    // "//key": no bucket, yet not the service either.
    if (call.bucket.empty() && path->size() > 1) return s3_error(ErrorCode::invalid_uri);
  } else {
    call.key = path->substr(1);
  }
  if (call.key.size() > object_key_bytes_max) {
    S3Error error = s3_error(ErrorCode::key_too_long);
    error.details.emplace_back("Size", std::to_string(call.key.size()));
    error.details.emplace_back("MaxSizeAllowed", std::to_string(object_key_bytes_max));
    return error;
  }
  TRY_ASSIGN(call.query, query_of(raw_query));
  return call;
}

bool is_s3_request(const http::Request& request, std::string_view domain) {
  if (request.headers.has("X-Amz-Target")) return false;
  if (signed_with_version_2(request)) return true;
  std::vector<auth::sigv4::Header> headers;
  headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers) headers.push_back({name, value});
  const std::string service = auth::sigv4::claimed_service({request.method, request.target, headers, {}, {}});
  if (service == "s3") return true;
  if (service == "dynamodb") return false;
  return request.path() != "/" || !bucket_of_host(request, domain).empty();
}

}  // namespace reprise::s3
