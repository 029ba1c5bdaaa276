// The input shapes of every operation Reprise has (public service model 2012-08-10), for check_request (shape.h).
//
// What the tables leave to the operations: RecoveryPeriodInDays has no upper bound here (Settings say how long a period
// may be), tags and projections without a type are refused by hand-written texts, and members of features Reprise does
// not have are `any`: the operation refuses them when they are present.
#pragma once

#include "dynamo/ops/shape.h"

namespace reprise::dynamo::shapes {

// Items (shapes_items.cc).
extern const Shape put_item;
extern const Shape get_item;
extern const Shape update_item;
extern const Shape delete_item;
extern const Shape batch_get_item;
extern const Shape batch_write_item;
extern const Shape query;
extern const Shape scan;

// Tables (shapes_tables.cc).
extern const Shape create_table;
extern const Shape describe_table;
extern const Shape list_tables;
extern const Shape update_table;
extern const Shape delete_table;
extern const Shape update_continuous_backups;
extern const Shape describe_continuous_backups;
extern const Shape restore_table_to_point_in_time;
extern const Shape restore_table_from_backup;
extern const Shape update_time_to_live;    // shapes_ttl.cc
extern const Shape describe_time_to_live;  // shapes_ttl.cc
extern const Shape no_input;               // DescribeLimits, DescribeEndpoints

// Settings with calls of their own (shapes_settings.cc).
extern const Shape tag_resource;
extern const Shape untag_resource;
extern const Shape list_tags_of_resource;
extern const Shape put_resource_policy;
extern const Shape get_resource_policy;
extern const Shape delete_resource_policy;
extern const Shape update_contributor_insights;
extern const Shape describe_contributor_insights;
extern const Shape list_contributor_insights;
extern const Shape describe_kinesis_destination;
extern const Shape enable_kinesis_destination;
extern const Shape disable_kinesis_destination;
extern const Shape update_kinesis_destination;
extern const Shape create_global_table;
extern const Shape update_global_table;
extern const Shape describe_global_table;  // DescribeGlobalTableSettings too
extern const Shape list_global_tables;
extern const Shape update_global_table_settings;
extern const Shape update_table_replica_auto_scaling;

}  // namespace reprise::dynamo::shapes
