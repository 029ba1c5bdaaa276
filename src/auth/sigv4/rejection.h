// Why a request's signature was not accepted, and how each API says so.
//
// The verifier gives a reason with its details and knows no wire format; the two tables here turn that into the name,
// HTTP status and text that DynamoDB and S3 answer with.
#pragma once

#include <cstdint>
#include <string>

namespace reprise::auth::sigv4 {

enum class Reason : unsigned char {
  missing_signature,      // anonymous
  other_mechanism,        // an Authorization header, but not of Signature Version 4
  two_mechanisms,         // header and query both
  incomplete,             // `missing` says what lacks
  bad_date,               // `subject` is no date
  expired,                // signed too long ago, or a presigned URL past its end
  not_yet_valid,          // signed in the future
  bad_expires,            // `subject` is no number of seconds that X-Amz-Expires may have
  host_not_signed,        //
  headers_not_signed,     // x-amz-*, x-reprise-* fields that the signature does not cover; `subject` names them
  unsupported_algorithm,  // `subject`
  malformed_credential,   // `subject`
  wrong_scope,            // `scope` says which parts
  unknown_access_key,     // `subject`
  mismatch,               // `canonical_request` and `string_to_sign` are what should have been signed
  bad_session_token,      // a token with a key that has none
};

struct Missing {
  bool algorithm = false, credential = false, signature = false, signed_headers = false, date = false, expires = false;
  [[nodiscard]] bool any() const { return algorithm || credential || signature || signed_headers || date || expires; }
};

struct ScopeFault {
  bool region = false, service = false, terminator = false, day = false;
  std::string claimed_region, claimed_terminator, claimed_day;
  std::string expected_region, expected_service, date;
  [[nodiscard]] bool any() const { return region || service || terminator || day; }
};

struct Rejection {
  Reason reason = Reason::missing_signature;
  bool presigned = false;
  std::string subject;
  Missing missing;
  ScopeFault scope;
  std::int64_t signed_at_seconds = 0;  // of `expired` and `not_yet_valid`
  std::int64_t now_seconds = 0;
  std::int64_t tolerance_seconds = 0;  // how far apart they may be
  std::string canonical_request;
  std::string string_to_sign;
};

struct AuthError {
  std::string code;  // "InvalidSignatureException"
  int http_status = 400;
  std::string message;
};

// DynamoDB's flavour: every one is HTTP 400.
[[nodiscard]] AuthError dynamo_auth_error(const Rejection& rejection);

// S3's flavour.
[[nodiscard]] AuthError s3_auth_error(const Rejection& rejection);

}  // namespace reprise::auth::sigv4
