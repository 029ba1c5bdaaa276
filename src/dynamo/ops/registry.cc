// The operations there are. A name AWS has and this table has not is answered "not supported yet".
#include <algorithm>
#include <array>

#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/settings_operations.h"
#include "dynamo/ops/table_operations.h"
#include "dynamo/ops/time_to_live.h"
#include "dynamo/ops/transact_operations.h"

namespace reprise::dynamo {
namespace {

// In the order of their names.
constexpr std::array operations = {
    Operation{"BatchGetItem", batch_get_item, true},
    Operation{"BatchWriteItem", batch_write_item},
    Operation{"CreateGlobalTable", create_global_table},
    Operation{"CreateTable", create_table},
    Operation{"DeleteItem", delete_item},
    Operation{"DeleteResourcePolicy", delete_resource_policy},
    Operation{"DeleteTable", delete_table},
    Operation{"DescribeContinuousBackups", describe_continuous_backups},
    Operation{"DescribeContributorInsights", describe_contributor_insights},
    Operation{"DescribeEndpoints", describe_endpoints},
    Operation{"DescribeGlobalTable", describe_global_table},
    Operation{"DescribeGlobalTableSettings", describe_global_table_settings},
    Operation{"DescribeKinesisStreamingDestination", describe_kinesis_destination},
    Operation{"DescribeLimits", describe_limits},
    Operation{"DescribeTable", describe_table},
    Operation{"DescribeTableReplicaAutoScaling", describe_table_replica_auto_scaling},
    Operation{"DescribeTimeToLive", describe_time_to_live},
    Operation{"DisableKinesisStreamingDestination", disable_kinesis_destination},
    Operation{"EnableKinesisStreamingDestination", enable_kinesis_destination},
    Operation{"GetItem", get_item, true},
    Operation{"GetResourcePolicy", get_resource_policy},
    Operation{"ListContributorInsights", list_contributor_insights},
    Operation{"ListGlobalTables", list_global_tables},
    Operation{"ListTables", list_tables},
    Operation{"ListTagsOfResource", list_tags_of_resource},
    Operation{"PutItem", put_item},
    Operation{"PutResourcePolicy", put_resource_policy},
    Operation{"Query", query, true},
    Operation{"RestoreTableToPointInTime", restore_table_to_point_in_time},
    Operation{"Scan", scan, true},
    Operation{"TagResource", tag_resource},
    Operation{"TransactGetItems", transact_get_items, true},
    Operation{"TransactWriteItems", transact_write_items},
    Operation{"UntagResource", untag_resource},
    Operation{"UpdateContinuousBackups", update_continuous_backups},
    Operation{"UpdateContributorInsights", update_contributor_insights},
    Operation{"UpdateGlobalTable", update_global_table},
    Operation{"UpdateGlobalTableSettings", update_global_table_settings},
    Operation{"UpdateItem", update_item},
    Operation{"UpdateKinesisStreamingDestination", update_kinesis_destination},
    Operation{"UpdateTable", update_table},
    Operation{"UpdateTableReplicaAutoScaling", update_table_replica_auto_scaling},
    Operation{"UpdateTimeToLive", update_time_to_live},
};
constexpr bool by_name(const Operation& a, const Operation& b) { return a.name < b.name; }
static_assert(std::is_sorted(operations.begin(), operations.end(), by_name));

// AWS's other operations, of the service model 2012-08-10.
constexpr std::string_view others[] = {
    "BatchExecuteStatement", "CancelBulkOperation",      "CreateBackup",
    "DeleteBackup",          "DescribeBackup",           "DescribeBulkOperation",
    "DescribeExport",        "DescribeImport",           "ExecuteStatement",
    "ExecuteTransaction",    "ExportTableToPointInTime", "ImportTable",
    "ListBackups",           "ListBulkOperations",       "ListExports",
    "ListImports",           "RestoreTableFromBackup",   "SearchVectors",
    "StartBulkPutItems",
};
static_assert(std::is_sorted(std::begin(others), std::end(others)));

}  // namespace

const Operation* find_operation(std::string_view name) {
  const auto it = std::lower_bound(operations.begin(), operations.end(), Operation{name, nullptr}, by_name);
  return it != operations.end() && it->name == name ? &*it : nullptr;
}

bool is_dynamodb_operation(std::string_view name) {
  return find_operation(name) != nullptr || std::find(std::begin(others), std::end(others), name) != std::end(others);
}

}  // namespace reprise::dynamo
