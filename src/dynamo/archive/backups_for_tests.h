// For tests: a server with a backup location in memory, a table to back up, and whole spaces to compare.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "blob/memory_store_for_tests.h"
#include "dynamo/archive/backup_jobs.h"
#include "dynamo/archive/backup_operations.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/tables_for_tests.h"

namespace reprise::dynamo {

using Rows = std::map<Bytes, Bytes>;

inline Rows all_rows(history::Store& store, SpaceId space) {
  Rows rows;
  history::ScanRequest request;
  request.space = space;
  for (;;) {
    auto page = sync_wait(store.scan(request));
    EXPECT_TRUE(page.ok()) << page.error().to_string();
    if (!page.ok()) return rows;
    for (std::size_t i = 0; i < page->rows.size(); ++i) rows.emplace(page->rows[i].key, page->rows[i].value);
    if (!page->resume_after) return rows;
    request.range.lower = *page->resume_after + '\0';
  }
}

// The entries an index must have for these items.
inline Rows entries_of(const TableDefinition& table, const IndexView& index, const Rows& items) {
  Rows entries;
  for (const auto& [key, item] : items) {
    if (auto entry = index_entry(table, index, ItemView(item))) entries.emplace(entry->key, entry->value);
  }
  return entries;
}

// That every index holds exactly what its items give.
inline void expect_indexes_right(history::Store& store, const TableDefinition& table) {
  const Rows items = all_rows(store, table.space);
  for_each_index(table, [&](const IndexView& index) {
    EXPECT_TRUE(all_rows(store, index.space) == entries_of(table, index, items)) << table.name << " " << index.name;
  });
}

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
