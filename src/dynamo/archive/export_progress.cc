// Members of the manifests stand in the order in which AWS documents them.
#include "dynamo/archive/export_progress.h"

#include <algorithm>

#include "base/clock.h"
#include "codec/json.h"
#include "codec/sha256.h"
#include "dynamo/archive/transfer_store.h"

namespace reprise::dynamo {

namespace {

template <class Visit, class Progress>
void visit_members(Visit& visit, Progress& progress) {
  visit("begun", progress.begun);
  visit("data_done", progress.data_done);
  visit("segments", progress.segments);
  visit("items", progress.items);
  visit("item_bytes", progress.item_bytes);
  visit("position_at", progress.position_at);
  visit("position_sequence", progress.position_sequence);
}

template <class Visit, class File>
void visit_file(Visit& visit, File& file) {
  visit("key", file.key);
  visit("items", file.items);
  visit("md5", file.md5);
  visit("etag", file.etag);
}

void text_or_null(codec::JsonWriter& w, std::string_view name, const std::string& value) {
  w.key(name);
  if (value.empty()) {
    w.null();
  } else {
    w.string(value);
  }
}

void moment(codec::JsonWriter& w, std::string_view name, std::uint64_t micros) {
  w.member(name, format_iso8601(micros, 3));
}

}  // namespace

std::string next_file_key(const ExportRecord& record, const ExportProgress& progress) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr std::size_t size = 26;
  const auto digest = codec::sha256(record.arn + "/" + std::to_string(progress.files.size()));
  std::string name;
  for (std::size_t i = 0; i < size; ++i) name.push_back(letters[digest[i] % letters.size()]);
  // The files of incremental exports share one folder.
  const std::string folder = record.incremental() ? record.folder() : record.folder() + record.id + "/";
  return folder + "data/" + name + (record.format == "ION" ? ".ion.gz" : ".json.gz");
}

Bytes encode_progress(const ExportProgress& progress) {
  // One line for the members, and one for each file.
  Bytes out;
  RecordWriter writer(out);
  visit_members(writer, progress);
  writer.end();
  for (const ExportedFile& file : progress.files) {
    out.push_back('\n');
    RecordWriter line(out);
    visit_file(line, file);
    line.end();
  }
  return out;
}

Result<ExportProgress> decode_progress(BytesView text) {
  ExportProgress progress;
  bool first = true;
  while (!text.empty()) {
    const BytesView line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    codec::JsonDocument document;
    const auto json = document.parse(line);
    if (!json.ok()) return corruption("an export's checkpoint is no JSON");
    const RecordReader reader(*json);
    if (first) {
      visit_members(reader, progress);
    } else {
      visit_file(reader, progress.files.emplace_back());
    }
    first = false;
  }
  return progress;
}

Bytes manifest_files(const ExportProgress& progress) {
  Bytes out;
  for (const ExportedFile& file : progress.files) {
    codec::JsonWriter w(out);
    w.begin_object();
    w.key("itemCount");
    w.unsigned_integer(file.items);
    w.member("md5Checksum", file.md5);
    w.member("etag", file.etag);
    w.member("dataFileS3Key", file.key);
    w.end_object();
    out.push_back('\n');
  }
  return out;
}

Bytes manifest_summary(const ExportRecord& record) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.member("version", record.incremental() ? "2023-08-01" : "2020-06-30");
  w.member("exportArn", record.arn);
  moment(w, "startTime", record.start_micros);
  moment(w, "endTime", record.end_micros);
  w.member("tableArn", record.table_arn);
  w.member("tableId", record.table_id);
  if (record.incremental()) {
    moment(w, "exportFromTime", record.from_micros);
    moment(w, "exportToTime", record.to_micros);
  } else {
    moment(w, "exportTime", record.export_micros);
  }
  w.member("s3Bucket", record.bucket);
  text_or_null(w, "s3Prefix", record.prefix);
  w.member("s3SseAlgorithm", record.sse_algorithm);
  text_or_null(w, "s3SseKmsKeyId", record.sse_key);
  w.member("manifestFilesS3Key", record.folder() + record.id + "/manifest-files.json");
  w.key("billedSizeBytes");
  w.unsigned_integer(record.billed_bytes);
  w.key("itemCount");
  w.unsigned_integer(record.item_count);
  w.member("outputFormat", record.format);
  if (record.incremental()) {
    w.member("outputView", record.view);
    w.member("exportType", record.type);
  }
  w.end_object();
  return out;
}

}  // namespace reprise::dynamo
