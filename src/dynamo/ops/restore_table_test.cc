// RestoreTableToPointInTime: its refusals in their order, what a restored table is, and that it holds exactly what its
// source held at the moment asked for, in its items and in every index.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "dynamo/ops/rows_for_tests.h"
#include "dynamo/ops/table_jobs.h"
#include "dynamo/ops/tables_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr std::uint64_t micros_per_second = 1'000'000;

std::string seconds(std::uint64_t micros) {
  std::string fraction = std::to_string(micros % micros_per_second + micros_per_second).substr(1);
  return std::to_string(micros / micros_per_second) + "." + fraction;
}

class Restore : public ::testing::Test {
 protected:
  void SetUp() override {
    server.must(create_table, R"({'TableName': 'source', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': 'p', 'AttributeType': 'S'}, {'AttributeName': 's', 'AttributeType': 'N'},
          {'AttributeName': 'g', 'AttributeType': 'S'}, {'AttributeName': 'h', 'AttributeType': 'N'}],
        'KeySchema': [{'AttributeName': 'p', 'KeyType': 'HASH'}, {'AttributeName': 's', 'KeyType': 'RANGE'}],
        'LocalSecondaryIndexes': [{'IndexName': 'local', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
          'KeySchema': [{'AttributeName': 'p', 'KeyType': 'HASH'}, {'AttributeName': 'h', 'KeyType': 'RANGE'}]}],
        'GlobalSecondaryIndexes': [
          {'IndexName': 'all', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}]},
          {'IndexName': 'some', 'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['a']},
           'KeySchema': [{'AttributeName': 'h', 'KeyType': 'HASH'}, {'AttributeName': 'g', 'KeyType': 'RANGE'}]}]})");
    enable("source");
  }

  void enable(const std::string& table) {
    server.must(
        update_continuous_backups,
        "{'TableName': '" + table + "', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': true}}");
  }
  std::string restore(const std::string& source, const std::string& target, const std::string& more) {
    return server.run(restore_table_to_point_in_time,
                      "{'SourceTableName': '" + source + "', 'TargetTableName': '" + target + "', " + more + "}");
  }
  std::string restore_latest(const std::string& source, const std::string& target, const std::string& more = "") {
    return restore(source, target, "'UseLatestRestorableTime': true" + more);
  }
  std::string restore_at(const std::string& source, const std::string& target, std::uint64_t micros,
                         const std::string& more = "") {
    return restore(source, target, "'RestoreDateTime': " + seconds(micros) + more);
  }
  void write(const std::string& table) {
    const std::string key =
        "'p': {'S': 'p" + std::to_string(rng.below(4)) + "'}, 's': {'N': '" + std::to_string(rng.below(12)) + "'}";
    if (rng.chance(1, 4)) {
      server.must(delete_item, "{'TableName': '" + table + "', 'Key': {" + key + "}}");
      return;
    }
    std::string item = key + ", 'a': {'N': '" + std::to_string(rng.below(1000)) + "'}";
    if (rng.chance(2, 3)) item += ", 'g': {'S': 'g" + std::to_string(rng.below(3)) + "'}";
    if (rng.chance(2, 3)) item += ", 'h': {'N': '" + std::to_string(rng.below(4)) + "'}";
    server.must(put_item, "{'TableName': '" + table + "', 'Item': {" + item + "}}");
  }
  // A moment after everything that has been written, before everything that will be.
  std::uint64_t moment() {
    server.wall().advance(50);
    const std::uint64_t now = server.store().now().micros();
    server.wall().advance(50);
    return now;
  }
  Rows items(const std::string& table) { return all_rows(server.store(), server.table(table)->space); }
  void expect_holds(const std::string& name, const Rows& wanted) {
    const TablePtr table = server.table(name);
    ASSERT_TRUE(table) << name;
    EXPECT_TRUE(all_rows(server.store(), table->space) == wanted) << name;
    expect_indexes_right(server.store(), *table);
  }

  Rng rng{7};
  TableServer server;
};

