// The one table of S3's error codes. Keeps: a row for every code, in the order of the enumeration (a test walks it).
#include "s3/model/error.h"

#include <array>

#include "base/assert.h"
#include "base/log.h"

namespace reprise::s3 {
namespace {

struct Row {
  ErrorCode code;
  ErrorSpelling spelling;
};
using Kind = ErrorCode;

constexpr std::string_view lifecycle_missing = "The lifecycle configuration does not exist";

constexpr Row rows[] = {
    {Kind::access_control_list_not_supported, {"AccessControlListNotSupported", 400, "The bucket does not allow ACLs"}},
    {Kind::access_denied, {"AccessDenied", 403, "Access Denied"}},
    {Kind::authorization_header_malformed,
     {"AuthorizationHeaderMalformed", 400, "The authorization header that you provided is not valid."}},
    {Kind::authorization_query_parameters_error,
     {"AuthorizationQueryParametersError", 400, "The authorization query parameters that you provided are not valid."}},
    {Kind::bad_digest, {"BadDigest", 400, "The Content-MD5 you specified did not match what we received."}},
    {Kind::bad_request, {"BadRequest", 400, "Bad Request"}},
    {Kind::bucket_already_exists,
     {"BucketAlreadyExists", 409,
      "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please "
      "select a different name and try again."}},
    {Kind::bucket_already_owned_by_you,
     {"BucketAlreadyOwnedByYou", 409,
      "Your previous request to create the named bucket succeeded and you already own it."}},
    {Kind::bucket_not_empty, {"BucketNotEmpty", 409, "The bucket you tried to delete is not empty"}},
    {Kind::conditional_request_conflict,
     {"ConditionalRequestConflict", 409,
      "The conditional request cannot succeed due to a conflicting operation against this resource."}},
    {Kind::cors_forbidden,
     {"AccessForbidden", 403,
      "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method "
      "/ Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS "
      "spec."}},
    {Kind::entity_too_large, {"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size"}},
    {Kind::entity_too_small, {"EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size"}},
    {Kind::expired_token, {"ExpiredToken", 400, "The provided token has expired."}},
    {Kind::illegal_location_constraint,
     {"IllegalLocationConstraintException", 400,
      "The unspecified location constraint is incompatible for the region specific endpoint this request was sent "
      "to."}},
    {Kind::illegal_versioning_configuration,
     {"IllegalVersioningConfigurationException", 400, "The Versioning element must be specified"}},
    {Kind::incomplete_body, {"IncompleteBody", 400, "The request body terminated unexpectedly"}},
    {Kind::internal_error, {"InternalError", 500, "We encountered an internal error. Please try again."}},
    {Kind::invalid_access_key_id,
     {"InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."}},
    {Kind::invalid_argument, {"InvalidArgument", 400, "Invalid Argument"}},
    {Kind::invalid_bucket_acl_with_block_public_access,
     {"InvalidBucketAclWithBlockPublicAccessError", 400,
      "Bucket cannot have public ACLs set with BlockPublicAccess enabled"}},
    {Kind::invalid_bucket_acl_with_object_ownership,
     {"InvalidBucketAclWithObjectOwnership", 400,
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"}},
    {Kind::invalid_bucket_name, {"InvalidBucketName", 400, "The specified bucket is not valid."}},
    {Kind::invalid_bucket_owner,
     {"InvalidBucketOwnerAWSAccountID", 400,
      "The value of the expected bucket owner parameter must be an AWS Account ID..."}},
    {Kind::invalid_bucket_state,
     {"InvalidBucketState", 409, "The request is not valid with the current state of the bucket."}},
    {Kind::invalid_chunk_size,
     {"InvalidChunkSizeError", 400, "Only the last chunk is allowed to have a size less than 8192 bytes"}},
    {Kind::invalid_digest, {"InvalidDigest", 400, "The Content-MD5 you specified was invalid."}},
    {Kind::invalid_encryption_algorithm,
     {"InvalidEncryptionAlgorithmError", 400,
      "The encryption request you specified is not valid. The valid value is AES256."}},
    {Kind::invalid_location_constraint,
     {"InvalidLocationConstraint", 400, "The specified location-constraint is not valid"}},
    {Kind::invalid_object_state,
     {"InvalidObjectState", 403, "The operation is not valid for the object's storage class"}},
    {Kind::invalid_part,
     {"InvalidPart", 400,
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
      "entity tag may not match the part's entity tag."}},
    {Kind::invalid_part_number, {"InvalidPartNumber", 416, "The requested partnumber is not satisfiable"}},
    {Kind::invalid_part_order,
     {"InvalidPartOrder", 400, "The list of parts was not in ascending order. Parts must be ordered by part number."}},
    {Kind::invalid_policy_document,
     {"MalformedPolicy", 400, "Policies must be valid JSON and the first byte must be '{'"}},
    {Kind::invalid_range, {"InvalidRange", 416, "The requested range is not satisfiable"}},
    {Kind::invalid_redirect_location,
     {"InvalidRedirectLocation", 400,
      "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."}},
    {Kind::invalid_request, {"InvalidRequest", 400, "Invalid Request"}},
    {Kind::invalid_storage_class, {"InvalidStorageClass", 400, "The storage class you specified is not valid"}},
    {Kind::invalid_tag, {"InvalidTag", 400, "The TagValue you have provided is invalid"}},
    {Kind::invalid_target_bucket_for_logging,
     {"InvalidTargetBucketForLogging", 400, "The target bucket for logging does not exist"}},
    {Kind::invalid_token, {"InvalidToken", 400, "The provided token is malformed or otherwise invalid."}},
    {Kind::invalid_uri, {"InvalidURI", 400, "Couldn't parse the specified URI."}},
    {Kind::key_too_long, {"KeyTooLongError", 400, "Your key is too long"}},
    {Kind::kms_not_found, {"KMS.NotFoundException", 400, "Invalid keyId"}},
    {Kind::malformed_acl,
     {"MalformedACLError", 400,
      "The XML you provided was not well-formed or did not validate against our published schema"}},
    {Kind::malformed_post_request,
     {"MalformedPOSTRequest", 400, "The body of your POST request is not well-formed multipart/form-data."}},
    {Kind::malformed_trailer,
     {"MalformedTrailerError", 400,
      "The request contained trailing data that was not well-formed or did not conform to our published schema."}},
    {Kind::malformed_xml,
     {"MalformedXML", 400,
      "The XML you provided was not well-formed or did not validate against our published schema"}},
    {Kind::max_message_length_exceeded, {"MaxMessageLengthExceeded", 400, "Your request was too big."}},
    {Kind::max_post_pre_data_length_exceeded,
     {"MaxPostPreDataLengthExceeded", 400, "Your POST request fields preceding the upload file were too large."}},
    {Kind::metadata_too_large,
     {"MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size"}},
    {Kind::method_not_allowed, {"MethodNotAllowed", 405, "The specified method is not allowed against this resource."}},
    {Kind::missing_content_length, {"MissingContentLength", 411, "You must provide the Content-Length HTTP header."}},
    {Kind::missing_content_md5,
     {"InvalidRequest", 400, "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"}},
    {Kind::missing_request_body, {"MissingRequestBodyError", 400, "Request Body is empty"}},
    {Kind::missing_security_header, {"MissingSecurityHeader", 400, "Your request was missing a required header"}},
    {Kind::no_such_bucket, {"NoSuchBucket", 404, "The specified bucket does not exist"}},
    {Kind::no_such_bucket_policy, {"NoSuchBucketPolicy", 404, "The bucket policy does not exist"}},
    {Kind::no_such_configuration, {"NoSuchConfiguration", 404, "The specified configuration does not exist."}},
    {Kind::no_such_cors_configuration, {"NoSuchCORSConfiguration", 404, "The CORS configuration does not exist"}},
    {Kind::no_such_key, {"NoSuchKey", 404, "The specified key does not exist."}},
    {Kind::no_such_lifecycle_configuration, {"NoSuchLifecycleConfiguration", 404, lifecycle_missing}},
    {Kind::no_such_object_lock_configuration,
     {"NoSuchObjectLockConfiguration", 404, "The specified object does not have a ObjectLock configuration"}},
    {Kind::no_such_public_access_block,
     {"NoSuchPublicAccessBlockConfiguration", 404, "The public access block configuration was not found"}},
    {Kind::no_such_tag_set, {"NoSuchTagSet", 404, "The TagSet does not exist"}},
    {Kind::no_such_upload,
     {"NoSuchUpload", 404,
      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
      "completed."}},
    {Kind::no_such_version, {"NoSuchVersion", 404, "The specified version does not exist."}},
    {Kind::no_such_website_configuration,
     {"NoSuchWebsiteConfiguration", 404, "The specified bucket does not have a website configuration"}},
    {Kind::not_implemented,
     {"NotImplemented", 501, "A header you provided implies functionality that is not implemented"}},
    {Kind::not_modified, {"NotModified", 304, "Not Modified"}},
    {Kind::object_lock_configuration_not_found,
     {"ObjectLockConfigurationNotFoundError", 404, "Object Lock configuration does not exist for this bucket"}},
    {Kind::operation_aborted,
     {"OperationAborted", 409,
      "A conflicting conditional operation is currently in progress against this resource. Please try again."}},
    {Kind::ownership_controls_not_found,
     {"OwnershipControlsNotFoundError", 404, "The bucket ownership controls were not found"}},
    {Kind::permanent_redirect,
     {"PermanentRedirect", 301,
      "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future "
      "requests to this endpoint."}},
    {Kind::precondition_failed,
     {"PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"}},
    {Kind::replication_configuration_not_found,
     {"ReplicationConfigurationNotFoundError", 404, "The replication configuration was not found"}},
    {Kind::request_header_section_too_large,
     {"RequestHeaderSectionTooLarge", 400, "Your request header section exceeds the maximum allowed size."}},
    {Kind::request_time_too_skewed,
     {"RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large."}},
    {Kind::request_timeout,
     {"RequestTimeout", 400,
      "Your socket connection to the server was not read from or written to within the timeout period. Idle "
      "connections will be closed."}},
    {Kind::server_side_encryption_configuration_not_found,
     {"ServerSideEncryptionConfigurationNotFoundError", 404, "The server side encryption configuration was not found"}},
    {Kind::service_unavailable, {"ServiceUnavailable", 503, "Service is unable to handle request."}},
    {Kind::signature_does_not_match,
     {"SignatureDoesNotMatch", 403,
      "The request signature we calculated does not match the signature you provided. Check your key and signing "
      "method."}},
    {Kind::slow_down, {"SlowDown", 503, "Please reduce your request rate."}},
    {Kind::too_many_buckets, {"TooManyBuckets", 400, "You have attempted to create more buckets than allowed"}},
    {Kind::unexpected_content, {"UnexpectedContent", 400, "This request does not support content"}},
    {Kind::user_key_must_be_specified,
     {"UserKeyMustBeSpecified", 400,
      "The bucket POST must contain the specified field name. If it is specified, check the order of the fields."}},
    {Kind::x_amz_content_sha256_mismatch,
     {"XAmzContentSHA256Mismatch", 400,
      "The provided 'x-amz-content-sha256' header does not match what was computed."}},
    {Kind::invalid_post_policy, {"InvalidPolicyDocument", 400, "Invalid Policy: Invalid JSON."}},
};
static_assert(std::size(rows) == error_codes);

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    if (static_cast<std::size_t>(rows[i].code) != i) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

const ErrorSpelling& spelling_of(ErrorCode code) noexcept {
  const auto index = static_cast<std::size_t>(code);
  ASSERT(index < error_codes);
  return rows[index].spelling;
}

S3Error s3_error(ErrorCode code) { return s3_error(code, std::string(spelling_of(code).message)); }

S3Error s3_error(ErrorCode code, std::string message) {
  S3Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

S3Error invalid_argument(std::string message, std::string name, std::string value) {
  S3Error error = s3_error(ErrorCode::invalid_argument, std::move(message));
  error.details.emplace_back("ArgumentName", std::move(name));
  error.details.emplace_back("ArgumentValue", std::move(value));
  return error;
}

S3Error store_error(const Status& status) {
  switch (status.code()) {
    case Code::conflict:
    case Code::moved: return s3_error(ErrorCode::slow_down);
    case Code::unavailable: return s3_error(ErrorCode::service_unavailable);
    case Code::exhausted:
      REPRISE_LOG(LogLevel::error, "s3", "no room to write", log_field("error", status.to_string()));
      return s3_error(ErrorCode::service_unavailable,
                      "Service is unable to handle request: its disk is full. Writes go on when there is room; deletes "
                      "go on as long as possible.");
    default: break;
  }
  REPRISE_LOG(LogLevel::error, "s3", "the store failed", log_field("error", status.to_string()));
  return s3_error(ErrorCode::internal_error);
}

}  // namespace reprise::s3
