// The operations on items, by name. registry.cc lists them for find_operation(); tests call them directly.
//
// The request's body is any JSON; each operation checks it from its types on.
#pragma once

#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

Task<OperationResult> put_item(Services& services, OperationRequest request);
Task<OperationResult> get_item(Services& services, OperationRequest request);
Task<OperationResult> update_item(Services& services, OperationRequest request);
Task<OperationResult> delete_item(Services& services, OperationRequest request);
Task<OperationResult> batch_get_item(Services& services, OperationRequest request);
Task<OperationResult> batch_write_item(Services& services, OperationRequest request);
Task<OperationResult> query(Services& services, OperationRequest request);
Task<OperationResult> scan(Services& services, OperationRequest request);

}  // namespace reprise::dynamo
