// Signing requests with Signature Version 4, in headers or as presigned URLs: for our own clients (command line, load
// driver) and for tests.
//
// Threading: a Signer belongs to one thread at a time; it remembers the signing key of the day it last signed on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/sigv4/request.h"
#include "auth/sigv4/signing_key.h"

namespace reprise::auth::sigv4 {

struct SignerOptions {
  std::string access_key_id;
  std::string secret;
  std::string region;
  std::string service = "dynamodb";
  PathStyle path_style = PathStyle::normalized;
};

class Signer {
 public:
  explicit Signer(SignerOptions options) : options_(std::move(options)) {}

  // The value of the Authorization header. The request already has its Host and its X-Amz-Date, which is `amz_date`
  // ("20150830T123600Z"). All headers are signed but those that proxies change or that clients add late
  // (authorization, connection, expect, transfer-encoding, user-agent, x-amzn-trace-id).
  [[nodiscard]] std::string authorization(const RequestView& request, std::string_view amz_date);

  // The request's target with the signature added to its query, good for `expires_seconds` from `amz_date` on. The
  // request has its Host; its headers are signed as above and must be sent along.
  [[nodiscard]] std::string presigned_target(const RequestView& request, std::string_view amz_date,
                                             std::int64_t expires_seconds);

 private:
  [[nodiscard]] std::string credential(std::string_view amz_date) const;
  [[nodiscard]] std::string signature(const RequestView& request, std::string_view amz_date,
                                      std::string_view signed_headers);

  SignerOptions options_;
  std::string day_;
  std::optional<codec::HmacSha256Key> key_;  // of that day
};

}  // namespace reprise::auth::sigv4
