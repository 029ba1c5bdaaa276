// One version of an object, or a delete marker: what the spaces of heads and of versions keep of it.
//
// The record is versioned by the store: a change of tags, ACL or lock rewrites it, and the past keeps what it was.
// Values. Times are microseconds since the epoch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "blob/blob_id.h"
#include "codec/checksum.h"
#include "s3/model/acl.h"
#include "s3/model/encryption.h"
#include "s3/model/object_lock.h"
#include "s3/model/tag.h"

namespace reprise::s3 {

// A version's id, as clients see it: "null", or 32 characters of A-Za-z0-9_. that hold the sequence and 16 random
// bytes.
class VersionId {
 public:
  // Null until told otherwise.
  VersionId() = default;
  [[nodiscard]] static VersionId make(std::uint64_t sequence);
  // Nothing when it cannot be one ("Invalid version id specified").
  [[nodiscard]] static std::optional<VersionId> parse(std::string_view text);
  [[nodiscard]] bool is_null() const { return null_; }
  // Of one that is not null.
  [[nodiscard]] std::uint64_t sequence() const { return sequence_; }
  [[nodiscard]] BytesView salt() const { return salt_; }
  [[nodiscard]] std::string text() const;
  bool operator==(const VersionId&) const = default;
  // From what a record keeps.
  [[nodiscard]] static VersionId from_parts(std::uint64_t sequence, BytesView salt);

 private:
  bool null_ = true;
  std::uint64_t sequence_ = 0;
  std::string salt_;  // 16 bytes
};

enum class ChecksumType : std::uint8_t { full_object, composite };
struct ObjectChecksum {
  codec::ChecksumValue value;
  ChecksumType type = ChecksumType::full_object;
  // "CRC64NVME's base64", with "-N" behind it when composite.
  std::uint32_t parts = 0;
  [[nodiscard]] std::string text() const;
  bool operator==(const ObjectChecksum&) const = default;
};

// A piece of the payload: one blob, or a slice of one. An object that was put whole has one. Of a multipart upload each
// part has one, or several one after another when it is a copy that shares the blobs of its source.
struct PayloadPart {
  blob::BlobId blob;
  std::uint64_t bytes = 0;   // of plain text, in this piece
  Bytes salt;                // 16 bytes when the blob is encrypted: makes its key from the data key
  std::uint32_t number = 0;  // of a multipart upload's part, the same in all its pieces; else 0
  // Of a multipart upload's part as a whole, in its first piece.
  std::optional<codec::ChecksumValue> checksum{};
  Bytes etag{};  // 16 bytes
  // Of a slice: where it begins in the blob's plain text, and how long that is (0: this is the whole blob).
  std::uint64_t from = 0;
  std::uint64_t blob_bytes = 0;
  // The blob's key, sealed under this object's data key, when another object's data key made it; there is no salt then.
  Bytes sealed_key{};
  [[nodiscard]] std::uint64_t plain_bytes_of_blob() const { return blob_bytes != 0 ? blob_bytes : bytes; }
  bool operator==(const PayloadPart&) const = default;
};
// As a list in other records; corruption.
[[nodiscard]] Bytes encode_payload_parts(const std::vector<PayloadPart>& parts);
[[nodiscard]] Result<std::vector<PayloadPart>> decode_payload_parts(BytesView stored);

// Where the bytes are.
struct Payload {
  std::optional<blob::BlobId> inlined;  // the key in the bucket's space of payloads; the stored bytes are one sealed
                                        // block when the version is encrypted (salt below), else plain
  Bytes inline_salt;
  std::vector<PayloadPart> parts;  // neither: an empty object
  bool operator==(const Payload&) const = default;
};

// The parts of a multipart object, as clients number them, in order.
struct ObjectPart {
  const PayloadPart* head = nullptr;  // its first piece, in the payload
  std::uint64_t first = 0;            // of its first byte in the object
  std::uint64_t bytes = 0;
  [[nodiscard]] std::uint32_t number() const { return head->number; }
};
// `payload` outlives the answer.
[[nodiscard]] std::vector<ObjectPart> parts_of(const Payload& payload);

struct ObjectVersion {
  std::uint64_t sequence = 0;  // order among the key's versions; unique and increasing; never reused
  VersionId id;                // null: the null version
  bool delete_marker = false;
  // Sequence of the null version below this one, 0 for none; what it points to may be gone.
  std::uint64_t null_below = 0;
  std::int64_t modified_micros = 0;
  // When the version above it came, of a noncurrent version: what lifecycle counts from.
  std::int64_t noncurrent_since_micros = 0;
  std::string owner;  // canonical id

  // Of objects; empty in markers.
  std::uint64_t bytes = 0;
  std::string etag;  // without quotes
  std::string storage_class = "STANDARD";
  // Content-Type and the other headers kept for the reader, names in lower case; and x-amz-meta-* without that prefix.
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<std::string, std::string>> metadata;
  Tags tags;
  std::optional<Acl> acl;  // nothing: the owner alone
  ObjectLock lock;
  std::vector<ObjectChecksum> checksums;
  Envelope encryption;
  Payload payload;
  bool multipart = false;  // completed from parts: partNumber means something
  bool operator==(const ObjectVersion&) const = default;
};

[[nodiscard]] Bytes encode_version(const ObjectVersion& version);
[[nodiscard]] Result<ObjectVersion> decode_version(BytesView stored);

// Keys of the space of versions: the object's key (ordered encoding), then the sequence, descending.
[[nodiscard]] Bytes versions_key(std::string_view object_key, std::uint64_t sequence);
// Every version of a key begins with this.
[[nodiscard]] Bytes versions_prefix(std::string_view object_key);
struct VersionsKey {
  std::string object_key;
  std::uint64_t sequence = 0;
};
[[nodiscard]] Result<VersionsKey> parse_versions_key(BytesView key);

inline constexpr std::size_t object_key_bytes_max = 1024;

}  // namespace reprise::s3
