// Payloads on their way in and out: from a request into blobs (or inline), and back.
//
// On the way in the bytes are hashed (MD5, checksums), encrypted and written piece by piece, on the disk's threads,
// while the connection reads on: memory is bounded by a few pieces whatever the object's size. On the way out each
// piece has been checked (the blob's checksums; the tag of AES-GCM) before a byte of it leaves, and the next one is
// being read.
//
// The stored form of an encrypted payload (docs/formats/object.md): blocks of 65,520 bytes, each sealed with
// AES-256-GCM under a key made of the data key and the blob's salt, the block's number being the nonce: 65,536 bytes,
// so that one sealed block is one block of the blob.
//
// Threading: from any executor; a coroutine comes back to the one it was called on.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/task.h"
#include "blob/blob_store.h"
#include "codec/checksum.h"
#include "codec/md5.h"
#include "s3/model/object.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

inline constexpr std::uint64_t sealed_block_bytes = 65'520;
inline constexpr std::uint64_t single_put_bytes_max = std::uint64_t{5} << 30;

struct PayloadRequest {
  std::optional<DataKey> key;                       // nothing: stored in plain
  std::vector<codec::ChecksumAlgorithm> checksums;  // to compute besides MD5
  bool may_inline = true;                           // parts of uploads never are
  std::uint64_t bytes_max = single_put_bytes_max;   // EntityTooLarge beyond
};

struct WrittenPayload {
  Payload payload;
  std::uint64_t bytes = 0;
  codec::Md5Digest md5{};
  std::vector<codec::ChecksumValue> checksums;  // in the order asked for
  Bytes inline_bytes;                           // what goes into the space of payloads, sealed if need be
  std::unique_ptr<blob::BlobWriter> hold;       // keeps the blob: let it go after the commit that names it
};

// Reads `source` to its end. When it fails nothing is left.
Task<Outcome<WrittenPayload>> write_payload(Services& services, PayloadSource& source, PayloadRequest request);
// Takes a payload away that is not going to be named: its checksum was wrong, a condition did not hold.
Task<void> discard_payload(Services& services, WrittenPayload written);

// The bytes [offset, offset + length) of a version, which has at least that many. Fails here, not in the stream, when a
// blob is missing or its first block is damaged (InternalError). `key` is set when the version is encrypted.
Task<Outcome<std::unique_ptr<ReplyStream>>> read_payload(Services& services, BucketPtr bucket,
                                                         const ObjectVersion& version, std::optional<DataKey> key,
                                                         std::uint64_t offset, std::uint64_t length,
                                                         std::optional<Timestamp> as_of);
// The same with the store's errors: not_found when the payload is gone, as it is when the object was replaced after its
// record was read (look again, then), and corruption when it is damaged.
Task<Result<std::unique_ptr<ReplyStream>>> open_payload(Services& services, BucketPtr bucket,
                                                        const ObjectVersion& version, std::optional<DataKey> key,
                                                        std::uint64_t offset, std::uint64_t length,
                                                        std::optional<Timestamp> as_of);
// A stream as a source, for the copies that cannot share (from plain to encrypted).
std::unique_ptr<PayloadSource> source_of(std::unique_ptr<ReplyStream> stream);

// ---- What a request says of its payload's checksums ---------------------------------------------------------------
struct ExpectedChecksums {
  std::optional<codec::Md5Digest> content_md5;
  std::optional<codec::ChecksumValue> value;           // of an x-amz-checksum-* header
  std::optional<codec::ChecksumAlgorithm> in_trailer;  // x-amz-trailer announces it
  // What to compute and keep: the one named, or CRC64NVME.
  codec::ChecksumAlgorithm algorithm = codec::ChecksumAlgorithm::crc64nvme;
  bool asked = false;  // the client named an algorithm
};
// InvalidDigest, InvalidRequest (two checksums, a value that is none, an unknown algorithm), with AWS's texts.
[[nodiscard]] Outcome<ExpectedChecksums> expected_checksums(const Fields& headers);
// BadDigest when what was written is not what was announced, in headers or trailers.
[[nodiscard]] Check verify_checksums(const ExpectedChecksums& expected, const WrittenPayload& written,
                                     const Fields& trailers);

}  // namespace reprise::s3
