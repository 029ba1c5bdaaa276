// For tests: a server with a backup location in memory, a table to back up.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "blob/memory_store_for_tests.h"
#include "dynamo/archive/backup_jobs.h"
#include "dynamo/archive/backup_operations.h"
#include "dynamo/ops/rows_for_tests.h"
#include "dynamo/ops/tables_for_tests.h"

namespace reprise::dynamo {

// TableServer::Prepare for a server with that backup location.
inline TableServer::Prepare with_backups(blob::ObjectStore& backups) {
  return [&backups](Services& services) {
    services.backups = &backups;
    register_backup_jobs(services);
  };
}

// A table with a local and two global indexes.
inline std::string indexed_table(const std::string& name) {
  return "{'TableName': '" + name +
         "', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}, "
         "{'AttributeName': 'n', 'AttributeType': 'N'}, {'AttributeName': 'g', 'AttributeType': 'S'}], 'KeySchema': "
         "[{'AttributeName': 'id', 'KeyType': 'HASH'}, {'AttributeName': 'n', 'KeyType': 'RANGE'}], "
         "'LocalSecondaryIndexes': [{'IndexName': 'local', 'Projection': {'ProjectionType': 'KEYS_ONLY'}, 'KeySchema': "
         "[{'AttributeName': 'id', 'KeyType': 'HASH'}, {'AttributeName': 'g', 'KeyType': 'RANGE'}]}], "
         "'GlobalSecondaryIndexes': [{'IndexName': 'by-g', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': "
         "[{'AttributeName': 'g', 'KeyType': 'HASH'}]}, {'IndexName': 'by-n', 'Projection': {'ProjectionType': "
         "'INCLUDE', 'NonKeyAttributes': ['text']}, 'KeySchema': [{'AttributeName': 'n', 'KeyType': 'HASH'}]}]}";
}

inline std::string indexed_item(const std::string& table, int i, const std::string& text) {
  return "{'TableName': '" + table + "', 'Item': {'id': {'S': 'i" + std::to_string(i) + "'}, 'n': {'N': '" +
         std::to_string(i % 3) + "'}, 'g': {'S': 'g" + std::to_string(i % 5) + "'}, 'text': {'S': '" + text + "'}}}";
}

inline void put_items(TableServer& server, const std::string& table, int count, const std::string& text) {
  for (int i = 0; i < count; ++i) server.must(put_item, indexed_item(table, i, text));
}

inline std::string named_backup(const std::string& table, const std::string& name = "backup") {
  return "{'TableName': '" + table + "', 'BackupName': '" + name + "'}";
}
inline std::string of_arn(const std::string& arn) { return "{'BackupArn': '" + arn + "'}"; }
inline std::string restore_to(const std::string& arn, const std::string& target, const std::string& more = "") {
  return "{'BackupArn': '" + arn + "', 'TargetTableName': '" + target + "'" + more + "}";
}
inline std::string with_recovery(const std::string& name) {
  return "{'TableName': '" + name + "', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': true}}";
}

}  // namespace reprise::dynamo
