// RestoreTableFromBackup: the data and every index, overrides, what is refused while a table is being filled, damage.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/log.h"
#include "dynamo/archive/backups_for_tests.h"

namespace reprise::dynamo {
namespace {

class RestoreFromBackup : public ::testing::Test {
 protected:
  RestoreFromBackup() : server(*engine, TickingClock::start, with_backups(location)) {
    server.must(create_table, indexed_table("table"));
    put_items(server, "table", 200, "first");
    items = all_rows(server.store(), server.table("table")->space);
  }

  std::string back_up(const std::string& table) {
    std::string arn = json_at(server.must(create_backup, named_backup(table)), "BackupDetails.BackupArn");
    server.wait_for_jobs();
    server.wall().advance(5'000);
    return arn;
  }
  std::string segment() {
    for (const std::string& key : location.keys()) {
      if (key.ends_with("segment-000001")) return key;
    }
    return "";
  }
  void damage(const std::string& key) {
    Bytes bytes = location.bytes(key);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
    location.put(key, std::move(bytes));
  }

  std::unique_ptr<kv::Engine> engine = kv::make_memory_engine();
  blob::MemoryStore location;
  TableServer server;
  Rows items;
};

TEST_F(RestoreFromBackup, EveryItemAndEveryIndex) {
  const std::string arn = back_up("table");
  put_items(server, "table", 50, "later");
  server.must(delete_table, "{'TableName': 'table'}");
  const std::string answer = server.must(restore_table_from_backup, restore_to(arn, "again"));
  EXPECT_EQ(json_at(answer, "TableDescription.TableStatus"), "CREATING");
  EXPECT_EQ(json_at(answer, "TableDescription.RestoreSummary.SourceBackupArn"), arn);
  EXPECT_EQ(json_at(answer, "TableDescription.RestoreSummary.SourceTableArn"),
            "arn:aws:dynamodb:eu-west-1:000000000000:table/table");
  EXPECT_EQ(json_at(answer, "TableDescription.RestoreSummary.RestoreInProgress"), "true");
  EXPECT_EQ(json_at(answer, "TableDescription.GlobalSecondaryIndexes.0.IndexStatus"), "(none)");
  server.wait_for_jobs();
  const std::string after = server.must(describe_table, "{'TableName': 'again'}");
  EXPECT_EQ(json_at(after, "Table.TableStatus"), "ACTIVE");
  EXPECT_EQ(json_at(after, "Table.RestoreSummary.RestoreInProgress"), "false");
  EXPECT_EQ(json_at(after, "Table.GlobalSecondaryIndexes.0.IndexStatus"), "ACTIVE");
  EXPECT_EQ(json_at(after, "Table.ItemCount"), "200");
  EXPECT_TRUE(all_rows(server.store(), server.table("again")->space) == items);
  expect_indexes_right(server.store(), *server.table("again"));
  // And it is a table like any other.
  server.must(put_item, indexed_item("again", 3, "new"));
  server.must(delete_table, "{'TableName': 'again'}");
}

TEST_F(RestoreFromBackup, AsOfTheMomentWhileWritesGoOn) {
  location.fail_writes_from(1);
  const std::string arn = json_at(server.must(create_backup, named_backup("table")), "BackupDetails.BackupArn");
  put_items(server, "table", 250, "later");
  server.must(delete_item, "{'TableName': 'table', 'Key': {'id': {'S': 'i7'}, 'n': {'N': '1'}}}");
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  location.fail_writes_from(0);
  server.wait_for_jobs();
  server.must(restore_table_from_backup, restore_to(arn, "again"));
  server.wait_for_jobs();
  EXPECT_TRUE(all_rows(server.store(), server.table("again")->space) == items);
}

TEST_F(RestoreFromBackup, ManySegments) {
  // Well above one segment of 32 MiB.
  const std::string text(300'000, 't');
  server.must(create_table, indexed_table("large"));
  for (int i = 0; i < 240; ++i) server.must(put_item, indexed_item("large", i, text + std::to_string(i)));
  const Rows large = all_rows(server.store(), server.table("large")->space);
  const std::string arn = back_up("large");
  EXPECT_EQ(location.keys().size(), 4U) << "three segments and the manifest";
  server.must(restore_table_from_backup, restore_to(arn, "again"));
  server.wait_for_jobs();
  ASSERT_TRUE(server.table("again"));
  EXPECT_TRUE(all_rows(server.store(), server.table("again")->space) == large);
  expect_indexes_right(server.store(), *server.table("again"));
  server.must(delete_backup, of_arn(arn));
  server.wait_for_jobs();
  EXPECT_TRUE(location.keys().empty());
}

TEST_F(RestoreFromBackup, IndexesMayBeLeftOutAndRenamed) {
  const std::string arn = back_up("table");
  server.must(restore_table_from_backup,
              restore_to(arn, "bare", ", 'GlobalSecondaryIndexOverride': [], 'LocalSecondaryIndexOverride': []"));
  server.wait_for_jobs();
  EXPECT_TRUE(server.table("bare")->global_indexes.empty());
  EXPECT_TRUE(server.table("bare")->local_indexes.empty());
  EXPECT_TRUE(all_rows(server.store(), server.table("bare")->space) == items);
  server.must(restore_table_from_backup,
              restore_to(arn, "renamed",
                         ", 'GlobalSecondaryIndexOverride': [{'IndexName': 'other', 'Projection': {'ProjectionType': "
                         "'ALL'}, 'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}]}]"));
  server.wait_for_jobs();
  ASSERT_NE(server.table("renamed")->global_index("other"), nullptr);
  EXPECT_EQ(server.table("renamed")->global_indexes.size(), 1U);
  expect_indexes_right(server.store(), *server.table("renamed"));
}

TEST_F(RestoreFromBackup, BillingIsTheBackupsOrTheRequests) {
  const std::string arn = back_up("table");
  server.must(
      restore_table_from_backup,
      restore_to(arn, "paid",
                 ", 'BillingModeOverride': 'PROVISIONED', 'ProvisionedThroughputOverride': {'ReadCapacityUnits': "
                 "7, 'WriteCapacityUnits': 8}, 'GlobalSecondaryIndexOverride': []"));
  server.wait_for_jobs();
  EXPECT_EQ(server.table("paid")->throughput.read_units, 7);
  EXPECT_EQ(server.table("paid")->billing, BillingMode::provisioned);
  const auto refused = [&](const std::string& more) {
    return server.run(restore_table_from_backup, restore_to(arn, "refused", more));
  };
  EXPECT_EQ(refused(", 'ProvisionedThroughputOverride': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}"),
            "validation: Invalid Request: Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED");
  EXPECT_EQ(refused(", 'BillingModeOverride': 'PROVISIONED'"),
            "validation: Invalid Request: Must override ProvisionedThroughput if BillingMode is overridden to "
            "PROVISIONED");
  EXPECT_EQ(refused(", 'GlobalSecondaryIndexOverride': [{'IndexName': 'new', 'Projection': {'ProjectionType': "
                    "'KEYS_ONLY'}, 'KeySchema': [{'AttributeName': 'text', 'KeyType': 'HASH'}]}]"),
            "validation: Invalid Request: Index new does not match a secondary index that existed in the source table "
            "and cannot be created during the restore operation");
  EXPECT_FALSE(server.table("refused"));
  // None of these keeps the backup busy.
  server.must(restore_table_from_backup, restore_to(arn, "yes"));
  server.wait_for_jobs();
}

TEST_F(RestoreFromBackup, Refuses) {
  const std::string arn = back_up("table");
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(arn, "table")),
            "table exists: Table already exists: table");
  std::string other = arn;
  other.replace(other.find("eu-west-1"), 9, "us-east-1");
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(other, "again")),
            "validation: Invalid Request: sseSpecificationOverride must be provided for cross-region restores");
  std::string absent = arn;
  absent.back() = absent.back() == 'a' ? 'b' : 'a';
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(absent, "again")),
            "backup not found: Backup not found: " + absent);
  EXPECT_EQ(
      server.run(restore_table_from_backup, restore_to("arn:aws:dynamodb:eu-west-1:000000000000:table/table", "again")),
      "validation: Invalid Backup ARN");
  EXPECT_TRUE(server.run(restore_table_from_backup, restore_to(arn, "no")).find("at 'targetTableName'") !=
              std::string::npos);
}

