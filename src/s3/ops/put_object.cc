// PutObject, and what POST forms share with it.
//
// What can be refused is refused before the payload is read. Conditions are looked at twice: before, so that nothing is
// sent in vain, and under the key's lock, where they count. Nothing of a refused payload stays.
#include "s3/ops/put_object.h"

#include <utility>

#include "base/fault_point.h"
#include "codec/aead.h"
#include "codec/hex.h"
#include "s3/ops/conditions.h"
#include "s3/ops/expiration.h"
#include "s3/ops/key_write.h"
#include "s3/ops/multipart_operations.h"
#include "s3/ops/object_headers.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/object_operations.h"

namespace reprise::s3 {
namespace {

S3Error too_small(std::uint64_t bytes, std::uint64_t bytes_min) {
  S3Error error = s3_error(ErrorCode::entity_too_small);
  error.details = {{"ProposedSize", std::to_string(bytes)}, {"MinSizeAllowed", std::to_string(bytes_min)}};
  return error;
}

Task<Outcome<Passed>> check_conditions_early(Services& services, const Call& call, std::string key,
                                             const Fields& headers) {
  CO_TRY(check_write_headers(headers));
  if (!has_write_conditions(headers)) co_return Passed();
  CO_TRY_ASSIGN(const auto found, co_await find_newest(services, call.in(), std::move(key), std::nullopt));
  const bool object = found && !found->version.delete_marker;
  co_return check_write_conditions(headers, object ? &found->version : nullptr);
}

// The record: under the key's lock, when the conditions still hold.
Task<Outcome<ObjectVersion>> commit_object(Services& services, BucketPtr bucket, std::string key, Fields headers,
                                           ObjectVersion version, Bytes inline_bytes) {
  CO_TRY_ASSIGN(auto write, co_await KeyWrite::open(services, std::move(bucket), std::move(key)));
  CO_TRY(check_write_conditions(headers, write->current()));
  CO_TRY_ASSIGN(ObjectVersion stored,
                co_await write->put(std::move(version), std::move(inline_bytes), Naming::made_now));
  FAULT_POINT("object.commit");
  CO_TRY(co_await write->commit());
  FAULT_POINT("object.committed");
  co_return stored;
}

// Checks what was written against what was announced, and makes the version of it.
Check complete_version(NewObject& made, const ExpectedChecksums& expected, const WrittenPayload& written,
                       const Fields& trailers, const ObjectUpload& upload, const std::optional<DataKey>& key) {
  TRY(verify_checksums(expected, written, trailers));
  if (written.bytes < upload.bytes_min) return too_small(written.bytes, upload.bytes_min);
  ObjectVersion& version = made.version;
  version.bytes = written.bytes;
  version.etag = etag_of(written.md5, made.encryption.kind, key);
  version.payload = written.payload;
  for (const codec::ChecksumValue& value : written.checksums) {
    version.checksums.push_back({value, ChecksumType::full_object, 0});
  }
  return Passed();
}

}  // namespace

bool hides_md5(SseKind kind) { return kind == SseKind::kms || kind == SseKind::customer; }

std::string etag_of(const codec::Md5Digest& md5, SseKind kind, const std::optional<DataKey>& key) {
  const BytesView digest = codec::bytes_of(md5);
  if (!key || !hides_md5(kind)) return codec::to_hex(digest);
  return codec::to_hex(BytesView(codec::derive_key(key->bytes(), digest, "reprise etag")).substr(0, md5.size()));
}

Fields stored_headers(const Services& services, const Bucket& bucket, const std::string& key,
                      const ObjectVersion& version) {
  Fields headers;
  if (const auto expiration = expiration_header(bucket, key, version, services.settings.lifecycle_day)) {
    headers.add("x-amz-expiration", *expiration);
  }
  headers.add("ETag", '"' + version.etag + '"');
  for (const ObjectChecksum& checksum : version.checksums) {
    headers.add(std::string(codec::checksum_header(checksum.value.algorithm())), checksum.text());
  }
  if (!version.checksums.empty()) {
    headers.add("x-amz-checksum-type", std::string(checksum_type_name(version.checksums.front().type)));
  }
  add_sse_headers(headers, version.encryption, SseAnswer::write);
  // By what the version is, not by the bucket as the request found it: its versioning may have been set meanwhile.
  if (!version.id.is_null()) headers.add("x-amz-version-id", version.id.text());
  return headers;
}

Task<Outcome<StoredObject>> store_object(Services& services, Call& call, ObjectUpload upload, PayloadSource& body) {
  const BucketPtr bucket = call.bucket_info;
  CO_TRY(check_key(upload.key));
  CO_TRY_ASSIGN(const ExpectedChecksums expected, expected_checksums(upload.headers));
  const auto now = static_cast<std::int64_t>(services.wall.now_micros());
  CO_TRY_ASSIGN(NewObject made, new_object(upload.headers, call, *bucket, now));
  if (upload.tags) made.version.tags = *upload.tags;
  CO_TRY(check_lock_digest(upload.headers, made.version.lock));
  CO_TRY(co_await authorize_headers(services, call, bucket, upload.key, upload.headers));
  CO_TRY(co_await check_conditions_early(services, call, upload.key, upload.headers));

  PayloadRequest request;
  request.checksums = {expected.algorithm};
  request.bytes_max = upload.bytes_max;
  if (made.encryption.kind != SseKind::none) {
    CO_TRY_ASSIGN(SealedKey sealed, co_await services.keys.make(made.encryption, bucket->account));
    made.version.encryption = std::move(sealed.envelope);
    request.key = std::move(sealed.key);
  }
  const std::optional<DataKey> key = request.key;
  CO_TRY_ASSIGN(WrittenPayload written, co_await write_payload(services, body, std::move(request)));
  const Check complete = complete_version(made, expected, written, body.trailers(), upload, key);
  if (!complete.ok()) {
    co_await discard_payload(services, std::move(written));
    co_return complete.error();
  }
  Outcome<ObjectVersion> stored = co_await commit_object(services, bucket, upload.key, upload.headers,
                                                         std::move(made.version), std::move(written.inline_bytes));
  if (!stored.ok()) {
    // Whether a commit that failed has come through is not always known; then the blob is left to the collector.
    const bool refused = spelling_of(stored.error().code).status < 500;
    if (refused) co_await discard_payload(services, std::move(written));
    co_return std::move(stored).error();
  }
  StoredObject answer;
  answer.headers = stored_headers(services, *bucket, upload.key, *stored);
  answer.version = std::move(stored).value();
  co_return answer;
}

Task<Outcome<Reply>> put_object(Services& services, Call& call) {
  if (!call.body->length()) co_return s3_error(ErrorCode::missing_content_length);
  ObjectUpload upload;
  upload.key = call.key;
  upload.headers = call.headers;
  CO_TRY_ASSIGN(StoredObject stored, co_await store_object(services, call, std::move(upload), *call.body));
  Reply reply;
  reply.headers = std::move(stored.headers);
  co_return reply;
}

}  // namespace reprise::s3
