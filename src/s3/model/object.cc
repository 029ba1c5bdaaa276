// Version ids, and the stored form of a version (docs/formats/object.md).
//
// A record is read back by every later release: a field is only ever added behind a new flag, and a record with a flag
// that this release does not know is refused rather than half understood.
#include "s3/model/object.h"

#include <array>
#include <utility>

#include "base/assert.h"
#include "codec/field_reader.h"
#include "codec/ordered.h"

namespace reprise::s3 {

namespace {

constexpr char record_format = 1;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t id_bytes = salt_bytes + 8;
constexpr std::size_t id_characters = id_bytes / 3 * 4;
constexpr std::string_view null_id = "null";

// Safe in a URL, and in a shell.
constexpr std::string_view id_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.";

std::optional<std::uint32_t> id_digit(char c) {
  const auto at = id_alphabet.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint32_t>(at);
}

// What a record has besides its fixed fields.
enum Flag : std::uint64_t {
  flag_marker = 1 << 0,
  flag_named = 1 << 1,  // has an id of its own: no null version
  flag_multipart = 1 << 2,
  flag_null_below = 1 << 3,
  flag_noncurrent = 1 << 4,
  flag_object = 1 << 5,  // size, etag and the like: whatever a marker has not
  flag_storage_class = 1 << 6,
  flag_headers = 1 << 7,
  flag_metadata = 1 << 8,
  flag_tags = 1 << 9,
  flag_acl = 1 << 10,
  flag_lock = 1 << 11,
  flag_checksums = 1 << 12,
  flag_encryption = 1 << 13,
  flag_inlined = 1 << 14,
  flag_parts = 1 << 15,
  flags_known = (1 << 16) - 1,
};

// What a piece of a payload has besides its fixed fields.
enum PartFlag : std::uint8_t {
  part_checksum = 1 << 0,
  part_slice = 1 << 1,
  part_sealed_key = 1 << 2,
  part_etag = 1 << 3,
  part_flags_known = (1 << 4) - 1,
};
constexpr std::size_t part_etag_bytes = 16;

constexpr std::string_view usual_storage_class = "STANDARD";

// ---- Writing -------------------------------------------------------------------------------------------------------

class Writer {
 public:
  void number(std::uint64_t value) { codec::append_varint(out, value); }
  void text(BytesView value) { codec::append_sized(out, value); }
  void fixed(std::uint64_t value) { append_be64(out, value); }
  void time(std::int64_t micros) { number(codec::zigzag(micros)); }
  void byte(std::uint8_t value) { out.push_back(static_cast<char>(value)); }
  void blob(const blob::BlobId& id) { out.append(id.bytes()); }
  void checksum(const codec::ChecksumValue& value) {
    byte(static_cast<std::uint8_t>(value.algorithm()));
    out.append(value.bytes());
  }
  void pairs(const std::vector<std::pair<std::string, std::string>>& fields) {
    number(fields.size());
    for (const auto& [name, value] : fields) {
      text(name);
      text(value);
    }
  }
  Bytes out;
};

std::uint64_t flags_of(const ObjectVersion& version) {
  std::uint64_t flags = 0;
  const auto set = [&](Flag flag, bool on) {
    if (on) flags |= flag;
  };
  set(flag_marker, version.delete_marker);
  set(flag_named, !version.id.is_null());
  set(flag_multipart, version.multipart);
  set(flag_null_below, version.null_below != 0);
  set(flag_noncurrent, version.noncurrent_since_micros != 0);
  set(flag_object, version.bytes != 0 || !version.etag.empty());
  set(flag_storage_class, version.storage_class != usual_storage_class);
  set(flag_headers, !version.headers.empty());
  set(flag_metadata, !version.metadata.empty());
  set(flag_tags, !version.tags.empty());
  set(flag_acl, version.acl.has_value());
  set(flag_lock, version.lock != ObjectLock{});
  set(flag_checksums, !version.checksums.empty());
  set(flag_encryption, version.encryption != Envelope{});
  set(flag_inlined, version.payload.inlined.has_value() || !version.payload.inline_salt.empty());
  set(flag_parts, !version.payload.parts.empty());
  return flags;
}

void write_acl(Writer& to, const Acl& acl) {
  to.text(acl.owner);
  to.number(acl.grants.size());
  for (const auto& grant : acl.grants) {
    to.byte(static_cast<std::uint8_t>(grant.grantee.kind));
    to.text(grant.grantee.id);
    to.byte(static_cast<std::uint8_t>(grant.permission));
  }
}

void write_lock(Writer& to, const ObjectLock& lock) {
  to.byte(static_cast<std::uint8_t>(lock.mode));
  to.time(lock.retain_until_micros);
  std::uint8_t hold = 0;
  if (lock.legal_hold) hold = *lock.legal_hold ? 2 : 1;
  to.byte(hold);
}

void write_checksums(Writer& to, const std::vector<ObjectChecksum>& checksums) {
  to.number(checksums.size());
  for (const auto& checksum : checksums) {
    to.checksum(checksum.value);
    to.byte(static_cast<std::uint8_t>(checksum.type));
    to.number(checksum.parts);
  }
}

void write_encryption(Writer& to, const Envelope& envelope) {
  to.byte(static_cast<std::uint8_t>(envelope.kind));
  to.text(envelope.key_id);
  to.text(envelope.wrapped_data_key);
  to.text(envelope.customer_md5);
  to.text(envelope.kms_context);
  to.byte(envelope.bucket_key ? 1 : 0);
}

std::uint8_t flags_of(const PayloadPart& part) {
  ASSERT(part.etag.empty() || part.etag.size() == part_etag_bytes);
  std::uint8_t flags = 0;
  if (part.checksum) flags |= part_checksum;
  if (part.blob_bytes != 0) flags |= part_slice;
  if (!part.sealed_key.empty()) flags |= part_sealed_key;
  if (!part.etag.empty()) flags |= part_etag;
  return flags;
}

void write_parts(Writer& to, const std::vector<PayloadPart>& parts) {
  to.number(parts.size());
  for (const auto& part : parts) {
    to.blob(part.blob);
    to.number(part.bytes);
    to.text(part.salt);
    to.number(part.number);
    const std::uint8_t flags = flags_of(part);
    to.byte(flags);
    if (flags & part_checksum) to.checksum(*part.checksum);
    if (flags & part_slice) {
      to.number(part.from);
      to.number(part.blob_bytes);
    }
    if (flags & part_sealed_key) to.text(part.sealed_key);
    if (flags & part_etag) to.out.append(part.etag);
  }
}

// ---- Reading -------------------------------------------------------------------------------------------------------

// The fields that only versions have.
class Reader : public codec::FieldReader {
 public:
  using FieldReader::FieldReader;

