// CreateBucket. The order of its checks is S3's: the name, the document, the location, the headers; then whether the
// caller may ask for such a bucket, and only then whether the name is free, so that a refused request learns nothing.
#include "s3/ops/create_bucket.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "codec/xml.h"
#include "s3/model/document.h"
#include "s3/ops/access.h"
#include "s3/ops/bucket_settings.h"
#include "s3/ops/buckets.h"

namespace reprise::s3 {

namespace {

constexpr std::string_view first_region = "us-east-1";
constexpr std::size_t buckets_max = 10'000;  // of one account, as on AWS
constexpr std::string_view recovery_header = "x-reprise-recovery-days";

// "eu-west-1", "us-gov-east-1": letters and dashes, and a number behind the last dash.
bool looks_like_region(std::string_view name) {
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos || dash + 2 != name.size() || name[dash + 1] < '1' || name[dash + 1] > '9') {
    return false;
  }
  return std::count(name.begin(), name.end(), '-') >= 2 &&
         std::all_of(name.begin(), name.begin() + dash, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

S3Error illegal_location(std::string_view wanted) {
  return s3_error(
      ErrorCode::illegal_location_constraint,
      "The " + std::string(wanted) +
          " location constraint is incompatible for the region specific endpoint this request was sent to.");
}

// Stock clients call any endpoint that is not AWS's us-east-1 and so name no location; as the region of a signature may
// be any, it is this endpoint that they mean.
Check check_location(std::string_view wanted, std::string_view region, std::string_view signed_region) {
  if (wanted.empty()) {
    if (region == first_region || signed_region == first_region) return Passed{};
    return illegal_location("unspecified");
  }
  // us-east-1 is where buckets without a location are; S3 takes it for no location's name there.
  const bool own = wanted == region || (wanted == "EU" && region == "eu-west-1");
  if (own && wanted != first_region) return Passed{};
  if (wanted != "EU" && (own || !looks_like_region(wanted))) {
    S3Error error = s3_error(ErrorCode::invalid_location_constraint);
    error.details.emplace_back("LocationConstraint", std::string(wanted));
    return error;
  }
  return illegal_location(wanted);
}

struct Configuration {
  std::string location;
  Tags tags;
};

Outcome<Configuration> parse_configuration(BytesView document) {
  Configuration configuration;
  if (trimmed(document).empty()) return configuration;
  TRY_ASSIGN(const codec::XmlElement root, parse_document(document, "CreateBucketConfiguration"));
  if (!has_only(root, {"LocationConstraint", "Location", "Bucket", "Tags"}) ||
      count_of(root, "LocationConstraint") > 1 || count_of(root, "Tags") > 1) {
    return s3_error(ErrorCode::malformed_xml);
  }
  if (root.child("Location") != nullptr || root.child("Bucket") != nullptr) {
    return s3_error(ErrorCode::not_implemented,
                    "Reprise does not support directory buckets; see docs/compatibility.md");
  }
  configuration.location = std::string(trimmed(root.text_of("LocationConstraint")));
  if (const codec::XmlElement* tags = root.child("Tags")) {
    TRY_ASSIGN(configuration.tags, parse_tag_set(*tags, bucket_tags_max));
  }
  return configuration;
}

Bucket default_bucket(const Settings& settings, const Call& call) {
  Bucket bucket;
  bucket.name = call.bucket;
  bucket.account = call.caller.identity ? call.caller.identity->account : "";
  bucket.owner = canonical_id_of(bucket.account);
  bucket.region = settings.region;
  bucket.acl = private_acl(bucket.owner);
  bucket.ownership = settings.ownership;
  bucket.recovery_days = settings.recovery_days;
  if (!settings.public_access_block) bucket.public_access_block.reset();
  if (settings.versioning) bucket.versioning = Versioning::enabled;
  if (settings.encryption) bucket.encryption = BucketEncryption{};
  if (settings.noncurrent_days > 0) {
    LifecycleRule rule;
    rule.id = "noncurrent-versions";
    rule.enabled = true;
    rule.noncurrent_days = settings.noncurrent_days;
    Lifecycle lifecycle;
    lifecycle.rules.push_back(std::move(rule));
    bucket.lifecycle = std::make_shared<const Lifecycle>(std::move(lifecycle));
  }
  return bucket;
}

Check take_object_lock(const Fields& headers, Bucket& bucket) {
  constexpr std::string_view header = "x-amz-bucket-object-lock-enabled";
  const auto value = headers.get(header);
  if (!value || *value == "false" || *value == "False") return Passed{};
  if (*value != "true" && *value != "True") {
    return invalid_argument("The value of this header must be true or false", std::string(header), std::string(*value));
  }
  bucket.object_lock_enabled = true;
  bucket.versioning = Versioning::enabled;
  return Passed{};
}

Check take_recovery(const Fields& headers, const Settings& settings, Bucket& bucket) {
  const auto value = headers.get(recovery_header);
  if (!value) return Passed{};
  std::int64_t days = -1;
  const auto read = std::from_chars(value->data(), value->data() + value->size(), days);
  if (read.ec != std::errc() || read.ptr != value->data() + value->size() || days < 0 ||
      days > settings.recovery_days_max) {
    return invalid_argument(
        "The recovery period must be a number of days between 0 and " + std::to_string(settings.recovery_days_max),
        std::string(recovery_header), std::string(*value));
  }
  bucket.recovery_days = days;
  return Passed{};
}

Check take_ownership(const Fields& headers, Bucket& bucket) {
  constexpr std::string_view header = "x-amz-object-ownership";
  const auto value = headers.get(header);
  if (!value) return Passed{};
  const auto ownership = ownership_named(*value);
  if (!ownership) {
    return invalid_argument("Invalid x-amz-object-ownership header: " + std::string(*value), std::string(header),
                            std::string(*value));
  }
  bucket.ownership = *ownership;
  return Passed{};
}

Check take_acl(const Fields& headers, Bucket& bucket) {
  TRY_ASSIGN(auto acl, acl_of_headers(headers, bucket.owner, bucket.owner));
  if (acl) bucket.acl = std::move(*acl);
  if (bucket.ownership == ObjectOwnership::bucket_owner_enforced && !is_owner_only(bucket.acl)) {
    return s3_error(ErrorCode::invalid_bucket_acl_with_object_ownership);
  }
  if (blocks_own_acl(bucket)) return s3_error(ErrorCode::invalid_bucket_acl_with_block_public_access);
  return Passed{};
}

// Policies may say which tags a bucket is made with.
void add_tags(AccessTarget& target, const Tags& tags) {
  for (const Tag& tag : tags) {
    target.context.emplace_back("aws:RequestTag/" + tag.key, tag.value);
    target.context.emplace_back("aws:TagKeys", tag.key);
  }
}

// Policies may say where buckets are made (S3 user guide, "Bucket policy examples using condition keys"), so the right
// is asked for when the location is known.
Task<Check> authorize_creation(Services& services, Call& call) {
  AccessTarget target;
  target.bucket_name = call.bucket;
  const auto configuration = parse_configuration(call.document);
  if (configuration.ok() && !configuration->location.empty()) {
    target.context.emplace_back("s3:LocationConstraint", configuration->location);
  }
  if (configuration.ok()) add_tags(target, configuration->tags);
  co_return co_await authorize(services, call, "s3:CreateBucket", std::move(target));
}

// S3 API reference, CreateBucket: "You must have the s3:TagResource permission to create a general purpose bucket with
// tags".
Task<Check> authorize_tags(Services& services, const Call& call, const Bucket& bucket) {
  if (bucket.tags.empty()) co_return Passed{};
  AccessTarget target;
  target.bucket_name = call.bucket;
  add_tags(target, bucket.tags);
  co_return co_await authorize(services, call, "s3:TagResource", std::move(target));
}

// What the request asks for beyond a bucket has rights of its own.
Task<Check> authorize_extras(Services& services, Call& call) {
  std::vector<std::string> actions;
  const auto has_prefix = [&](std::string_view prefix) {
    return std::any_of(call.headers.begin(), call.headers.end(),
                       [&](const Fields::Field& field) { return field.first.starts_with(prefix); });
  };
  // S3 API reference, CreateBucket: "if you set the ACL to private, or if you don't specify any ACLs, only the
  // s3:CreateBucket permission is required".
  const bool listed = call.headers.get_or("x-amz-acl", "private") != "private";
  if (listed || has_prefix("x-amz-grant-")) actions.emplace_back("s3:PutBucketAcl");
  if (call.headers.has("x-amz-object-ownership")) actions.emplace_back("s3:PutBucketOwnershipControls");
  const auto lock = call.headers.get_or("x-amz-bucket-object-lock-enabled", "false");
  if (lock == "true" || lock == "True") {
    actions.emplace_back("s3:PutBucketObjectLockConfiguration");
    actions.emplace_back("s3:PutBucketVersioning");
  }
  if (call.headers.has(recovery_header)) actions.emplace_back("reprise:PutBucketRecovery");
  for (std::string& action : actions) {
    AccessTarget target;
    target.bucket_name = call.bucket;
    CO_TRY(co_await authorize(services, call, std::move(action), std::move(target)));
  }
  co_return Passed{};
}

S3Error taken(ErrorCode code, const std::string& name) {
  S3Error error = s3_error(code);
  error.details.emplace_back("BucketName", name);
  return error;
}

// What the oldest region does with a bucket that its owner makes again: its list is set anew, all else stays (S3 API
// reference, CreateBucket, BucketAlreadyOwnedByYou).
Check reset_acl(Bucket& bucket, const Acl& acl) {
  if (bucket.ownership == ObjectOwnership::bucket_owner_enforced) return Passed{};
  bucket.acl = acl;
  if (blocks_own_acl(bucket)) return s3_error(ErrorCode::invalid_bucket_acl_with_block_public_access);
  return Passed{};
}

Reply created(const std::string& name) {
  Reply reply;
  reply.headers.add("Location", "/" + name);
  return reply;
}

}  // namespace

Outcome<Bucket> bucket_of_request(const Settings& settings, const Call& call) {
  TRY(check_bucket_name(call.bucket));
  if (call.headers.get_or("x-amz-bucket-namespace", "global") != "global") {
    return s3_error(ErrorCode::not_implemented,
                    "Reprise does not support bucket namespaces of accounts; see docs/compatibility.md");
  }
  TRY_ASSIGN(Configuration configuration, parse_configuration(call.document));
  TRY(check_location(configuration.location, settings.region, call.signed_region));
  Bucket bucket = default_bucket(settings, call);
  bucket.tags = std::move(configuration.tags);
  TRY(take_ownership(call.headers, bucket));
  TRY(take_object_lock(call.headers, bucket));
  TRY(take_recovery(call.headers, settings, bucket));
  TRY(take_acl(call.headers, bucket));
  return bucket;
}

Task<Outcome<Reply>> create_bucket(Services& services, Call& call) {
  CO_TRY(co_await authorize_creation(services, call));
  CO_TRY_ASSIGN(Bucket bucket, bucket_of_request(services.settings, call));
  CO_TRY(co_await authorize_extras(services, call));
  CO_TRY(co_await authorize_tags(services, call, bucket));
  const std::string account = bucket.account;
  const std::string name = bucket.name;
  const Acl acl = bucket.acl;
  if (!services.buckets.find(name) && services.buckets.of_account(account).size() >= buckets_max) {
    co_return s3_error(ErrorCode::too_many_buckets);
  }
  const auto added = co_await services.buckets.add(std::move(bucket));
  if (added.ok()) co_return created(name);
  if (!added.error().is(Code::already_exists)) {
    if (added.error().is(Code::conflict)) co_return s3_error(ErrorCode::operation_aborted);
    co_return store_error(added.error());
  }
  const BucketPtr existing = services.buckets.find(name);
  if (!existing || existing->account != account) co_return taken(ErrorCode::bucket_already_exists, name);
  // The oldest region alone answers a repeated request with success.
  if (services.settings.region != first_region) co_return taken(ErrorCode::bucket_already_owned_by_you, name);
  Buckets::Edit change = [acl](Bucket& kept) { return reset_acl(kept, acl); };
  CO_TRY(co_await services.buckets.edit(existing, std::move(change)));
  co_return created(name);
}

}  // namespace reprise::s3
