#include "server/front.h"

#include <utility>

#include "dynamo/api/refusal.h"
#include "s3/api/addressing.h"
#include "s3/api/refusal.h"

namespace reprise::server {

http::Handler make_front(http::Handler s3, http::Handler dynamo, std::string domain) {
  return [s3 = std::move(s3), dynamo = std::move(dynamo), domain = std::move(domain)](http::Request& request) {
    return s3::is_s3_request(request, domain) ? s3(request) : dynamo(request);
  };
}

http::RefusalAnswer make_refusal_answer(std::string domain, const http::Limits& limits) {
  return [domain = std::move(domain), limits](const http::Refusal& refusal, const http::Request& request) {
    return s3::is_s3_request(request, domain) ? s3::refusal_response(refusal, request, limits)
                                              : dynamo::refusal_response(refusal, request);
  };
}

}  // namespace reprise::server