  std::uint32_t small_number() {
    const std::uint64_t value = number();
    require(value <= 0xffffffff);
    return ok() ? static_cast<std::uint32_t>(value) : 0;
  }
  // A number of an enumeration whose last one is `last`.
  std::uint8_t choice(std::uint8_t last) {
    const BytesView value = raw(1);
    if (ok() && static_cast<std::uint8_t>(value[0]) > last) fail();
    return ok() ? static_cast<std::uint8_t>(value[0]) : std::uint8_t{0};
  }
  bool truth() { return choice(1) != 0; }
  blob::BlobId blob() {
    const BytesView value = raw(blob::BlobId::size);
    if (!ok()) return {};
    return blob::BlobId::from_bytes(value).value_or(blob::BlobId());
  }
  codec::ChecksumValue checksum() {
    const auto algorithm = static_cast<codec::ChecksumAlgorithm>(choice(codec::checksum_algorithms.size() - 1));
    const std::size_t size = codec::checksum_size(algorithm);
    const BytesView value = raw(size);
    return {algorithm, ok() ? value : BytesView(zeros_.data(), size)};
  }
  std::vector<std::pair<std::string, std::string>> pairs() {
    std::vector<std::pair<std::string, std::string>> fields(count(2));
    for (auto& [name, value] : fields) {
      name = text();
      value = text();
    }
    return fields;
  }

