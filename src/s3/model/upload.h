// Multipart uploads on their way: the records of a bucket's space of uploads, and their keys.
//
// The space has three kinds of entries, told apart by the first byte of the key; what follows is the same for all, so
// that each is found from an object's key and an upload id alone:
//   u | ordered(object key) | be64 initiated | 16 bytes  -> Upload: one under way
//   p | the same | be16 part number                      -> UploadedPart
//   c | the same                                         -> CompletedUpload: what a repeated completion answers
// So uploads come in the order of ListMultipartUploads: by object key, then by their beginning.
//
// Invariants
//   - a part is only ever written together with a check that its upload's entry stands;
//   - completing or aborting removes that entry first, so parts without it are nobody's any more (ops/garbage.h).
// The on-disk form is described in docs/formats/upload.md.
//
// Values and pure functions. Times are microseconds since the epoch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "codec/checksum.h"
#include "s3/model/object.h"

namespace reprise::s3 {

inline constexpr std::uint32_t part_number_max = 10'000;
inline constexpr std::uint64_t part_bytes_min = std::uint64_t{5} << 20;  // of all parts but the last
inline constexpr std::uint64_t part_bytes_max = std::uint64_t{5} << 30;

// The id of an upload: 48 hexadecimal digits, of the time it was initiated and of 16 random bytes.
class UploadId {
 public:
  UploadId() = default;
  [[nodiscard]] static UploadId make(std::int64_t initiated_micros);
  // Nothing when it cannot be one (NoSuchUpload).
  [[nodiscard]] static std::optional<UploadId> parse(std::string_view text);
  // 24 bytes: as the keys have it.
  [[nodiscard]] static std::optional<UploadId> from_bytes(BytesView bytes);
  [[nodiscard]] BytesView bytes() const { return bytes_; }
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::int64_t initiated_micros() const;
  bool operator==(const UploadId&) const = default;

 private:
  std::string bytes_;
};

struct Upload {
  std::string initiator;  // who began it: an account's canonical id, or a user's ARN
  // What CreateMultipartUpload said about the object: headers, metadata, tags, ACL, owner, lock, storage class and the
  // envelope of its data key. Sequence, id, sizes and payload are empty.
  ObjectVersion object;
  codec::ChecksumAlgorithm checksum = codec::ChecksumAlgorithm::crc64nvme;
  ChecksumType checksum_type = ChecksumType::full_object;
  bool checksum_asked = false;  // the client named it; else it is the service's own
  bool operator==(const Upload&) const = default;
};
[[nodiscard]] Bytes encode_upload(const Upload& upload);
[[nodiscard]] Result<Upload> decode_upload(BytesView stored);

struct UploadedPart {
  std::int64_t modified_micros = 0;
  std::string etag;  // without quotes: 32 hexadecimal digits
  // At least one. Its number is in all of them, its checksum, by the upload's algorithm, in the first.
  std::vector<PayloadPart> pieces;
  [[nodiscard]] std::uint32_t number() const { return pieces.front().number; }
  [[nodiscard]] std::uint64_t bytes() const;
  [[nodiscard]] const std::optional<codec::ChecksumValue>& checksum() const { return pieces.front().checksum; }
  bool operator==(const UploadedPart&) const = default;
};
[[nodiscard]] Bytes encode_part(const UploadedPart& part);
[[nodiscard]] Result<UploadedPart> decode_part(BytesView stored);

struct CompletedUpload {
  std::int64_t completed_micros = 0;
  std::string etag;
  std::string version;  // x-amz-version-id; empty: the answer had none
  std::optional<ObjectChecksum> checksum;
  Envelope encryption;
  bool operator==(const CompletedUpload&) const = default;
};
[[nodiscard]] Bytes encode_completed(const CompletedUpload& completed);
[[nodiscard]] Result<CompletedUpload> decode_completed(BytesView stored);

// ---- Keys ----------------------------------------------------------------------------------------------------------

enum class UploadEntry : char { upload = 'u', part = 'p', completed = 'c' };

[[nodiscard]] Bytes upload_key(UploadEntry entry, std::string_view object_key, const UploadId& id);
[[nodiscard]] Bytes part_key(std::string_view object_key, const UploadId& id, std::uint32_t number);
struct UploadKey {
  UploadEntry entry = UploadEntry::upload;
  std::string object_key;
  UploadId id;
  std::uint32_t number = 0;  // of a part
};
[[nodiscard]] Result<UploadKey> parse_upload_key(BytesView key);
// All entries of that kind whose object key begins with `object_prefix` begin with this.
[[nodiscard]] Bytes upload_scan_prefix(UploadEntry entry, std::string_view object_prefix);

}  // namespace reprise::s3
