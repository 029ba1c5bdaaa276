// Settings that are documents of their own: tags, CORS rules, default encryption.
#include <string>
#include <utility>

#include "s3/ops/bucket_settings.h"
#include "s3/ops/configuration_operations.h"

namespace reprise::s3 {

namespace {

S3Error missing(ErrorCode code, const Bucket& bucket) {
  S3Error error = s3_error(code);
  error.details.emplace_back("BucketName", bucket.name);
  return error;
}

}  // namespace

Task<Outcome<Reply>> get_bucket_tagging(Services&, Call& call) {
  if (call.in().tags.empty()) co_return missing(ErrorCode::no_such_tag_set, call.in());
  co_return xml_reply(print_tagging(call.in().tags));
}

Task<Outcome<Reply>> put_bucket_tagging(Services& services, Call& call) {
  CO_TRY_ASSIGN(Tags tags, parse_tagging(call.document, bucket_tags_max));
  Buckets::Edit change = [tags = std::move(tags)](Bucket& bucket) -> Check {
    bucket.tags = tags;
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change), 204);
}

Task<Outcome<Reply>> delete_bucket_tagging(Services& services, Call& call) {
  Buckets::Edit change = [](Bucket& bucket) -> Check {
    bucket.tags.clear();
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change), 204);
}

Task<Outcome<Reply>> get_bucket_cors(Services&, Call& call) {
  if (call.in().cors.empty()) co_return missing(ErrorCode::no_such_cors_configuration, call.in());
  co_return xml_reply(print_cors(call.in().cors));
}

Task<Outcome<Reply>> put_bucket_cors(Services& services, Call& call) {
  CO_TRY_ASSIGN(CorsRules rules, parse_cors(call.document));
  Buckets::Edit change = [rules = std::move(rules)](Bucket& bucket) -> Check {
    bucket.cors = rules;
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change));
}

Task<Outcome<Reply>> delete_bucket_cors(Services& services, Call& call) {
  Buckets::Edit change = [](Bucket& bucket) -> Check {
    bucket.cors.clear();
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change), 204);
}

Task<Outcome<Reply>> get_bucket_encryption(Services&, Call& call) {
  if (!call.in().encryption) {
    co_return missing(ErrorCode::server_side_encryption_configuration_not_found, call.in());
  }
  co_return xml_reply(print_bucket_encryption(*call.in().encryption));
}

Task<Outcome<Reply>> put_bucket_encryption(Services& services, Call& call) {
  CO_TRY_ASSIGN(BucketEncryption encryption, parse_bucket_encryption(call.document));
  Buckets::Edit change = [encryption = std::move(encryption)](Bucket& bucket) -> Check {
    bucket.encryption = encryption;
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change));
}

// Back to what a new bucket has.
Task<Outcome<Reply>> delete_bucket_encryption(Services& services, Call& call) {
  Buckets::Edit change = [encrypted = services.settings.encryption](Bucket& bucket) -> Check {
    bucket.encryption.reset();
    if (encrypted) bucket.encryption = BucketEncryption{};
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change), 204);
}

}  // namespace reprise::s3
