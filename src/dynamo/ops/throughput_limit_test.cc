// What is throttled, when it is throttled, and what it is told.
#include "dynamo/ops/throughput_limit.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dynamo/ops/operations_for_tests.h"
#include "dynamo/ops/transact_operations.h"

namespace reprise::dynamo {
namespace {

constexpr std::string_view table_message =
    "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning "
    "level with the UpdateTable API.";
constexpr std::string_view index_message =
    "The level of configured provisioned throughput for one or more global secondary indexes of the table was "
    "exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the "
    "UpdateTable API.";
constexpr std::string_view on_demand_message =
    "Throughput exceeds the maximum OnDemandThroughput configured on table or index";

class ThroughputTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // 1 unit a second makes 300 units to begin with.
    must(create_table, R"({"TableName":"slow","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},
        "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],
        "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]})");
    must(create_table,
         R"({"TableName":"indexed","ProvisionedThroughput":{"ReadCapacityUnits":10,"WriteCapacityUnits":10},
        "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}],
        "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],
        "GlobalSecondaryIndexes":[{"IndexName":"global","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},
          "Projection":{"ProjectionType":"ALL"},"KeySchema":[{"AttributeName":"g","KeyType":"HASH"}]}]})");
    must(create_table, R"({"TableName":"capped","BillingMode":"PAY_PER_REQUEST",
        "OnDemandThroughput":{"MaxWriteRequestUnits":1},
        "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],
        "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]})");
    limits = std::make_unique<ThroughputLimits>(server.wall());
    server.services().throughput = limits.get();
  }
  void TearDown() override { server.services().throughput = nullptr; }

  std::string run(OperationFunction operation, std::string_view text) { return server.run(operation, text); }
  void must(OperationFunction operation, std::string_view text) {
    const auto answer = run(operation, text);
    EXPECT_TRUE(answer.starts_with("{")) << answer;
  }
  void throttled(OperationFunction operation, std::string_view text, std::string_view message,
                 ErrorKind kind = ErrorKind::provisioned_throughput_exceeded) {
    const auto answer = run(operation, text);
    ASSERT_TRUE(server.error().has_value()) << answer;
    EXPECT_EQ(server.error()->kind, kind);
    EXPECT_EQ(server.error()->message, message);
  }
  // An item whose size is so many bytes more than three.
  static std::string item(std::string_view key, std::size_t bytes = 0) {
    std::string text = "{'pk': {'S': '" + std::string(key) + "'}";
    if (bytes > 0) text += ", 'b': {'S': '" + std::string(bytes - 1, 'x') + "'}";
    return text + "}";
  }
  static std::string put(std::string_view table, std::string_view item) {
    return "{'TableName': '" + std::string(table) + "', 'Item': " + std::string(item) + "}";
  }
  static std::string get(std::string_view table, std::string_view key) {
    return "{'TableName': '" + std::string(table) + "', 'ConsistentRead': true, 'Key': {'pk': {'S': '" +
           std::string(key) + "'}}}";
  }
  void pass_seconds(std::uint64_t seconds) { server.wall().advance(seconds * 1'000'000); }

  TestServer server;
  std::unique_ptr<ThroughputLimits> limits;
};

