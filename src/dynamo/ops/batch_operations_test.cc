// BatchGetItem and BatchWriteItem. In the JSON texts ' stands for ".
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dynamo/ops/operations_for_tests.h"

namespace reprise::dynamo {
namespace {

class BatchOperationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto* name : {"one", "two"}) {
      server.run(create_table,
                 std::string("{'TableName': '") + name +
                     R"(', 'BillingMode': 'PAY_PER_REQUEST', 'KeySchema': [{'AttributeName': 'k', 'KeyType': 'HASH'}],
          'AttributeDefinitions': [{'AttributeName': 'k', 'AttributeType': 'S'}]})");
      ASSERT_FALSE(server.error()) << server.error()->message;
    }
  }
  static std::string put(const std::string& key, const std::string& more = "") {
    return "{'PutRequest': {'Item': {'k': {'S': '" + key + "'}" + more + "}}}";
  }
  static std::string erase(const std::string& key) { return "{'DeleteRequest': {'Key': {'k': {'S': '" + key + "'}}}}"; }
  std::string write(const std::string& tables, const std::string& more = "") {
    return server.run(batch_write_item, "{'RequestItems': {" + tables + "}" + more + "}");
  }
  std::string get(const std::string& tables, const std::string& more = "") {
    return server.run(batch_get_item, "{'RequestItems': {" + tables + "}" + more + "}");
  }
  TestServer server;
};

TEST_F(BatchOperationsTest, WritesAndReadsSeveralTables) {
  EXPECT_EQ(write("'one': [" + put("a", ", 'v': {'N': '1'}") + "," + put("b") + "], 'two': [" + put("a") + "]"),
            R"({"UnprocessedItems":{}})");
  EXPECT_EQ(
      get("'one': {'Keys': [{'k': {'S': 'b'}}, {'k': {'S': 'a'}}, {'k': {'S': 'zz'}}]}, "
          "'two': {'Keys': [{'k': {'S': 'a'}}], 'ConsistentRead': true}",
          ", 'ReturnConsumedCapacity': 'TOTAL'"),
      R"({"Responses":{"one":[{"k":{"S":"b"}},{"k":{"S":"a"},"v":{"N":"1"}}],"two":[{"k":{"S":"a"}}]},"UnprocessedKeys":{},)"
      R"("ConsumedCapacity":[{"TableName":"one","CapacityUnits":1.5},{"TableName":"two","CapacityUnits":1.0}]})");
  EXPECT_EQ(
      write("'one': [" + erase("a") + "," + erase("none") + "]", ", 'ReturnConsumedCapacity': 'INDEXES'"),
      R"({"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"one","CapacityUnits":2.0,"Table":{"CapacityUnits":2.0}}]})");
  EXPECT_EQ(get("'one': {'Keys': [{'k': {'S': 'a'}}, {'k': {'S': 'b'}}]}"),
            R"({"Responses":{"one":[{"k":{"S":"b"}}]},"UnprocessedKeys":{}})");
}

TEST_F(BatchOperationsTest, SixteenMegabytesAtMost) {
  const std::string value(399'000, 'v');
  std::string keys;
  for (int i = 0; i < 50; ++i) {
    const std::string key = std::to_string(100 + i);
    write("'one': [" + put(key, ", 'v': {'S': '" + value + "'}") + "]");
    keys += (i > 0 ? ", " : "") + std::string("{'k': {'S': '") + key + "'}}";
  }
  const auto answer =
      get("'one': {'Keys': [" + keys +
          "], 'ProjectionExpression': '#k', 'ExpressionAttributeNames': {'#k': 'k'}, 'ConsistentRead': false}");
  const auto split = answer.find("\"UnprocessedKeys\"");
  ASSERT_NE(split, std::string::npos);
  // 42 items of 399 KB fit into 16 MB; the rest comes back as a request of its own.
  EXPECT_NE(answer.substr(0, split).find("\"141\""), std::string::npos);
  EXPECT_EQ(answer.substr(0, split).find("\"142\""), std::string::npos);
  EXPECT_EQ(
      answer.substr(split),
      R"("UnprocessedKeys":{"one":{"Keys":[{"k":{"S":"142"}},{"k":{"S":"143"}},{"k":{"S":"144"}},{"k":{"S":"145"}},)"
      R"({"k":{"S":"146"}},{"k":{"S":"147"}},{"k":{"S":"148"}},{"k":{"S":"149"}}],"ConsistentRead":false,"ProjectionExpression":"#k",)"
      R"("ExpressionAttributeNames":{"#k":"k"}}}})");
}

TEST_F(BatchOperationsTest, ErrorsChangeNothing) {
  std::string thirteen_puts;
  std::string hundred_keys;
  for (int i = 0; i < 13; ++i) thirteen_puts += (i > 0 ? "," : "") + put(std::to_string(i));
  for (int i = 0; i < 100; ++i)
    hundred_keys += (i > 0 ? "," : "") + std::string("{'k': {'S': '") + std::to_string(i) + "'}}";
  const std::string a = "{'k': {'S': 'a'}}";
  struct Case {
    bool writes;
    std::string tables;
    std::string message;
  };
  const std::vector<Case> cases = {
      {true, "'one': [" + thirteen_puts + "], 'two': [" + thirteen_puts + "]",
       "Too many items requested for the BatchWriteItem call"},
      {true, "'one': [" + put("a") + "," + erase("a") + "]", "Provided list of item keys contains duplicates"},
      {true, "'one': [" + put("a") + "], 'arn:aws:dynamodb:eu-west-1:000000000000:table/one': [" + put("a") + "]",
       "Provided list of item keys contains duplicates"},
      {true, "'one': [" + put("a") + "], 'three': [" + put("a") + "]", "Requested resource not found"},
      {true, "'one': [" + put("a") + ", {}]",
       "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
       "datatypes"},
      {true, "'one': [" + put("a") + ", {'PutRequest': {'Item': {'x': {'S': 'a'}}}}]",
       "The provided key element does not match the schema"},
      {true, "'one': [" + put("a") + "," + put("b", ", 'v': {'S': '" + std::string(409'600, 'v') + "'}") + "]",
       "Item size has exceeded the maximum allowed size"},
      {true, "'one': [" + put("a") + ", {'DeleteRequest': {'Key': {'k': {'N': '1'}}}}]",
       "The provided key element does not match the schema"},
      {false, "'one': {'Keys': [" + hundred_keys + "]}, 'two': {'Keys': [" + a + "]}",
       "Too many items requested for the BatchGetItem call"},
      {false, "'one': {'Keys': [" + a + "," + a + "]}", "Provided list of item keys contains duplicates"},
      {false, "'three': {'Keys': [" + a + "]}", "Requested resource not found"},
      {false, "'one': {'Keys': [{}]}", "The provided key element does not match the schema"},
      {false, "'one': {'Keys': [" + a + "], 'ExpressionAttributeNames': {'#a': 'a'}}",
       "ExpressionAttributeNames can only be specified when using expressions"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.writes ? write(c.tables) : get(c.tables), "error: " + c.message);
    EXPECT_EQ(server.run(scan, "{'TableName': 'one', 'Select': 'COUNT'}"), R"({"Count":0,"ScannedCount":0})");
    EXPECT_EQ(server.run(scan, "{'TableName': 'two', 'Select': 'COUNT'}"), R"({"Count":0,"ScannedCount":0})");
  }
}

}  // namespace
}  // namespace reprise::dynamo
