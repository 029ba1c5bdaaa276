// The four operations of DynamoDB Streams (service model 2012-08-10, target DynamoDBStreams_20120810).
//
// A stream is a view of its table's change log (ops/table_streams.h says when one is on): nothing is stored for it, and
// what it shows are the items as of each change and as of the moment before. See README.md of this folder.
#pragma once

#include <span>

#include "base/task.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

Task<OperationResult> list_streams(Services& services, OperationRequest request);
Task<OperationResult> describe_stream(Services& services, OperationRequest request);
Task<OperationResult> get_shard_iterator(Services& services, OperationRequest request);
Task<OperationResult> get_records(Services& services, OperationRequest request);

// All of them, for the api's table of operations (api/operations.cc).
std::span<const Operation> stream_operations();

}  // namespace reprise::dynamo
