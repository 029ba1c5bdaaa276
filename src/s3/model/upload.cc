// Records start with a version byte (a part's is 2 since it has pieces); numbers are varints, texts and byte strings
// have their length in front. Strict: a record that is too short or too long is none.
#include "s3/model/upload.h"

#include <utility>

#include "base/assert.h"
#include "codec/field_reader.h"
#include "codec/hex.h"
#include "codec/ordered.h"

namespace reprise::s3 {

namespace {

using codec::FieldReader;

constexpr char record_version = 1;
constexpr char part_version = 2;
constexpr std::size_t id_bytes = 24;

Result<FieldReader> begin(BytesView stored, std::string_view what, char newest = record_version) {
  if (stored.empty()) return corruption("the record of " + std::string(what) + " is empty");
  if (stored.front() > newest) {
    return unsupported("the record of " + std::string(what) + " is of a newer version of this program");
  }
  return FieldReader(stored.substr(1));
}

Status damaged(std::string_view what) { return corruption("the record of " + std::string(what) + " is damaged"); }

void append_time(Bytes& out, std::int64_t micros) { codec::append_varint(out, codec::zigzag(micros)); }

// Nothing is the length 0.
void append_checksum(Bytes& out, const std::optional<codec::ChecksumValue>& value) {
  if (!value) {
    codec::append_sized(out, {});
    return;
  }
  Bytes bytes(1, static_cast<char>(value->algorithm()));
  bytes.append(value->bytes());
  codec::append_sized(out, bytes);
}

std::optional<codec::ChecksumValue> read_checksum(FieldReader& fields) {
  const BytesView bytes = fields.text();
  if (bytes.empty()) return std::nullopt;
  const auto number = static_cast<unsigned char>(bytes.front());
  if (number >= codec::checksum_algorithms.size()) {
    fields.require(false);
    return std::nullopt;
  }
  const auto algorithm = codec::checksum_algorithms[number];
  if (bytes.size() != 1 + codec::checksum_size(algorithm)) {
    fields.require(false);
    return std::nullopt;
  }
  return codec::ChecksumValue(algorithm, bytes.substr(1));
}

void append_envelope(Bytes& out, const Envelope& envelope) {
  codec::append_varint(out, static_cast<std::uint64_t>(envelope.kind));
  codec::append_sized(out, envelope.key_id);
  codec::append_sized(out, envelope.wrapped_data_key);
  codec::append_sized(out, envelope.customer_md5);
  codec::append_sized(out, envelope.kms_context);
  codec::append_varint(out, envelope.bucket_key ? 1 : 0);
}

Envelope read_envelope(FieldReader& fields) {
  Envelope envelope;
  const std::uint64_t kind = fields.number();
  fields.require(kind <= static_cast<std::uint64_t>(SseKind::customer));
  envelope.kind = static_cast<SseKind>(kind & 3);
  envelope.key_id = fields.text();
  envelope.wrapped_data_key = fields.text();
  envelope.customer_md5 = fields.text();
  envelope.kms_context = fields.text();
  envelope.bucket_key = fields.flag();
  return envelope;
}

}  // namespace

// ---- Ids -----------------------------------------------------------------------------------------------------------

UploadId UploadId::make(std::int64_t initiated_micros) {
  UploadId id;
  append_be64(id.bytes_, static_cast<std::uint64_t>(initiated_micros));
  id.bytes_.append(blob::BlobId::random().bytes());
  return id;
}

std::optional<UploadId> UploadId::parse(std::string_view text) {
  if (text.size() != 2 * id_bytes) return std::nullopt;
  for (const char c : text) {
    if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return std::nullopt;
  }
  const auto bytes = codec::from_hex(text);
  if (!bytes.ok()) return std::nullopt;
  return from_bytes(*bytes);
}

std::optional<UploadId> UploadId::from_bytes(BytesView bytes) {
  if (bytes.size() != id_bytes) return std::nullopt;
  UploadId id;
  id.bytes_ = bytes;
  return id;
}

std::string UploadId::text() const { return codec::to_hex(bytes_); }

std::int64_t UploadId::initiated_micros() const {
  return bytes_.empty() ? 0 : static_cast<std::int64_t>(read_be64(bytes_));
}

// ---- Records -------------------------------------------------------------------------------------------------------

Bytes encode_upload(const Upload& upload) {
  Bytes out(1, record_version);
  codec::append_sized(out, upload.initiator);
  codec::append_varint(out, static_cast<std::uint64_t>(upload.checksum));
  codec::append_varint(out, static_cast<std::uint64_t>(upload.checksum_type));
  codec::append_varint(out, upload.checksum_asked ? 1 : 0);
  codec::append_sized(out, encode_version(upload.object));
  return out;
}

Result<Upload> decode_upload(BytesView stored) {
  TRY_ASSIGN(auto fields, begin(stored, "an upload"));
  Upload upload;
  upload.initiator = fields.text();
  const std::uint64_t algorithm = fields.number();
  const std::uint64_t type = fields.number();
  upload.checksum_asked = fields.flag();
  const BytesView object = fields.text();
  if (!fields.finished() || algorithm >= codec::checksum_algorithms.size() || type > 1) return damaged("an upload");
  upload.checksum = codec::checksum_algorithms[algorithm];
  upload.checksum_type = static_cast<ChecksumType>(type);
  TRY_ASSIGN(upload.object, decode_version(object));
  return upload;
}

std::uint64_t UploadedPart::bytes() const {
  std::uint64_t sum = 0;
  for (const PayloadPart& piece : pieces) sum += piece.bytes;
  return sum;
}

Bytes encode_part(const UploadedPart& part) {
  Bytes out(1, part_version);
  append_time(out, part.modified_micros);
  codec::append_sized(out, part.etag);
  codec::append_sized(out, encode_payload_parts(part.pieces));
  return out;
}

namespace {

// What version 1 has behind the ETag: one whole blob.
Status read_only_piece(FieldReader& fields, std::vector<PayloadPart>& pieces) {
  PayloadPart piece;
  const auto blob = blob::BlobId::from_bytes(fields.text());
  piece.bytes = fields.number();
  piece.salt = fields.text();
  const std::uint64_t number = fields.number();
  piece.checksum = read_checksum(fields);
  if (!blob || number > part_number_max) return damaged("a part");
  piece.blob = *blob;
  piece.number = static_cast<std::uint32_t>(number);
  pieces.push_back(std::move(piece));
  return {};
}

}  // namespace

Result<UploadedPart> decode_part(BytesView stored) {
  TRY_ASSIGN(auto fields, begin(stored, "a part", part_version));
  UploadedPart part;
  part.modified_micros = fields.time();
  part.etag = fields.text();
  if (stored.front() == part_version) {
    TRY_ASSIGN(part.pieces, decode_payload_parts(fields.text()));
  } else {
    TRY(read_only_piece(fields, part.pieces));
  }
  if (!fields.finished() || part.pieces.empty()) return damaged("a part");
  for (const PayloadPart& piece : part.pieces) {
    const bool numbered = piece.number >= 1 && piece.number <= part_number_max;
    if (!numbered || piece.number != part.number()) return damaged("a part");
  }
  return part;
}

Bytes encode_completed(const CompletedUpload& completed) {
  Bytes out(1, record_version);
  append_time(out, completed.completed_micros);
  codec::append_sized(out, completed.etag);
  codec::append_sized(out, completed.version);
  const auto& checksum = completed.checksum;
  append_checksum(out, checksum ? std::optional(checksum->value) : std::nullopt);
  codec::append_varint(out, checksum ? static_cast<std::uint64_t>(checksum->type) : 0);
  codec::append_varint(out, checksum ? checksum->parts : 0);
  append_envelope(out, completed.encryption);
  return out;
}

Result<CompletedUpload> decode_completed(BytesView stored) {
  TRY_ASSIGN(auto fields, begin(stored, "a completed upload"));
  CompletedUpload completed;
  completed.completed_micros = fields.time();
  completed.etag = fields.text();
  completed.version = fields.text();
  const auto value = read_checksum(fields);
  const std::uint64_t type = fields.number();
  const std::uint64_t parts = fields.number();
  completed.encryption = read_envelope(fields);
  if (!fields.finished() || type > 1 || parts > part_number_max) return damaged("a completed upload");
  if (value) {
    completed.checksum = ObjectChecksum{*value, static_cast<ChecksumType>(type), static_cast<std::uint32_t>(parts)};
  }
  return completed;
}

// ---- Keys ----------------------------------------------------------------------------------------------------------

Bytes upload_key(UploadEntry entry, std::string_view object_key, const UploadId& id) {
  ASSERT(id.bytes().size() == id_bytes);
  Bytes key(1, static_cast<char>(entry));
  codec::append_ordered(key, object_key);
  key.append(id.bytes());
  return key;
}

Bytes part_key(std::string_view object_key, const UploadId& id, std::uint32_t number) {
  ASSERT(number >= 1 && number <= part_number_max);
  Bytes key = upload_key(UploadEntry::part, object_key, id);
  append_be16(key, static_cast<std::uint16_t>(number));
  return key;
}

Result<UploadKey> parse_upload_key(BytesView key) {
  const Status no_key = corruption("a key of the space of uploads is damaged");
  no_key.ignore();  // given out below, or not at all
  if (key.empty()) return no_key;
  UploadKey parsed;
  parsed.entry = static_cast<UploadEntry>(key.front());
  if (key.front() != 'u' && key.front() != 'p' && key.front() != 'c') return no_key;
  key.remove_prefix(1);
  if (!codec::read_ordered(key, parsed.object_key)) return no_key;
  const std::size_t number_bytes = parsed.entry == UploadEntry::part ? 2 : 0;
  if (key.size() != id_bytes + number_bytes) return no_key;
  parsed.id = *UploadId::from_bytes(key.substr(0, id_bytes));
  if (number_bytes != 0) {
    parsed.number = static_cast<std::uint32_t>(static_cast<unsigned char>(key[id_bytes])) << 8 |
                    static_cast<unsigned char>(key[id_bytes + 1]);
  }
  return parsed;
}

Bytes upload_scan_prefix(UploadEntry entry, std::string_view object_prefix) {
  Bytes prefix(1, static_cast<char>(entry));
  codec::append_ordered_prefix(prefix, object_prefix);
  return prefix;
}

}  // namespace reprise::s3
