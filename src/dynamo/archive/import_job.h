// The work of an import, as a job of kind "table-import" (recovery/jobs.h).
//
// Steps: look at the bucket; make the table (CREATING, so that nobody writes to it); the objects whose keys begin with
// the prefix, one after the other in the order of their keys, record by record; the error report; the table ACTIVE;
// note the end. The checkpoint says how many records of which object have been dealt with: after a crash the object is
// read again up to there. What was written beyond the checkpoint is written again, with the same outcome.
//
// A record that gives no item is counted and reported, up to errors_reported_max of them; the rest is imported. Reports
// are kept beside the records (keys `x/`) until the import ends, then written as one object `IMPORT-ID/error`.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "base/task.h"
#include "dynamo/archive/transfer_jobs.h"
#include "dynamo/archive/transfer_sessions.h"
#include "dynamo/ops/operation.h"
#include "recovery/jobs.h"

namespace reprise::dynamo {

extern const TransferKind import_transfers;

class ImportJobs {
 public:
  // As the service: what is behind the first ten thousand errors is counted only.
  static constexpr std::uint64_t errors_reported_max = 10'000;

  // `reports` may be null.
  ImportJobs(Services& services, std::shared_ptr<blob::ObjectStore> reports);
  ~ImportJobs();

  // One step. The job's arguments are the import's key in the root space of archives.
  Task<Status> step(recovery::Job& job);

 private:
  struct Session;

  Services& services_;
  const std::shared_ptr<blob::ObjectStore> reports_;
  TransferSessions<Session> sessions_;
};

}  // namespace reprise::dynamo
