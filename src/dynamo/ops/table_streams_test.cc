// Streams of tables: switching on and off, what the store keeps for them, and when they are forgotten.
#include "dynamo/ops/table_streams.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/tables_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t hour = 3600 * second;
constexpr std::chrono::hours day{24};

TableDefinition some_table() {
  TableDefinition table;
  table.name = "table";
  table.arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/table";
  return table;
}

TEST(TableStreams, HaveANameOfTheirOwn) {
  TableDefinition table = some_table();
  EXPECT_FALSE(keeps_changes(table));
  enable_stream(table, "NEW_IMAGE", 1'800'000'000'123'456);
  EXPECT_EQ(table.stream.label, "2027-01-15T08:00:00.123");
  EXPECT_EQ(stream_arn(table, table.stream), table.arn + "/stream/2027-01-15T08:00:00.123");
  // Off and on again within a millisecond.
  disable_stream(table, 1'800'000'000'123'500);
  enable_stream(table, "KEYS_ONLY", 1'800'000'000'123'600);
  EXPECT_EQ(table.stream.label, "2027-01-15T08:00:00.124");
  ASSERT_EQ(table.past_streams.size(), 1U);
  EXPECT_EQ(table.past_streams[0].view_type, "NEW_IMAGE");
}

TEST(TableStreams, FollowTheRules) {
  TableDefinition table = some_table();
  EXPECT_EQ(apply_stream_change(false, {}, second, table).error().message,
            "Table has no stream to disable: TableName: table");
  EXPECT_TRUE(apply_stream_change(true, "NEW_IMAGE", second, table).ok());
  EXPECT_EQ(apply_stream_change(true, "NEW_IMAGE", second, table).error().message,
            "Table already has an enabled stream: TableName: table");
  EXPECT_TRUE(apply_stream_change(false, {}, 2 * second, table).ok());
  EXPECT_EQ(table.stream.disabled_micros, 2 * second);
}

TEST(TableStreams, CanBeReadForADayAfterTheirEnd) {
  TableDefinition table = some_table();
  enable_stream(table, "NEW_IMAGE", hour);
  disable_stream(table, 2 * hour);
  enable_stream(table, "OLD_IMAGE", 3 * hour);
  ASSERT_EQ(readable_streams(table, 25 * hour).size(), 2U);
  EXPECT_EQ(readable_streams(table, 25 * hour)[0].view_type, "NEW_IMAGE");
  ASSERT_EQ(readable_streams(table, 26 * hour).size(), 1U);
  EXPECT_EQ(readable_streams(table, 1000 * hour).size(), 1U);
  // Deleting the table ends its stream.
  table.deleted_micros = 1001 * hour;
  const auto streams = readable_streams(table, 1024 * hour);
  ASSERT_EQ(streams.size(), 1U);
  EXPECT_FALSE(streams[0].enabled);
  EXPECT_EQ(streams[0].disabled_micros, 1001 * hour);
  EXPECT_TRUE(readable_streams(table, 1025 * hour).empty());
}

TEST(TableStreams, AreForgottenButForTheLatestName) {
  TableDefinition table = some_table();
  enable_stream(table, "NEW_IMAGE", hour);
  disable_stream(table, 2 * hour);
  enable_stream(table, "OLD_IMAGE", 3 * hour);
  disable_stream(table, 4 * hour);
  EXPECT_FALSE(forget_streams(table, 25 * hour));
  EXPECT_TRUE(forget_streams(table, 26 * hour));
  EXPECT_TRUE(table.past_streams.empty());
  EXPECT_TRUE(keeps_changes(table));
  EXPECT_TRUE(forget_streams(table, 28 * hour));
  EXPECT_FALSE(keeps_changes(table));
  EXPECT_FALSE(forget_streams(table, 100 * hour));
  EXPECT_FALSE(table.stream.label.empty());
  enable_stream(table, "OLD_IMAGE", 200 * hour);
  EXPECT_TRUE(table.past_streams.empty());
}

class StreamedTable : public ::testing::Test {
 protected:
  void SetUp() override {
    make("table", "'StreamSpecification': {'StreamEnabled': true, 'StreamViewType': 'NEW_IMAGE'}");
  }
  void make(const std::string& name, const std::string& more) {
    server.must(create_table, "{'TableName': '" + name +
                                  "', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName': "
                                  "'id', 'AttributeType': 'S'}], 'KeySchema': [{'AttributeName': 'id', 'KeyType': "
                                  "'HASH'}], 'GlobalSecondaryIndexes': [{'IndexName': 'index', 'KeySchema': "
                                  "[{'AttributeName': 'id', 'KeyType': 'HASH'}], 'Projection': {'ProjectionType': "
                                  "'ALL'}}], " +
                                  more + "}");
  }
  std::string update(const std::string& stream) {
    return server.run(update_table, "{'TableName': 'table', 'StreamSpecification': {" + stream + "}}");
  }
  history::Retention kept(SpaceId space) { return server.store().info(space)->retention; }
  history::Retention items_kept() { return kept(server.table("table")->space); }
  history::Retention entries_kept() { return kept(server.table("table")->global_indexes[0].space); }
  void forget() { ASSERT_TRUE(sync_wait(forget_old_streams(server.services())).ok()); }

  TableServer server;
};

TEST_F(StreamedTable, KeepsTheChangesOfItemsAlone) {
  EXPECT_GT(items_kept(), day);
  EXPECT_LT(items_kept(), 2 * day);
  EXPECT_EQ(entries_kept().count(), 0);
  server.must(update_continuous_backups,
              "{'TableName': 'table', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': true}}");
  EXPECT_GT(items_kept(), 35 * day);
  EXPECT_EQ(items_kept(), entries_kept());
  server.must(update_continuous_backups,
              "{'TableName': 'table', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': false}}");
  EXPECT_GT(items_kept(), day);
  EXPECT_LT(items_kept(), 2 * day);
  EXPECT_EQ(entries_kept().count(), 0);
}

TEST_F(StreamedTable, LetsThemGoADayAfterItsEnd) {
  EXPECT_EQ(json_at(update("'StreamEnabled': false"), "TableDescription.TableStatus"), "UPDATING");
  server.wall().advance(23 * hour);
  forget();
  EXPECT_GT(items_kept(), day);
  server.wall().advance(1 * hour);
  forget();
  EXPECT_EQ(items_kept().count(), 0);
  const std::string text = server.must(describe_table, "{'TableName': 'table'}");
  EXPECT_NE(json_at(text, "Table.LatestStreamArn"), "(none)");
  EXPECT_EQ(json_at(text, "Table.StreamSpecification"), "(none)");
  EXPECT_TRUE(update("'StreamEnabled': true, 'StreamViewType': 'KEYS_ONLY'").starts_with("{"));
  EXPECT_GT(items_kept(), day);
}

TEST_F(StreamedTable, IsPutRightAtTheStart) {
  const SpaceId items = server.table("table")->space;
  ASSERT_TRUE(sync_wait(server.store().set_retention({items}, history::Retention(0))).ok());
  server.reopen();
  EXPECT_GT(kept(items), day);
}

TEST_F(StreamedTable, DeletedLeavesItsItemsPastForADay) {
  make("plain", "'StreamSpecification': {'StreamEnabled': false}");
  const auto streamed = spaces_of(*server.table("table"));
  const auto plain = spaces_of(*server.table("plain"));
  server.must(delete_table, "{'TableName': 'table'}");
  server.must(delete_table, "{'TableName': 'plain'}");
  const auto gone = [this](SpaceId space) { return !space_info(server.store(), space).has_value(); };
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  EXPECT_FALSE(gone(streamed[0]));
  EXPECT_TRUE(gone(streamed[1]));
  EXPECT_TRUE(gone(plain[0]));
  EXPECT_EQ(server.catalog().deleted_of("000000000000").size(), 1U);
  // Only for readers of the stream: there is nothing to restore.
  EXPECT_EQ(server.run(restore_table_to_point_in_time,
                       "{'SourceTableName': 'table', 'TargetTableName': 'again', 'UseLatestRestorableTime': true}"),
            "table not found: Table not found: table");
  server.reopen();
  EXPECT_FALSE(gone(streamed[0]));
  server.wall().advance(25 * hour);
  ASSERT_TRUE(sync_wait(server.catalog().purge_deleted()).ok());
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  EXPECT_TRUE(gone(streamed[0]));
  EXPECT_TRUE(server.catalog().deleted_of("000000000000").empty());
}

}  // namespace
}  // namespace reprise::dynamo
