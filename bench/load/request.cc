#include "load/request.h"

#include "base/clock.h"

namespace reprise::bench {

namespace {

// "20150830T123600Z"
std::string amz_date_now() {
  std::string date;
  for (const char c : format_iso8601(WallClock::system().now_micros(), 0)) {
    if (c != '-' && c != ':') date.push_back(c);
  }
  return date;
}

}  // namespace

RequestComposer::RequestComposer(const LoadOptions& options)
    : options_(options),
      host_(options.host + ":" + std::to_string(options.port)),
      signer_({.access_key_id = options.access_key,
               .secret = options.secret_key,
               .region = options.region,
               .service = options.service,
               .path_style =
                   options.service == "s3" ? auth::sigv4::PathStyle::plain : auth::sigv4::PathStyle::normalized}) {}

void RequestComposer::compose_object(std::string_view method, std::string_view target, std::size_t payload_bytes,
                                     std::string& request) {
  constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
  const std::string date = amz_date_now();
  const auth::sigv4::Header headers[] = {
      {"Host", host_}, {"X-Amz-Date", date}, {"x-amz-content-sha256", unsigned_payload}};
  request.assign(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
  if (options_.sign) {
    const auth::sigv4::RequestView view{
        .method = method, .target = target, .headers = headers, .body = {}, .payload_hash = unsigned_payload};
    request.append("Authorization: ").append(signer_.authorization(view, date)).append("\r\n");
  }
  if (method == "PUT") request.append("Content-Length: ").append(std::to_string(payload_bytes)).append("\r\n");
  request.append("\r\n");
}

void RequestComposer::compose(std::string_view operation, std::string_view body, std::string& request) {
  const std::string date = amz_date_now();
  const bool whole = operation.find('.') != std::string_view::npos;  // of another service: with its prefix
  const std::string target = whole ? std::string(operation) : "DynamoDB_20120810." + std::string(operation);
  const auth::sigv4::Header headers[] = {
      {"Host", host_}, {"Content-Type", "application/x-amz-json-1.0"}, {"X-Amz-Date", date}, {"X-Amz-Target", target}};
  request.assign("POST / HTTP/1.1\r\n");
  for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
  if (!options_.workload.as_of.empty())
    request.append("x-reprise-as-of: ").append(options_.workload.as_of).append("\r\n");
  if (options_.sign) {
    const auth::sigv4::RequestView view{
        .method = "POST", .target = "/", .headers = headers, .body = body, .payload_hash = {}};
    request.append("Authorization: ").append(signer_.authorization(view, date)).append("\r\n");
  }
  request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

}  // namespace reprise::bench
