// Who asks, as the signature proves: Signature Version 4 in headers or in the query (presigned), Version 2 in the query
// (auth/sigv4/presigned_v2.h), or nothing at all; and how the request promises its body (x-amz-content-sha256).
//
// A presigned request may carry x-amz-* fields in its query, where the signature covers them: they count as headers.
//
// Threading: thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/sigv4/aws_chunked.h"
#include "base/clock.h"
#include "http/message.h"
#include "s3/ops/operation.h"

namespace reprise::auth {
class CredentialSource;
namespace sigv4 {
class Verifier;
}
}  // namespace reprise::auth

namespace reprise::s3 {

// What a body must turn out to be.
struct BodyPromise {
  std::string sha256;                                    // lower-case hex of the whole; empty: not told
  std::optional<auth::sigv4::ChunkedOptions> chunked{};  // framed as aws-chunked
};

// What signatures are judged by. The credentials are the verifier's own: chunks and forms are signed apart.
struct Authentication {
  std::shared_ptr<const auth::sigv4::Verifier> verifier;  // with s3_verifier_options
  std::shared_ptr<const auth::CredentialSource> credentials;
  const WallClock* wall = &WallClock::system();
};

// Fills in call.caller and call.presigned, and returns the body's promise. The errors are S3's own, with their details.
[[nodiscard]] Outcome<BodyPromise> authenticate(const Authentication& authentication, const http::Request& request,
                                                Call& call);

// An identity as the caller of operations; a null one is anonymous.
[[nodiscard]] Caller caller_of(auth::IdentityRef identity);

}  // namespace reprise::s3
