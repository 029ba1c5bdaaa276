// UploadPart: a blob for each part, whose name is the part's record.
//
// Invariant: the blob is held from its making until the record is committed; when that is refused the blob is removed.
#include "s3/ops/upload_part.h"

#include <charconv>
#include <utility>

#include "base/clock.h"
#include "blob/blob_store.h"
#include "history/store.h"
#include "s3/model/encryption.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/multipart_operations.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/on_disk.h"
#include "s3/ops/payload.h"
#include "s3/ops/put_object.h"
#include "s3/ops/services.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {

namespace {

std::string type_name(std::optional<codec::ChecksumAlgorithm> algorithm) {
  if (!algorithm) return "null";
  std::string name(codec::checksum_name(*algorithm));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

// An upload that names an algorithm takes no other, and a composite one takes no part without.
Check check_algorithm(const Upload& upload, const ExpectedChecksums& expected) {
  if (!upload.checksum_asked) return Passed{};
  const auto sent = expected.value        ? std::optional(expected.value->algorithm())
                    : expected.in_trailer ? expected.in_trailer
                                          : std::nullopt;
  if (sent == upload.checksum) return Passed{};
  if (!sent && upload.checksum_type == ChecksumType::full_object) return Passed{};
  return s3_error(ErrorCode::invalid_request,
                  "Checksum Type mismatch occurred, expected checksum Type: " + type_name(upload.checksum) +
                      ", actual checksum Type: " + type_name(sent));
}

// A part of an object that will be locked says what its body is.
Check check_digest(const Services& services, const Call& call, const Upload& upload) {
  if (upload.object.lock.mode != LockMode::none) return check_lock_digest(call.headers, upload.object.lock);
  const auto now = static_cast<std::int64_t>(services.wall.now_micros());
  TRY_ASSIGN(const ObjectLock lock, lock_of_new_version(Fields(), call.in(), now));
  return check_lock_digest(call.headers, lock);
}

// A part always has a blob, for its number is kept with one.
Task<Outcome<Passed>> give_blob(Services& services, WrittenPayload& written) {
  if (!written.payload.parts.empty()) co_return Passed{};
  auto make = [&services, &written]() -> Result<blob::BlobId> {
    TRY_ASSIGN(written.hold, services.blobs.create());
    return written.hold->commit();
  };
  const auto id = co_await on_disk(services.disk, std::move(make));
  if (!id.ok()) co_return store_error(id.error());
  PayloadPart part;
  part.blob = *id;
  written.payload.parts.push_back(std::move(part));
  co_return Passed{};
}

const codec::ChecksumValue* find_checksum(const WrittenPayload& written, codec::ChecksumAlgorithm algorithm) {
  for (const codec::ChecksumValue& value : written.checksums) {
    if (value.algorithm() == algorithm) return &value;
  }
  return nullptr;
}

UploadedPart part_of(const Services& services, const Upload& upload, std::uint32_t number,
                     const WrittenPayload& written, const std::optional<DataKey>& key) {
  UploadedPart part;
  part.modified_micros = static_cast<std::int64_t>(services.wall.now_micros());
  part.etag = etag_of(written.md5, upload.object.encryption.kind, key);
  PayloadPart piece = written.payload.parts.front();
  piece.number = number;
  if (const auto* value = find_checksum(written, upload.checksum)) piece.checksum = *value;
  part.pieces.push_back(std::move(piece));
  return part;
}

}  // namespace

Outcome<std::uint32_t> part_number_of(const Call& call) {
  const std::string_view text = call.query.get_or("partNumber", "");
  std::uint32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number < 1 || number > part_number_max) {
    return invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber",
                            std::string(text));
  }
  return number;
}

Outcome<std::optional<DataKey>> open_upload_key(const Services& services, const Call& call, const Upload& upload) {
  const Envelope& envelope = upload.object.encryption;
  TRY_ASSIGN(const SseRequest presented, sse_of_headers(call.headers, "x-amz-server-side-encryption"));
  const bool customer = envelope.kind == SseKind::customer;
  if (customer && presented.kind != SseKind::customer) {
    return s3_error(ErrorCode::invalid_request,
                    "The multipart upload initiate requested encryption. Subsequent part requests must include the "
                    "appropriate encryption parameters.");
  }
  if (!customer && presented.kind == SseKind::customer) {
    return s3_error(ErrorCode::invalid_request,
                    "The multipart upload initiate did not request encryption. Please resend the request without "
                    "sending encryption parameters.");
  }
  if (envelope.kind == SseKind::none) return std::optional<DataKey>();
  if (customer && presented.customer_md5 != envelope.customer_md5) {
    return s3_error(ErrorCode::invalid_request,
                    "The provided encryption parameters did not match the ones used originally.");
  }
  TRY_ASSIGN(DataKey key, services.keys.open(envelope, customer ? presented : SseRequest()));
  return std::optional(std::move(key));
}

PayloadRequest part_request(const Upload& upload, const std::optional<DataKey>& key) {
  PayloadRequest request;
  request.key = key;
  request.checksums.push_back(upload.checksum);
  request.may_inline = false;
  request.bytes_max = part_bytes_max;
  return request;
}

Task<Outcome<UploadedPart>> store_part(Services& services, const Call& call, FoundUpload upload, std::uint32_t number,
                                       std::optional<DataKey> key, WrittenPayload written) {
  CO_TRY(co_await give_blob(services, written));
  const UploadedPart part = part_of(services, upload.upload, number, written, key);
  const auto stored = co_await put_part(services, call.bucket_info, upload.key, upload.id, part, true);
  if (!stored.ok()) {
    // Whether a commit that failed has come through is not always known; then the blob is left to the collector.
    const bool refused = spelling_of(stored.error().code).status < 500;
    if (refused) co_await discard_payload(services, std::move(written));
    co_return stored.error();
  }
  co_return part;
}

Task<Outcome<Reply>> upload_part(Services& services, Call& call) {
  CO_TRY_ASSIGN(const std::uint32_t number, part_number_of(call));
  const std::string id = upload_id_of(call);
  CO_TRY_ASSIGN(FoundUpload upload, co_await find_upload(services, call.in(), call.key, id));
  CO_TRY_ASSIGN(const ExpectedChecksums expected, expected_checksums(call.headers));
  CO_TRY(check_algorithm(upload.upload, expected));
  CO_TRY(check_digest(services, call, upload.upload));
  CO_TRY_ASSIGN(const std::optional<DataKey> key, open_upload_key(services, call, upload.upload));
  PayloadRequest request = part_request(upload.upload, key);
  if (expected.asked && expected.algorithm != upload.upload.checksum) request.checksums.push_back(expected.algorithm);
  CO_TRY_ASSIGN(WrittenPayload written, co_await write_payload(services, *call.body, std::move(request)));
  const Check checked = verify_checksums(expected, written, call.body->trailers());
  if (!checked.ok()) {
    co_await discard_payload(services, std::move(written));
    co_return checked.error();
  }
  std::optional<codec::ChecksumValue> shown;
  if (const auto* value = find_checksum(written, expected.asked ? expected.algorithm : upload.upload.checksum)) {
    shown = *value;
  }
  const Envelope envelope = upload.upload.object.encryption;
  CO_TRY_ASSIGN(const UploadedPart part,
                co_await store_part(services, call, std::move(upload), number, key, std::move(written)));
  Reply reply;
  reply.headers.add("ETag", '"' + part.etag + '"');
  if (shown) reply.headers.add(std::string(codec::checksum_header(shown->algorithm())), shown->base64());
  add_sse_headers(reply.headers, envelope);
  co_return reply;
}

}  // namespace reprise::s3
