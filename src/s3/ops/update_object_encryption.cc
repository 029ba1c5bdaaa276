// UpdateObjectEncryption: another key for a version that is encrypted by the server, without touching its payload, its
// ETag or its time: the same data key is wrapped anew.
// Source: S3 API reference, UpdateObjectEncryption (2026), with its texts.
#include <utility>

#include "codec/xml.h"
#include "s3/model/document.h"
#include "s3/model/kms_key.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/key_write.h"
#include "s3/ops/object_change.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/version_operations.h"

namespace reprise::s3 {

namespace {

S3Error refused(std::string message) { return s3_error(ErrorCode::invalid_request, std::move(message)); }

Outcome<SseRequest> parse_encryption(BytesView document, std::string_view account) {
  TRY_ASSIGN(const codec::XmlElement root, parse_document(document, "ObjectEncryption"));
  if (root.children.size() != 1) return s3_error(ErrorCode::malformed_xml);
  const codec::XmlElement& type = root.children[0];
  if (type.name != "SSE-KMS") {
    return refused(
        "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are "
        "SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.");
  }
  SseRequest wanted;
  wanted.kind = SseKind::kms;
  wanted.kms_key = type.text_of("KMSKeyArn");
  if (wanted.kms_key.empty()) {
    return refused(
        "Requests that modify an object's encryption type to SSE-KMS require an AWS KMS key Amazon Resource Name "
        "(ARN). "
        "Modify the request to specify a KMS key ARN, and then try again.");
  }
  const auto arn = parse_kms_arn(wanted.kms_key);
  if (!arn || !arn->resource.starts_with("key/")) {
    return refused(
        "Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name "
        "(ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.");
  }
  if (arn->account != account) {
    return s3_error(
        ErrorCode::access_denied,
        "The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request "
        "to specify a KMS key from the same account, and then try again.");
  }
  const std::string_view bucket_key = type.text_of("BucketKeyEnabled");
  if (!bucket_key.empty() && bucket_key != "true" && bucket_key != "false") {
    return refused(
        "The BucketKeyEnabled value isn't valid. Valid values are true or false. Modify the request to specify a valid "
        "value, and then try again.");
  }
  wanted.bucket_key = bucket_key == "true";
  return wanted;
}

Check may_change(const ObjectVersion& version, std::int64_t now_micros) {
  if (version.encryption.kind == SseKind::none) {
    return refused(
        "The UpdateObjectEncryption operation doesn't supported unencrypted source objects. Only source objects "
        "encrypted with SSE-S3 or SSE-KMS are supported.");
  }
  if (version.encryption.kind == SseKind::customer) {
    return refused(
        "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or "
        "SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.");
  }
  if (is_locked(version.lock, now_micros)) {
    return s3_error(ErrorCode::access_denied,
                    "The encryption type for the specified object can't be updated because that object is protected by "
                    "S3 Object Lock. If the object has a governance-mode retention period or a legal hold, you must "
                    "first remove the Object Lock status on the object before you issue your UpdateObjectEncryption "
                    "request. You can't use the UpdateObjectEncryption operation with objects that have an Object Lock "
                    "compliance mode retention period applied to them.");
  }
  return Passed{};
}

class SetEnvelope final : public VersionChange {
 public:
  SetEnvelope(Envelope before, Envelope after, std::int64_t now_micros)
      : before_(std::move(before)), after_(std::move(after)), now_micros_(now_micros) {}
  Check apply(ObjectVersion& version) override {
    TRY(may_change(version, now_micros_));
    // Another version has come, or another change: its data key is not the one that was wrapped.
    if (version.encryption != before_) return s3_error(ErrorCode::operation_aborted);
    version.encryption = after_;
    return Passed{};
  }

 private:
  const Envelope before_;
  const Envelope after_;
  const std::int64_t now_micros_;
};

}  // namespace

Task<Outcome<Reply>> update_object_encryption(Services& services, Call& call) {
  const std::string account = call.in().account;
  CO_TRY_ASSIGN(const SseRequest wanted, parse_encryption(call.document, account));
  CO_TRY_ASSIGN(const FoundVersion found, co_await named_object(services, call));
  const auto now = static_cast<std::int64_t>(services.wall.now_micros());
  CO_TRY(may_change(found.version, now));
  CO_TRY_ASSIGN(const DataKey key, services.keys.open(found.version.encryption, SseRequest()));
  CO_TRY_ASSIGN(Envelope envelope, co_await services.keys.rewrap(key, wanted, account));
  SetEnvelope change(found.version.encryption, std::move(envelope), now);
  co_return co_await change_version(services, call, change, 200);
}

}  // namespace reprise::s3