TEST_F(Restore, RefusesInOrder) {
  const auto refused = [&](const std::string& request, const std::string& answer) {
    EXPECT_EQ(server.run(restore_table_to_point_in_time, request), answer) << request;
  };
  const std::string target = "'TargetTableName': 'target'";
  const std::string latest = ", 'UseLatestRestorableTime': true";
  refused("{'SourceTableName': 'source', 'TargetTableName': 'bad name!'}",
          "validation: 1 validation error detected: Value 'bad name!' at 'targetTableName' failed to satisfy "
          "constraint: Member "
          "must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
  refused("{'SourceTableName': 'source', 'SourceTableArn': 'arn:x', " + target + latest + "}",
          "validation: Must provide exactly one of: sourceTableArn, sourceTableName");
  refused("{" + target + latest + "}",
          "validation: The parameter 'TableName' is required but was not present in the request");
  refused("{'SourceTableName': 'missing', " + target + "}",
          "validation: Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, "
          "but not both");
  refused("{'SourceTableName': 'missing', " + target + ", 'UseLatestRestorableTime': false}",
          "validation: Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, "
          "but not both");
  refused("{'SourceTableName': 'missing', " + target + latest + ", 'RestoreDateTime': 1}",
          "validation: Invalid Request: Both RestoreDateTime and UseLatestRestorableTime cannot be set for "
          "point-in-time restore "
          "request. Please specify either RestoreDateTime or UseLatestRestorableTime");
  refused("{'SourceTableArn': 'source', " + target + latest + "}", "validation: sourceTableArn is not a valid ARN");
  refused("{'SourceTableArn': 'arn:aws:dynamodb:eu-west-1:0:table/x', " + target + latest + "}",
          "validation: sourceTableArn is not a valid ARN");
  refused("{'SourceTableArn': 'arn:aws:dynamodb:eu-west-1:111111111111:table/source', " + target + latest + "}",
          "validation: This action is only supported by accounts that match the resource owner\u2019s account.");
  refused("{'SourceTableArn': 'arn:aws:dynamodb:us-east-1:000000000000:table/source', " + target + latest + "}",
          "validation: Invalid Request: sseSpecificationOverride must be provided for cross-region restores");
  refused("{'SourceTableName': 'missing', 'TargetTableName': 'source'" + latest + "}",
          "table not found: Table not found: missing");

  server.must(create_table, R"({'TableName': 'plain', 'BillingMode': 'PAY_PER_REQUEST',
      'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}],
      'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}]})");
  refused("{'SourceTableName': 'plain', 'TargetTableName': 'source', 'RestoreDateTime': 1}",
          "no recovery: Point in time recovery is not enabled for table 'plain'");
  const std::string early = restore("source", "plain", "'RestoreDateTime': 0");
  EXPECT_TRUE(early.starts_with(
      "restore time: RestoreDateTime '1970-01-01T00:00:00Z' must be within EarliestRestorableDateTime '2027-"))
      << early;
  EXPECT_TRUE(restore("source", "plain", "'RestoreDateTime': 2000000000").starts_with("restore time: "));
  EXPECT_EQ(restore_latest("source", "plain"), "table exists: Table already exists: plain");
  EXPECT_EQ(restore_latest("source", "source"), "table exists: Table already exists: source");
  EXPECT_FALSE(server.table("target"));
}

TEST_F(Restore, AnswersAsAwsDoesAndIsThereAtOnce) {
  write("source");
  const std::uint64_t at = moment();
  const std::string answer = restore_at("source", "target", at);
  EXPECT_EQ(json_at(answer, "TableDescription.TableStatus"), "CREATING");
  EXPECT_EQ(json_at(answer, "TableDescription.RestoreSummary.RestoreInProgress"), "true");
  EXPECT_EQ(json_at(answer, "TableDescription.RestoreSummary.SourceTableArn"),
            "arn:aws:dynamodb:eu-west-1:000000000000:table/source");
  EXPECT_EQ(json_at(answer, "TableDescription.GlobalSecondaryIndexes.0.IndexStatus"), "(none)");
  const std::string described = server.must(describe_table, "{'TableName': 'target'}");
  EXPECT_EQ(json_at(described, "Table.TableStatus"), "ACTIVE");
  EXPECT_EQ(json_at(described, "Table.GlobalSecondaryIndexes.1.IndexStatus"), "ACTIVE");
  EXPECT_EQ(json_at(described, "Table.GlobalSecondaryIndexes.1.Projection.NonKeyAttributes.0"), "a");
  EXPECT_EQ(json_at(described, "Table.LocalSecondaryIndexes.0.IndexName"), "local");
  EXPECT_EQ(json_at(described, "Table.BillingModeSummary.BillingMode"), "PAY_PER_REQUEST");
  EXPECT_EQ(json_at(described, "Table.RestoreSummary.RestoreInProgress"), "false");
  EXPECT_EQ(json_at(described, "Table.DeletionProtectionEnabled"), "false");
  EXPECT_NE(json_at(described, "Table.TableId"), server.table("source")->id);
  EXPECT_FALSE(server.table("target")->recovery.enabled);
}

TEST_F(Restore, ByArnAndWithProductionDefaults) {
  const std::string request =
      "{'SourceTableArn': 'arn:aws:dynamodb:eu-west-1:000000000000:table/source', 'TargetTableName': "
      "'target', 'UseLatestRestorableTime': true}";
  server.must(restore_table_to_point_in_time, request);
  server.services().settings.protect_new_tables = true;
  restore_latest("source", "protected");
  EXPECT_TRUE(server.table("protected")->deletion_protection);
  EXPECT_TRUE(server.table("protected")->recovery.enabled);
  server.services().settings.protect_new_tables = false;
}

TEST_F(Restore, HoldsExactlyWhatTheSourceHeld) {
  std::vector<std::pair<std::uint64_t, Rows>> past;
  for (int i = 0; i < 400; ++i) {
    write("source");
    if (i % 20 == 0) past.emplace_back(moment(), items("source"));
  }
  int count = 0;
  std::vector<std::pair<std::string, Rows>> restored;
  for (const auto& [at, rows] : past) {
    const std::string name = "restored-" + std::to_string(count++);
    ASSERT_TRUE(restore_at("source", name, at).starts_with("{"));
    if (count % 2 == 0) server.wait_for_jobs();  // else most likely while it is being copied
    expect_holds(name, rows);
    restored.emplace_back(name, rows);
  }
  server.must(delete_table, "{'TableName': 'source'}");
  server.reopen();
  for (const auto& [name, rows] : restored) expect_holds(name, rows);
  server.wait_for_jobs();
  for (const auto& [name, rows] : restored) {
    expect_holds(name, rows);
    EXPECT_FALSE(server.store().info(server.table(name)->space)->base);
  }
}

TEST_F(Restore, MakesTablesThatGoTheirOwnWay) {
  for (int i = 0; i < 100; ++i) write("source");
  const std::uint64_t first = moment();
  const Rows at_first = items("source");
  server.reopen(/*with_jobs=*/false);  // nothing is copied: everything reads through
  restore_at("source", "clone", first);
  enable("clone");
  for (int i = 0; i < 60; ++i) {
    write("source");
    write("clone");
  }
  const std::uint64_t second = moment();
  const Rows clone_at_second = items("clone");
  for (int i = 0; i < 60; ++i) write("clone");
  const Rows clone_now = items("clone");
  const Rows source_now = items("source");
  ASSERT_TRUE(restore_at("clone", "clone-of-clone", second).starts_with("{"));
  expect_holds("clone-of-clone", clone_at_second);
  ASSERT_TRUE(restore_at("source", "again", first).starts_with("{"));
  expect_holds("again", at_first);
  server.jobs().resume();
  server.wait_for_jobs();
  expect_holds("source", source_now);
  expect_holds("clone", clone_now);
  expect_holds("clone-of-clone", clone_at_second);
  expect_holds("again", at_first);
}

// The past may go between the look at it and the clones: that is an ordinary refusal.
TEST_F(Restore, WhileRecoveryIsSwitchedOffAndOn) {
  write("source");
  std::atomic<bool> over = false;
  std::thread switcher([&] {
    for (bool on = false; !over; on = !on) {
      server.must(update_continuous_backups, std::string("{'TableName': 'source', 'PointInTimeRecoverySpecification': "
                                                         "{'PointInTimeRecoveryEnabled': ") +
                                                 (on ? "true}}" : "false}}"));
    }
  });
  int made = 0;
  int refused = 0;
  for (int i = 0; made < 100 || refused < 100; ++i) {
    const std::string answer =
        i % 2 == 0 ? restore_latest("source", "target") : restore_at("source", "target", server.store().now().micros());
    if (answer.starts_with("{")) {
      server.must(delete_table, "{'TableName': 'target'}");
      ++made;
      continue;
    }
    ++refused;
    EXPECT_TRUE(answer.starts_with("no recovery: ") || answer.starts_with("restore time: ")) << answer;
  }
  over = true;
  switcher.join();
}

TEST_F(Restore, ToAWholeSecondMeansThatInstant) {
  write("source");
  // The next whole second, a little more than a second away.
  const std::uint64_t second = (server.wall().now_micros() / micros_per_second + 2) * micros_per_second;
  server.wall().advance(second - server.wall().now_micros() - 1000);
  server.must(put_item, "{'TableName': 'source', 'Item': {'p': {'S': 'before'}, 's': {'N': '1'}}}");
  const Rows wanted = items("source");
  server.wall().advance(second - server.wall().now_micros() + 500);
  server.must(put_item, "{'TableName': 'source', 'Item': {'p': {'S': 'after'}, 's': {'N': '1'}}}");
  ASSERT_TRUE(
      restore("source", "target", "'RestoreDateTime': " + std::to_string(second / micros_per_second)).starts_with("{"));
  expect_holds("target", wanted);
}

TEST_F(Restore, ToTheEdgesOfTheWindow) {
  const std::string window = server.must(describe_continuous_backups, "{'TableName': 'source'}");
  const std::string earliest =
      json_at(window, "ContinuousBackupsDescription.PointInTimeRecoveryDescription.EarliestRestorableDateTime");
  write("source");
  const Rows now = items("source");
  ASSERT_TRUE(restore("source", "earliest", "'RestoreDateTime': " + earliest).starts_with("{"));
  expect_holds("earliest", {});
  const std::string whole = earliest.substr(0, earliest.find('.'));
  ASSERT_TRUE(restore("source", "earliest-second", "'RestoreDateTime': " + whole).starts_with("{"));
  expect_holds("earliest-second", {});
  server.wall().advance(3 * micros_per_second);
  const std::string later = server.must(describe_continuous_backups, "{'TableName': 'source'}");
  const std::string latest =
      json_at(later, "ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime");
  ASSERT_TRUE(restore("source", "latest", "'RestoreDateTime': " + latest).starts_with("{"));
  expect_holds("latest", now);
  const std::string this_second = std::to_string(server.wall().now_micros() / micros_per_second);
  ASSERT_TRUE(restore("source", "this-second", "'RestoreDateTime': " + this_second).starts_with("{"));
  expect_holds("this-second", now);
  // One second before the beginning, one after now.
  EXPECT_TRUE(
      restore("source", "no", "'RestoreDateTime': " + std::to_string(std::stoll(whole) - 1)).starts_with("validation"));
  EXPECT_TRUE(restore("source", "none", "'RestoreDateTime': " + std::to_string(std::stoll(whole) - 1))
                  .starts_with("restore time"));
  EXPECT_TRUE(restore("source", "none", "'RestoreDateTime': " + std::to_string(std::stoll(this_second) + 2))
                  .starts_with("restore time"));
}

TEST_F(Restore, TakesBackADeletedTable) {
  for (int i = 0; i < 50; ++i) write("source");
  const std::uint64_t middle = moment();
  const Rows in_the_middle = items("source");
  for (int i = 0; i < 50; ++i) write("source");
  const Rows at_the_end = items("source");
  server.must(delete_table, "{'TableName': 'source'}");
  server.wall().advance(3600 * micros_per_second);
  server.reopen();
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  ASSERT_TRUE(restore_latest("source", "source").starts_with("{"));
  expect_holds("source", at_the_end);
  // A live table of that name does not hide the deleted one's past.
  ASSERT_TRUE(restore_at("source", "middle", middle, "").starts_with("no recovery") == false);
  expect_holds("middle", in_the_middle);
  enable("source");
  ASSERT_TRUE(restore_at("source", "middle-2", middle).starts_with("{"));
  expect_holds("middle-2", in_the_middle);
  EXPECT_EQ(restore_at("source", "middle", middle), "table exists: Table already exists: middle");
  // Its window ends.
  server.must(delete_table, "{'TableName': 'middle'}");
  server.wall().advance(std::uint64_t{36} * 24 * 3600 * micros_per_second);
  EXPECT_TRUE(restore_at("source", "none", middle).starts_with("restore time")) << restore_at("source", "none", middle);
}

TEST_F(Restore, NeverFindsATableDeletedWithoutRecovery) {
  server.must(update_continuous_backups,
              "{'TableName': 'source', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': false}}");
  server.must(delete_table, "{'TableName': 'source'}");
  EXPECT_EQ(restore_latest("source", "target"), "table not found: Table not found: source");
}

TEST_F(Restore, FillsIndexesThatWereNotThereThen) {
  for (int i = 0; i < 80; ++i) write("source");
  const std::uint64_t before = moment();
  const Rows then = items("source");
  server.must(update_table,
              R"({'TableName': 'source', 'AttributeDefinitions': [{'AttributeName': 'a', 'AttributeType': 'N'}],
      'GlobalSecondaryIndexUpdates': [{'Create': {'IndexName': 'later', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
        'KeySchema': [{'AttributeName': 'a', 'KeyType': 'HASH'}]}}]})");
  server.wait_for_jobs();
  for (int i = 0; i < 20; ++i) write("source");
  const std::uint64_t after = moment();
  const Rows now = items("source");
  ASSERT_TRUE(restore_at("source", "old", before).starts_with("{"));
  server.wait_for_jobs();
  EXPECT_EQ(server.table("old")->global_index("later")->status, IndexStatus::active);
  expect_holds("old", then);
  ASSERT_TRUE(restore_at("source", "new", after).starts_with("{"));
  EXPECT_EQ(server.table("new")->global_index("later")->status, IndexStatus::active);
  expect_holds("new", now);
}

TEST_F(Restore, DoesNotCloneAnIndexThatWasStillBeingFilled) {
  for (int i = 0; i < 80; ++i) write("source");
  server.reopen(/*with_jobs=*/false);
  server.must(update_table,
              R"({'TableName': 'source', 'AttributeDefinitions': [{'AttributeName': 'a', 'AttributeType': 'N'}],
      'GlobalSecondaryIndexUpdates': [{'Create': {'IndexName': 'later', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
        'KeySchema': [{'AttributeName': 'a', 'KeyType': 'HASH'}]}}]})");
  const std::uint64_t during = moment();
  const Rows then = items("source");
  server.jobs().resume();
  server.wait_for_jobs();
  ASSERT_TRUE(restore_at("source", "target", during).starts_with("{"));
  server.wait_for_jobs();
  expect_holds("target", then);
  EXPECT_EQ(server.table("target")->global_index("later")->status, IndexStatus::active);
}

