// Restoring by clones, for every operation that can: RestoreTableToPointInTime, and RestoreTableFromBackup of a deleted
// table's system backup.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/task.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/restore_plan.h"

namespace reprise::dynamo {

// Makes the planned table: clones of the source as of `at`, the catalogue's entry, the jobs that copy and fill. The
// name is locked by the caller (Catalog::lock_name) and free; plan->table.restore is set. `plan` gets the new spaces.
// invalid, not_found: that past is not there (any more); else the store's errors.
Task<Status> restore_by_clone(Services& services, TablePtr source, Timestamp at, RestorePlan* plan);

// What a restore answers: the table, CREATING, its restore in progress.
Bytes describe_restoring(Services& services, TableDefinition table);

}  // namespace reprise::dynamo
