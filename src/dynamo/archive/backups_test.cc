// CreateBackup, DescribeBackup, ListBackups, DeleteBackup: what is answered when, and what is left.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dynamo/archive/backups_for_tests.h"

namespace reprise::dynamo {
namespace {

class Backups : public ::testing::Test {
 protected:
  Backups() : server(*engine, TickingClock::start, with_backups(location)) {
    server.must(create_table, indexed_table("table"));
    put_items(server, "table", 30, "first");
  }

  // The ARN of a new backup that is AVAILABLE.
  std::string back_up(const std::string& table, const std::string& name = "backup") {
    std::string arn = json_at(server.must(create_backup, named_backup(table, name)), "BackupDetails.BackupArn");
    server.wait_for_jobs();
    server.wall().advance(5'000);
    return arn;
  }
  std::string described(const std::string& arn, const std::string& path) {
    return json_at(server.must(describe_backup, of_arn(arn)), "BackupDescription." + path);
  }
  // The names of the backups listed, joined by blanks; then "+" when there are more.
  std::string listed(const std::string& request = "{}") {
    const std::string answer = server.must(list_backups, request);
    const std::string count = json_at(answer, "BackupSummaries").substr(5);
    std::string names;
    for (int i = 0; i < std::stoi(count); ++i) {
      names += (i == 0 ? "" : " ") + json_at(answer, "BackupSummaries." + std::to_string(i) + ".BackupName");
    }
    return names + (json_at(answer, "LastEvaluatedBackupArn") == "(none)" ? "" : " +");
  }

  std::unique_ptr<kv::Engine> engine = kv::make_memory_engine();
  blob::MemoryStore location;
  TableServer server;
};

TEST_F(Backups, CreatingThenAvailable) {
  const std::string answer = server.must(create_backup, named_backup("table", "nightly"));
  const std::string arn = json_at(answer, "BackupDetails.BackupArn");
  EXPECT_TRUE(arn.starts_with("arn:aws:dynamodb:eu-west-1:000000000000:table/table/backup/018")) << arn;
  EXPECT_EQ(arn.size(), std::string("arn:aws:dynamodb:eu-west-1:000000000000:table/table/backup/").size() + 23);
  EXPECT_EQ(json_at(answer, "BackupDetails.BackupStatus"), "CREATING");
  EXPECT_EQ(json_at(answer, "BackupDetails.BackupType"), "USER");
  EXPECT_EQ(json_at(answer, "BackupDetails.BackupName"), "nightly");
  EXPECT_EQ(json_at(answer, "BackupDetails.BackupExpiryDateTime"), "(none)");
  server.wait_for_jobs();
  EXPECT_EQ(described(arn, "BackupDetails.BackupStatus"), "AVAILABLE");
  EXPECT_EQ(described(arn, "SourceTableDetails.ItemCount"), "30");
  EXPECT_EQ(described(arn, "SourceTableDetails.TableId"), server.table("table")->id);
  EXPECT_EQ(described(arn, "SourceTableDetails.BillingMode"), "PAY_PER_REQUEST");
  EXPECT_EQ(described(arn, "SourceTableFeatureDetails.GlobalSecondaryIndexes.1.Projection.NonKeyAttributes.0"), "text");
  EXPECT_EQ(described(arn, "SourceTableFeatureDetails.LocalSecondaryIndexes.0.IndexName"), "local");
  EXPECT_EQ(described(arn, "SourceTableFeatureDetails.GlobalSecondaryIndexes.0.IndexStatus"), "(none)");
  EXPECT_EQ(location.keys().size(), 2U) << "a segment and the manifest";
}

TEST_F(Backups, NothingIsPinnedAfterwards) {
  const std::uint64_t before = server.store().info(server.table("table")->space)->horizon.bits();
  back_up("table");
  server.must(put_item, indexed_item("table", 1, "later"));
  server.wall().advance(10'000'000);
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  EXPECT_GT(server.store().info(server.table("table")->space)->horizon.bits(), before);
}

TEST_F(Backups, EmptyTable) {
  server.must(create_table, indexed_table("empty"));
  const std::string arn = back_up("empty");
  EXPECT_EQ(described(arn, "SourceTableDetails.ItemCount"), "0");
  EXPECT_EQ(described(arn, "BackupDetails.BackupSizeBytes"), "0");
  server.must(restore_table_from_backup, restore_to(arn, "again"));
  server.wait_for_jobs();
  EXPECT_EQ(server.table("again")->status, TableStatus::active);
}

TEST_F(Backups, NamesAreNotUnique) {
  std::vector<std::string> arns;
  for (int i = 0; i < 5; ++i) arns.push_back(back_up("table", "same"));
  std::sort(arns.begin(), arns.end());
  EXPECT_EQ(std::unique(arns.begin(), arns.end()), arns.end());
  EXPECT_EQ(listed(), "same same same same same");
}

TEST_F(Backups, CreateRefuses) {
  EXPECT_EQ(server.run(create_backup, named_backup("absent")), "table not found: Table not found: absent");
  EXPECT_EQ(server.run(create_backup, "{'TableName': 'table'}"),
            "validation: 1 validation error detected: Value null at 'backupName' failed to satisfy constraint: Member "
            "must not be null");
  EXPECT_TRUE(server.run(create_backup, named_backup("table", "no")).find("length greater than or equal to 3") !=
              std::string::npos);
  EXPECT_TRUE(server.run(create_backup, named_backup("table", "b/x")).starts_with("validation: 1 validation error"));
}

TEST_F(Backups, DescribeRefuses) {
  const auto run = [this](const std::string& arn) { return server.run(describe_backup, of_arn(arn)); };
  const std::string id = "01576616366715-b4e58d3a";
  const std::string good = "arn:aws:dynamodb:eu-west-1:000000000000:table/table/backup/" + id;
  EXPECT_EQ(run(good), "backup not found: Backup not found: " + good);
  EXPECT_EQ(run("arn:aws:dynamodb:eu-west-1:000000000000:table/table"), "validation: Invalid Backup ARN");
  EXPECT_EQ(run(std::string(48, 'x')), "validation: Invalid Backup ARN");
  EXPECT_EQ(run("arn:aws:dynamodb:eu-west-1:000000000000:table/table/backup/12"), "validation: Invalid Backup ARN");
  EXPECT_EQ(run("arn:aws:dynamodb:xx-fake-1:000000000000:table/table/backup/" + id),
            "validation: BackupArn is not valid");
  EXPECT_EQ(run("arn:aws-cn:dynamodb:eu-west-1:000000000000:table/table/backup/" + id),
            "validation: BackupArn is not valid");
  EXPECT_EQ(run("arn:aws:s3:eu-west-1:000000000000:table/table/backup/" + id), "validation: BackupArn is not valid");
  EXPECT_EQ(run("arn:aws:dynamodb::000000000000:table/table/backup/" + id), "denied: Access is denied");
  EXPECT_EQ(run("arn:aws:dynamodb:eu-west-1:123456789012:table/table/backup/" + id), "denied: Access is denied");
  EXPECT_TRUE(run("short").starts_with("validation: 1 validation error detected: Value 'short' at 'backupArn'"));
}

TEST_F(Backups, TheRegionOfAnArnIsNotLookedAt) {
  std::string arn = back_up("table");
  arn.replace(arn.find("eu-west-1"), 9, "us-east-1");
  EXPECT_EQ(described(arn, "BackupDetails.BackupArn"), arn);
  EXPECT_EQ(described(arn, "SourceTableDetails.TableName"), "table");
  // The table's name is.
  arn.replace(arn.find("table/table"), 11, "table/other");
  EXPECT_TRUE(server.run(describe_backup, of_arn(arn)).starts_with("backup not found"));
}

TEST_F(Backups, DeletedIsGoneAtOnce) {
  const std::string kept = back_up("table", "kept");
  const std::string arn = back_up("table", "gone");
  const std::string answer = server.must(delete_backup, of_arn(arn));
  EXPECT_EQ(json_at(answer, "BackupDescription.BackupDetails.BackupStatus"), "DELETED");
  EXPECT_EQ(json_at(answer, "BackupDescription.SourceTableDetails.TableName"), "table");
  EXPECT_EQ(server.run(describe_backup, of_arn(arn)), "backup not found: Backup not found: " + arn);
  EXPECT_EQ(server.run(delete_backup, of_arn(arn)), "backup not found: Backup not found: " + arn);
  EXPECT_EQ(listed(), "kept");
  server.wait_for_jobs();
  EXPECT_EQ(location.keys().size(), 2U);
  EXPECT_EQ(described(kept, "BackupDetails.BackupStatus"), "AVAILABLE");
}

TEST_F(Backups, OneThatIsBeingMadeCannotBeDeletedOrRestored) {
  location.fail_writes_from(1);  // the job waits for the location
  const std::string arn = json_at(server.must(create_backup, named_backup("table")), "BackupDetails.BackupArn");
  EXPECT_EQ(described(arn, "BackupDetails.BackupStatus"), "CREATING");
  EXPECT_EQ(server.run(delete_backup, of_arn(arn)), "backup in use: Backup is being created: " + arn);
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(arn, "again")),
            "backup in use: Backup is being created: " + arn);
  EXPECT_EQ(listed(), "backup");
  location.fail_writes_from(0);
  server.wait_for_jobs();
  EXPECT_EQ(described(arn, "BackupDetails.BackupStatus"), "AVAILABLE");
}

TEST_F(Backups, TheyOutliveTheirTable) {
  const std::string first = back_up("table", "first");
  const std::string id = server.table("table")->id;
  server.must(delete_table, "{'TableName': 'table'}");
  EXPECT_EQ(described(first, "SourceTableDetails.TableId"), id);
  server.must(create_table, indexed_table("table"));
  const std::string second = back_up("table", "second");
  EXPECT_NE(described(second, "SourceTableDetails.TableId"), id);
  EXPECT_EQ(listed("{'TableName': 'table'}"), "first second");
  EXPECT_EQ(listed("{'TableName': 'arn:aws:dynamodb:eu-west-1:000000000000:table/table'}"), "first second");
}

TEST_F(Backups, ATableThatIsDeletedMeanwhileIsStillBackedUp) {
  location.fail_writes_from(1);
  const Rows items = all_rows(server.store(), server.table("table")->space);
  const std::string arn = json_at(server.must(create_backup, named_backup("table")), "BackupDetails.BackupArn");
  server.must(delete_table, "{'TableName': 'table'}");
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  location.fail_writes_from(0);
  server.wait_for_jobs();
  server.must(restore_table_from_backup, restore_to(arn, "again"));
  server.wait_for_jobs();
  EXPECT_TRUE(all_rows(server.store(), server.table("again")->space) == items);
}

TEST_F(Backups, ListPagesAndFilters) {
  server.must(create_table, indexed_table("other"));
  std::vector<std::string> arns;
  for (const std::string name : {"b-1", "b-2", "b-3"}) arns.push_back(back_up("table", name));
  arns.push_back(back_up("other", "b-4"));
  EXPECT_EQ(listed(), "b-1 b-2 b-3 b-4");
  EXPECT_EQ(listed("{'TableName': 'other'}"), "b-4");
  EXPECT_EQ(listed("{'TableName': 'absent'}"), "");
  EXPECT_EQ(listed("{'Limit': 2}"), "b-1 b-2 +");
  EXPECT_EQ(listed("{'Limit': 4}"), "b-1 b-2 b-3 b-4") << "a page that holds all has no cursor";
  EXPECT_EQ(listed("{'ExclusiveStartBackupArn': '" + arns[1] + "'}"), "b-3 b-4");
  EXPECT_EQ(listed("{'Limit': 1, 'ExclusiveStartBackupArn': '" + arns[1] + "'}"), "b-3 +");
  server.must(delete_backup, of_arn(arns[1]));
  EXPECT_EQ(listed("{'ExclusiveStartBackupArn': '" + arns[1] + "'}"), "b-3 b-4") << "a position, not a backup";
  EXPECT_EQ(listed("{'BackupType': 'SYSTEM'}"), "");
  EXPECT_EQ(listed("{'BackupType': 'AWS_BACKUP'}"), "");
  EXPECT_EQ(listed("{'BackupType': 'ALL'}"), "b-1 b-3 b-4");
  const std::string at =
      json_at(server.must(describe_backup, of_arn(arns[2])), "BackupDescription.BackupDetails.BackupCreationDateTime");
  EXPECT_EQ(listed("{'TimeRangeLowerBound': " + at + "}"), "b-3 b-4");
  EXPECT_EQ(listed("{'TimeRangeUpperBound': " + at + "}"), "b-1");
}

TEST_F(Backups, ListRefuses) {
  EXPECT_EQ(server.run(list_backups, "{'TimeRangeLowerBound': 2, 'TimeRangeUpperBound': 1}"),
            "validation: Time range lower bound must be less than or equal to upper bound");
  EXPECT_TRUE(server.run(list_backups, "{'Limit': 101}").find("less than or equal to 100") != std::string::npos);
  EXPECT_TRUE(server.run(list_backups, "{'Limit': 0}").find("greater than or equal to 1") != std::string::npos);
  EXPECT_TRUE(server.run(list_backups, "{'BackupType': 'user'}").find("[USER, SYSTEM, AWS_BACKUP, ALL]") !=
              std::string::npos);
  std::string arn = back_up("table");
  arn.replace(arn.find("eu-west-1"), 9, "us-east-1");
  EXPECT_TRUE(
      server.run(list_backups, "{'ExclusiveStartBackupArn': '" + arn + "'}").find("does not match the region") !=
      std::string::npos);
}

TEST_F(Backups, WhatABackupDoesNotRecord) {
  server.must(update_continuous_backups, with_recovery("table"));
  const std::string arn = back_up("table");
  server.must(restore_table_from_backup, restore_to(arn, "again"));
  server.wait_for_jobs();
  EXPECT_FALSE(server.table("again")->recovery.enabled);
}

// The store is lost, the location is not.
TEST_F(Backups, AreListedAgainByAStoreThatLostThem) {
  const std::string arn = back_up("table", "survivor");
  const std::string gone = back_up("table", "gone");
  server.must(delete_backup, of_arn(gone));
  server.wait_for_jobs();
  const Rows items = all_rows(server.store(), server.table("table")->space);
  location.put("000000000000/table/01576616366715-b4e58d3a/manifest.json", "{\"damaged\":1}");
  location.put("000000000000/table/01576616366715-b4e58d3b/segment-000001", "an orphan");

  const auto other_engine = kv::make_memory_engine();
  TableServer other(*other_engine, TickingClock::start + 60'000'000, with_backups(location));
  ASSERT_TRUE(sync_wait(open_backups(other.services())).ok());
  const std::string answer = other.must(list_backups, "{}");
  EXPECT_EQ(json_at(answer, "BackupSummaries"), "size 1");
  EXPECT_EQ(json_at(answer, "BackupSummaries.0.BackupArn"), arn);
  EXPECT_EQ(json_at(answer, "BackupSummaries.0.BackupStatus"), "AVAILABLE");
  other.must(restore_table_from_backup, restore_to(arn, "table"));
  other.wait_for_jobs();
  EXPECT_TRUE(all_rows(other.store(), other.table("table")->space) == items);
  expect_indexes_right(other.store(), *other.table("table"));
}

TEST_F(Backups, ALocationThatCannotBeReadDoesNotStopAStart) {
  location.set_unreachable(true);
  EXPECT_TRUE(sync_wait(open_backups(server.services())).ok());
}

TEST_F(Backups, ACancelledBackupGoes) {
  location.fail_writes_from(1);
  const std::string arn = json_at(server.must(create_backup, named_backup("table")), "BackupDetails.BackupArn");
  ASSERT_TRUE(sync_wait(server.jobs().cancel(server.jobs().list().front().id)).ok());
  location.fail_writes_from(0);
  server.wait_for_jobs();
  ASSERT_TRUE(sync_wait(settle_backups(server.services())).ok());
  server.wait_for_jobs();
  // The job may have been faster than the cancellation.
  if (server.run(describe_backup, of_arn(arn)).starts_with("{")) return;
  EXPECT_EQ(listed(), "");
  EXPECT_TRUE(location.keys().empty());
}

TEST_F(Backups, WithoutALocationThereAreNone) {
  TableServer bare;
  bare.must(create_table, indexed_table("table"));
  EXPECT_TRUE(bare.run(create_backup, named_backup("table")).starts_with("validation: Backups are not supported"));
  EXPECT_EQ(json_at(bare.must(list_backups, "{}"), "BackupSummaries"), "size 0");
}

// ---- System backups ------------------------------------------------------------------------------------------------

TEST_F(Backups, ADeletedTableWithRecoveryHasASystemBackup) {
  server.must(update_continuous_backups, with_recovery("table"));
  const std::string user = back_up("table", "user");
  const Rows items = all_rows(server.store(), server.table("table")->space);
  server.must(delete_table, "{'TableName': 'table'}");
  EXPECT_EQ(listed(), "user") << "who asks for no type gets his own";
  EXPECT_EQ(listed("{'BackupType': 'SYSTEM'}"), "table$DeletedTableBackup");
  EXPECT_EQ(listed("{'BackupType': 'ALL', 'TableName': 'table'}"), "user table$DeletedTableBackup");
  EXPECT_EQ(listed("{'BackupType': 'ALL', 'Limit': 1}"), "user +");
  const std::string arn = json_at(server.must(list_backups, "{'BackupType': 'SYSTEM'}"), "BackupSummaries.0.BackupArn");
  EXPECT_TRUE(arn.ends_with("-00000000")) << arn;
  EXPECT_EQ(listed("{'BackupType': 'ALL', 'ExclusiveStartBackupArn': '" + user + "'}"), "table$DeletedTableBackup");
  EXPECT_EQ(described(arn, "BackupDetails.BackupStatus"), "AVAILABLE");
  EXPECT_EQ(described(arn, "SourceTableDetails.ItemCount"), "30");
  EXPECT_TRUE(server.run(delete_backup, of_arn(arn))
                  .starts_with("validation: User is not allowed to delete the system backup with arn " + arn +
                               ". It will automatically expire on "));
  const std::string answer = server.must(restore_table_from_backup, restore_to(arn, "again"));
  EXPECT_EQ(json_at(answer, "TableDescription.TableStatus"), "CREATING");
  EXPECT_EQ(json_at(answer, "TableDescription.RestoreSummary.SourceBackupArn"), arn);
  server.wait_for_jobs();
  EXPECT_TRUE(all_rows(server.store(), server.table("again")->space) == items);
  expect_indexes_right(server.store(), *server.table("again"));
}

TEST_F(Backups, WithoutRecoveryThereIsNone) {
  server.must(delete_table, "{'TableName': 'table'}");
  EXPECT_EQ(listed("{'BackupType': 'ALL'}"), "");
  const std::string arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/table/backup/01576616366715-00000000";
  EXPECT_EQ(server.run(describe_backup, of_arn(arn)), "backup not found: Backup not found: " + arn);
  EXPECT_EQ(server.run(delete_backup, of_arn(arn)), "backup not found: Backup not found: " + arn);
  EXPECT_EQ(server.run(restore_table_from_backup, restore_to(arn, "again")),
            "backup not found: Backup not found: " + arn);
}

TEST_F(Backups, ASystemBackupLives35DaysWhateverThePeriod) {
  server.must(update_continuous_backups,
              "{'TableName': 'table', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': true, "
              "'RecoveryPeriodInDays': 1}}");
  server.must(delete_table, "{'TableName': 'table'}");
  constexpr std::uint64_t day = std::uint64_t{24} * 3600 * 1'000'000;
  server.wall().advance(34 * day);
  ASSERT_TRUE(sync_wait(server.catalog().purge_deleted()).ok());
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  const std::string answer = server.must(list_backups, "{'BackupType': 'SYSTEM'}");
  ASSERT_EQ(json_at(answer, "BackupSummaries"), "size 1");
  const std::string arn = json_at(answer, "BackupSummaries.0.BackupArn");
  server.must(restore_table_from_backup, restore_to(arn, "again"));
  server.wait_for_jobs();
  EXPECT_EQ(all_rows(server.store(), server.table("again")->space).size(), 30U);
  server.wall().advance(2 * day);
  EXPECT_EQ(listed("{'BackupType': 'SYSTEM'}"), "");
  EXPECT_TRUE(server.run(restore_table_from_backup, restore_to(arn, "more")).starts_with("backup not found"));
}

}  // namespace
}  // namespace reprise::dynamo