TEST_F(Restore, LeavesOutAndRenamesIndexes) {
  for (int i = 0; i < 80; ++i) write("source");
  const Rows now = items("source");
  ASSERT_TRUE(
      restore_latest("source", "bare", ", 'GlobalSecondaryIndexOverride': [], 'LocalSecondaryIndexOverride': []")
          .starts_with("{"));
  EXPECT_TRUE(server.table("bare")->global_indexes.empty());
  EXPECT_TRUE(server.table("bare")->local_indexes.empty());
  EXPECT_EQ(server.table("bare")->attributes.size(), 2U);
  const std::string some =
      "{'IndexName': 'other-name', 'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['a']}, "
      "'KeySchema': [{'AttributeName': 'h', 'KeyType': 'HASH'}, {'AttributeName': 'g', 'KeyType': 'RANGE'}]}";
  ASSERT_TRUE(restore_latest("source", "fewer", ", 'GlobalSecondaryIndexOverride': [" + some + "]").starts_with("{"));
  const TablePtr fewer = server.table("fewer");
  ASSERT_EQ(fewer->global_indexes.size(), 1U);
  EXPECT_EQ(fewer->global_indexes[0].name, "other-name");
  EXPECT_EQ(fewer->local_indexes.size(), 1U);
  expect_holds("fewer", now);
  expect_holds("bare", now);

  const std::string no_match =
      "validation: Invalid Request: Index all does not match a secondary index that existed in the source "
      "table and cannot be created during the restore operation";
  EXPECT_EQ(
      restore_latest("source", "target",
                     ", 'GlobalSecondaryIndexOverride': [{'IndexName': 'all', 'Projection': "
                     "{'ProjectionType': 'KEYS_ONLY'}, 'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}]}]"),
      no_match);
  EXPECT_EQ(restore_latest("source", "target",
                           ", 'GlobalSecondaryIndexOverride': [{'IndexName': 'all', 'Projection': "
                           "{'ProjectionType': 'ALL'}, 'KeySchema': [{'AttributeName': 'h', 'KeyType': 'HASH'}]}]"),
            no_match);
  EXPECT_EQ(restore_latest("source", "target",
                           ", 'LocalSecondaryIndexOverride': [{'IndexName': 'all', 'Projection': "
                           "{'ProjectionType': 'ALL'}, 'KeySchema': [{'AttributeName': 'p', 'KeyType': 'HASH'}, "
                           "{'AttributeName': 'h', 'KeyType': 'RANGE'}]}]"),
            no_match);
}

