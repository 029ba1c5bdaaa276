// Every operation of AWS's two DynamoDB services that Reprise has, found by the whole X-Amz-Target of a request:
// those of dynamo/ops and those of the rooms above it, each of which exports one table of its own.
//
// Threading: constants; any thread.
#pragma once

#include <string_view>

#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

// "DynamoDB_20120810.PutItem" taken apart; an empty service when the target is of neither service.
struct TargetName {
  std::string_view service;    // "DynamoDB_20120810"
  std::string_view operation;  // "PutItem"
};
TargetName split_target(std::string_view target);

// Null when Reprise does not have the operation.
const Operation* find_target(const TargetName& target);
// Whether AWS has an operation of that name (answered "not supported" when find_target does not know it).
bool is_aws_operation(const TargetName& target);

}  // namespace reprise::dynamo
