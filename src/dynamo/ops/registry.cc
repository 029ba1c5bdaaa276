// The operations there are. A name AWS has and this table has not is answered "not supported yet".
#include <algorithm>
#include <array>

#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/table_operations.h"

namespace reprise::dynamo {
namespace {

// In the order of their names.
constexpr std::array operations = {
    Operation{"BatchGetItem", batch_get_item, true},
    Operation{"BatchWriteItem", batch_write_item},
    Operation{"CreateTable", create_table},
    Operation{"DeleteItem", delete_item},
    Operation{"DeleteTable", delete_table},
    Operation{"DescribeContinuousBackups", describe_continuous_backups},
    Operation{"DescribeEndpoints", describe_endpoints},
    Operation{"DescribeLimits", describe_limits},
    Operation{"DescribeTable", describe_table},
    Operation{"GetItem", get_item, true},
    Operation{"ListTables", list_tables},
    Operation{"PutItem", put_item},
    Operation{"Query", query, true},
    Operation{"RestoreTableToPointInTime", restore_table_to_point_in_time},
    Operation{"Scan", scan, true},
    Operation{"UpdateContinuousBackups", update_continuous_backups},
    Operation{"UpdateItem", update_item},
    Operation{"UpdateTable", update_table},
};
constexpr bool by_name(const Operation& a, const Operation& b) { return a.name < b.name; }
static_assert(std::is_sorted(operations.begin(), operations.end(), by_name));

// AWS's other operations, of the service model 2012-08-10.
constexpr std::string_view others[] = {
    "BatchExecuteStatement",
    "CancelBulkOperation",
    "CreateBackup",
    "CreateGlobalTable",
    "DeleteBackup",
    "DeleteResourcePolicy",
    "DescribeBackup",
    "DescribeBulkOperation",
    "DescribeContributorInsights",
    "DescribeExport",
    "DescribeGlobalTable",
    "DescribeGlobalTableSettings",
    "DescribeImport",
    "DescribeKinesisStreamingDestination",
    "DescribeTableReplicaAutoScaling",
    "DescribeTimeToLive",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "ExecuteStatement",
    "ExecuteTransaction",
    "ExportTableToPointInTime",
    "GetResourcePolicy",
    "ImportTable",
    "ListBackups",
    "ListBulkOperations",
    "ListContributorInsights",
    "ListExports",
    "ListGlobalTables",
    "ListImports",
    "ListTagsOfResource",
    "PutResourcePolicy",
    "RestoreTableFromBackup",
    "SearchVectors",
    "StartBulkPutItems",
    "TagResource",
    "TransactGetItems",
    "TransactWriteItems",
    "UntagResource",
    "UpdateContributorInsights",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateKinesisStreamingDestination",
    "UpdateTableReplicaAutoScaling",
    "UpdateTimeToLive",
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
