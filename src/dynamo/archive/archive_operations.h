// The operations of this room: backups, exports, imports.
//
// Threading: constants; any thread.
#pragma once

#include <span>

#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

// For the api's table of operations (api/operations.cc).
std::span<const Operation> archive_operations();

}  // namespace reprise::dynamo
