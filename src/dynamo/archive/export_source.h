// Where the lines of an export come from: the table as of a moment, or the changes in a window. See export_job.h.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/status.h"
#include "base/task.h"
#include "dynamo/archive/export_progress.h"
#include "dynamo/archive/export_record.h"
#include "history/store.h"

namespace reprise::dynamo {

// Some lines, and where to go on.
struct ExportLines {
  Bytes text;
  std::uint64_t items = 0;
  std::uint64_t item_bytes = 0;  // as DynamoDB charges them
  bool last = false;             // of the segment, or of the window
};

// Full exports: the next page of one segment, behind the key `after` (empty: from its start), which is moved on.
Task<Result<ExportLines>> read_segment(history::Store& store, const ExportRecord& record, std::uint64_t segment,
                                       std::uint64_t segments, Bytes& after);

// Incremental exports: the next changes behind `position`, which is moved on. Of each item's changes only the last one
// in the window gives a line; an item that was not there before the window and is not there after it gives none.
Task<Result<ExportLines>> read_changes(history::Store& store, const ExportRecord& record,
                                       history::Store::LogPosition& position);

}  // namespace reprise::dynamo