// While the table is being filled.
TEST_F(RestoreFromBackup, OneRestoreAtATimeAndNobodyTouchesTheTable) {
  const std::string arn = back_up("table");
  server.close();
  server.open(/*with_jobs=*/false);
  const std::string answer = server.must(restore_table_from_backup, restore_to(arn, "again"));
  EXPECT_EQ(json_at(answer, "TableDescription.TableStatus"), "CREATING");
  EXPECT_EQ(json_at(server.must(describe_table, "{'TableName': 'again'}"), "Table.TableStatus"), "CREATING");
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(arn, "second")),
            "backup in use: Backup is being used to restore another table: " + arn);
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(arn, "again")),
            "table in use: Table: again is already being restored from backup: " + arn);
  EXPECT_EQ(server.run(delete_backup, of_arn(arn)), "backup in use: Backup is being used to restore table: " + arn);
  EXPECT_EQ(json_at(server.must(describe_backup, of_arn(arn)), "BackupDescription.BackupDetails.BackupStatus"),
            "AVAILABLE");
  EXPECT_EQ(server.run(create_table, indexed_table("again")), "in use: Table is being used: again");
  EXPECT_EQ(server.run(delete_table, "{'TableName': 'again'}"),
            "in use: Attempt to change a resource which is still in use: Table is being created: again");
  EXPECT_EQ(server.run(put_item, indexed_item("again", 1, "x")), "not found: Requested resource not found");
  EXPECT_EQ(server.run(create_backup, named_backup("again")), "table not found: Table not found: again");
  EXPECT_EQ(server.run(update_continuous_backups, with_recovery("again")), "table not found: Table not found: again");
  EXPECT_EQ(server.run(update_table, "{'TableName': 'again', 'DeletionProtectionEnabled': true}"),
            "not found: Requested resource not found: Table: again not found");
  // The next start does what this one did not.
  server.reopen();
  server.wait_for_jobs();
  EXPECT_TRUE(all_rows(server.store(), server.table("again")->space) == items);
  server.must(restore_table_from_backup, restore_to(arn, "second"));
  server.wait_for_jobs();
  server.must(delete_backup, of_arn(arn));
}

