// Fuzzes the targets of requests. Oracle: what is refused is refused as no URI or as too long a key; what is read is
// UTF-8, and written again (percent-encoded) it is read as the same bucket, key and parameters.
#include <cstddef>
#include <cstdint>

#include "auth/sigv4/canonical.h"
#include "base/assert.h"
#include "codec/utf8.h"
#include "s3/api/addressing.h"
#include "s3/model/object.h"

namespace reprise::s3 {
namespace {

http::Request request_for(std::string target) {
  http::Request request;
  request.method = "GET";
  request.target = std::move(target);
  request.headers.add("Host", "b.s3.test");
  request.id = std::string(52, 'A');
  return request;
}

void check(BytesView target, std::string_view domain) {
  const auto call = call_of(request_for(std::string(target)), domain);
  if (!call.ok()) {
    ASSERT(call.error().code == ErrorCode::invalid_uri || call.error().code == ErrorCode::key_too_long);
    return;
  }
  ASSERT(codec::is_utf8(call->key) && codec::is_utf8(call->bucket));
  ASSERT(call->key.size() <= object_key_bytes_max);
  ASSERT(call->bucket.find('/') == std::string::npos);
  Bytes again = domain.empty() ? "/" : "";
  if (domain.empty()) {
    auth::sigv4::append_uri_encoded(again, call->bucket, auth::sigv4::Slash::encode);
    if (call->bucket.empty()) ASSERT(call->key.empty());
  }
  if (!call->bucket.empty()) again.push_back('/');
  auth::sigv4::append_uri_encoded(again, call->key, auth::sigv4::Slash::encode);
  again.push_back('?');
  for (const auto& [name, value] : call->query) {
    auth::sigv4::append_uri_encoded(again, name, auth::sigv4::Slash::encode);
    again.push_back('=');
    auth::sigv4::append_uri_encoded(again, value, auth::sigv4::Slash::encode);
    again.push_back('&');
  }
  const auto same = call_of(request_for(again), domain);
  ASSERT(same.ok());
  ASSERT(same->bucket == call->bucket && same->key == call->key);
  ASSERT(std::equal(same->query.begin(), same->query.end(), call->query.begin(), call->query.end()));
}

}  // namespace
}  // namespace reprise::s3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const reprise::BytesView input(reinterpret_cast<const char*>(data), size);
  reprise::s3::check(input, "");
  reprise::s3::check(input, "s3.test");
  (void)reprise::s3::is_s3_request(reprise::s3::request_for(std::string(input)), "s3.test");
  return 0;
}
