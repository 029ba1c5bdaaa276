// The string to sign is built as the guide has it; the signature is compared in constant time, before the time.
#include "auth/sigv4/presigned_v2.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/bytes.h"
#include "codec/base64.h"

namespace reprise::auth::sigv4 {
namespace {

// The query parameters that are part of the resource: the guide's list, what came to S3 later, and Reprise's own. A
// subresource that were missing here could be added to a URL that was signed for something else.
constexpr std::array<std::string_view, 53> signed_parameters = {"abac",
                                                                "accelerate",
                                                                "acl",
                                                                "analytics",
                                                                "annotation",
                                                                "attributes",
                                                                "cors",
                                                                "defaultObjectAcl",
                                                                "delete",
                                                                "encryption",
                                                                "intelligent-tiering",
                                                                "inventory",
                                                                "legal-hold",
                                                                "lifecycle",
                                                                "location",
                                                                "logging",
                                                                "metadataAnnotationTable",
                                                                "metadataConfiguration",
                                                                "metadataInventoryTable",
                                                                "metadataJournalTable",
                                                                "metadataTable",
                                                                "metrics",
                                                                "notification",
                                                                "object-lock",
                                                                "ownershipControls",
                                                                "partNumber",
                                                                "policy",
                                                                "policyStatus",
                                                                "publicAccessBlock",
                                                                "renameObject",
                                                                "replication",
                                                                "reprise-recovery",
                                                                "requestPayment",
                                                                "response-cache-control",
                                                                "response-content-disposition",
                                                                "response-content-encoding",
                                                                "response-content-language",
                                                                "response-content-type",
                                                                "response-expires",
                                                                "restore",
                                                                "retention",
                                                                "select",
                                                                "select-type",
                                                                "session",
                                                                "storageClass",
                                                                "tagging",
                                                                "torrent",
                                                                "uploadId",
                                                                "uploads",
                                                                "versionId",
                                                                "versioning",
                                                                "versions",
                                                                "website"};

std::string_view value_of(const std::vector<PresignedV2::Field>& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &PresignedV2::Field::first);
  return found == fields.end() ? std::string_view() : found->second;
}

// A field of the request; boto writes fields of its headers into the query, and they may be sent there alone.
std::string_view header_or_query(const PresignedV2& request, std::string_view name) {
  const auto header = value_of(request.headers, name);
  return header.empty() ? value_of(request.query, name) : header;
}

void append_amz_fields(const PresignedV2& request, std::string& text) {
  std::map<std::string_view, std::string> fields;
  for (const auto& [name, value] : request.headers) {
    if (!name.starts_with("x-amz-")) continue;
    auto& joined = fields[name];
    joined.append(joined.empty() ? "" : ",").append(value);
  }
  for (const auto& [name, value] : request.query) {
    if (name.starts_with("x-amz-")) fields.emplace(name, value);
  }
  for (const auto& [name, value] : fields) text.append(name).append(":").append(value).append("\n");
}

void append_resource(const PresignedV2& request, std::string& text) {
  text.append(request.resource);
  std::vector<PresignedV2::Field> sorted;
  for (const auto& field : request.query) {
    if (is_signed_by_v2(field.first)) sorted.push_back(field);
  }
  std::ranges::sort(sorted);
  char separator = '?';
  for (const auto& [name, value] : sorted) {
    text.append(1, separator).append(name);
    if (!value.empty()) text.append("=").append(value);
    separator = '&';
  }
}

std::string string_to_sign(const PresignedV2& request) {
  std::string text(request.method);
  text.append("\n").append(header_or_query(request, "content-md5"));
  text.append("\n").append(header_or_query(request, "content-type"));
  text.append("\n").append(value_of(request.query, "Expires")).append("\n");
  append_amz_fields(request, text);
  append_resource(request, text);
  return text;
}

std::string signature_of(std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest.data(), &size);
  return codec::to_base64(BytesView(reinterpret_cast<const char*>(digest.data()), size));
}

// Fields of Reprise's own lead into the past, and nothing of the signature covers them: whoever was given a URL must
// not see more than whoever signed it meant. Empty: there is none.
std::string_view own_field(const PresignedV2& request) {
  const auto found = std::ranges::find_if(
      request.headers, [](const PresignedV2::Field& field) { return field.first.starts_with("x-reprise-"); });
  return found == request.headers.end() ? std::string_view() : found->first;
}

// One line of what is signed must not pass for two.
bool has_line_breaks(const PresignedV2& request) {
  const auto broken = [](const PresignedV2::Field& field) {
    return field.first.find('\n') != std::string_view::npos || field.second.find('\n') != std::string_view::npos;
  };
  return std::ranges::any_of(request.query, broken) || std::ranges::any_of(request.headers, broken);
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

bool is_signed_by_v2(std::string_view parameter) noexcept {
  return std::ranges::find(signed_parameters, parameter) != signed_parameters.end();
}

bool is_signature_v2(std::string_view signature, std::string_view secret, std::string_view policy) {
  return same(signature_of(secret, policy), signature);
}

bool is_presigned_v2(const PresignedV2& request) noexcept {
  const auto has = [&](std::string_view name) {
    return std::ranges::find(request.query, name, &PresignedV2::Field::first) != request.query.end();
  };
  return has("AWSAccessKeyId") || (has("Signature") && has("Expires"));
}

Result<IdentityRef, Rejection> verify_presigned_v2(const PresignedV2& request, const CredentialStore& credentials,
                                                   std::int64_t now_seconds) {
  Rejection rejection;
  rejection.presigned = true;
  const auto id = value_of(request.query, "AWSAccessKeyId");
  const auto signature = value_of(request.query, "Signature");
  const auto expires_text = value_of(request.query, "Expires");
  if (id.empty() || signature.empty() || expires_text.empty()) {
    rejection.reason = Reason::missing_signature;
    return rejection;
  }
  std::int64_t expires = 0;
  const auto [end, error] = std::from_chars(expires_text.data(), expires_text.data() + expires_text.size(), expires);
  if (error != std::errc() || end != expires_text.data() + expires_text.size()) {
    rejection.reason = Reason::missing_signature;
    return rejection;
  }
  const AccessKey* const key = credentials.find(id);
  if (key == nullptr) {
    rejection.reason = Reason::unknown_access_key;
    rejection.subject = id;
    return rejection;
  }
  std::string text = string_to_sign(request);
  if (has_line_breaks(request) || !same(signature_of(key->secret, text), signature)) {
    rejection.reason = Reason::mismatch;
    rejection.string_to_sign = std::move(text);
    return rejection;
  }
  if (now_seconds > expires) {
    rejection.reason = Reason::expired;
    rejection.signed_at_seconds = expires;
    rejection.now_seconds = now_seconds;
    return rejection;
  }
  if (const auto field = own_field(request); !field.empty()) {
    rejection.reason = Reason::headers_not_signed;
    rejection.subject = field;
    return rejection;
  }
  return key->identity;
}

}  // namespace reprise::auth::sigv4
