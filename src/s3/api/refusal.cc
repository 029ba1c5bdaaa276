// Which of S3's errors a refusal is. Invariant: every refusal is an error document that tells the reason in our own
// words besides S3's, for S3's are few.
#include "s3/api/refusal.h"

#include <string>

#include "s3/api/error_document.h"
#include "s3/model/error.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

namespace {

constexpr std::string_view not_http = "An error occurred when parsing the HTTP request.";

S3Error error_for(const http::Refusal& refusal, const http::Limits& limits) {
  switch (refusal.status) {
    case 408: return s3_error(ErrorCode::request_timeout);
    case 413: {
      S3Error error = s3_error(ErrorCode::entity_too_large);
      error.details.emplace_back("MaxSizeAllowed", std::to_string(limits.body_bytes_max));
      return error;
    }
    case 414:
    case 431: {
      const std::size_t most = refusal.status == 414 ? limits.target_bytes_max : limits.header_bytes_max;
      S3Error error = s3_error(ErrorCode::request_header_section_too_large);
      error.details.emplace_back("MaxSizeAllowed", std::to_string(most));
      return error;
    }
    case 500: return s3_error(ErrorCode::internal_error);
    case 501: return s3_error(ErrorCode::not_implemented);
    case 503: return s3_error(ErrorCode::slow_down);
    default: return s3_error(ErrorCode::bad_request, std::string(not_http));
  }
}

}  // namespace

http::Response refusal_response(const http::Refusal& refusal, const http::Request& request,
                                const http::Limits& limits) {
  constexpr std::size_t request_id_size = 16;  // as in every answer of S3
  Call call;
  call.method = request.method;
  call.resource = request.path();
  call.request_id = request.id.substr(0, request_id_size);
  S3Error error = error_for(refusal, limits);
  error.details.emplace_back("Reason", refusal.reason);
  return error_response(error, call);
}

}  // namespace reprise::s3
