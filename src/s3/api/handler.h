// S3's HTTP API: from a plain request to a plain response, with no socket in sight.
//
// The order of the checks: address and encoding, signature, operation, time to read at (x-reprise-as-of; told only to
// who may read the past), bucket (NoSuchBucket before AccessDenied, as on AWS), its owner, who pays, permission, body,
// and then whatever the operation checks itself. Every answer carries x-amz-request-id and x-amz-id-2. A request that
// is refused has changed nothing.
//
// Threading: the handler may be called from any thread, many requests at a time; each runs on its caller's executor.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "auth/audit.h"
#include "http/message.h"
#include "s3/api/authentication.h"
#include "s3/ops/operation.h"

namespace reprise::auth {
class AuditSink;
}

namespace reprise::s3 {

// Told of every finished request, on the thread that finished it (a streamed answer: begun it). Must not block.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  // `operation` is empty when the request was none; `error_code` is empty on success.
  virtual void on_s3_request(std::string_view operation, int status, std::string_view error_code,
                             std::chrono::nanoseconds latency) = 0;
};

struct ApiOptions {
  std::string domain;                   // hosts below it name a bucket; empty: path style alone
  RequestObserver* observer = nullptr;  // borrowed; may be null
  auth::AuditSink* audit = nullptr;     // told of what changes buckets, and of reads of the past; borrowed; may be null
};

// `services` is borrowed and outlives the handler and every request it has begun.
http::Handler make_handler(Services& services, Authentication authentication, ApiOptions options);

// Operations without a row in the tables of s3/ops, for logs and metrics.
inline constexpr std::string_view preflight_name = "Preflight";
inline constexpr std::string_view post_object_name = "PostObject";

}  // namespace reprise::s3
