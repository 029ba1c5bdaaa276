// How far an export is: the checkpoint of its job, and what the manifests are made of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "dynamo/archive/export_file.h"
#include "dynamo/archive/export_record.h"

namespace reprise::dynamo {

struct ExportProgress {
  bool begun = false;
  bool data_done = false;
  std::uint64_t segments = 0;       // full: into how many ranges of hashes the table is cut
  std::vector<ExportedFile> files;  // finished ones
  std::uint64_t items = 0;          // in finished files
  std::uint64_t item_bytes = 0;     // what DynamoDB charges for them (model/size.h)
  // Incremental: the last change in finished files.
  std::uint64_t position_at = 0;
  std::uint64_t position_sequence = 0;
  bool operator==(const ExportProgress&) const = default;
};

// The key of the file after those: random to look at, the same whenever it is asked for.
std::string next_file_key(const ExportRecord& record, const ExportProgress& progress);

Bytes encode_progress(const ExportProgress& progress);
// Nothing done yet when `text` is empty. Fails with Code::corruption.
Result<ExportProgress> decode_progress(BytesView text);

// manifest-files.json: a line for each file.
Bytes manifest_files(const ExportProgress& progress);
// manifest-summary.json. The record has ended.
Bytes manifest_summary(const ExportRecord& record);

}  // namespace reprise::dynamo
