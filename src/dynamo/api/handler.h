// DynamoDB's HTTP API: from a plain request to a plain response, with no socket in sight.
//
// Checks are made in the real service's order: method and content type, size, JSON, operation, signature, permission
// (authorization.h), and then whatever the operation itself checks. Every answer carries x-amzn-RequestId and
// x-amz-crc32. The path is ignored. What Reprise adds to AWS's protocol: the header x-reprise-as-of on operations that
// read items (design.md section 7).
//
// Threading: the handler may be called from any thread, many requests at a time; each runs on its caller's executor.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "dynamo/ops/operation.h"
#include "http/message.h"

namespace reprise::auth {
class AuditSink;
}
namespace reprise::auth::sigv4 {
class Verifier;
}

namespace reprise::dynamo {

// Told of every finished request, on the thread that finished it. Must not block.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  // `operation` is empty when the request named none; `error_code` is empty on success.
  virtual void on_request(std::string_view operation, int status, std::string_view error_code,
                          std::chrono::nanoseconds latency) = 0;
};

// Operations beside DynamoDB's own, found by their whole target ("Reprise_20261122.Diff"). They are checked like
// DynamoDB's (JSON, signature) and answer in the same way.
// `http` lives as long as the call: who may make it can depend on where it came from.
using ExtraOperation = std::function<Task<OperationResult>(OperationRequest request, const http::Request& http)>;
using ExtraOperations = std::function<ExtraOperation(std::string_view target)>;  // an empty function: not known

struct ApiOptions {
  // A request's body, as sent and after inflating. DynamoDB's limit is 16 MB.
  std::size_t body_bytes_max = std::size_t{16} * 1024 * 1024;
  RequestObserver* observer = nullptr;  // borrowed; may be null
  ExtraOperations extra;                // may be empty
  auth::AuditSink* audit = nullptr;     // borrowed; may be null
};

// `services` is borrowed and outlives the handler and every request it has begun.
http::Handler make_handler(Services& services, std::shared_ptr<const auth::sigv4::Verifier> verifier,
                           ApiOptions options);

}  // namespace reprise::dynamo
