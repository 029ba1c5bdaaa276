#include "s3/api/cors.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace reprise::s3 {
namespace {

constexpr std::array<std::string_view, 5> allowed_methods = {"GET", "PUT", "HEAD", "POST", "DELETE"};

std::vector<std::string> listed(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view name = list.substr(0, comma);
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (name.empty()) continue;
    std::string lowered(name);
    std::ranges::transform(lowered, lowered.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    names.push_back(std::move(lowered));
  }
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

S3Error forbidden(const Call& call, std::string_view method, std::string message) {
  S3Error error =
      message.empty() ? s3_error(ErrorCode::cors_forbidden) : s3_error(ErrorCode::cors_forbidden, std::move(message));
  error.details.emplace_back("Method", method);
  error.details.emplace_back("ResourceType", call.key.empty() ? "BUCKET" : "OBJECT");
  return error;
}

// Both kinds of answers have these; `add` takes a name and a value.
template <class Add>
void describe(const CorsRule& rule, std::string_view origin, Add add) {
  // A rule for everybody names nobody, and shares no credentials.
  const bool anybody = std::ranges::find(rule.allowed_origins, "*") != rule.allowed_origins.end();
  add("Access-Control-Allow-Origin", anybody ? "*" : std::string(origin));
  add("Access-Control-Allow-Methods", joined(rule.allowed_methods));
  if (!rule.expose_headers.empty()) add("Access-Control-Expose-Headers", joined(rule.expose_headers));
  if (rule.max_age_seconds) add("Access-Control-Max-Age", std::to_string(*rule.max_age_seconds));
  if (!anybody) add("Access-Control-Allow-Credentials", "true");
  add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

}  // namespace

Outcome<Reply> answer_preflight(const Call& call, const Bucket* bucket) {
  const auto origin = call.headers.get("origin");
  if (!origin) {
    return s3_error(ErrorCode::bad_request, "Insufficient information. Origin request header needed.");
  }
  const std::string method(call.headers.get_or("access-control-request-method", "null"));
  if (std::ranges::find(allowed_methods, method) == allowed_methods.end()) {
    return s3_error(ErrorCode::bad_request, "Invalid Access-Control-Request-Method: " + method);
  }
  if (bucket == nullptr) return forbidden(call, method, "CORSResponse: Bucket not found");
  if (bucket->cors.empty()) return forbidden(call, method, "CORSResponse: CORS is not enabled for this bucket.");
  const auto headers = listed(call.headers.get_or("access-control-request-headers", ""));
  const CorsRule* const rule = matching_rule(bucket->cors, *origin, method, headers);
  if (rule == nullptr) return forbidden(call, method, "");
  Reply reply;
  const auto add = [&](std::string_view name, std::string value) {
    reply.headers.add(std::string(name), std::move(value));
  };
  describe(*rule, *origin, add);
  if (!headers.empty()) add("Access-Control-Allow-Headers", joined(headers));
  return reply;
}

void add_cors_headers(http::Headers& headers, const Call& call, const Bucket& bucket) {
  const auto origin = call.headers.get("origin");
  if (!origin || bucket.cors.empty()) return;
  const CorsRule* const rule = matching_rule(bucket.cors, *origin, call.method, {});
  if (rule == nullptr) return;
  describe(*rule, *origin, [&](std::string_view name, const std::string& value) { headers.add(name, value); });
}

}  // namespace reprise::s3
