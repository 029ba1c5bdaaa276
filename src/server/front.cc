#include "server/front.h"

#include <utility>

#include "s3/api/addressing.h"

namespace reprise::server {

http::Handler make_front(http::Handler s3, http::Handler dynamo, std::string domain) {
  return [s3 = std::move(s3), dynamo = std::move(dynamo), domain = std::move(domain)](http::Request& request) {
    return s3::is_s3_request(request, domain) ? s3(request) : dynamo(request);
  };
}

}  // namespace reprise::server
