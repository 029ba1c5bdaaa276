// The operations on backups, one file each family; see dynamo/ops/operation.h for what an operation is.
#pragma once

#include "base/task.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

Task<OperationResult> create_backup(Services& services, OperationRequest request);
Task<OperationResult> describe_backup(Services& services, OperationRequest request);
Task<OperationResult> list_backups(Services& services, OperationRequest request);
Task<OperationResult> delete_backup(Services& services, OperationRequest request);
Task<OperationResult> restore_table_from_backup(Services& services, OperationRequest request);

}  // namespace reprise::dynamo
