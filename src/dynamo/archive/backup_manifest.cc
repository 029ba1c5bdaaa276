// The text is {"sha256":"<64 digits>","manifest":{...}}: JSON as a whole, and the bytes behind the sum are those that
// were summed, up to the last one.
#include "dynamo/archive/backup_manifest.h"

#include <cstdio>
#include <utility>

#include "codec/hex.h"
#include "codec/json.h"
#include "codec/json_members.h"
#include "codec/sha256.h"

namespace reprise::dynamo {

namespace {

constexpr std::string_view front = "{\"sha256\":\"";
constexpr std::string_view middle = "\",\"manifest\":";
constexpr std::string_view back = "}";
constexpr std::size_t sum_digits = 64;
constexpr std::size_t read_bytes = 1 << 20;
// A hundred thousand segments.
constexpr std::size_t manifest_bytes_max = std::size_t{64} << 20;

std::string sum_of(BytesView text) { return codec::to_hex(codec::bytes_of(codec::sha256(text))); }

Result<std::vector<recovery::SegmentInfo>> read_segments(const codec::JsonValue& list) {
  if (!list.is(codec::JsonType::array)) return corruption("there is no list of segments");
  std::vector<recovery::SegmentInfo> segments;
  for (auto element = list.first_element(); element; element.advance()) {
    const codec::JsonValue json = element.value();
    recovery::SegmentInfo segment;
    segment.key = text_of(json, "key");
    segment.bytes = unsigned_of(json, "bytes");
    segment.rows = unsigned_of(json, "rows");
    segment.raw_bytes = unsigned_of(json, "raw_bytes");
    segment.sha256 = text_of(json, "sha256");
    if (segment.key.empty() || segment.sha256.size() != sum_digits) return corruption("a segment is not described");
    segments.push_back(std::move(segment));
  }
  return segments;
}

}  // namespace

void append_segments(Bytes& out, const std::vector<recovery::SegmentInfo>& segments) {
  codec::JsonWriter w(out);
  w.begin_array();
  for (const auto& segment : segments) {
    w.begin_object();
    w.member("key", segment.key);
    write_unsigned(w, "bytes", segment.bytes);
    write_unsigned(w, "rows", segment.rows);
    write_unsigned(w, "raw_bytes", segment.raw_bytes);
    w.member("sha256", segment.sha256);
    w.end_object();
  }
  w.end_array();
}

Result<std::vector<recovery::SegmentInfo>> decode_segments(BytesView text) {
  codec::JsonDocument document;
  TRY_ASSIGN(const codec::JsonValue json, document.parse(text));
  return read_segments(json);
}

Bytes encode_manifest(const BackupManifest& manifest) {
  Bytes segments;
  append_segments(segments, manifest.segments);
  Bytes text;
  codec::JsonWriter w(text);
  w.begin_object();
  w.member("format", "reprise-backup");
  w.member("table", manifest.backup.table.name);
  w.key("backup");
  w.raw(encode_backup(manifest.backup));
  w.key("segments");
  w.raw(segments);
  w.end_object();
  return Bytes(front) + sum_of(text) + Bytes(middle) + text + Bytes(back);
}

Result<BackupManifest> decode_manifest(BytesView text) {
  const std::size_t text_at = front.size() + sum_digits + middle.size();
  const bool framed = text.size() > text_at + back.size() && text.starts_with(front) && text.ends_with(back) &&
                      text.substr(front.size() + sum_digits, middle.size()) == middle;
  if (!framed) return corruption("it is no manifest of a backup");
  const BytesView inner = text.substr(text_at, text.size() - text_at - back.size());
  if (sum_of(inner) != text.substr(front.size(), sum_digits)) return corruption("its SHA-256 is wrong");
  codec::JsonDocument document;
  const auto parsed = document.parse(inner);
  if (!parsed.ok() || text_of(*parsed, "format") != "reprise-backup")
    return corruption("it is no manifest of a backup");
  const auto segments = parsed->find("segments");
  if (!segments) return corruption("there is no list of segments");
  BackupManifest manifest;
  TRY_ASSIGN(manifest.segments, read_segments(*segments));
  // The record's own text is what encode_backup wrote: between its member's name and the next one's.
  constexpr std::string_view before = ",\"backup\":";
  constexpr std::string_view after = ",\"segments\":[";
  const auto begin = inner.find(before);
  const auto end = inner.rfind(after);
  if (begin == BytesView::npos || end == BytesView::npos || end < begin) return corruption("it describes no backup");
  TRY_ASSIGN(manifest.backup, decode_backup(inner.substr(begin + before.size(), end - begin - before.size())));
  return manifest;
}

std::string segment_key(const Backup& backup, std::size_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "segment-%06zu", number);
  return backup_folder(backup) + name;
}

std::string manifest_key(const Backup& backup) { return backup_folder(backup) + "manifest.json"; }

Status write_manifest(blob::ObjectStore& store, const BackupManifest& manifest) {
  TRY_ASSIGN(const auto object, store.create(manifest_key(manifest.backup)));
  TRY(object->append(encode_manifest(manifest)));
  TRY(object->commit());
  return {};
}

Result<BackupManifest> read_manifest(blob::ObjectStore& store, const std::string& key) {
  const auto object = store.open(key);
  if (!object.ok()) {
    return object.error().is(Code::not_found) ? corruption("manifest " + key + " is missing") : object.error();
  }
  Bytes text;
  for (;;) {
    TRY_ASSIGN(const Bytes piece, (*object)->read(read_bytes));
    if (piece.empty()) break;
    text.append(piece);
    if (text.size() > manifest_bytes_max) return corruption("manifest " + key + " is damaged: it is too long");
  }
  auto manifest = decode_manifest(text);
  if (manifest.ok() || !manifest.error().is(Code::corruption)) return manifest;
  return corruption("manifest " + key + " is damaged: " + std::string(manifest.error().message()));
}

}  // namespace reprise::dynamo
