#include "admin/console_handler.h"

#include <utility>

namespace reprise::admin {

namespace {

http::Response text_response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

http::Response answer(const http::Request& request, const Metrics& metrics, const std::function<Health()>& health) {
  const auto path = request.path();
  const bool known = path == "/-/live" || path == "/-/ready" || path == "/-/metrics";
  if (!known) return text_response(404, "not found; this port answers /-/live, /-/ready and /-/metrics\n");
  if (request.method != "GET" && request.method != "HEAD") {
    auto response = text_response(405, "use GET\n");
    response.headers.add("Allow", "GET, HEAD");
    return response;
  }
  if (path == "/-/live") return text_response(200, "live\n");
  if (path == "/-/metrics") {
    auto response = text_response(200, metrics.render());
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return response;
  }
  const auto state = health();
  return state.ready ? text_response(200, "ready\n") : text_response(503, "not ready: " + state.reason + "\n");
}

}  // namespace

http::Handler make_console_handler(const Metrics& metrics, std::function<Health()> health) {
  return [&metrics, health = std::move(health)](http::Request& request) -> Task<http::Response> {
    return Task<http::Response>(answer(request, metrics, health));
  };
}

}  // namespace reprise::admin
