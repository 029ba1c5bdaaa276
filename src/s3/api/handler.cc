// See handler.h for the order of the checks.
#include "s3/api/handler.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "s3/api/addressing.h"
#include "s3/api/audited.h"
#include "s3/api/body.h"
#include "s3/api/cors.h"
#include "s3/api/error_document.h"
#include "s3/api/post_object.h"
#include "s3/ops/access.h"
#include "s3/ops/buckets.h"
#include "s3/ops/key_lookup.h"
#include "s3/ops/registry.h"

namespace reprise::s3 {
namespace {

struct Api {
  Services& services;
  Authentication authentication;
  ApiOptions options;
};

// ---- Answers -------------------------------------------------------------------------------------------------------

http::Response response_of(Reply reply, const Call& call) {
  http::Response response;
  response.status = reply.status;
  add_common_headers(response.headers, call.request_id);
  bool typed = false;
  for (const auto& [name, value] : reply.headers) {
    typed = typed || http::equal_ignoring_case(name, "Content-Type");
    response.headers.add(name, value);
  }
  if (reply.status == 204 || reply.status == 304) return response;
  if (!reply.body.empty() && !typed) response.headers.add("Content-Type", "application/xml");
  if (reply.content_length) response.headers.add("Content-Length", std::to_string(*reply.content_length));
  response.body = std::move(reply.body);
  if (reply.stream) response.stream = reader_of(std::move(reply.stream));
  return response;
}

// ---- Checks --------------------------------------------------------------------------------------------------------

Check check_takes_as_of(const Operation& operation, const Call& call) {
  if (operation.takes_as_of || !call.headers.has(as_of_header)) return Passed{};
  return s3_error(ErrorCode::invalid_request, "x-reprise-as-of has no meaning for " + std::string(operation.name));
}

Outcome<std::optional<Timestamp>> read_as_of(const Call& call) {
  const auto header = call.headers.get(as_of_header);
  if (!header) return std::optional<Timestamp>();
  const auto as_of = parse_as_of(*header);
  if (!as_of.ok()) {
    return invalid_argument("x-reprise-as-of: " + std::string(as_of.error().message()), std::string(as_of_header),
                            std::string(*header));
  }
  return std::optional<Timestamp>(*as_of);
}

// The bucket that the request names, as of its time.
Task<Outcome<BucketPtr>> find_bucket(Services& services, const Call& call) {
  std::string name = call.bucket;
  const auto as_of = call.as_of;
  BucketPtr bucket;
  if (as_of) {
    auto found = co_await services.buckets.find_as_of(name, *as_of);
    if (!found.ok()) {
      S3Error why = bucket_read_error(found.error(), as_of);
      co_return co_await past_error(services, call, call.bucket, call.key, std::move(why));
    }
    bucket = std::move(found).value();
  } else {
    bucket = services.buckets.find(name);
  }
  if (bucket == nullptr) {
    CO_TRY(check_bucket_name(name));
    S3Error error = s3_error(ErrorCode::no_such_bucket);
    error.details.emplace_back("BucketName", std::move(name));
    co_return error;
  }
  co_return bucket;
}

// Uploads must say how long they are: in Content-Length, or decoded when they are framed as aws-chunked.
Check check_length(const Operation& operation, const Call& call) {
  const bool upload = operation.method == "PUT" && operation.level == Level::object &&
                      operation.document_bytes_max == 0 && operation.header.empty();
  if (!upload || call.headers.has("content-length") || call.headers.has("x-amz-decoded-content-length"))
    return Passed{};
  if (!call.headers.has("transfer-encoding")) return s3_error(ErrorCode::missing_content_length);
  S3Error error = s3_error(ErrorCode::not_implemented);
  error.details.emplace_back("Header", "Transfer-Encoding");
  return error;
}

Task<Check> check_access(Services& services, const Call& call, const Operation& operation) {
  const bool versioned = !operation.version_action.empty() && call.query.has("versionId");
  const std::string_view action = versioned ? operation.version_action : operation.action;
  if (action.empty()) co_return Passed{};
  AccessTarget target;
  target.bucket = call.bucket_info;
  target.bucket_name = call.bucket;
  target.key = call.key;
  co_return co_await authorize(services, call, std::string(action), std::move(target));
}

// ---- One call ------------------------------------------------------------------------------------------------------

bool needs_bucket(const Operation& operation) {
  return operation.level != Level::service && operation.name != "CreateBucket";
}

// The header fields that may tell the digest of the document itself.
Fields document_headers(const Operation& operation, const Fields& headers) {
  if (!operation.checksum_of_object) return headers;
  Fields kept;
  for (const auto& [name, value] : headers) {
    if (!name.starts_with("x-amz-checksum-")) kept.add(name, value);
  }
  return kept;
}

Task<Outcome<Reply>> run(Services& services, const Operation& operation, Call& call) {
  CO_TRY(check_takes_as_of(operation, call));
  auto as_of = read_as_of(call);
  if (!as_of.ok()) {
    S3Error why = std::move(as_of).error();
    co_return co_await past_error(services, call, call.bucket, call.key, std::move(why));
  }
  call.as_of = *as_of;
  if (needs_bucket(operation)) {
    CO_TRY_ASSIGN(call.bucket_info, co_await find_bucket(services, call));
    CO_TRY(check_expected_owner(call, call.in(), "x-amz-expected-bucket-owner"));
    CO_TRY(check_payer(call, call.in()));
  }
  CO_TRY(co_await check_access(services, call, operation));
  CO_TRY(check_length(operation, call));
  if (operation.document_bytes_max > 0) {
    const Fields digests = document_headers(operation, call.headers);
    CO_TRY_ASSIGN(call.document,
                  co_await read_document(*call.body, digests, operation.document_bytes_max, operation.needs_digest));
  }
  co_return co_await operation.run(services, call);
}

// The region goes with every answer about a bucket as such, a refusal too: SDKs ask HeadBucket where a bucket is, with
// or without the right to it.
bool tells_region(std::string_view operation) {
  return operation == "HeadBucket" || operation.starts_with("ListObjects");
}

void add_region(const Call& call, std::string_view operation, http::Response& response) {
  constexpr std::string_view header = "x-amz-bucket-region";
  if (call.bucket_info == nullptr || !tells_region(operation) || response.headers.has(header)) return;
  response.headers.add(std::string(header), call.bucket_info->region);
}

bool is_form(const Call& call) {
  return call.method == "POST" && !call.bucket.empty() && call.key.empty() &&
         call.headers.get_or("content-type", "").starts_with("multipart/form-data");
}

// A POST to a bucket that is no operation was meant as a form.
bool meant_as_form(const Call& call, const S3Error& why) {
  return call.method == "POST" && level_of(call) == Level::bucket && why.code == ErrorCode::method_not_allowed &&
         why.details.back().second == "BUCKET";
}

S3Error no_form() {
  S3Error error = s3_error(ErrorCode::precondition_failed);
  error.details.emplace_back("Condition", "Bucket POST must be of the enclosure-type multipart/form-data");
  return error;
}

// `name` becomes the operation's, as soon as it is known.
Task<Outcome<Reply>> answer(Api& api, http::Request& request, Call& call, std::string_view& name) {
  if (call.method == "OPTIONS") {
    name = preflight_name;
    const BucketPtr bucket = api.services.buckets.find(call.bucket);
    co_return answer_preflight(call, bucket.get());
  }
  if (is_form(call)) {
    name = post_object_name;
    co_return co_await post_object(api.services, api.authentication, *request.body, call);
  }
  CO_TRY_ASSIGN(BodyPromise promise, authenticate(api.authentication, request, call));
  call.body = payload_source(*request.body, std::move(promise));
  Routed routed = route(call);
  if (routed.operation == nullptr) {
    if (meant_as_form(call, *routed.why)) co_return no_form();
    co_return *std::move(routed.why);
  }
  name = routed.operation->name;
  co_return co_await run(api.services, *routed.operation, call);
}

void allow_origin(Api& api, const Call& call, http::Response& response) {
  if (call.method == "OPTIONS" || call.bucket.empty() || !call.headers.has("origin")) return;
  const BucketPtr bucket = api.services.buckets.find(call.bucket);
  if (bucket != nullptr) add_cors_headers(response.headers, call, *bucket);
}

// What a request that has no valid address is answered with.
Call unaddressed(const http::Request& request) {
  Call call;
  call.method = request.method;
  call.resource = request.path();
  call.request_id = request.id.substr(0, 16);
  return call;
}

Task<http::Response> handle(std::shared_ptr<Api> api, http::Request& request) {
  const auto begin = std::chrono::steady_clock::now();
  std::string_view name;
  http::Response response;
  auto call = call_of(request, api->options.domain);
  if (call.ok()) {
    call->body = empty_source();
    auto reply = co_await answer(*api, request, *call, name);
    if (reply.ok() && call->bucket_info != nullptr && is_charged(*call, *call->bucket_info)) {
      reply->headers.add("x-amz-request-charged", "requester");
    }
    response = reply.ok() ? response_of(std::move(reply).value(), *call) : error_response(reply.error(), *call);
    add_region(*call, name, response);
    allow_origin(*api, *call, response);
    const std::string_view outcome = response.error_code.empty() ? std::string_view("ok") : response.error_code;
    co_await audit(api->options.audit, name, *call, outcome);
  } else {
    response = error_response(call.error(), unaddressed(request));
  }
  response.operation = name;
  if (api->options.observer != nullptr) {
    api->options.observer->on_s3_request(name, response.status, response.error_code,
                                         std::chrono::steady_clock::now() - begin);
  }
  co_return response;
}

}  // namespace

http::Handler make_handler(Services& services, Authentication authentication, ApiOptions options) {
  auto api = std::make_shared<Api>(Api{services, std::move(authentication), std::move(options)});
  // Not a coroutine itself: its capture would not outlive the call.
  return [api](http::Request& request) { return handle(api, request); };
}

}  // namespace reprise::s3
