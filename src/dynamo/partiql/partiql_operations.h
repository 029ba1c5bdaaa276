// The operations that take PartiQL statements.
//
// Threading: as for every operation (dynamo/ops/operation.h); the table is a constant.
#pragma once

#include <span>

#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

Task<OperationResult> execute_statement(Services& services, OperationRequest request);
Task<OperationResult> batch_execute_statement(Services& services, OperationRequest request);
Task<OperationResult> execute_transaction(Services& services, OperationRequest request);

// All of them, for the api's table of operations (dynamo/api/operations.cc).
std::span<const Operation> partiql_operations();

}  // namespace reprise::dynamo
