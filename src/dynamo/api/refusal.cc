// The names are those that SDKs know: they try again after RequestTimeoutException, InternalServerError and
// ServiceUnavailable, and after no other.
#include "dynamo/api/refusal.h"

#include <string>
#include <string_view>

#include "codec/crc32.h"
#include "dynamo/api/error.h"

namespace reprise::dynamo {

namespace {

std::string_view name_for(int status) {
  switch (status) {
    case 408: return "RequestTimeoutException";
    case 413:
    case 414:
    case 431: return "RequestEntityTooLargeException";
    case 500: return "InternalServerError";
    case 503: return "ServiceUnavailable";
    default: return "SerializationException";
  }
}

}  // namespace

http::Response refusal_response(const http::Refusal& refusal, const http::Request& request) {
  http::Response response;
  response.status = refusal.status;
  response.error_code = name_for(refusal.status);
  response.body = front_error_body(response.error_code, refusal.reason);
  response.headers.add("x-amzn-RequestId", request.id);
  response.headers.add("x-amz-crc32", std::to_string(codec::crc32(response.body)));
  response.headers.add("Content-Type", "application/x-amz-json-1.0");
  return response;
}

}  // namespace reprise::dynamo
