// Keeps: nothing a request says is believed beyond what its signature covers, and a body that was promised as a hash or
// as signed chunks is checked against exactly that.
#include "s3/api/authentication.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "auth/credential_source.h"
#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/authorization.h"
#include "auth/sigv4/canonical.h"
#include "auth/sigv4/presigned_v2.h"
#include "auth/sigv4/verifier.h"
#include "base/clock.h"
#include "s3/api/error_document.h"
#include "s3/model/bucket.h"
#include "s3/model/metadata_text.h"

namespace reprise::s3 {
namespace {

namespace sigv4 = auth::sigv4;

constexpr std::string_view content_sha256 = "x-amz-content-sha256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
constexpr std::size_t sha256_hex_size = 64;

std::vector<sigv4::Header> headers_of(const http::Request& request) {
  std::vector<sigv4::Header> headers;
  headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers) headers.push_back({name, value});
  return headers;
}

// "69 6c ...", as S3 shows what it signed.
std::string spaced_hex(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(3 * text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!out.empty()) out.push_back(' ');
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

std::string iso_time(std::int64_t seconds) {
  return format_iso8601(static_cast<std::uint64_t>(std::max<std::int64_t>(0, seconds)) * 1'000'000, 0);
}

sigv4::Presented presented_by(const sigv4::RequestView& view) {
  switch (sigv4::mechanism_of(view)) {
    case sigv4::Mechanism::header: return sigv4::presented_in_header(view);
    case sigv4::Mechanism::query: return sigv4::presented_in_query(view);
    default: return {};
  }
}

std::string_view authorization_of(const sigv4::RequestView& view) {
  const auto found = std::ranges::find_if(view.headers, [](const sigv4::Header& header) {
    return http::equal_ignoring_case(header.name, "authorization");
  });
  return found == view.headers.end() ? std::string_view() : std::string_view(found->value);
}

S3Error signature_error(const sigv4::Rejection& rejection, const sigv4::RequestView& view) {
  S3Error error = error_of(sigv4::s3_auth_error(rejection));
  const auto presented = presented_by(view);
  const auto credential = sigv4::parse_credential(presented.credential);
  const std::string key(credential ? credential->access_key_id : std::string_view());
  auto& details = error.details;
  switch (rejection.reason) {
    case sigv4::Reason::mismatch:
      details.emplace_back("AWSAccessKeyId", key);
      details.emplace_back("StringToSign", rejection.string_to_sign);
      details.emplace_back("SignatureProvided", presented.signature);
      details.emplace_back("StringToSignBytes", spaced_hex(rejection.string_to_sign));
      details.emplace_back("CanonicalRequest", rejection.canonical_request);
      details.emplace_back("CanonicalRequestBytes", spaced_hex(rejection.canonical_request));
      break;
    case sigv4::Reason::unknown_access_key: details.emplace_back("AWSAccessKeyId", key); break;
    case sigv4::Reason::headers_not_signed: details.emplace_back("HeadersNotSigned", rejection.subject); break;
    case sigv4::Reason::host_not_signed: details.emplace_back("HeadersNotSigned", "host"); break;
    case sigv4::Reason::expired:
    case sigv4::Reason::not_yet_valid:
      if (rejection.presigned) {
        details.emplace_back("X-Amz-Expires", presented.expires);
        details.emplace_back("Expires", iso_time(rejection.signed_at_seconds + rejection.tolerance_seconds));
      } else {
        details.emplace_back("RequestTime", presented.date);
        details.emplace_back("MaxAllowedSkewMilliseconds", std::to_string(rejection.tolerance_seconds * 1000));
      }
      details.emplace_back("ServerTime", iso_time(rejection.now_seconds));
      break;
    case sigv4::Reason::wrong_scope:
      if (rejection.scope.region) details.emplace_back("Region", rejection.scope.expected_region);
      break;
    case sigv4::Reason::other_mechanism:
    case sigv4::Reason::two_mechanisms:
      details.emplace_back("ArgumentName", "Authorization");
      details.emplace_back("ArgumentValue", authorization_of(view));
      break;
    default: break;
  }
  return error;
}

// Which of the ways to sign a request takes, before anything else of it: one, and one that there is.
Check check_mechanism(sigv4::Mechanism mechanism, bool v2, const sigv4::RequestView& view) {
  sigv4::Rejection rejection;
  if (mechanism == sigv4::Mechanism::both || (v2 && mechanism != sigv4::Mechanism::none)) {
    rejection.reason = sigv4::Reason::two_mechanisms;
  } else if (mechanism == sigv4::Mechanism::other) {
    rejection.reason = sigv4::Reason::other_mechanism;
  } else {
    return Passed{};
  }
  return signature_error(rejection, view);
}

// The value that stands for the body in the canonical request: a hash or one of S3's words.
Outcome<std::string> payload_hash(const Call& call, sigv4::Mechanism mechanism) {
  const auto header = call.headers.get(content_sha256);
  if (mechanism == sigv4::Mechanism::query) {
    if (header) return std::string(*header);
    return std::string(call.query.get_or("X-Amz-Content-Sha256", unsigned_payload));
  }
  if (header) return std::string(*header);
  if (mechanism == sigv4::Mechanism::none) return std::string(unsigned_payload);
  S3Error error =
      s3_error(ErrorCode::invalid_request, "Missing required header for this request: x-amz-content-sha256");
  return error;
}

bool is_sha256(std::string_view text) {
  return text.size() == sha256_hex_size && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lowered;
}

Outcome<std::uint64_t> decoded_length(const Call& call) {
  const auto header = call.headers.get("x-amz-decoded-content-length");
  if (!header) return s3_error(ErrorCode::missing_content_length);
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(header->data(), header->data() + header->size(), bytes);
  if (error != std::errc() || end != header->data() + header->size() || header->empty()) {
    return invalid_argument("x-amz-decoded-content-length must be a number of bytes.", "x-amz-decoded-content-length",
                            std::string(*header));
  }
  return bytes;
}

std::vector<std::string> announced_trailers(const Call& call) {
  std::vector<std::string> names;
  std::string_view list = call.headers.get_or("x-amz-trailer", "");
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view name = list.substr(0, comma);
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    std::string lowered = lower_case(name);
    if (!lowered.empty() && std::ranges::find(names, lowered) == names.end()) names.push_back(std::move(lowered));
  }
  return names;
}

Outcome<BodyPromise> promise_of(std::string_view hash, const Call& call) {
  BodyPromise promise;
  if (hash == unsigned_payload) return promise;
  if (is_sha256(hash)) {
    promise.sha256 = lower_case(hash);
    return promise;
  }
  const auto form = sigv4::chunked_form(hash);
  if (!form) {
    if (hash.starts_with("STREAMING-AWS4-ECDSA-")) {
      S3Error error = s3_error(ErrorCode::not_implemented);
      error.details.emplace_back("Header", content_sha256);
      return error;
    }
    return invalid_argument(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 "
        "value.",
        std::string(content_sha256), std::string(hash));
  }
  sigv4::ChunkedOptions options;
  options.form = *form;
  TRY_ASSIGN(options.decoded_bytes, decoded_length(call));
  if (*form != sigv4::ChunkedForm::signed_chunks) options.trailers = announced_trailers(call);
  promise.chunked = std::move(options);
  return promise;
}

// ---- Signature Version 2, in queries alone -------------------------------------------------------------------------

// Whether the host names the bucket, so that the path is the key alone.
bool bucket_in_host(const Call& call) {
  Bytes path;
  sigv4::append_uri_decoded(path, call.resource, sigv4::Plus::space);
  return path.size() == call.key.size() + 1 && !call.bucket.empty();
}

S3Error v2_error(const sigv4::Rejection& rejection, const sigv4::PresignedV2& request) {
  S3Error error = error_of(sigv4::s3_auth_error(rejection));
  const auto value = [&](std::string_view name) {
    const auto found = std::ranges::find(request.query, name, &sigv4::PresignedV2::Field::first);
    return std::string(found == request.query.end() ? std::string_view() : found->second);
  };
  switch (rejection.reason) {
    case sigv4::Reason::missing_signature:
      error.message = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters";
      break;
    case sigv4::Reason::unknown_access_key:
      error.details.emplace_back("AWSAccessKeyId", value("AWSAccessKeyId"));
      break;
    case sigv4::Reason::mismatch:
      error.details.emplace_back("AWSAccessKeyId", value("AWSAccessKeyId"));
      error.details.emplace_back("StringToSign", rejection.string_to_sign);
      error.details.emplace_back("SignatureProvided", value("Signature"));
      error.details.emplace_back("StringToSignBytes", spaced_hex(rejection.string_to_sign));
      break;
    case sigv4::Reason::headers_not_signed: error.details.emplace_back("HeadersNotSigned", rejection.subject); break;
    case sigv4::Reason::expired:
      error.details.emplace_back("Expires", iso_time(rejection.signed_at_seconds));
      error.details.emplace_back("ServerTime", iso_time(rejection.now_seconds));
      break;
    default: break;
  }
  return error;
}

sigv4::PresignedV2 presigned_v2_of(const Call& call, const std::string& resource) {
  sigv4::PresignedV2 presigned;
  presigned.method = call.method;
  presigned.resource = resource;
  for (const auto& [name, value] : call.query) presigned.query.emplace_back(name, value);
  for (const auto& [name, value] : call.headers) presigned.headers.emplace_back(name, value);
  return presigned;
}

// ---- What a query carries in the place of headers ------------------------------------------------------------------

// How the names of x-amz-* fields in a query may be written: version 2 covers those in lower case alone.
enum class Spelling : bool { any, lower_case };

// Clients write x-amz-* fields of a presigned request into its query, where the signature covers them as well. S3 pays
// no attention to checksums there: the SDK for JavaScript puts that of an empty body into every URL it presigns.
void take_headers_of_query(Call& call, Spelling spelling) {
  constexpr std::array<std::string_view, 8> signing = {
      "x-amz-algorithm", "x-amz-credential",    "x-amz-date",           "x-amz-expires",
      "x-amz-signature", "x-amz-signedheaders", "x-amz-security-token", "x-amz-content-sha256"};
  for (const auto& [name, value] : call.query) {
    std::string lowered = lower_case(name);
    if (spelling == Spelling::lower_case && lowered != name) continue;
    if (!lowered.starts_with("x-amz-") || std::ranges::find(signing, lowered) != signing.end()) continue;
    if (lowered.starts_with("x-amz-checksum-") || lowered.starts_with("x-amz-sdk-")) continue;
    if (!call.headers.has(lowered)) call.headers.add(std::move(lowered), value);
  }
}

// What a header line says as metadata is ISO-8859-1; queries and forms have UTF-8.
void widen_metadata(Call& call) {
  const auto wide = [](const Fields::Field& field) {
    return field.first.starts_with("x-amz-meta-") &&
           std::ranges::any_of(field.second, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  };
  if (std::ranges::none_of(call.headers, wide)) return;
  Fields headers;
  for (const auto& field : call.headers) {
    headers.add(field.first, wide(field) ? metadata_of_header_bytes(field.second) : field.second);
  }
  call.headers = std::move(headers);
}

// A link into the past: version 4 covers the whole query, so what it says there was meant.
void take_as_of_of_query(Call& call) {
  const auto as_of = call.query.get(as_of_header);
  if (as_of && !call.headers.has(as_of_header)) call.headers.add(std::string(as_of_header), std::string(*as_of));
}

// A body's promise without a signature that chunks could build on.
Outcome<BodyPromise> unsigned_promise(std::string_view hash, const Call& call) {
  TRY_ASSIGN(BodyPromise promise, promise_of(hash, call));
  if (promise.chunked && promise.chunked->form != sigv4::ChunkedForm::unsigned_and_trailer) {
    return s3_error(ErrorCode::access_denied);
  }
  return promise;
}

Outcome<BodyPromise> authenticate_v2(const Authentication& authentication, std::string_view hash, Call& call) {
  const std::string resource = (bucket_in_host(call) ? "/" + call.bucket : std::string()) + call.resource;
  const sigv4::PresignedV2 request = presigned_v2_of(call, resource);
  const auto now = static_cast<std::int64_t>(authentication.wall->now_micros() / 1'000'000);
  auto identity = sigv4::verify_presigned_v2(request, authentication.credentials->current(), now);
  if (!identity.ok()) return v2_error(identity.error(), request);
  TRY_ASSIGN(BodyPromise promise, unsigned_promise(hash, call));
  call.presigned = true;
  call.signature_version = signature_version_2;
  call.signed_at_seconds = now;  // nothing tells when it was signed; S3 has its age as 0
  call.caller = caller_of(std::move(identity).value());
  widen_metadata(call);
  take_headers_of_query(call, Spelling::lower_case);
  return promise;
}

}  // namespace

Caller caller_of(auth::IdentityRef identity) {
  Caller caller;
  if (identity) caller.canonical_id = canonical_id_of(identity->account);
  caller.identity = std::move(identity);
  return caller;
}

Outcome<BodyPromise> authenticate(const Authentication& authentication, const http::Request& request, Call& call) {
  const auto headers = headers_of(request);
  sigv4::RequestView view{request.method, request.target, headers, {}, {}};
  const auto mechanism = sigv4::mechanism_of(view);
  const bool v2 = call.query.has("AWSAccessKeyId") || call.query.has("Signature");
  TRY(check_mechanism(mechanism, v2, view));
  TRY_ASSIGN(const std::string hash, payload_hash(call, mechanism));
  view.payload_hash = hash;
  if (v2) return authenticate_v2(authentication, hash, call);
  if (mechanism == sigv4::Mechanism::none) {
    widen_metadata(call);
    return unsigned_promise(hash, call);
  }
  auto verified = authentication.verifier->verify(view);
  if (!verified.ok()) return signature_error(verified.error(), view);
  call.presigned = verified->presigned;
  call.signature_version = sigv4::algorithm;
  call.signed_region = verified->region;
  TRY_ASSIGN(BodyPromise promise, promise_of(hash, call));
  if (promise.chunked && promise.chunked->form != sigv4::ChunkedForm::unsigned_and_trailer) {
    const auto* const key = authentication.credentials->current().find(verified->identity->access_key_id);
    if (key == nullptr) return s3_error(ErrorCode::invalid_access_key_id);  // removed meanwhile
    promise.chunked->signing = sigv4::chunk_signing_of(view, key->secret);
  }
  widen_metadata(call);
  if (call.presigned) {
    call.signed_at_seconds = sigv4::parse_amz_date(call.query.get_or("X-Amz-Date", ""));
    take_headers_of_query(call, Spelling::any);
    take_as_of_of_query(call);
  }
  call.caller = caller_of(verified->identity);
  return promise;
}

}  // namespace reprise::s3
