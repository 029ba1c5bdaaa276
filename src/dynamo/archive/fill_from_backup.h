// The job that fills a table from a backup: see backup_jobs.h.
#pragma once

#include "base/status.h"
#include "base/task.h"
#include "dynamo/archive/backup_jobs.h"
#include "dynamo/ops/operation.h"
#include "recovery/jobs.h"

namespace reprise::dynamo {

// Loads one segment, or makes the table ACTIVE when all are loaded. A damaged segment ends the restore: the table goes,
// and the job fails with the segment's name.
Task<Status> fill_from_backup_step(Services& services, recovery::Job& job);

// Takes a half-filled table away again and lets its backup go. ok when there is none.
Task<Status> give_up_filling(Services& services, BackupJob what);

}  // namespace reprise::dynamo
