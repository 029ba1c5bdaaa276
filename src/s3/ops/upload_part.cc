// UploadPart and UploadPartCopy: a blob for each part, whose name is the part's record.
//
// Invariant: the blob is held from its making until the record is committed; when that is refused the blob is removed.
#include <charconv>
#include <utility>

#include "base/clock.h"
#include "blob/blob_store.h"
#include "codec/xml.h"
#include "history/store.h"
#include "s3/model/encryption.h"
#include "s3/ops/copy_source.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/list_request.h"
#include "s3/ops/multipart_operations.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/on_disk.h"
#include "s3/ops/payload.h"
#include "s3/ops/put_object.h"
#include "s3/ops/ranges.h"
#include "s3/ops/services.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {

namespace {

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

// The data key of an upload, with the customer's own key in the request where it needs one.
Outcome<std::optional<DataKey>> open_key(const Services& services, const Call& call, const Upload& upload) {
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
  part.payload = written.payload.parts.front();
  part.payload.number = number;
  if (const auto* value = find_checksum(written, upload.checksum)) part.payload.checksum = *value;
  return part;
}

// Stores what was written as a part; nothing of it is left when that is refused.
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

PayloadRequest request_for(const Upload& upload, const std::optional<DataKey>& key) {
  PayloadRequest request;
  request.key = key;
  request.checksums.push_back(upload.checksum);
  request.may_inline = false;
  request.bytes_max = part_bytes_max;
  return request;
}

}  // namespace

Task<Outcome<Reply>> upload_part(Services& services, Call& call) {
  CO_TRY_ASSIGN(const std::uint32_t number, part_number_of(call));
  const std::string id = upload_id_of(call);
  CO_TRY_ASSIGN(FoundUpload upload, co_await find_upload(services, call.in(), call.key, id));
  CO_TRY_ASSIGN(const ExpectedChecksums expected, expected_checksums(call.headers));
  CO_TRY(check_algorithm(upload.upload, expected));
  CO_TRY(check_digest(services, call, upload.upload));
  CO_TRY_ASSIGN(const std::optional<DataKey> key, open_key(services, call, upload.upload));
  PayloadRequest request = request_for(upload.upload, key);
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

namespace {

// What a source's record tells of all its bytes, so that they need not be read: nothing when they must be.
struct Known {
  std::string etag;
  codec::ChecksumValue checksum;
};
std::optional<Known> known_of(const CopySource& source, const Upload& upload) {
  const ObjectVersion& version = source.version;
  const bool plain = version.encryption.kind == SseKind::none && upload.object.encryption.kind == SseKind::none;
  const bool one_blob = version.payload.parts.size() == 1 && !version.multipart && !version.payload.inlined;
  if (!plain || !one_blob || version.etag.size() != 32) return std::nullopt;
  for (const ObjectChecksum& checksum : version.checksums) {
    if (checksum.type != ChecksumType::full_object || checksum.value.algorithm() != upload.checksum) continue;
    return Known{version.etag, checksum.value};
  }
  return std::nullopt;
}

// A part that is the source's blob itself: one more name.
Task<Outcome<UploadedPart>> share_part(Services& services, const Call& call, FoundUpload upload, std::uint32_t number,
                                       PayloadPart shared, Known known) {
  UploadedPart part;
  part.modified_micros = static_cast<std::int64_t>(services.wall.now_micros());
  part.etag = known.etag;
  part.payload = std::move(shared);
  part.payload.number = number;
  part.payload.checksum = known.checksum;
  auto hold = [&services, id = part.payload.blob] { return services.blobs.hold(id); };
  auto held = co_await on_disk(services.disk, std::move(hold));
  if (!held.ok()) co_return store_error(held.error());
  CO_TRY(co_await put_part(services, call.bucket_info, upload.key, upload.id, part, false));
  co_return part;
}

Task<Outcome<UploadedPart>> copy_bytes(Services& services, const Call& call, FoundUpload upload, std::uint32_t number,
                                       std::optional<DataKey> key, CopySource source, ByteRange range) {
  CO_TRY_ASSIGN(auto stream, co_await read_payload(services, source.bucket, source.version, source.key, range.first,
                                                   range.length, source.as_of));
  const std::unique_ptr<PayloadSource> bytes = source_of(std::move(stream));
  PayloadRequest request = request_for(upload.upload, key);
  CO_TRY_ASSIGN(WrittenPayload written, co_await write_payload(services, *bytes, std::move(request)));
  co_return co_await store_part(services, call, std::move(upload), number, std::move(key), std::move(written));
}

Reply copy_answer(const UploadedPart& part, const Envelope& envelope, const CopySource& source) {
  Bytes document;
  codec::XmlWriter xml(document);
  xml.declaration();
  xml.open("CopyPartResult", codec::s3_namespace);
  xml.element("LastModified", listed_time(part.modified_micros));
  xml.element("ETag", '"' + part.etag + '"');
  if (part.payload.checksum) {
    write_checksum(xml, part.payload.checksum->algorithm(), part.payload.checksum->base64());
  }
  xml.close();
  Reply reply = xml_reply(std::move(document));
  if (const auto version = source.version_header()) reply.headers.add("x-amz-copy-source-version-id", *version);
  add_sse_headers(reply.headers, envelope);
  return reply;
}

}  // namespace

Task<Outcome<Reply>> upload_part_copy(Services& services, Call& call) {
  CO_TRY_ASSIGN(const std::uint32_t number, part_number_of(call));
  const std::string id = upload_id_of(call);
  CO_TRY_ASSIGN(FoundUpload upload, co_await find_upload(services, call.in(), call.key, id));
  CO_TRY_ASSIGN(const std::optional<DataKey> key, open_key(services, call, upload.upload));
  CO_TRY_ASSIGN(CopySource source, co_await open_copy_source(services, call));
  ByteRange range{0, source.version.bytes};
  if (const auto header = call.headers.get("x-amz-copy-source-range")) {
    CO_TRY_ASSIGN(range, parse_copy_range(*header, source.version.bytes));
  }
  if (range.length > part_bytes_max) {
    co_return s3_error(ErrorCode::invalid_request,
                       "The specified copy source is larger than the maximum allowable size for a copy source: " +
                           std::to_string(part_bytes_max));
  }
  const Envelope envelope = upload.upload.object.encryption;
  const std::optional<Known> known = known_of(source, upload.upload);
  if (known && range.first == 0 && range.length == source.version.bytes) {
    PayloadPart shared = source.version.payload.parts.front();
    CO_TRY_ASSIGN(const UploadedPart part,
                  co_await share_part(services, call, std::move(upload), number, std::move(shared), *known));
    co_return copy_answer(part, envelope, source);
  }
  CO_TRY_ASSIGN(const UploadedPart part,
                co_await copy_bytes(services, call, std::move(upload), number, key, source, range));
  co_return copy_answer(part, envelope, source);
}

}  // namespace reprise::s3
