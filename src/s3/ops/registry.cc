// Which operation a request is. Keeps: a request that names a subresource S3 knows never runs an operation without one,
// so that a setting S3 has and Reprise has not is refused rather than taken for an object's upload.
#include "s3/ops/registry.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

namespace reprise::s3 {
namespace {

// Every operation of S3 that is told by a subresource, to name those that Reprise does not have.
struct Known {
  std::string_view subresource;
  Level level;
  std::string_view method;
  std::string_view name;
};
constexpr Level in_bucket = Level::bucket;
constexpr Level in_object = Level::object;
constexpr Known known[] = {
    {"abac", in_bucket, "GET", "GetBucketAbac"},
    {"abac", in_bucket, "PUT", "PutBucketAbac"},
    {"accelerate", in_bucket, "GET", "GetBucketAccelerateConfiguration"},
    {"accelerate", in_bucket, "PUT", "PutBucketAccelerateConfiguration"},
    {"acl", in_bucket, "GET", "GetBucketAcl"},
    {"acl", in_bucket, "PUT", "PutBucketAcl"},
    {"analytics", in_bucket, "GET", "GetBucketAnalyticsConfiguration"},
    {"analytics", in_bucket, "PUT", "PutBucketAnalyticsConfiguration"},
    {"analytics", in_bucket, "DELETE", "DeleteBucketAnalyticsConfiguration"},
    {"cors", in_bucket, "GET", "GetBucketCors"},
    {"cors", in_bucket, "PUT", "PutBucketCors"},
    {"cors", in_bucket, "DELETE", "DeleteBucketCors"},
    {"delete", in_bucket, "POST", "DeleteObjects"},
    {"encryption", in_bucket, "GET", "GetBucketEncryption"},
    {"encryption", in_bucket, "PUT", "PutBucketEncryption"},
    {"encryption", in_bucket, "DELETE", "DeleteBucketEncryption"},
    {"intelligent-tiering", in_bucket, "GET", "GetBucketIntelligentTieringConfiguration"},
    {"intelligent-tiering", in_bucket, "PUT", "PutBucketIntelligentTieringConfiguration"},
    {"intelligent-tiering", in_bucket, "DELETE", "DeleteBucketIntelligentTieringConfiguration"},
    {"inventory", in_bucket, "GET", "GetBucketInventoryConfiguration"},
    {"inventory", in_bucket, "PUT", "PutBucketInventoryConfiguration"},
    {"inventory", in_bucket, "DELETE", "DeleteBucketInventoryConfiguration"},
    {"lifecycle", in_bucket, "GET", "GetBucketLifecycleConfiguration"},
    {"lifecycle", in_bucket, "PUT", "PutBucketLifecycleConfiguration"},
    {"lifecycle", in_bucket, "DELETE", "DeleteBucketLifecycle"},
    {"list-type", in_bucket, "GET", "ListObjectsV2"},
    {"location", in_bucket, "GET", "GetBucketLocation"},
    {"logging", in_bucket, "GET", "GetBucketLogging"},
    {"logging", in_bucket, "PUT", "PutBucketLogging"},
    {"metadataConfiguration", in_bucket, "GET", "GetBucketMetadataConfiguration"},
    {"metadataConfiguration", in_bucket, "POST", "CreateBucketMetadataConfiguration"},
    {"metadataConfiguration", in_bucket, "DELETE", "DeleteBucketMetadataConfiguration"},
    {"metadataAnnotationTable", in_bucket, "PUT", "UpdateBucketMetadataAnnotationTableConfiguration"},
    {"metadataInventoryTable", in_bucket, "PUT", "UpdateBucketMetadataInventoryTableConfiguration"},
    {"metadataJournalTable", in_bucket, "PUT", "UpdateBucketMetadataJournalTableConfiguration"},
    {"metadataTable", in_bucket, "GET", "GetBucketMetadataTableConfiguration"},
    {"metadataTable", in_bucket, "POST", "CreateBucketMetadataTableConfiguration"},
    {"metadataTable", in_bucket, "DELETE", "DeleteBucketMetadataTableConfiguration"},
    {"metrics", in_bucket, "GET", "GetBucketMetricsConfiguration"},
    {"metrics", in_bucket, "PUT", "PutBucketMetricsConfiguration"},
    {"metrics", in_bucket, "DELETE", "DeleteBucketMetricsConfiguration"},
    {"notification", in_bucket, "GET", "GetBucketNotificationConfiguration"},
    {"notification", in_bucket, "PUT", "PutBucketNotificationConfiguration"},
    {"object-lock", in_bucket, "GET", "GetObjectLockConfiguration"},
    {"object-lock", in_bucket, "PUT", "PutObjectLockConfiguration"},
    {"ownershipControls", in_bucket, "GET", "GetBucketOwnershipControls"},
    {"ownershipControls", in_bucket, "PUT", "PutBucketOwnershipControls"},
    {"ownershipControls", in_bucket, "DELETE", "DeleteBucketOwnershipControls"},
    {"policy", in_bucket, "GET", "GetBucketPolicy"},
    {"policy", in_bucket, "PUT", "PutBucketPolicy"},
    {"policy", in_bucket, "DELETE", "DeleteBucketPolicy"},
    {"policyStatus", in_bucket, "GET", "GetBucketPolicyStatus"},
    {"publicAccessBlock", in_bucket, "GET", "GetPublicAccessBlock"},
    {"publicAccessBlock", in_bucket, "PUT", "PutPublicAccessBlock"},
    {"publicAccessBlock", in_bucket, "DELETE", "DeletePublicAccessBlock"},
    {"replication", in_bucket, "GET", "GetBucketReplication"},
    {"replication", in_bucket, "PUT", "PutBucketReplication"},
    {"replication", in_bucket, "DELETE", "DeleteBucketReplication"},
    {"reprise-recovery", in_bucket, "GET", "GetBucketRecovery"},
    {"reprise-recovery", in_bucket, "PUT", "PutBucketRecovery"},
    {"requestPayment", in_bucket, "GET", "GetBucketRequestPayment"},
    {"requestPayment", in_bucket, "PUT", "PutBucketRequestPayment"},
    {"session", in_bucket, "GET", "CreateSession"},
    {"tagging", in_bucket, "GET", "GetBucketTagging"},
    {"tagging", in_bucket, "PUT", "PutBucketTagging"},
    {"tagging", in_bucket, "DELETE", "DeleteBucketTagging"},
    {"uploads", in_bucket, "GET", "ListMultipartUploads"},
    {"versioning", in_bucket, "GET", "GetBucketVersioning"},
    {"versioning", in_bucket, "PUT", "PutBucketVersioning"},
    {"versions", in_bucket, "GET", "ListObjectVersions"},
    {"website", in_bucket, "GET", "GetBucketWebsite"},
    {"website", in_bucket, "PUT", "PutBucketWebsite"},
    {"website", in_bucket, "DELETE", "DeleteBucketWebsite"},
    {"acl", in_object, "GET", "GetObjectAcl"},
    {"acl", in_object, "PUT", "PutObjectAcl"},
    {"annotation", in_object, "GET", "GetObjectAnnotation"},
    {"annotation", in_object, "PUT", "PutObjectAnnotation"},
    {"annotation", in_object, "DELETE", "DeleteObjectAnnotation"},
    {"attributes", in_object, "GET", "GetObjectAttributes"},
    {"encryption", in_object, "PUT", "UpdateObjectEncryption"},
    {"legal-hold", in_object, "GET", "GetObjectLegalHold"},
    {"legal-hold", in_object, "PUT", "PutObjectLegalHold"},
    {"renameObject", in_object, "PUT", "RenameObject"},
    {"restore", in_object, "POST", "RestoreObject"},
    {"retention", in_object, "GET", "GetObjectRetention"},
    {"retention", in_object, "PUT", "PutObjectRetention"},
    {"select", in_object, "POST", "SelectObjectContent"},
    {"tagging", in_object, "GET", "GetObjectTagging"},
    {"tagging", in_object, "PUT", "PutObjectTagging"},
    {"tagging", in_object, "DELETE", "DeleteObjectTagging"},
    {"torrent", in_object, "GET", "GetObjectTorrent"},
    {"uploadId", in_object, "GET", "ListParts"},
    {"uploadId", in_object, "PUT", "UploadPart"},
    {"uploadId", in_object, "POST", "CompleteMultipartUpload"},
    {"uploadId", in_object, "DELETE", "AbortMultipartUpload"},
    {"uploads", in_object, "POST", "CreateMultipartUpload"},
};

constexpr std::array levels = {Level::service, Level::bucket, Level::object};
constexpr std::array<std::string_view, 5> methods = {"GET", "HEAD", "PUT", "POST", "DELETE"};
using Candidates = std::vector<const Operation*>;
using Table = std::array<std::array<Candidates, methods.size()>, levels.size()>;

Table make_table() {
  Table table;
  for (const auto family : {bucket_operations(), configuration_operations(), object_operations(), version_operations(),
                            multipart_operations(), lock_operations(), lifecycle_operations()}) {
    for (const Operation& operation : family) {
      const auto method = std::ranges::find(methods, operation.method);
      if (method == methods.end()) continue;
      const auto column = static_cast<std::size_t>(method - methods.begin());
      table[static_cast<std::size_t>(operation.level)][column].push_back(&operation);
    }
  }
  return table;
}

const Candidates& candidates(Level level, std::string_view method) {
  static const Table table = make_table();
  static const Candidates none;
  const auto found = std::ranges::find(methods, method);
  if (found == methods.end()) return none;
  return table[static_cast<std::size_t>(level)][static_cast<std::size_t>(found - methods.begin())];
}

std::string_view level_name(Level level) {
  return level == Level::service ? "SERVICE" : level == Level::bucket ? "BUCKET" : "OBJECT";
}

S3Error method_not_allowed(const Call& call, Level level, std::string_view subresource) {
  S3Error error = s3_error(ErrorCode::method_not_allowed);
  std::string resource(subresource.empty() ? level_name(level) : subresource);
  std::ranges::transform(resource, resource.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  error.details.emplace_back("Method", call.method);
  error.details.emplace_back("ResourceType", std::move(resource));
  return error;
}

S3Error not_supported(std::string_view name, std::string_view subresource) {
  S3Error error = s3_error(ErrorCode::not_implemented,
                           "Reprise does not support " + std::string(name) + "; see docs/compatibility.md");
  error.details.emplace_back("Operation", name);
  if (!subresource.empty()) error.details.emplace_back("Subresource", subresource);
  return error;
}

// How well a row fits: the more it names, the better. 0: not at all.
int fit(const Operation& operation, const Call& call, bool subresource_there) {
  int score = 1;
  if (operation.subresource.empty()) {
    if (subresource_there) return 0;
  } else {
    if (!call.query.has(operation.subresource)) return 0;
    score += 2;
  }
  if (!operation.header.empty()) {
    if (!call.headers.has(operation.header)) return 0;
    score += 1;
  }
  return score;
}

}  // namespace

Level level_of(const Call& call) {
  if (call.bucket.empty()) return Level::service;
  return call.key.empty() ? Level::bucket : Level::object;
}

namespace {

// An upload of a part that has lost its uploadId would replace the whole object.
bool is_half_a_part(const Call& call, Level level) {
  return level == Level::object && call.method == "PUT" && call.query.has("partNumber") != call.query.has("uploadId");
}

// What an operation would pay no attention to, though it would not do what was meant then.
std::optional<S3Error> out_of_place(const Call& call, const Operation& operation) {
  const bool makes_a_version =
      operation.name == "PutObject" || operation.name == "CopyObject" || operation.name == "CompleteMultipartUpload";
  if (const auto version = call.query.get("versionId"); version && makes_a_version) {
    return invalid_argument("This operation does not accept a version-id.", "versionId", std::string(*version));
  }
  constexpr std::string_view copy_source = "x-amz-copy-source";
  const auto source = call.headers.get(copy_source);
  const bool takes_none = call.method != "PUT" && (call.method != "POST" || call.query.has("uploadId"));
  if (source && takes_none) {
    return invalid_argument("You can only specify a copy source header for copy requests.", std::string(copy_source),
                            std::string(*source));
  }
  return std::nullopt;
}

// The subresources of S3's that the request names, in the order of their names. "list-type" is a listing's parameter.
std::vector<std::string_view> subresources_of(const Call& call, Level level) {
  std::vector<std::string_view> named;
  for (const Known& row : known) {
    if (row.level != level || row.subresource == "list-type" || !call.query.has(row.subresource)) continue;
    if (std::ranges::find(named, row.subresource) == named.end()) named.push_back(row.subresource);
  }
  std::ranges::sort(named);
  return named;
}

S3Error conflicting(const std::vector<std::string_view>& subresources) {
  std::string message = "Conflicting query string parameters: ";
  for (const std::string_view name : subresources) {
    message.append(name == subresources.front() ? "" : ", ").append(name);
  }
  return invalid_argument(std::move(message), "ResourceType", std::string(subresources.front()));
}

// An operation of S3's that no subresource tells: of directory buckets, which share "GET /" with the others, and of
// Object Lambda.
std::string_view told_otherwise(const Call& call) {
  const bool listing = call.bucket.empty() && call.method == "GET";
  const bool directories = call.query.get("x-id") == "ListDirectoryBuckets" || call.query.has("max-directory-buckets");
  if (listing && directories) return "ListDirectoryBuckets";
  if (call.bucket == "WriteGetObjectResponse" && call.method == "POST") return "WriteGetObjectResponse";
  return {};
}

}  // namespace

Routed route(const Call& call) {
  const Level level = level_of(call);
  const Candidates& rows = candidates(level, call.method);
  const std::vector<std::string_view> subresources = subresources_of(call, level);
  const std::string_view other = told_otherwise(call);
  Routed routed;
  if (!other.empty()) routed.why = not_supported(other, {});
  if (other.empty() && subresources.size() > 1) routed.why = conflicting(subresources);
  if (routed.why) return routed;
  const std::string_view named = subresources.empty() ? std::string_view() : subresources.front();
  int best = 0;
  for (const Operation* operation : rows) {
    const int score = fit(*operation, call, !named.empty());
    if (score > best) {
      best = score;
      routed.operation = operation;
    }
  }
  if (routed.operation != nullptr && is_half_a_part(call, level)) {
    routed.operation = nullptr;
    routed.why = invalid_argument("This operation needs both partNumber and uploadId", "partNumber",
                                  std::string(call.query.get_or("partNumber", "")));
  }
  if (routed.operation != nullptr) {
    routed.why = out_of_place(call, *routed.operation);
    if (routed.why) routed.operation = nullptr;
  }
  if (routed.operation != nullptr || routed.why) return routed;
  const auto found = std::ranges::find_if(known, [&](const Known& row) {
    return row.level == level && row.method == call.method && row.subresource == named;
  });
  routed.why = found != std::end(known) ? not_supported(found->name, named) : method_not_allowed(call, level, named);
  return routed;
}

std::vector<std::string_view> operation_names() {
  std::vector<std::string_view> names;
  for (const Level level : levels) {
    for (const std::string_view method : methods) {
      for (const Operation* operation : candidates(level, method)) names.push_back(operation->name);
    }
  }
  return names;
}

}  // namespace reprise::s3