TEST_F(Restore, OverridesBilling) {
  const std::string units = "{'ReadCapacityUnits': 7, 'WriteCapacityUnits': 8}";
  const std::string no_indexes = ", 'GlobalSecondaryIndexOverride': []";
  const auto expect = [&](const std::string& more, const std::string& answer) {
    EXPECT_EQ(restore_latest("source", "target", more), "validation: Invalid Request: " + answer) << more;
  };
  expect(", 'ProvisionedThroughputOverride': " + units,
         "Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED");
  expect(", 'BillingModeOverride': 'PAY_PER_REQUEST', 'ProvisionedThroughputOverride': " + units,
         "Cannot override ProvisionedThroughput if BillingMode is overridden to PAY_PER_REQUEST");
  expect(", 'BillingModeOverride': 'PROVISIONED'",
         "Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED");
  expect(", 'OnDemandThroughputOverride': {'MaxReadRequestUnits': 0, 'MaxWriteRequestUnits': 0}",
         "Requested MaxReadRequestUnits for OnDemandThroughput is outside of valid range");
  expect(", 'BillingModeOverride': 'PROVISIONED', 'ProvisionedThroughputOverride': " + units,
         "Must specify provisioned throughput for index all");
  const std::string all =
      "{'IndexName': 'all', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': [{'AttributeName': 'g', 'KeyType': "
      "'HASH'}]";
  expect(", 'BillingModeOverride': 'PROVISIONED', 'ProvisionedThroughputOverride': " + units +
             ", 'GlobalSecondaryIndexOverride': [" + all + "}]",
         "Must specify provisioned throughput for index all");
  expect(", 'GlobalSecondaryIndexOverride': [" + all + ", 'ProvisionedThroughput': " + units + "}]",
         "Cannot override ProvisionedThroughput if BillingMode is overridden to PAY_PER_REQUEST for index all");

  const std::string provisioned = ", 'BillingModeOverride': 'PROVISIONED', 'ProvisionedThroughputOverride': " + units;
  ASSERT_TRUE(restore_latest("source", "units",
                             provisioned + ", 'GlobalSecondaryIndexOverride': [" + all +
                                 ", 'ProvisionedThroughput': " + units + "}]")
                  .starts_with("{"));
  const TablePtr table = server.table("units");
  EXPECT_EQ(table->billing, BillingMode::provisioned);
  EXPECT_EQ(table->throughput.read_units, 7);
  EXPECT_EQ(table->global_indexes[0].throughput.write_units, 8);
  enable("units");
  expect(
      ", 'OnDemandThroughputOverride': {'MaxReadRequestUnits': 5}, 'BillingModeOverride': 'PROVISIONED', "
      "'ProvisionedThroughputOverride': " +
          units + no_indexes,
      "Cannot override MaxReadRequestUnits for OnDemandThroughput unless BillingModeOverride is PAY_PER_REQUEST");
  ASSERT_TRUE(restore_latest("units", "more",
                             ", 'ProvisionedThroughputOverride': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}")
                  .starts_with("{"));
  EXPECT_EQ(server.table("more")->throughput.read_units, 1);
  EXPECT_EQ(server.table("more")->global_indexes[0].throughput.write_units, 8);
  ASSERT_TRUE(restore_latest("units", "demand",
                             ", 'BillingModeOverride': 'PAY_PER_REQUEST', 'OnDemandThroughputOverride': "
                             "{'MaxReadRequestUnits': 50}")
                  .starts_with("{"));
  EXPECT_EQ(server.table("demand")->throughput.read_units, 0);
  EXPECT_EQ(server.table("demand")->global_indexes[0].throughput.read_units, 0);
  EXPECT_EQ(server.table("demand")->on_demand->max_read_units, 50);
  ASSERT_TRUE(restore_latest("source", "sealed", ", 'SSESpecificationOverride': {'Enabled': true, 'SSEType': 'KMS'}")
                  .starts_with("{"));
  EXPECT_TRUE(server.table("sealed")->encryption);
}

TEST_F(Restore, CopyIsStartedIfACrashKeptItFromBeingStarted) {
  for (int i = 0; i < 30; ++i) write("source");
  server.reopen(/*with_jobs=*/false);
  restore_latest("source", "target");
  const Rows wanted = items("target");
  for (const auto& job : server.jobs().list()) ASSERT_TRUE(sync_wait(server.jobs().cancel(job.id)).ok());
  server.jobs().resume();
  server.wait_for_jobs();
  EXPECT_TRUE(server.store().info(server.table("target")->space)->base);
  ASSERT_TRUE(sync_wait(start_missing_jobs(server.services())).ok());
  server.wait_for_jobs();
  EXPECT_FALSE(server.store().info(server.table("target")->space)->base);
  expect_holds("target", wanted);
}

}  // namespace
}  // namespace reprise::dynamo
