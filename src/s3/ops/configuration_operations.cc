// The table of the operations on a bucket's settings.
#include "s3/ops/configuration_operations.h"

#include <array>

namespace reprise::s3 {

namespace {

constexpr std::size_t document_bytes_max = std::size_t{64} << 10;
// Policies have a limit of their own, which says so itself; and hundreds of notifications may stand in one document.
constexpr std::size_t large_document_bytes_max = std::size_t{1} << 20;

constexpr Operation get(std::string_view name, std::string_view subresource, OperationFunction run,
                        std::string_view action) {
  Operation operation;
  operation.name = name;
  operation.level = Level::bucket;
  operation.method = "GET";
  operation.subresource = subresource;
  operation.run = run;
  operation.action = action;
  return operation;
}

constexpr Operation put(std::string_view name, std::string_view subresource, OperationFunction run,
                        std::string_view action, std::size_t bytes_max = document_bytes_max) {
  Operation operation = get(name, subresource, run, action);
  operation.method = "PUT";
  operation.document_bytes_max = bytes_max;
  return operation;
}

constexpr Operation remove(std::string_view name, std::string_view subresource, OperationFunction run,
                           std::string_view action) {
  Operation operation = get(name, subresource, run, action);
  operation.method = "DELETE";
  return operation;
}

constexpr Operation with_digest(Operation operation) {
  operation.needs_digest = true;
  return operation;
}

constexpr std::array operations{
    get("GetBucketVersioning", "versioning", get_bucket_versioning, "s3:GetBucketVersioning"),
    put("PutBucketVersioning", "versioning", put_bucket_versioning, "s3:PutBucketVersioning"),

    get("GetBucketTagging", "tagging", get_bucket_tagging, "s3:GetBucketTagging"),
    put("PutBucketTagging", "tagging", put_bucket_tagging, "s3:PutBucketTagging"),
    remove("DeleteBucketTagging", "tagging", delete_bucket_tagging, "s3:PutBucketTagging"),
    get("GetBucketCors", "cors", get_bucket_cors, "s3:GetBucketCORS"),
    with_digest(put("PutBucketCors", "cors", put_bucket_cors, "s3:PutBucketCORS")),
    remove("DeleteBucketCors", "cors", delete_bucket_cors, "s3:PutBucketCORS"),
    get("GetBucketEncryption", "encryption", get_bucket_encryption, "s3:GetEncryptionConfiguration"),
    put("PutBucketEncryption", "encryption", put_bucket_encryption, "s3:PutEncryptionConfiguration"),
    remove("DeleteBucketEncryption", "encryption", delete_bucket_encryption, "s3:PutEncryptionConfiguration"),

    get("GetBucketPolicy", "policy", get_bucket_policy, "s3:GetBucketPolicy"),
    put("PutBucketPolicy", "policy", put_bucket_policy, "s3:PutBucketPolicy", large_document_bytes_max),
    remove("DeleteBucketPolicy", "policy", delete_bucket_policy, "s3:DeleteBucketPolicy"),
    get("GetBucketPolicyStatus", "policyStatus", get_bucket_policy_status, "s3:GetBucketPolicyStatus"),

    get("GetBucketAcl", "acl", get_bucket_acl, "s3:GetBucketAcl"),
    put("PutBucketAcl", "acl", put_bucket_acl, "s3:PutBucketAcl"),
    get("GetBucketOwnershipControls", "ownershipControls", get_bucket_ownership_controls,
        "s3:GetBucketOwnershipControls"),
    put("PutBucketOwnershipControls", "ownershipControls", put_bucket_ownership_controls,
        "s3:PutBucketOwnershipControls"),
    remove("DeleteBucketOwnershipControls", "ownershipControls", delete_bucket_ownership_controls,
           "s3:PutBucketOwnershipControls"),
    get("GetPublicAccessBlock", "publicAccessBlock", get_public_access_block, "s3:GetBucketPublicAccessBlock"),
    put("PutPublicAccessBlock", "publicAccessBlock", put_public_access_block, "s3:PutBucketPublicAccessBlock"),
    remove("DeletePublicAccessBlock", "publicAccessBlock", delete_public_access_block, "s3:PutBucketPublicAccessBlock"),

    get("GetBucketRequestPayment", "requestPayment", get_bucket_request_payment, "s3:GetBucketRequestPayment"),
    put("PutBucketRequestPayment", "requestPayment", put_bucket_request_payment, "s3:PutBucketRequestPayment"),
    get("GetBucketAccelerateConfiguration", "accelerate", get_bucket_accelerate, "s3:GetAccelerateConfiguration"),
    put("PutBucketAccelerateConfiguration", "accelerate", put_bucket_accelerate, "s3:PutAccelerateConfiguration"),
    get("GetBucketLogging", "logging", get_bucket_logging, "s3:GetBucketLogging"),
    put("PutBucketLogging", "logging", put_bucket_logging, "s3:PutBucketLogging"),
    get("GetBucketNotificationConfiguration", "notification", get_bucket_notification, "s3:GetBucketNotification"),
    put("PutBucketNotificationConfiguration", "notification", put_bucket_notification, "s3:PutBucketNotification",
        large_document_bytes_max),

    get("GetBucketAnalyticsConfiguration", "analytics", get_bucket_analytics, "s3:GetAnalyticsConfiguration"),
    remove("DeleteBucketAnalyticsConfiguration", "analytics", delete_absent_configuration,
           "s3:PutAnalyticsConfiguration"),
    get("GetBucketInventoryConfiguration", "inventory", get_bucket_inventory, "s3:GetInventoryConfiguration"),
    remove("DeleteBucketInventoryConfiguration", "inventory", delete_absent_configuration,
           "s3:PutInventoryConfiguration"),
    get("GetBucketMetricsConfiguration", "metrics", get_bucket_metrics, "s3:GetMetricsConfiguration"),
    remove("DeleteBucketMetricsConfiguration", "metrics", delete_absent_configuration, "s3:PutMetricsConfiguration"),
    get("GetBucketIntelligentTieringConfiguration", "intelligent-tiering", get_bucket_intelligent_tiering,
        "s3:GetIntelligentTieringConfiguration"),
    remove("DeleteBucketIntelligentTieringConfiguration", "intelligent-tiering", delete_absent_configuration,
           "s3:PutIntelligentTieringConfiguration"),
    get("GetBucketWebsite", "website", get_bucket_website, "s3:GetBucketWebsite"),
    remove("DeleteBucketWebsite", "website", delete_nothing, "s3:DeleteBucketWebsite"),
    get("GetBucketReplication", "replication", get_bucket_replication, "s3:GetReplicationConfiguration"),
    remove("DeleteBucketReplication", "replication", delete_nothing, "s3:PutReplicationConfiguration"),
};

}  // namespace

std::span<const Operation> configuration_operations() { return operations; }

}  // namespace reprise::s3
