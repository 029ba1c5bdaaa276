// Filling an index that was added to a table with items, while the table is in use.
#pragma once

#include "base/status.h"
#include "base/task.h"
#include "dynamo/ops/operation.h"
#include "recovery/jobs.h"

namespace reprise::dynamo {

// One step of an "index-backfill" job (arguments: TableJob): the next page of items, each under its key's lock, gets
// the entries that it should have and has not. An item whose attributes do not fit the index's key has none. When the
// end is reached the index becomes ACTIVE. Idempotent; a table or index that is gone ends the job.
Task<Status> index_backfill_step(Services& services, recovery::Job& job);

}  // namespace reprise::dynamo
