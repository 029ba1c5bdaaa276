// The operations on a table's settings that have calls of their own, one file per family; see operation.h for what an
// operation is and registry.cc for where they are found by name.
#pragma once

#include "base/task.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

// tags.cc
Task<OperationResult> tag_resource(Services& services, OperationRequest request);
Task<OperationResult> untag_resource(Services& services, OperationRequest request);
Task<OperationResult> list_tags_of_resource(Services& services, OperationRequest request);

// resource_policy.cc
Task<OperationResult> put_resource_policy(Services& services, OperationRequest request);
Task<OperationResult> get_resource_policy(Services& services, OperationRequest request);
Task<OperationResult> delete_resource_policy(Services& services, OperationRequest request);

// contributor_insights.cc
Task<OperationResult> update_contributor_insights(Services& services, OperationRequest request);
Task<OperationResult> describe_contributor_insights(Services& services, OperationRequest request);
Task<OperationResult> list_contributor_insights(Services& services, OperationRequest request);

// kinesis_destination.cc
Task<OperationResult> describe_kinesis_destination(Services& services, OperationRequest request);
Task<OperationResult> enable_kinesis_destination(Services& services, OperationRequest request);
Task<OperationResult> disable_kinesis_destination(Services& services, OperationRequest request);
Task<OperationResult> update_kinesis_destination(Services& services, OperationRequest request);

// global_tables.cc
Task<OperationResult> create_global_table(Services& services, OperationRequest request);
Task<OperationResult> update_global_table(Services& services, OperationRequest request);
Task<OperationResult> describe_global_table(Services& services, OperationRequest request);
Task<OperationResult> list_global_tables(Services& services, OperationRequest request);
Task<OperationResult> describe_global_table_settings(Services& services, OperationRequest request);
Task<OperationResult> update_global_table_settings(Services& services, OperationRequest request);
Task<OperationResult> describe_table_replica_auto_scaling(Services& services, OperationRequest request);
Task<OperationResult> update_table_replica_auto_scaling(Services& services, OperationRequest request);

}  // namespace reprise::dynamo
