// CreateMultipartUpload: notes everything that PutObject would be told by its headers, and makes the data key.
#include <utility>

#include "base/clock.h"
#include "base/fault_point.h"
#include "history/store.h"
#include "s3/model/encryption.h"
#include "s3/ops/buckets.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/multipart_operations.h"
#include "s3/ops/object_headers.h"
#include "s3/ops/services.h"

namespace reprise::s3 {

namespace {

struct ChecksumChoice {
  codec::ChecksumAlgorithm algorithm = codec::ChecksumAlgorithm::crc64nvme;
  ChecksumType type = ChecksumType::full_object;
  bool asked = false;
};

std::string lower_name(codec::ChecksumAlgorithm algorithm) {
  std::string name(codec::checksum_name(algorithm));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

// CRC64NVME exists of whole objects only, SHA-1 and SHA-256 of parts only; the other CRCs of both.
bool goes_together(codec::ChecksumAlgorithm algorithm, ChecksumType type) {
  if (algorithm == codec::ChecksumAlgorithm::crc64nvme) return type == ChecksumType::full_object;
  return type == ChecksumType::composite || codec::checksum_combines(algorithm);
}

Outcome<ChecksumChoice> checksum_of_headers(const Fields& headers) {
  ChecksumChoice choice;
  const auto algorithm = headers.get("x-amz-checksum-algorithm");
  const auto type = headers.get("x-amz-checksum-type");
  if (!algorithm) {
    if (!type) return choice;
    return s3_error(ErrorCode::invalid_request,
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
  }
  const auto named = codec::checksum_named(*algorithm);
  if (!named) {
    return s3_error(ErrorCode::invalid_request,
                    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                    "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
  }
  choice.algorithm = *named;
  choice.asked = true;
  if (!type) {
    choice.type = *named == codec::ChecksumAlgorithm::crc64nvme ? ChecksumType::full_object : ChecksumType::composite;
    return choice;
  }
  if (*type != "COMPOSITE" && *type != "FULL_OBJECT") {
    return s3_error(ErrorCode::invalid_request, "Value for x-amz-checksum-type header is invalid.");
  }
  choice.type = *type == "COMPOSITE" ? ChecksumType::composite : ChecksumType::full_object;
  if (!goes_together(choice.algorithm, choice.type)) {
    return s3_error(ErrorCode::invalid_request, "The " + std::string(*type) +
                                                    " checksum type cannot be used with the " + lower_name(*named) +
                                                    " checksum algorithm.");
  }
  return choice;
}

// S3 API reference, Initiator: an account by its canonical id, "if the initiator is an IAM User, this element provides
// the user ARN".
std::string initiator_of(const Caller& caller) {
  const bool is_user = caller.identity != nullptr && !caller.identity->user.empty();
  return is_user ? caller.identity->arn : caller.canonical_id;
}

// A default retention counts from the completion, so it is not the upload's to keep.
void forget_default_retention(ObjectLock& lock, const Fields& headers) {
  if (headers.has("x-amz-object-lock-mode")) return;
  lock.mode = LockMode::none;
  lock.retain_until_micros = 0;
}

Task<Outcome<Passed>> store_upload(Services& services, const Bucket& bucket, Bytes key, Bytes record) {
  for (;;) {
    history::Commit commit;
    CO_TRY_ASSIGN(history::Change alive, co_await services.buckets.alive_guard(bucket));
    commit.changes.push_back(std::move(alive));
    history::Change change{bucket.spaces.uploads, key, record, history::Version()};
    change.unlogged = true;
    commit.changes.push_back(std::move(change));
    FAULT_POINT("upload.before_create");
    const auto committed = co_await services.store.commit(std::move(commit));
    if (!committed.ok() && committed.error().is(Code::conflict)) continue;  // the bucket is being deleted, perhaps
    if (!committed.ok()) co_return store_error(committed.error());
    FAULT_POINT("upload.after_create");
    co_return Passed{};
  }
}

Reply answer(const Services& services, const Call& call, const UploadId& id, const Upload& upload) {
  Bytes document;
  codec::XmlWriter xml(document);
  xml.declaration();
  xml.open("InitiateMultipartUploadResult", codec::s3_namespace);
  xml.element("Bucket", call.in().name);
  xml.element("Key", call.key);
  xml.element("UploadId", id.text());
  xml.close();
  Reply reply = xml_reply(std::move(document));
  if (upload.checksum_asked) {
    reply.headers.add("x-amz-checksum-algorithm", std::string(codec::checksum_name(upload.checksum)));
    reply.headers.add("x-amz-checksum-type", std::string(checksum_type_name(upload.checksum_type)));
  }
  add_sse_headers(reply.headers, upload.object.encryption);
  add_abort_headers(reply.headers, services, call.in(), call.key, id.initiated_micros());
  return reply;
}

}  // namespace

Task<Outcome<Reply>> create_multipart_upload(Services& services, Call& call) {
  if (call.caller.anonymous()) {
    co_return s3_error(ErrorCode::access_denied,
                       "Anonymous users cannot initiate multipart uploads.  Please authenticate.");
  }
  CO_TRY(check_key(call.key));
  CO_TRY_ASSIGN(const ChecksumChoice checksum, checksum_of_headers(call.headers));
  const auto now = static_cast<std::int64_t>(services.store.now().micros());
  CO_TRY_ASSIGN(NewObject object, new_object(call.headers, call, call.in(), now));
  CO_TRY(co_await authorize_headers(services, call, call.bucket_info, call.key, call.headers));
  Upload upload;
  upload.initiator = initiator_of(call.caller);
  upload.object = std::move(object.version);
  forget_default_retention(upload.object.lock, call.headers);
  upload.checksum = checksum.algorithm;
  upload.checksum_type = checksum.type;
  upload.checksum_asked = checksum.asked;
  if (object.encryption.kind != SseKind::none) {
    CO_TRY_ASSIGN(SealedKey sealed, co_await services.keys.make(object.encryption, call.in().account));
    upload.object.encryption = std::move(sealed.envelope);
  }
  const UploadId id = UploadId::make(now);
  Bytes row = upload_key(UploadEntry::upload, call.key, id);
  CO_TRY(co_await store_upload(services, call.in(), std::move(row), encode_upload(upload)));
  co_return answer(services, call, id, upload);
}

}  // namespace reprise::s3
