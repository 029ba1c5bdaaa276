// The error report of an import: lines that are kept in the store while the import is under way, and written as one
// object when it ends.
//
// Keys: `x/<account>/<import id>/<object number><record number>`, numbers big-endian, so the order is that of the data
// and a line that is noted again after a crash replaces itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "base/task.h"
#include "blob/object_store.h"
#include "dynamo/archive/import_record.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

Bytes report_key(const ImportTableRecord& record, std::uint64_t object, std::uint64_t index);

// Writes the object `IMPORT-ID/error` when there is a line and a place for it. Idempotent.
Task<Status> write_report(Services& services, const ImportTableRecord& record, blob::ObjectStore* reports);
// Removes the lines from the store. Idempotent.
Task<Status> remove_report_lines(Services& services, const ImportTableRecord& record);

}  // namespace reprise::dynamo
