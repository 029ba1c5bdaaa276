// The job that removes a backup: see backup_jobs.h.
#pragma once

#include "base/status.h"
#include "base/task.h"
#include "dynamo/ops/operation.h"
#include "recovery/jobs.h"

namespace reprise::dynamo {

// Removes the manifest and up to some thousand segments, or the record when there are none left.
Task<Status> remove_backup_step(Services& services, recovery::Job& job);

}  // namespace reprise::dynamo
