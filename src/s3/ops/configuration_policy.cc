// A bucket's policy. The text is kept as it was put; it has been read once before it is kept, so that whoever asks it
// later can read it too.
#include <string>
#include <utility>

#include "auth/policy/policy.h"
#include "codec/xml.h"
#include "s3/ops/access.h"
#include "s3/ops/bucket_settings.h"
#include "s3/ops/configuration_operations.h"

namespace reprise::s3 {

namespace {

S3Error no_policy(const Bucket& bucket) {
  S3Error error = s3_error(ErrorCode::no_such_bucket_policy);
  error.details.emplace_back("BucketName", bucket.name);
  return error;
}

}  // namespace

Task<Outcome<Reply>> get_bucket_policy(Services&, Call& call) {
  if (call.in().policy.empty()) co_return no_policy(call.in());
  Reply reply;
  reply.headers.add("Content-Type", "application/json");
  reply.body = call.in().policy;
  co_return reply;
}

Task<Outcome<Reply>> put_bucket_policy(Services& services, Call& call) {
  auto parsed = auth::policy::parse_bucket_policy(call.document, call.in().name);
  if (!parsed.ok()) {
    co_return s3_error(ErrorCode::invalid_policy_document, std::string(parsed.error().message()));
  }
  const bool is_public = parsed.value()->is_public();
  Buckets::Edit change = [&call, is_public](Bucket& bucket) -> Check {
    if (is_public && bucket.public_access_block && bucket.public_access_block->block_public_policy) {
      return blocked_public_policy(call);
    }
    bucket.policy = call.document;
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change), 204);
}

Task<Outcome<Reply>> delete_bucket_policy(Services& services, Call& call) {
  Buckets::Edit change = [](Bucket& bucket) -> Check {
    bucket.policy.clear();
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change), 204);
}

Task<Outcome<Reply>> get_bucket_policy_status(Services&, Call& call) {
  if (call.in().policy.empty()) co_return no_policy(call.in());
  const auto parsed = auth::policy::parse_bucket_policy(call.in().policy, call.in().name);
  if (!parsed.ok()) co_return store_error(parsed.error().with_context("the policy of the bucket " + call.in().name));
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("PolicyStatus", codec::s3_namespace);
  xml.element("IsPublic", (*parsed)->is_public() ? codec::XmlWriter::Truth::yes : codec::XmlWriter::Truth::no);
  xml.close();
  co_return xml_reply(std::move(body));
}

}  // namespace reprise::s3