 private:
  static constexpr std::array<char, 32> zeros_{};
};

Acl read_acl(Reader& from) {
  Acl acl;
  acl.owner = from.text();
  acl.grants.resize(from.count(3));
  for (auto& grant : acl.grants) {
    grant.grantee.kind =
        static_cast<Grantee::Kind>(from.choice(static_cast<std::uint8_t>(Grantee::Kind::log_delivery)));
    grant.grantee.id = from.text();
    grant.permission = static_cast<Permission>(from.choice(static_cast<std::uint8_t>(Permission::read_acp)));
  }
  return acl;
}

ObjectLock read_lock(Reader& from) {
  ObjectLock lock;
  lock.mode = static_cast<LockMode>(from.choice(static_cast<std::uint8_t>(LockMode::compliance)));
  lock.retain_until_micros = from.time();
  if (const auto hold = from.choice(2); hold != 0) lock.legal_hold = hold == 2;
  return lock;
}

std::vector<ObjectChecksum> read_checksums(Reader& from) {
  std::vector<ObjectChecksum> checksums;
  const std::size_t count = from.count(7);
  checksums.reserve(count);
  for (std::size_t i = 0; i < count && from.ok(); ++i) {
    auto value = from.checksum();
    const auto type = static_cast<ChecksumType>(from.choice(static_cast<std::uint8_t>(ChecksumType::composite)));
    checksums.push_back({value, type, from.small_number()});
  }
  return checksums;
}

Envelope read_encryption(Reader& from) {
  Envelope envelope;
  envelope.kind = static_cast<SseKind>(from.choice(static_cast<std::uint8_t>(SseKind::customer)));
  envelope.key_id = from.text();
  envelope.wrapped_data_key = from.text();
  envelope.customer_md5 = from.text();
  envelope.kms_context = from.text();
  envelope.bucket_key = from.truth();
  return envelope;
}

std::vector<PayloadPart> read_parts(Reader& from) {
  std::vector<PayloadPart> parts(from.count(blob::BlobId::size + 4));
  for (auto& part : parts) {
    part.blob = from.blob();
    part.bytes = from.number();
    part.salt = from.text();
    part.number = from.small_number();
    const std::uint8_t flags = from.choice(part_flags_known);
    if (flags & part_checksum) part.checksum = from.checksum();
    if (flags & part_slice) {
      part.from = from.number();
      part.blob_bytes = from.number();
      if (part.from > part.blob_bytes || part.bytes > part.blob_bytes - part.from) from.fail();
    }
    if (flags & part_sealed_key) part.sealed_key = from.text();
    if (flags & part_etag) part.etag = from.raw(part_etag_bytes);
  }
  return parts;
}

Tags tags_of(std::vector<std::pair<std::string, std::string>> fields) {
  Tags tags;
  tags.reserve(fields.size());
  for (auto& [key, value] : fields) tags.push_back({std::move(key), std::move(value)});
  return tags;
}

// What objects have and markers have not, in the order of the flags.
void read_object(Reader& from, std::uint64_t flags, ObjectVersion& version) {
  if (flags & flag_object) {
    version.bytes = from.number();
    version.etag = from.text();
  }
  if (flags & flag_storage_class) version.storage_class = from.text();
  if (flags & flag_headers) version.headers = from.pairs();
  if (flags & flag_metadata) version.metadata = from.pairs();
  if (flags & flag_tags) version.tags = tags_of(from.pairs());
  if (flags & flag_acl) version.acl = read_acl(from);
  if (flags & flag_lock) version.lock = read_lock(from);
  if (flags & flag_checksums) version.checksums = read_checksums(from);
  if (flags & flag_encryption) version.encryption = read_encryption(from);
  if (flags & flag_inlined) {
    if (from.truth()) version.payload.inlined = from.blob();
    version.payload.inline_salt = from.text();
  }
  if (flags & flag_parts) version.payload.parts = read_parts(from);
}

}  // namespace

// ---- Version ids ---------------------------------------------------------------------------------------------------

VersionId VersionId::make(std::uint64_t sequence) {
  // The same source as the ids of blobs: the operating system's entropy.
  return from_parts(sequence, blob::BlobId::random().bytes());
}

VersionId VersionId::from_parts(std::uint64_t sequence, BytesView salt) {
  ASSERT(salt.size() == salt_bytes);
  VersionId id;
  id.null_ = false;
  id.sequence_ = sequence;
  id.salt_ = salt;
  return id;
}

std::optional<VersionId> VersionId::parse(std::string_view text) {
  if (text == null_id) return VersionId();
  if (text.size() != id_characters) return std::nullopt;
  Bytes bytes;
  bytes.reserve(id_bytes);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto digit = id_digit(text[i + k]);
      if (!digit) return std::nullopt;
      group = group << 6 | *digit;
    }
    for (int shift = 16; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>((group >> shift) & 0xff));
  }
  return from_parts(read_be64(BytesView(bytes).substr(salt_bytes)), BytesView(bytes).substr(0, salt_bytes));
}

std::string VersionId::text() const {
  if (null_) return std::string(null_id);
  Bytes bytes(salt_);
  append_be64(bytes, sequence_);
  std::string out;
  out.reserve(id_characters);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | static_cast<unsigned char>(bytes[i + k]);
    for (int shift = 18; shift >= 0; shift -= 6) out.push_back(id_alphabet[(group >> shift) & 0x3f]);
  }
  return out;
}

