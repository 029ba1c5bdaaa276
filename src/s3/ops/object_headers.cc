// What the headers of an upload say of the object to be.
#include "s3/ops/object_headers.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "s3/model/metadata_text.h"
#include "s3/ops/access.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/payload.h"

namespace reprise::s3 {
namespace {

constexpr std::string_view metadata_prefix = "x-amz-meta-";
constexpr std::string_view redirect_header = "x-amz-website-redirect-location";
constexpr std::string_view default_content_type = "binary/octet-stream";
constexpr std::array<std::string_view, 7> kept_headers = {"content-type",        "content-encoding", "content-language",
                                                          "content-disposition", "cache-control",    "expires",
                                                          redirect_header};

// All that an object can be read from at once. The archives (GLACIER, DEEP_ARCHIVE) need a restore before a read.
constexpr std::array<std::string_view, 6> storage_classes = {"STANDARD",   "REDUCED_REDUNDANCY",  "STANDARD_IA",
                                                             "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"};

std::string_view trimmed_of(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The encodings of the object itself, without the framing of this request.
std::string content_encoding(std::string_view list) {
  std::string kept;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view encoding = trimmed_of(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (encoding.empty() || encoding == "aws-chunked") continue;
    if (!kept.empty()) kept += ',';
    kept += encoding;
  }
  return kept;
}

Check check_redirect(std::string_view location) {
  if (location.starts_with('/') || location.starts_with("http://") || location.starts_with("https://")) {
    return Passed();
  }
  return s3_error(ErrorCode::invalid_redirect_location);
}

bool has_grants(const Fields& headers) {
  return std::ranges::any_of(headers, [](const Fields::Field& field) {
    return field.first == "x-amz-acl" || field.first.starts_with("x-amz-grant-");
  });
}

// Whether the list that an upload asks for gives something to the bucket's owner and nothing to anybody else. Whoever
// may upload may do that: policies that ask for it grant s3:PutObject alone (S3 user guide, "Policy examples for
// ACLs").
bool grants_to_bucket_owner_alone(const Fields& headers, const Bucket& bucket) {
  if (const auto canned = headers.get("x-amz-acl")) {
    return *canned == "bucket-owner-full-control" || *canned == "bucket-owner-read";
  }
  const auto acl = acl_of_headers(headers, bucket.owner, bucket.owner);
  return acl.ok() && *acl && std::ranges::all_of((*acl)->grants, [&](const Grant& grant) {
           return grant.grantee.kind == Grantee::Kind::canonical_user && grant.grantee.id == bucket.owner;
         });
}

// Where lists are disabled, what gives the bucket's owner full control and nobody else anything is taken all the same
// (S3 API reference, PutObject, x-amz-acl: "only accept PUT requests that don't specify an ACL or PUT requests that
// specify bucket owner full control ACLs, such as the bucket-owner-full-control canned ACL or an equivalent form").
// Sent from the owner's account, `private` is that; upload libraries send it with everything.
Check check_acl_allowed(const Fields& headers, const Call& call, const Bucket& bucket) {
  if (bucket.ownership != ObjectOwnership::bucket_owner_enforced) return Passed();
  const bool grants =
      std::ranges::any_of(headers, [](const Fields::Field& field) { return field.first.starts_with("x-amz-grant-"); });
  const std::string_view canned = headers.get_or("x-amz-acl", "bucket-owner-full-control");
  const bool own_private = canned == "private" && call.caller.canonical_id == bucket.owner;
  if (grants || (canned != "bucket-owner-full-control" && !own_private)) {
    return s3_error(ErrorCode::access_control_list_not_supported);
  }
  return Passed();
}

}  // namespace

Outcome<HeaderPairs> content_headers(const Fields& headers) {
  HeaderPairs kept;
  for (const std::string_view name : kept_headers) {
    const auto value = headers.get(name);
    if (name == "content-encoding" && value) {
      std::string encoding = content_encoding(*value);
      if (!encoding.empty()) kept.emplace_back(name, std::move(encoding));
    } else if (name == "content-type" && (!value || value->empty())) {
      kept.emplace_back(name, default_content_type);
    } else if (value) {
      if (name == redirect_header) TRY(check_redirect(*value));
      kept.emplace_back(name, *value);
    }
  }
  return kept;
}

Outcome<HeaderPairs> object_metadata(const Fields& headers) {
  HeaderPairs metadata;
  for (const auto& [name, value] : headers) {
    if (!name.starts_with(metadata_prefix) || name.size() == metadata_prefix.size()) continue;
    std::string key = name.substr(metadata_prefix.size());
    const auto earlier = std::ranges::find(metadata, key, &HeaderPairs::value_type::first);
    if (earlier != metadata.end()) {
      earlier->second.append(",").append(decoded_metadata(value));
    } else {
      metadata.emplace_back(std::move(key), decoded_metadata(value));
    }
  }
  std::size_t bytes = 0;
  for (const auto& [key, value] : metadata) bytes += key.size() + value.size();
  if (bytes > metadata_bytes_max) {
    S3Error error = s3_error(ErrorCode::metadata_too_large);
    error.details = {{"Size", std::to_string(bytes)}, {"MaxSizeAllowed", std::to_string(metadata_bytes_max)}};
    return error;
  }
  return metadata;
}

Outcome<std::string> storage_class_of(const Fields& headers) {
  const std::string_view name = headers.get_or("x-amz-storage-class", "STANDARD");
  if (std::ranges::find(storage_classes, name) != storage_classes.end()) return std::string(name);
  S3Error error = s3_error(ErrorCode::invalid_storage_class);
  error.details = {{"StorageClassRequested", std::string(name)}};
  return error;
}

Outcome<SseRequest> encryption_of(const Fields& headers, const Call& call, const Bucket& bucket) {
  TRY(check_customer_key_transport(headers, call.secure, call.peer));
  TRY_ASSIGN(SseRequest asked, sse_of_headers(headers, "x-amz-server-side-encryption"));
  TRY_ASSIGN(SseRequest chosen, effective_sse(std::move(asked), bucket.encryption));
  TRY(check_kms_signature(call, chosen.kind));
  return chosen;
}

Check check_kms_signature(const Call& call, SseKind kind) {
  const bool version_4 = !call.caller.anonymous() && call.signature_version != signature_version_2;
  if (kind != SseKind::kms || version_4) return Passed();
  return invalid_argument(
      "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
      "Authorization", "null");
}

Outcome<Ownership> ownership_of(const Fields& headers, const Call& call, const Bucket& bucket) {
  TRY(check_acl_allowed(headers, call, bucket));
  Ownership ownership;
  const bool canned_for_bucket_owner = headers.get_or("x-amz-acl", "") == "bucket-owner-full-control";
  const bool to_bucket_owner = bucket.ownership == ObjectOwnership::bucket_owner_enforced ||
                               (bucket.ownership == ObjectOwnership::bucket_owner_preferred && canned_for_bucket_owner);
  ownership.owner = to_bucket_owner || call.caller.anonymous() ? bucket.owner : call.caller.canonical_id;
  if (bucket.ownership == ObjectOwnership::bucket_owner_enforced) return ownership;
  TRY_ASSIGN(ownership.acl, acl_of_headers(headers, ownership.owner, bucket.owner));
  const bool blocked = bucket.public_access_block && bucket.public_access_block->block_public_acls;
  if (blocked && ownership.acl && ownership.acl->is_public()) return blocked_public_acl(call, "s3:PutObject");
  return ownership;
}

Outcome<NewObject> new_object(const Fields& headers, const Call& call, const Bucket& bucket, std::int64_t now_micros) {
  NewObject made;
  ObjectVersion& version = made.version;
  TRY_ASSIGN(version.storage_class, storage_class_of(headers));
  TRY_ASSIGN(version.headers, content_headers(headers));
  TRY_ASSIGN(version.metadata, object_metadata(headers));
  if (const auto tags = headers.get("x-amz-tagging")) {
    TRY_ASSIGN(version.tags, parse_tagging_header(*tags));
  }
  TRY_ASSIGN(Ownership ownership, ownership_of(headers, call, bucket));
  version.owner = std::move(ownership.owner);
  version.acl = std::move(ownership.acl);
  TRY_ASSIGN(version.lock, lock_of_new_version(headers, bucket, now_micros));
  TRY_ASSIGN(made.encryption, encryption_of(headers, call, bucket));
  return made;
}

Task<Outcome<Passed>> authorize_headers(Services& services, const Call& call, BucketPtr bucket, std::string key,
                                        Fields headers) {
  std::vector<std::string> actions;
  if (headers.has("x-amz-tagging")) actions.emplace_back("s3:PutObjectTagging");
  if (has_grants(headers) && !grants_to_bucket_owner_alone(headers, *bucket)) {
    actions.emplace_back("s3:PutObjectAcl");
  }
  if (headers.has("x-amz-object-lock-mode") || headers.has("x-amz-object-lock-retain-until-date")) {
    actions.emplace_back("s3:PutObjectRetention");
  }
  if (headers.has("x-amz-object-lock-legal-hold")) actions.emplace_back("s3:PutObjectLegalHold");
  if (headers.has("if-match")) actions.emplace_back("s3:GetObject");
  for (std::string& action : actions) {
    AccessTarget target;
    target.bucket = bucket;
    target.bucket_name = bucket->name;
    target.key = key;
    CO_TRY(co_await authorize(services, call, std::move(action), std::move(target)));
  }
  co_return Passed();
}

Task<Outcome<Passed>> authorize_match(Services& services, const Call& call, std::string key, std::string if_match) {
  if (trimmed_of(if_match) == "*") co_return Passed();
  AccessTarget target;
  target.bucket = call.bucket_info;
  target.bucket_name = call.bucket;
  target.key = std::move(key);
  std::string action = "s3:GetObject";
  co_return co_await authorize(services, call, std::move(action), std::move(target));
}

Check check_key(std::string_view key) {
  if (key.size() <= object_key_bytes_max) return Passed();
  S3Error error = s3_error(ErrorCode::key_too_long);
  error.details = {{"Size", std::to_string(key.size())}, {"MaxSizeAllowed", std::to_string(object_key_bytes_max)}};
  return error;
}

}  // namespace reprise::s3
