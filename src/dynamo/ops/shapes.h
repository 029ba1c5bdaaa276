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
extern const Shape no_input;  // DescribeLimits, DescribeEndpoints

}  // namespace reprise::dynamo::shapes