std::string ObjectChecksum::text() const {
  std::string out = value.base64();
  if (type == ChecksumType::composite) out.append("-").append(std::to_string(parts));
  return out;
}

// ---- Records -------------------------------------------------------------------------------------------------------

Bytes encode_version(const ObjectVersion& version) {
  ASSERT(version.id.is_null() || version.id.sequence() == version.sequence);
  const std::uint64_t flags = flags_of(version);
  Writer to;
  to.out.reserve(256);
  to.out.push_back(record_format);
  to.number(flags);
  to.fixed(version.sequence);
  if (flags & flag_named) to.out.append(version.id.salt());
  if (flags & flag_null_below) to.fixed(version.null_below);
  to.time(version.modified_micros);
  if (flags & flag_noncurrent) to.time(version.noncurrent_since_micros);
  to.text(version.owner);
  if (flags & flag_object) {
    to.number(version.bytes);
    to.text(version.etag);
  }
  if (flags & flag_storage_class) to.text(version.storage_class);
  if (flags & flag_headers) to.pairs(version.headers);
  if (flags & flag_metadata) to.pairs(version.metadata);
  if (flags & flag_tags) {
    to.number(version.tags.size());
    for (const auto& tag : version.tags) {
      to.text(tag.key);
      to.text(tag.value);
    }
  }
  if (flags & flag_acl) write_acl(to, *version.acl);
  if (flags & flag_lock) write_lock(to, version.lock);
  if (flags & flag_checksums) write_checksums(to, version.checksums);
  if (flags & flag_encryption) write_encryption(to, version.encryption);
  if (flags & flag_inlined) {
    to.byte(version.payload.inlined ? 1 : 0);
    if (version.payload.inlined) to.blob(*version.payload.inlined);
    to.text(version.payload.inline_salt);
  }
  if (flags & flag_parts) write_parts(to, version.payload.parts);
  return std::move(to.out);
}

Result<ObjectVersion> decode_version(BytesView stored) {
  if (stored.empty() || stored[0] != record_format) return corruption("a version's record is of an unknown format");
  Reader from(stored.substr(1));
  ObjectVersion version;
  const std::uint64_t flags = from.number();
  if ((flags & ~std::uint64_t{flags_known}) != 0) return corruption("a version's record has unknown fields");
  version.delete_marker = (flags & flag_marker) != 0;
  version.multipart = (flags & flag_multipart) != 0;
  version.sequence = from.fixed();
  if (flags & flag_named) {
    const BytesView salt = from.raw(salt_bytes);
    if (from.ok()) version.id = VersionId::from_parts(version.sequence, salt);
  }
  if (flags & flag_null_below) version.null_below = from.fixed();
  version.modified_micros = from.time();
  if (flags & flag_noncurrent) version.noncurrent_since_micros = from.time();
  version.owner = from.text();
  read_object(from, flags, version);
  if (!from.finished()) return corruption("a version's record is damaged");
  return version;
}

Bytes encode_payload_parts(const std::vector<PayloadPart>& parts) {
  Writer to;
  write_parts(to, parts);
  return std::move(to.out);
}

Result<std::vector<PayloadPart>> decode_payload_parts(BytesView stored) {
  Reader from(stored);
  std::vector<PayloadPart> parts = read_parts(from);
  if (!from.finished()) return corruption("the record of a part's bytes is damaged");
  return parts;
}

std::vector<ObjectPart> parts_of(const Payload& payload) {
  std::vector<ObjectPart> parts;
  parts.reserve(payload.parts.size());
  std::uint64_t first = 0;
  for (const PayloadPart& piece : payload.parts) {
    if (parts.empty() || parts.back().number() != piece.number) parts.push_back({&piece, first, 0});
    parts.back().bytes += piece.bytes;
    first += piece.bytes;
  }
  return parts;
}

// ---- Keys of the space of versions ---------------------------------------------------------------------------------

Bytes versions_prefix(std::string_view object_key) {
  Bytes key;
  key.reserve(object_key.size() + 2 + 8);
  codec::append_ordered(key, object_key);
  return key;
}

Bytes versions_key(std::string_view object_key, std::uint64_t sequence) {
  Bytes key = versions_prefix(object_key);
  append_be64(key, ~sequence);
  return key;
}

Result<VersionsKey> parse_versions_key(BytesView key) {
  VersionsKey parsed;
  if (!codec::read_ordered(key, parsed.object_key) || key.size() != 8) {
    return corruption("the space of versions holds a key that is none");
  }
  parsed.sequence = ~read_be64(key);
  return parsed;
}

}  // namespace reprise::s3
