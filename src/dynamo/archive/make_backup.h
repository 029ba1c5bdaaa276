// The job that makes a backup: see backup_jobs.h.
#pragma once

#include "base/status.h"
#include "base/task.h"
#include "dynamo/ops/operation.h"
#include "recovery/jobs.h"

namespace reprise::dynamo {

// Writes one segment, or the manifest when all are written.
Task<Status> make_backup_step(Services& services, recovery::Job& job);

}  // namespace reprise::dynamo
