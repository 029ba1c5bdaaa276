// What the jobs of exports and imports have in common: how one is started for a record, and how those are found that a
// crash left without one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "base/task.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

// What housekeeping wants to know of a record.
struct TransferGlance {
  bool in_progress = false;
  std::uint64_t end_micros = 0;
  std::string table_name;
};

struct TransferKind {
  std::string_view job_kind;  // "table-export"
  std::string_view subject;   // "export of table "
  std::string_view prefix;    // of the records' keys
  Result<TransferGlance> (*glance)(BytesView record);
};

// Starts the job of the record at `key`, which is the job's arguments. The caller holds lock_records_of() it.
Task<Status> start_transfer_job(Services& services, const TransferKind& kind, Bytes key, std::string table_name);

// Starts a job for each record in progress that has none, and forgets records of transfers that ended more than 90 days
// ago. `kind` is a constant.
Task<Status> tend_transfers(Services& services, const TransferKind& kind);

// Whether a job that failed with `status` is tried again.
bool is_worth_retrying(const Status& status);

}  // namespace reprise::dynamo
