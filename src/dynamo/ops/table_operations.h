// The operations on tables and their backups, one file each; see operation.h for what an operation is and registry.cc
// for where they are found by name.
#pragma once

#include "base/task.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

Task<OperationResult> create_table(Services& services, OperationRequest request);
Task<OperationResult> describe_table(Services& services, OperationRequest request);
Task<OperationResult> list_tables(Services& services, OperationRequest request);
Task<OperationResult> update_table(Services& services, OperationRequest request);
Task<OperationResult> delete_table(Services& services, OperationRequest request);
Task<OperationResult> describe_continuous_backups(Services& services, OperationRequest request);
Task<OperationResult> update_continuous_backups(Services& services, OperationRequest request);
Task<OperationResult> restore_table_to_point_in_time(Services& services, OperationRequest request);
Task<OperationResult> describe_limits(Services& services, OperationRequest request);
Task<OperationResult> describe_endpoints(Services& services, OperationRequest request);

// Teaches `services.jobs` the jobs these operations start ("index-backfill", "clone-copy") and the housekeeping of the
// catalogue. Called once, before Jobs::resume(); `services` outlives the jobs.
void register_table_jobs(Services& services);

}  // namespace reprise::dynamo
