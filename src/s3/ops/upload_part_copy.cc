// UploadPartCopy.
//
// The part shares the blobs of its source: slices of them, for the ranges that clients ask for are seldom those that
// the source was uploaded in. Its ETag and checksum are taken from the source's record where that has them (of a whole
// object, or of a whole part of one); else the bytes are read once, and not written.
//
// Invariant: the blobs are held from before their names are looked at until the part's record is committed. When one of
// them went away in between, so did the source as it was read: it is looked up again.
#include <algorithm>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/fault_point.h"
#include "blob/blob_store.h"
#include "codec/hex.h"
#include "codec/xml.h"
#include "s3/ops/copy_source.h"
#include "s3/ops/list_request.h"
#include "s3/ops/multipart_operations.h"
#include "s3/ops/on_disk.h"
#include "s3/ops/put_object.h"
#include "s3/ops/services.h"
#include "s3/ops/shared_payload.h"
#include "s3/ops/upload_part.h"

namespace reprise::s3 {

namespace {

// How often a copy begins again when its source, or who names its blobs, changes under its hands.
constexpr int rounds_max = 8;
// Less is copied as fast as it is shared, and keeps no large blob for its sake.
constexpr std::uint64_t shared_bytes_min = std::uint64_t{1} << 20;
// A part of this many pieces is shared without looking at the others of its upload; of more, only until the upload has
// so many: an object's record stays small enough to be read for every request, however often copies are copied.
constexpr std::size_t pieces_unasked = 4;
constexpr std::size_t pieces_of_an_upload_max = 40'000;

struct PartCopy {
  FoundUpload upload;
  std::uint32_t number = 0;
  std::optional<DataKey> key;  // of the upload
  CopySource source;
  ByteRange range;
};

// ---- ETag and checksum ---------------------------------------------------------------------------------------------

struct Digests {
  std::string etag;
  codec::ChecksumValue checksum;
};

// Of the bytes that the source knows by this ETag (16 bytes) and this checksum.
std::optional<Digests> digests_of(const PartCopy& copy, BytesView etag, const codec::ChecksumValue& checksum) {
  const SseKind kind = copy.upload.upload.object.encryption.kind;
  codec::Md5Digest digest{};
  const bool is_md5 = !hides_md5(copy.source.version.encryption.kind);
  const bool enough = is_md5 || hides_md5(kind);  // what is no MD5 can be made of anything that tells the bytes
  if (!enough || etag.size() != digest.size() || checksum.algorithm() != copy.upload.upload.checksum) {
    return std::nullopt;
  }
  std::copy(etag.begin(), etag.end(), digest.begin());
  return Digests{etag_of(digest, kind, copy.key), checksum};
}

// What the source's record tells of the range: nothing when the bytes must be read.
std::optional<Digests> known_digests(const PartCopy& copy) {
  const ObjectVersion& version = copy.source.version;
  if (version.multipart) {
    for (const ObjectPart& part : parts_of(version.payload)) {
      if (part.first != copy.range.first || part.bytes != copy.range.length || !part.head->checksum) continue;
      return digests_of(copy, part.head->etag, *part.head->checksum);
    }
    return std::nullopt;
  }
  if (copy.range.length != version.bytes) return std::nullopt;
  const auto etag = codec::from_hex(version.etag);
  for (const ObjectChecksum& checksum : version.checksums) {
    if (!etag.ok() || checksum.type != ChecksumType::full_object) continue;
    if (auto digests = digests_of(copy, *etag, checksum.value)) return digests;
  }
  return std::nullopt;
}

Task<Outcome<Digests>> digests(Services& services, const PartCopy& copy) {
  if (auto known = known_digests(copy)) co_return *std::move(known);
  CO_TRY_ASSIGN(SourceDigests read,
                co_await read_source_digests(services, copy.source, copy.range, copy.upload.upload.checksum));
  co_return Digests{etag_of(read.md5, copy.upload.upload.object.encryption.kind, copy.key), read.checksum};
}

// ---- The two ways --------------------------------------------------------------------------------------------------

using Pieces = std::vector<PayloadPart>;
using Holds = std::vector<std::unique_ptr<blob::BlobHold>>;

// Whether that many more pieces are not too many for the upload.
Task<Outcome<bool>> has_room(Services& services, const Call& call, const FoundUpload& upload, std::size_t pieces) {
  if (pieces <= pieces_unasked) co_return true;
  CO_TRY_ASSIGN(const auto parts, co_await scan_parts(services, call.in(), upload.key, upload.id, 0, part_number_max));
  for (const FoundPart& part : parts) pieces += part.part.pieces.size();
  co_return pieces <= pieces_of_an_upload_max;
}

// The pieces that the part would share; none when its bytes are to be copied.
Task<Outcome<Pieces>> pieces_to_share(Services& services, const Call& call, const PartCopy& copy) {
  const ObjectVersion& from = copy.source.version;
  const Envelope& to = copy.upload.upload.object.encryption;
  if (copy.range.length < shared_bytes_min || from.payload.inlined) co_return Pieces();
  if (!may_share(from.encryption, to.kind, to.customer_md5)) co_return Pieces();
  auto pieces = slices_of(from.payload, copy.source.key, copy.range.first, copy.range.length, copy.key);
  if (!pieces.ok()) co_return store_error(pieces.error());
  CO_TRY_ASSIGN(const bool room, co_await has_room(services, call, copy.upload, pieces->size()));
  if (!room) co_return Pieces();
  co_return std::move(pieces).value();
}

Task<Outcome<Holds>> hold_all(Services& services, const Pieces& pieces) {
  auto hold = [&services, &pieces]() -> Result<Holds> {
    Holds holds;
    std::set<blob::BlobId> blobs;
    for (const PayloadPart& piece : pieces) {
      if (!blobs.insert(piece.blob).second) continue;
      TRY_ASSIGN(auto held, services.blobs.hold(piece.blob));
      holds.push_back(std::move(held));
    }
    return holds;
  };
  auto holds = co_await on_disk(services.disk, std::move(hold));
  if (holds.ok()) co_return std::move(holds).value();
  if (holds.error().is(Code::not_found)) co_return s3_error(ErrorCode::no_such_key);
  co_return store_error(holds.error());
}

Task<Outcome<UploadedPart>> share_part(Services& services, const Call& call, const PartCopy& copy, Pieces pieces) {
  CO_TRY_ASSIGN(const Holds holds, co_await hold_all(services, pieces));
  CO_TRY_ASSIGN(Digests told, co_await digests(services, copy));
  UploadedPart part;
  part.modified_micros = static_cast<std::int64_t>(services.wall.now_micros());
  part.etag = std::move(told.etag);
  part.pieces = std::move(pieces);
  for (PayloadPart& piece : part.pieces) piece.number = copy.number;
  part.pieces.front().checksum = told.checksum;
  FAULT_POINT("upload.copy_held");
  CO_TRY(co_await put_part(services, call.bucket_info, copy.upload.key, copy.upload.id, part, false));
  co_return part;
}

Task<Outcome<UploadedPart>> write_part(Services& services, const Call& call, const PartCopy& copy) {
  CO_TRY_ASSIGN(auto stream, co_await open_source_bytes(services, copy.source, copy.range));
  const std::unique_ptr<PayloadSource> bytes = source_of(std::move(stream));
  PayloadRequest request = part_request(copy.upload.upload, copy.key);
  CO_TRY_ASSIGN(WrittenPayload written, co_await write_payload(services, *bytes, std::move(request)));
  FoundUpload upload = copy.upload;
  co_return co_await store_part(services, call, std::move(upload), copy.number, copy.key, std::move(written));
}

// ---- The copy ------------------------------------------------------------------------------------------------------

Outcome<ByteRange> range_of(const Call& call, const ObjectVersion& version) {
  ByteRange range{0, version.bytes};
  if (const auto header = call.headers.get("x-amz-copy-source-range")) {
    TRY_ASSIGN(range, parse_copy_range(*header, version.bytes));
  }
  if (range.length > part_bytes_max) {
    return s3_error(ErrorCode::invalid_request,
                    "The specified copy source is larger than the maximum allowable size for a copy source: " +
                        std::to_string(part_bytes_max));
  }
  return range;
}

Task<Outcome<UploadedPart>> copy_once(Services& services, const Call& call, const PartCopy& copy) {
  CO_TRY_ASSIGN(Pieces pieces, co_await pieces_to_share(services, call, copy));
  if (pieces.empty()) co_return co_await write_part(services, call, copy);
  co_return co_await share_part(services, call, copy, std::move(pieces));
}

Task<Outcome<UploadedPart>> copy_part(Services& services, const Call& call, PartCopy& copy) {
  for (int round = 1;; ++round) {
    CO_TRY_ASSIGN(copy.range, range_of(call, copy.source.version));
    auto part = co_await copy_once(services, call, copy);
    if (part.ok() || round == rounds_max || !source_may_have_changed(part.error())) co_return part;
    CO_TRY(co_await find_copy_source_again(services, call, part.error(), copy.source));
  }
}

Reply answer(const UploadedPart& part, const PartCopy& copy) {
  Bytes document;
  codec::XmlWriter xml(document);
  xml.declaration();
  xml.open("CopyPartResult", codec::s3_namespace);
  xml.element("LastModified", listed_time(part.modified_micros));
  xml.element("ETag", '"' + part.etag + '"');
  if (const auto& checksum = part.checksum()) write_checksum(xml, checksum->algorithm(), checksum->base64());
  xml.close();
  Reply reply = xml_reply(std::move(document));
  if (const auto version = copy.source.version_header()) reply.headers.add("x-amz-copy-source-version-id", *version);
  add_sse_headers(reply.headers, copy.upload.upload.object.encryption);
  return reply;
}

}  // namespace

Task<Outcome<Reply>> upload_part_copy(Services& services, Call& call) {
  PartCopy copy;
  CO_TRY_ASSIGN(copy.number, part_number_of(call));
  const std::string id = upload_id_of(call);
  CO_TRY_ASSIGN(copy.upload, co_await find_upload(services, call.in(), call.key, id));
  CO_TRY_ASSIGN(copy.key, open_upload_key(services, call, copy.upload.upload));
  CO_TRY_ASSIGN(copy.source, co_await open_copy_source(services, call));
  CO_TRY_ASSIGN(const UploadedPart part, co_await copy_part(services, call, copy));
  co_return answer(part, copy);
}

}  // namespace reprise::s3
