// The work of an export, as a job of kind "table-export" (recovery/jobs.h).
//
// Steps: pin the past of the table's space at the moment of the export; write `_started`, which shows that the bucket
// can be written; the data files, one after the other; the manifests with their checksums; note the end; unpin. The
// checkpoint says which files are finished: after a crash the one under way is written again under the same name. A
// step works on a bounded number of items, and the memory it takes does not depend on the table.
//
// A full export cuts the table by ranges of the hash of its partition keys, one file for each; an incremental one
// follows the change log and keeps, of all changes of an item in its window, the last state.
//
// What goes wrong with the bucket ends the export FAILED with the codes of the service (S3NoSuchBucket,
// S3AccessDenied); what may get better (unavailable) is tried again.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "base/task.h"
#include "dynamo/archive/transfer_jobs.h"
#include "dynamo/archive/transfer_sessions.h"
#include "dynamo/ops/operation.h"
#include "recovery/jobs.h"

namespace reprise::dynamo {

extern const TransferKind export_transfers;

// Name of the pin that an export holds.
std::string export_pin(std::string_view id);

class ExportJobs {
 public:
  explicit ExportJobs(Services& services);
  ~ExportJobs();

  // One step. The job's arguments are the export's key in the root space of archives.
  Task<Status> step(recovery::Job& job);

 private:
  struct Session;

  Services& services_;
  TransferSessions<Session> sessions_;
};

}  // namespace reprise::dynamo
