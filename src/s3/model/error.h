// The errors S3 answers with, as values: the code, its exact message and what else its XML document carries. Which HTTP
// status a code has, and its usual message, stands in one table (error.cc).
//
// Sources: S3 API reference, "Error responses"; facts measured on the service where the page is silent.
// Functions that can only check return a `Check`, the others an `Outcome<T>`; both work with TRY, TRY_ASSIGN and their
// CO_ forms (base/status.h). Values; not shared between threads without synchronization.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace reprise::s3 {

enum class ErrorCode : unsigned char {
  access_control_list_not_supported,  // AccessControlListNotSupported
  access_denied,
  authorization_header_malformed,
  authorization_query_parameters_error,
  bad_digest,
  bad_request,
  bucket_already_exists,
  bucket_already_owned_by_you,
  bucket_not_empty,
  conditional_request_conflict,
  cors_forbidden,  // AccessForbidden: "CORSResponse: ..."
  entity_too_large,
  entity_too_small,
  expired_token,
  illegal_location_constraint,
  illegal_versioning_configuration,
  incomplete_body,
  internal_error,
  invalid_access_key_id,
  invalid_argument,
  invalid_bucket_acl_with_block_public_access,  // InvalidBucketAclWithBlockPublicAccessError
  invalid_bucket_acl_with_object_ownership,
  invalid_bucket_name,
  invalid_bucket_owner,  // InvalidBucketOwnerAWSAccountID
  invalid_bucket_state,
  invalid_chunk_size,
  invalid_digest,
  invalid_encryption_algorithm,
  invalid_location_constraint,
  invalid_object_state,
  invalid_part,
  invalid_part_number,
  invalid_part_order,
  invalid_policy_document,  // MalformedPolicy
  invalid_range,
  invalid_redirect_location,
  invalid_request,
  invalid_storage_class,
  invalid_tag,
  invalid_target_bucket_for_logging,
  invalid_token,
  invalid_uri,
  key_too_long,
  kms_not_found,  // KMS.NotFoundException
  malformed_acl,
  malformed_post_request,
  malformed_trailer,
  malformed_xml,
  max_message_length_exceeded,
  max_post_pre_data_length_exceeded,
  metadata_too_large,
  method_not_allowed,
  missing_content_length,
  missing_content_md5,  // InvalidRequest: "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
  missing_request_body,
  missing_security_header,
  no_such_bucket,
  no_such_bucket_policy,
  no_such_configuration,
  no_such_cors_configuration,
  no_such_key,
  no_such_lifecycle_configuration,
  no_such_object_lock_configuration,
  no_such_public_access_block,
  no_such_tag_set,
  no_such_upload,
  no_such_version,
  no_such_website_configuration,
  not_implemented,
  not_modified,  // 304, without a body
  object_lock_configuration_not_found,
  operation_aborted,
  ownership_controls_not_found,
  permanent_redirect,
  precondition_failed,
  replication_configuration_not_found,
  request_header_section_too_large,
  request_time_too_skewed,
  request_timeout,
  server_side_encryption_configuration_not_found,
  service_unavailable,
  signature_does_not_match,
  slow_down,
  too_many_buckets,
  unexpected_content,
  user_key_must_be_specified,
  x_amz_content_sha256_mismatch,
  invalid_post_policy,  // InvalidPolicyDocument
};
inline constexpr std::size_t error_codes = static_cast<std::size_t>(ErrorCode::invalid_post_policy) + 1;

struct ErrorSpelling {
  std::string_view name;     // "NoSuchKey"
  int status = 400;          // HTTP
  std::string_view message;  // S3's usual text
};
[[nodiscard]] const ErrorSpelling& spelling_of(ErrorCode code) noexcept;

struct S3Error {
  ErrorCode code = ErrorCode::internal_error;
  std::string message;
  // Further elements of the error document, in order: {"ArgumentName", "partNumber"}.
  std::vector<std::pair<std::string, std::string>> details{};
  // Header fields that go with it: {"x-amz-delete-marker", "true"}.
  std::vector<std::pair<std::string, std::string>> headers{};
};

template <class T>
using Outcome = Result<T, S3Error>;
// The value of an Outcome that has nothing to say but "no error".
struct Passed {};
using Check = Outcome<Passed>;

// With the usual message.
[[nodiscard]] S3Error s3_error(ErrorCode code);
[[nodiscard]] S3Error s3_error(ErrorCode code, std::string message);
// InvalidArgument with ArgumentName and ArgumentValue.
[[nodiscard]] S3Error invalid_argument(std::string message, std::string name, std::string value);
// What to answer when the store or the disk failed: SlowDown, ServiceUnavailable (worth another attempt; a full disk)
// or InternalError, logged where it is not the client's to know.
[[nodiscard]] S3Error store_error(const Status& status);

}  // namespace reprise::s3
