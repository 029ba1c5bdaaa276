// See handler.h for the order of the checks.
//
// Invariant: an answer with an error has changed nothing, but for errors of the store itself (500, 503), after which a
// write may or may not have happened.
#include "dynamo/api/handler.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/sigv4/rejection.h"
#include "auth/sigv4/verifier.h"
#include "codec/crc32.h"
#include "dynamo/api/audited.h"
#include "dynamo/api/authorization.h"
#include "dynamo/api/cors.h"
#include "dynamo/api/document_pool.h"
#include "dynamo/api/error.h"
#include "dynamo/api/operations.h"
#include "http/gzip.h"

namespace reprise::dynamo {
namespace {

constexpr std::string_view json_1_0 = "application/x-amz-json-1.0";
constexpr std::string_view json_1_1 = "application/x-amz-json-1.1";

struct Api {
  Services& services;
  std::shared_ptr<const auth::sigv4::Verifier> verifier;
  ApiOptions options;
};

// ---- Answers -------------------------------------------------------------------------------------------------------

http::Response json_response(const http::Request& request, int status, Bytes body,
                             std::string_view content_type = json_1_0) {
  http::Response response;
  response.status = status;
  response.headers.add("x-amzn-RequestId", request.id);
  response.headers.add("x-amz-crc32", std::to_string(codec::crc32(body)));
  response.headers.add("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

http::Response error_response(const http::Request& request, const ApiError& error,
                              std::string_view content_type = json_1_0) {
  const WireError wire = wire_error(error.kind);
  http::Response response = json_response(request, wire.status, error_body(error), content_type);
  response.error_code = std::string(wire.name);
  return response;
}

http::Response front_error(const http::Request& request, int status, std::string_view name, std::string_view message) {
  http::Response response = json_response(request, status, front_error_body(name, message));
  response.error_code = std::string(name);
  return response;
}

// The framework's answer to what is no call of an operation at all.
http::Response not_a_call(const http::Request& request) {
  http::Response response;
  response.status = 404;
  response.headers.add("x-amzn-RequestId", request.id);
  response.body = "<UnknownOperationException/>\n";
  response.headers.add("x-amz-crc32", std::to_string(codec::crc32(response.body)));
  response.error_code = std::string(wire_error(ErrorKind::unknown_operation).name);
  return response;
}

http::Response healthy(const http::Request& request) {
  http::Response response;
  response.operation = "Health";
  response.headers.add("x-amzn-RequestId", request.id);
  response.headers.add("Content-Type", "text/plain");
  response.body.append("healthy: ").append(request.headers.get("Host").value_or("localhost")).append(" ");
  response.headers.add("x-amz-crc32", std::to_string(codec::crc32(response.body)));
  return response;
}

// ---- Checks --------------------------------------------------------------------------------------------------------

// The content type to answer with; nothing when the request's is not one of DynamoDB's.
std::optional<std::string_view> answer_type(const http::Request& request) {
  const auto header = request.headers.get("Content-Type");
  if (!header) return std::nullopt;
  std::string_view type = header->substr(0, header->find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  if (http::equal_ignoring_case(type, json_1_0) || http::equal_ignoring_case(type, "application/json")) return json_1_0;
  if (http::equal_ignoring_case(type, json_1_1)) return json_1_1;
  return std::nullopt;
}

struct Target {
  std::string name;                      // for logs and metrics: "PutItem"
  const Operation* operation = nullptr;  // DynamoDB's own, or
  ExtraOperation extra;
};

Outcome<Target> resolve_target(const Api& api, const http::Request& request) {
  const auto header = request.headers.get("X-Amz-Target");
  if (!header) return api_error(ErrorKind::unknown_operation, "");
  Target target;
  const TargetName name = split_target(*header);
  if (name.service.empty()) {
    if (api.options.extra) target.extra = api.options.extra(*header);
    if (!target.extra) return api_error(ErrorKind::unknown_operation, "");
    target.name = std::string(header->substr(header->find('.') + 1));
    return target;
  }
  target.operation = find_target(name);
  if (target.operation == nullptr) {
    if (!is_aws_operation(name)) return api_error(ErrorKind::unknown_operation, "");
    return api_error(ErrorKind::unknown_operation,
                     "Reprise does not support " + std::string(name.operation) + " yet; see docs/compatibility.md");
  }
  target.name = std::string(name.operation);
  return target;
}

std::vector<auth::sigv4::Header> header_views(const http::Request& request) {
  std::vector<auth::sigv4::Header> headers;
  headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers) headers.push_back({name, value});
  return headers;
}

Result<auth::sigv4::Verified, auth::sigv4::Rejection> verify(const Api& api, const http::Request& request,
                                                             BytesView body) {
  const auto headers = header_views(request);
  const auth::sigv4::RequestView view{request.method, request.target, headers, body, {}};
  return api.verifier->verify(view);
}

http::Response auth_response(const http::Request& request, const auth::sigv4::Rejection& rejection,
                             std::string_view operation) {
  const auto error = auth::sigv4::dynamo_auth_error(rejection);
  auto response = front_error(request, error.http_status, error.code, error.message);
  response.operation = operation;
  return response;
}

// A larger body is waited for only when whoever sends it may have signed it: it is held in memory until it is whole.
constexpr std::uint64_t unasked_body_bytes_max = std::uint64_t{64} << 10;

// Why such a body is not waited for; nothing: it is. Small ones are, so that what is wrong with them is told in
// DynamoDB's order.
std::optional<http::Response> refuse_before_body(const Api& api, const http::Request& request) {
  if (request.body->length().value_or(~std::uint64_t{0}) <= unasked_body_bytes_max) return std::nullopt;
  const auto headers = header_views(request);
  const auto rejection = api.verifier->reject_before_body({request.method, request.target, headers, {}, {}});
  if (!rejection) return std::nullopt;
  return auth_response(request, *rejection, "");
}

// The time to read at that the request asks for.
Outcome<std::optional<Timestamp>> read_as_of(const Target& target, const http::Request& request) {
  const auto header = request.headers.get("x-reprise-as-of");
  if (!header) return std::optional<Timestamp>();
  if (target.operation != nullptr && !target.operation->takes_as_of) {
    return validation("x-reprise-as-of has no meaning for " + target.name);
  }
  const auto as_of = parse_as_of(*header);
  if (!as_of.ok()) return validation("x-reprise-as-of: " + std::string(as_of.error().message()));
  return std::optional<Timestamp>(*as_of);
}

// ---- One call ------------------------------------------------------------------------------------------------------

Task<http::Response> too_large(http::Request& request) {
  http::Response response =
      front_error(request, 413, "RequestEntityTooLargeException", "Request size exceeded the limit of 16 MB");
  response.close = true;
  return Task<http::Response>(std::move(response));
}

Task<OperationResult> run(Api& api, const Target& target, OperationRequest request, const http::Request& http) {
  if (target.operation != nullptr) return target.operation->run(api.services, std::move(request));
  return target.extra(std::move(request), http);
}

Task<void> audit(const Api& api, const AuditedCall& call, std::string_view error_code) {
  if (api.options.audit == nullptr) return ready_task();
  const Audited how = audited(call.operation, call.extra, call.as_of);
  if (how == Audited::no) return ready_task();
  auth::AuditEvent event = audit_event(api.services, call, error_code.empty() ? "ok" : error_code);
  if (how == Audited::action) return api.options.audit->record(std::move(event));
  api.options.audit->note_past_read(std::move(event));
  return ready_task();
}

// From a body that is there as JSON on.
Task<http::Response> call(Api& api, http::Request& request, Bytes raw, std::string_view content_type) {
  Bytes inflated;
  const auto encoding = request.headers.get("Content-Encoding");
  const bool gzipped = encoding && http::equal_ignoring_case(*encoding, "gzip");
  if (gzipped) {
    auto plain = http::gunzip(raw, api.options.body_bytes_max);
    if (!plain.ok() && plain.error().is(Code::exhausted)) co_return co_await too_large(request);
    if (!plain.ok()) co_return error_response(request, serialization("the body is no gzip"), content_type);
    inflated = std::move(plain).value();
  }
  PooledDocument document;
  const auto json = document.parse(gzipped ? inflated : raw);
  // The service does not say what is wrong with a text that is no JSON.
  if (!json.ok()) co_return error_response(request, serialization(""), content_type);

  auto target = resolve_target(api, request);
  if (!target.ok()) co_return error_response(request, target.error(), content_type);
  const auto verified = verify(api, request, raw);
  if (!verified.ok()) co_return auth_response(request, verified.error(), target->name);
  const auto as_of = read_as_of(*target, request);
  if (!as_of.ok()) {
    auto response = error_response(request, as_of.error(), content_type);
    response.operation = target->name;
    co_return response;
  }

  OperationRequest operation_request{*json, {verified->identity->account, verified->identity->access_key_id}, *as_of};
  OperationResult result = Bytes();
  // Root is free in its account; extension operations ask for themselves.
  if (!verified->identity->root && target->operation != nullptr) {
    auto account = authorize(api.services, {*verified->identity, target->name, *json, *as_of, request});
    if (account.ok()) {
      operation_request.caller.account = std::move(account).value();
    } else {
      result = std::move(account).error();
    }
  }
  if (result.ok()) result = co_await run(api, *target, std::move(operation_request), request);
  http::Response response = result.ok() ? json_response(request, 200, std::move(result).value(), content_type)
                                        : error_response(request, result.error(), content_type);
  response.operation = target->name;
  const AuditedCall done{verified->identity, target->name, target->operation == nullptr, *json, *as_of, request};
  co_await audit(api, done, response.error_code);
  co_return response;
}

Task<http::Response> answer(Api& api, http::Request& request) {
  if (is_preflight(request)) co_return answer_preflight(request);
  if (request.method == "GET" && request.path() == "/" && request.query().empty()) co_return healthy(request);
  const auto content_type = answer_type(request);
  if (request.method != "POST" || !content_type) co_return not_a_call(request);
  if (request.body->length().value_or(0) > api.options.body_bytes_max) co_return co_await too_large(request);
  if (auto refused = refuse_before_body(api, request)) co_return std::move(*refused);
  auto body = co_await http::read_all(*request.body, api.options.body_bytes_max);
  if (!body.ok()) {
    if (body.error().is(Code::exhausted)) co_return co_await too_large(request);
    auto response = error_response(request, serialization("the body could not be read"));
    response.close = true;
    co_return response;
  }
  co_return co_await call(api, request, std::move(body).value(), *content_type);
}

Task<http::Response> handle(std::shared_ptr<Api> api, http::Request& request) {
  const auto begin = std::chrono::steady_clock::now();
  http::Response response = co_await answer(*api, request);
  allow_origin(request, response);
  if (api->options.observer != nullptr) {
    api->options.observer->on_request(response.operation, response.status, response.error_code,
                                      std::chrono::steady_clock::now() - begin);
  }
  co_return response;
}

}  // namespace

http::Handler make_handler(Services& services, std::shared_ptr<const auth::sigv4::Verifier> verifier,
                           ApiOptions options) {
  auto api = std::make_shared<Api>(Api{services, std::move(verifier), std::move(options)});
  // Not a coroutine itself: its capture would not outlive the call.
  return [api](http::Request& request) { return handle(api, request); };
}

}  // namespace reprise::dynamo
