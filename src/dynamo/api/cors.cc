#include "dynamo/api/cors.h"

namespace reprise::dynamo {

bool is_preflight(const http::Request& request) { return request.method == "OPTIONS"; }

http::Response answer_preflight(const http::Request& request) {
  http::Response response;
  response.operation = "Preflight";
  response.headers.add("x-amzn-RequestId", request.id);
  response.headers.add("Access-Control-Allow-Origin", "*");
  if (const auto headers = request.headers.get("Access-Control-Request-Headers")) {
    response.headers.add("Access-Control-Allow-Headers", *headers);
  }
  if (const auto method = request.headers.get("Access-Control-Request-Method")) {
    response.headers.add("Access-Control-Allow-Methods", *method);
  }
  response.headers.add("Access-Control-Max-Age", "172800");
  return response;
}

void allow_origin(const http::Request& request, http::Response& response) {
  if (!request.headers.has("Origin")) return;
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.headers.set("Access-Control-Expose-Headers",
                       "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amz-crc32,Date");
}

}  // namespace reprise::dynamo
