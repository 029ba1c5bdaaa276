// The operations that are transactions, by name; registry.cc lists them.
#pragma once

#include "dynamo/ops/operation.h"
#include "dynamo/ops/shape.h"

namespace reprise::dynamo {

Task<OperationResult> transact_write_items(Services& services, OperationRequest request);
Task<OperationResult> transact_get_items(Services& services, OperationRequest request);

namespace shapes {
extern const Shape transact_write_items;
extern const Shape transact_get_items;
}  // namespace shapes

}  // namespace reprise::dynamo
