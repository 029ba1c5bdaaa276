#include "dynamo/archive/import_progress.h"

#include "codec/json.h"
#include "dynamo/archive/transfer_store.h"

namespace reprise::dynamo {

namespace {

template <class Visit, class Progress>
void visit_members(Visit& visit, Progress& progress) {
  visit("table_made", progress.table_made);
  visit("data_done", progress.data_done);
  visit("finished_key", progress.finished_key);
  visit("objects", progress.objects);
  visit("records", progress.records);
  visit("processed_items", progress.processed_items);
  visit("imported_items", progress.imported_items);
  visit("error_count", progress.error_count);
  visit("processed_bytes", progress.processed_bytes);
}

}  // namespace

Bytes encode_progress(const ImportProgress& progress) {
  Bytes out;
  RecordWriter writer(out);
  visit_members(writer, progress);
  writer.end();
  return out;
}

Result<ImportProgress> decode_import_progress(BytesView text) {
  ImportProgress progress;
  if (text.empty()) return progress;
  codec::JsonDocument document;
  const auto json = document.parse(text);
  if (!json.ok()) return corruption("an import's checkpoint is no JSON");
  const RecordReader reader(*json);
  visit_members(reader, progress);
  return progress;
}

}  // namespace reprise::dynamo
