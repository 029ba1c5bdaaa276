// Verifying Signature Version 4, in headers and in presigned URLs.
//
// One Verifier serves one API (one service name and path style). It sees to it that the signature covers the method,
// the target, every listed header and the body, was made with a key of the store for this service, and is fresh. What
// it accepts says nothing yet about what the identity may do.
//
// The checks run in the order DynamoDB makes them, so that a request with several faults is told of the same one.
//
// Threading: thread-safe. Cost: a few hashes and no allocation once a key's day has been seen (sigv4_bench.cc).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "auth/credential_source.h"
#include "auth/credentials.h"
#include "auth/sigv4/rejection.h"
#include "auth/sigv4/request.h"
#include "auth/sigv4/signing_key.h"
#include "base/clock.h"
#include "base/status.h"

namespace reprise::auth::sigv4 {

struct VerifierOptions {
  std::string service = "dynamodb";  // that the scope must name
  PathStyle path_style = PathStyle::normalized;
  std::string region = "us-east-1";  // the server's own
  // Accept the server's region alone, as AWS does. Otherwise any name of lower-case letters, digits, dashes and dots:
  // a server of one's own has one region, whatever the client calls it.
  bool strict_region = false;
  // How far a request's clock may be from ours, either way.
  std::int64_t skew_seconds = 900;
  // Every x-amz-* header must be signed (S3 asks for that). X-Amz-Target must be in any case, and of a presigned
  // request every x-reprise-* header.
  bool amz_headers_signed = false;
  // X-Amz-Expires must be there (S3); otherwise a presigned URL without it is good for `skew_seconds`.
  bool expires_required = false;
};

// S3's rules.
[[nodiscard]] VerifierOptions s3_verifier_options(std::string region);

struct Verified {
  IdentityRef identity;  // never null
  std::string region;    // as the client called it
  bool presigned = false;
};

class Verifier {
 public:
  // `clock` outlives the verifier. The keys may change meanwhile (credential_source.h), or never.
  Verifier(VerifierOptions options, std::shared_ptr<const CredentialSource> credentials, const WallClock& clock);
  Verifier(VerifierOptions options, std::shared_ptr<const CredentialStore> credentials, const WallClock& clock);

  [[nodiscard]] Result<Verified, Rejection> verify(const RequestView& request) const;
  // Every check of verify() that needs no body, so that nobody waits for one that cannot be good: nothing when the
  // signature itself is all that is left to check.
  [[nodiscard]] std::optional<Rejection> reject_before_body(const RequestView& request) const;

 private:
  VerifierOptions options_;
  std::shared_ptr<const CredentialSource> credentials_;
  const WallClock& clock_;
  mutable SigningKeyCache cache_;
};

}  // namespace reprise::auth::sigv4