TEST_F(RestoreFromBackup, ADamagedSegmentIsNamed) {
  const std::string arn = back_up("table");
  const std::string key = segment();
  const Bytes whole = location.bytes(key);
  damage(key);
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(arn, "again")),
            "validation: Backup " + arn + " cannot be restored: segment " + key + " is damaged: its SHA-256 is wrong");
  location.put(key, whole.substr(0, whole.size() - 1));
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(arn, "again")),
            "validation: Backup " + arn + " cannot be restored: segment " + key + " is damaged: it has " +
                std::to_string(whole.size() - 1) + " bytes instead of " + std::to_string(whole.size()));
  location.take_away(key);
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(arn, "again")),
            "validation: Backup " + arn + " cannot be restored: segment " + key + " is missing");
  EXPECT_FALSE(server.table("again"));
  location.put(key, whole);
  server.must(restore_table_from_backup, restore_to(arn, "again"));
  server.wait_for_jobs();
  EXPECT_TRUE(all_rows(server.store(), server.table("again")->space) == items);
}

TEST_F(RestoreFromBackup, ADamagedManifestIsNamed) {
  const std::string arn = back_up("table");
  const std::string key = location.keys().front();
  ASSERT_TRUE(key.ends_with("/manifest.json"));
  damage(key);
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(arn, "again")),
            "validation: Backup " + arn + " cannot be restored: manifest " + key + " is damaged: its SHA-256 is wrong");
  location.take_away(key);
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(arn, "again")),
            "validation: Backup " + arn + " cannot be restored: manifest " + key + " is missing");
}

// Damage that comes after the first look: the job finds it, and the table goes.
TEST_F(RestoreFromBackup, DamageThatTheJobFindsTakesTheTableAway) {
  const std::string arn = back_up("table");
  const std::string key = segment();
  const Bytes whole = location.bytes(key);
  server.close();
  server.open(/*with_jobs=*/false);
  server.must(restore_table_from_backup, restore_to(arn, "again"));
  damage(key);
  set_log_level(LogLevel::error);
  server.reopen();
  server.wait_for_jobs();
  set_log_level(LogLevel::info);
  EXPECT_FALSE(server.table("again"));
  const auto jobs = server.jobs().list();
  const auto failed =
      std::find_if(jobs.begin(), jobs.end(), [](const auto& job) { return job.state == recovery::JobState::failed; });
  ASSERT_NE(failed, jobs.end());
  EXPECT_NE(failed->message.find("segment " + key + " is damaged: block 1 has a wrong checksum"), std::string::npos)
      << failed->message;
  location.put(key, whole);
  server.must(restore_table_from_backup, restore_to(arn, "again"));
  server.wait_for_jobs();
  EXPECT_TRUE(all_rows(server.store(), server.table("again")->space) == items);
}

TEST_F(RestoreFromBackup, ACancelledRestoreTakesTheTableAway) {
  const std::string arn = back_up("table");
  server.close();
  server.open(/*with_jobs=*/false);
  server.must(restore_table_from_backup, restore_to(arn, "again"));
  for (const auto& job : server.jobs().list()) {
    if (job.state == recovery::JobState::running) {
      ASSERT_TRUE(sync_wait(server.jobs().cancel(job.id)).ok());
    }
  }
  server.jobs().resume();
  server.wait_for_jobs();
  ASSERT_TRUE(sync_wait(settle_backups(server.services())).ok());
  EXPECT_FALSE(server.table("again"));
  server.must(delete_backup, of_arn(arn));
}

}  // namespace
}  // namespace reprise::dynamo