TEST_F(ThroughputTest, WritesUseUpTheBurstThenTheRate) {
  for (int i = 0; i < 300; ++i) must(put_item, put("slow", item("a")));
  throttled(put_item, put("slow", item("a")), table_message);
  // Reads are counted apart.
  must(get_item, get("slow", "a"));
  pass_seconds(2);
  must(put_item, put("slow", item("a")));
  must(delete_item, "{'TableName': 'slow', 'Key': {'pk': {'S': 'a'}}}");
  throttled(update_item, "{'TableName': 'slow', 'Key': {'pk': {'S': 'a'}}}", table_message);
  // Never more than the burst comes together.
  pass_seconds(10'000);
  for (int i = 0; i < 300; ++i) must(put_item, put("slow", item("a")));
  throttled(put_item, put("slow", item("a")), table_message);
}

TEST_F(ThroughputTest, AThrottledWriteChangesNothing) {
  must(put_item, put("slow", item("a", 298 * 1024)));
  must(put_item, put("slow", item("b")));
  const auto before = run(get_item, get("slow", "b"));
  throttled(put_item, put("slow", item("b", 5)), table_message);
  EXPECT_EQ(run(get_item, get("slow", "b")), before);
}

TEST_F(ThroughputTest, WhatCostsMoreThanTheBurstWaitsForAFullBucket) {
  must(put_item, put("slow", item("a", 390 * 1024)));
  throttled(put_item, put("slow", item("a")), table_message);
  pass_seconds(91);  // 390 units and a bit: 91 below zero
  throttled(put_item, put("slow", item("b")), table_message);
  pass_seconds(2);
  must(put_item, put("slow", item("b")));
}

TEST_F(ThroughputTest, ReadsMayLeaveADebt) {
  for (int i = 0; i < 4; ++i) must(put_item, put("indexed", item("k" + std::to_string(i), 390 * 1024)));
  server.services().throughput = nullptr;
  for (int i = 0; i < 4; ++i) must(put_item, put("slow", item("k" + std::to_string(i), 390 * 1024)));
  server.services().throughput = limits.get();
  // A page is 3 items together of 293 units: the second one finds 7 left.
  const std::string page = "{'TableName': 'slow', 'ConsistentRead': true, 'Select': 'COUNT'}";
  must(scan, page);
  must(scan, page);
  throttled(scan, page, table_message);
  throttled(get_item, get("slow", "none"), table_message);
  // Other tables are not concerned.
  must(get_item, get("indexed", "k1"));
  pass_seconds(286);
  throttled(get_item, get("slow", "none"), table_message);
  pass_seconds(1);
  must(get_item, get("slow", "none"));
}

TEST_F(ThroughputTest, AFailedConditionCosts) {
  const std::string request =
      "{'TableName': 'slow', 'Item': " + item("a") + ", 'ConditionExpression': 'attribute_exists(pk)'}";
  for (int i = 0; i < 300; ++i) run(put_item, request);
  EXPECT_EQ(server.error()->kind, ErrorKind::conditional_check_failed);
  throttled(put_item, request, table_message);
}

TEST_F(ThroughputTest, AnIndexThrottlesTheWritesThatChangeIt) {
  const auto with_g = [](int n) { return "{'pk': {'S': 'a" + std::to_string(n) + "'}, 'g': {'S': 'g'}}"; };
  for (int i = 0; i < 300; ++i) must(put_item, put("indexed", with_g(i)));
  throttled(put_item, put("indexed", with_g(300)), index_message);
  // The table has lost nothing by it, and items that are not in the index go on.
  must(put_item, put("indexed", item("b")));
  must(update_item,
       "{'TableName': 'indexed', 'Key': {'pk': {'S': 'b'}}, 'UpdateExpression': 'SET h = :h', "
       "'ExpressionAttributeValues': {':h': {'N': '1'}}}");
  // 300 entries of 9 bytes are one unit, so the index is read 300 times.
  const std::string query_index =
      "{'TableName': 'indexed', 'IndexName': 'global', 'KeyConditionExpression': 'g = :g', "
      "'ExpressionAttributeValues': {':g': {'S': 'g'}}, 'Select': 'COUNT'}";
  for (int i = 0; i < 600; ++i) must(query, query_index);
  throttled(query, query_index, index_message);
  must(get_item, get("indexed", "b"));
}

TEST_F(ThroughputTest, OnDemandTablesAreLimitedByTheirMaximum) {
  for (int i = 0; i < 300; ++i) must(put_item, put("capped", item("a")));
  throttled(put_item, put("capped", item("a")), on_demand_message, ErrorKind::throttling);
  for (int i = 0; i < 500; ++i) must(get_item, get("capped", "a"));
}

TEST_F(ThroughputTest, MoreThroughputCountsAtOnce) {
  for (int i = 0; i < 300; ++i) must(put_item, put("slow", item("a")));
  must(update_table,
       "{'TableName': 'slow', 'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 50}}");
  throttled(put_item, put("slow", item("a")), table_message);
  pass_seconds(1);
  for (int i = 0; i < 50; ++i) must(put_item, put("slow", item("a")));
  throttled(put_item, put("slow", item("a")), table_message);
}

TEST_F(ThroughputTest, BatchesLeaveTheRest) {
  for (int i = 0; i < 298; ++i) must(put_item, put("slow", item("a")));
  const std::string batch =
      "{'RequestItems': {'slow': [{'PutRequest': {'Item': {'pk': {'S': 'x'}}}}, {'DeleteRequest': {'Key': {'pk': {'S': "
      "'a'}}}}, {'PutRequest': {'Item': {'pk': {'S': 'y'}, 'n': {'N': '1'}}}}, {'DeleteRequest': {'Key': {'pk': {'S': "
      "'z'}}}}]}, 'ReturnConsumedCapacity': 'TOTAL'}";
  EXPECT_EQ(run(batch_write_item, batch),
            R"({"UnprocessedItems":{"slow":[{"PutRequest":{"Item":{"n":{"N":"1"},"pk":{"S":"y"}}}},)"
            R"({"DeleteRequest":{"Key":{"pk":{"S":"z"}}}}]},)"
            R"("ConsumedCapacity":[{"TableName":"slow","CapacityUnits":2.0}]})");
  EXPECT_EQ(run(get_item, get("slow", "y")), "{}");
  EXPECT_EQ(run(get_item, get("slow", "x")), R"({"Item":{"pk":{"S":"x"}}})");
  throttled(batch_write_item, batch, table_message);
}

TEST_F(ThroughputTest, BatchReadsLeaveTheRest) {
  for (int i = 0; i < 298; ++i) must(get_item, get("slow", "a"));
  const std::string batch =
      "{'RequestItems': {'slow': {'ConsistentRead': true, 'Keys': [{'pk': {'S': 'a'}}, {'pk': {'S': 'b'}}, {'pk': "
      "{'S': "
      "'c'}}]}}}";
  EXPECT_EQ(
      run(batch_get_item, batch),
      R"({"Responses":{"slow":[]},"UnprocessedKeys":{"slow":{"Keys":[{"pk":{"S":"c"}}],"ConsistentRead":true}}})");
  throttled(batch_get_item, batch, table_message);
}

TEST_F(ThroughputTest, TransactionsAreCancelled) {
  const std::string write =
      "{'TransactItems': [{'Put': {'TableName': 'slow', 'Item': {'pk': {'S': 'x'}}}}, {'Put': {'TableName': 'indexed', "
      "'Item': {'pk': {'S': 'x'}}}}]}";
  for (int i = 0; i < 150; ++i) must(transact_write_items, write);
  throttled(transact_write_items, write,
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            "[ProvisionedThroughputExceeded, None]",
            ErrorKind::transaction_canceled);
  EXPECT_EQ((*server.error()->reasons)[0].message, table_message);
  const std::string read = "{'TransactItems': [{'Get': {'TableName': 'slow', 'Key': {'pk': {'S': 'x'}}}}]}";
  for (int i = 0; i < 150; ++i) must(transact_get_items, read);
  throttled(transact_get_items, read,
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            "[ProvisionedThroughputExceeded]",
            ErrorKind::transaction_canceled);
}

TEST_F(ThroughputTest, NothingIsLimitedWithoutIt) {
  server.services().throughput = nullptr;
  for (int i = 0; i < 1'000; ++i) must(put_item, put("slow", item("a")));
}

// Buckets of tables that nobody uses any more go; the others keep what they know.
TEST(ThroughputBuckets, AreForgottenOnlyWhenFull) {
  ManualClock clock(1'000'000'000);
  ThroughputLimits limits(clock);
  TableDefinition table;
  table.throughput.read_units = 1;
  table.throughput.write_units = 1;
  ConsumedCapacity much;
  much.add_table(300);
  table.id = "empty";
  ASSERT_TRUE(limits.charge_write(table, much).ok());
  ConsumedCapacity one;
  one.add_table(1);
  for (int i = 0; i < 5'000; ++i) {
    table.id = std::to_string(i);
    EXPECT_TRUE(limits.charge_write(table, one).ok());
    if (i == 2'500) clock.advance(100'000'000);
  }
  table.id = "empty";
  much = {};
  much.add_table(101);
  EXPECT_FALSE(limits.charge_write(table, much).ok());
  much = {};
  much.add_table(100);
  EXPECT_TRUE(limits.charge_write(table, much).ok());
}

}  // namespace
}  // namespace reprise::dynamo
