// Presigned URLs of Signature Version 2, which stock clients still make for S3 where nobody tells them otherwise
// (boto3's generate_presigned_url does): ?AWSAccessKeyId=...&Expires=...&Signature=... And the signature of a form's
// policy, which such clients make as well (generate_presigned_post).
//
// Nothing else of version 2 is taken: no Authorization header, and no API but S3. HMAC-SHA-1 with a secret key is sound
// still; what version 2 lacks is a scope, so a leaked URL is good until it expires wherever its bucket's name is.
// Source: Amazon S3 developer guide, "Signing and authenticating REST requests" (query string request authentication),
// and "HTML forms (AWS signature version 2)", constructing a signature.
//
// Threading: pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/credentials.h"
#include "auth/sigv4/rejection.h"
#include "base/status.h"

namespace reprise::auth::sigv4 {

// What the signature covers. Views live as long as the call.
struct PresignedV2 {
  using Field = std::pair<std::string_view, std::string_view>;
  std::string_view method;
  // The bucket in front when it is in the Host header, and the path as sent, still percent-encoded.
  std::string_view resource;
  std::vector<Field> query;    // decoded
  std::vector<Field> headers;  // names in lower case, in the order they came
};

// Whether the signature covers a query parameter of that name. Besides these it covers the x-amz-* ones that are
// written in lower case, as clients write them; all others say nothing that anybody signed.
[[nodiscard]] bool is_signed_by_v2(std::string_view parameter) noexcept;

// Whether a query presents such a signature: all three parameters, or some of them.
[[nodiscard]] bool is_presigned_v2(const PresignedV2& request) noexcept;

// The identity that signed. Rejections: missing_signature, unknown_access_key, mismatch, expired, headers_not_signed (a
// field of Reprise's own, x-reprise-*: nothing of version 2 covers those).
[[nodiscard]] Result<IdentityRef, Rejection> verify_presigned_v2(const PresignedV2& request,
                                                                 const CredentialStore& credentials,
                                                                 std::int64_t now_seconds);

// Whether that is the version 2 signature (HMAC-SHA-1 in base64) of a form's policy as it was sent, still in base64.
// Takes the same time wherever the two differ.
[[nodiscard]] bool is_signature_v2(std::string_view signature, std::string_view secret, std::string_view policy);

}  // namespace reprise::auth::sigv4
