// Put, Get, Update and Delete: answers, errors and their texts, capacity, return values.
#include <gtest/gtest.h>

#include <string>

#include "dynamo/model/item_json.h"
#include "dynamo/ops/operations_for_tests.h"

namespace reprise::dynamo {
namespace {

struct ErrorCase {
  OperationFunction operation;
  std::string body;
  ErrorKind kind;
  std::string message;
};

class ItemOperationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    run(create_table, R"({"TableName": "plain", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]})");
    ASSERT_FALSE(server.error()) << server.error()->message;
    run(create_table, R"({"TableName": "rich", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"},
          {"AttributeName": "g", "AttributeType": "S"}, {"AttributeName": "l", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "LocalSecondaryIndexes": [{"IndexName": "local", "Projection": {"ProjectionType": "KEYS_ONLY"},
          "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "l", "KeyType": "RANGE"}]}],
        "GlobalSecondaryIndexes": [{"IndexName": "global", "Projection": {"ProjectionType": "ALL"},
          "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}]})");
    ASSERT_FALSE(server.error()) << server.error()->message;
  }
  std::string run(OperationFunction operation, std::string_view body) { return server.run(operation, body); }
  // Each case gives its error, and none changes anything.
  void check(const std::vector<ErrorCase>& cases) {
    for (const auto& c : cases) {
      const std::string answer = run(c.operation, c.body);
      ASSERT_TRUE(server.error()) << answer;
      EXPECT_EQ(server.error()->message, c.message);
      EXPECT_EQ(server.error()->kind, c.kind) << c.message;
    }
    EXPECT_EQ(run(scan, R"({"TableName": "plain", "Select": "COUNT"})"), R"({"Count":0,"ScannedCount":0})");
  }
  TestServer server;
};

TEST_F(ItemOperationsTest, PutThenGet) {
  EXPECT_EQ(run(put_item, R"({"TableName": "plain", "Item": {"pk": {"S": "a"}, "n": {"N": "1.50"}, "e": {"S": ""}}})"),
            "{}");
  EXPECT_EQ(run(get_item, R"({"TableName": "plain", "Key": {"pk": {"S": "a"}}})"),
            R"({"Item":{"e":{"S":""},"n":{"N":"1.5"},"pk":{"S":"a"}}})");
  EXPECT_EQ(run(get_item, R"({"TableName": "plain", "Key": {"pk": {"S": "b"}}})"), "{}");
  EXPECT_EQ(
      run(get_item, R"({"TableName": "arn:aws:dynamodb:eu-west-1:000000000000:table/plain", "Key": {"pk": {"S": "a"}},
      "ProjectionExpression": "#n", "ExpressionAttributeNames": {"#n": "n"}})"),
      R"({"Item":{"n":{"N":"1.5"}}})");
  // A projection that selects nothing of an item that is there.
  EXPECT_EQ(run(get_item, R"({"TableName": "plain", "Key": {"pk": {"S": "a"}}, "ProjectionExpression": "zzz"})"),
            R"({"Item":{}})");
}

TEST_F(ItemOperationsTest, ReturnValuesOfPutAndDelete) {
  const std::string put =
      R"({"TableName": "plain", "Item": {"pk": {"S": "a"}, "v": {"N": "1"}}, "ReturnValues": "ALL_OLD"})";
  EXPECT_EQ(run(put_item, put), "{}");
  EXPECT_EQ(run(put_item, put), R"({"Attributes":{"pk":{"S":"a"},"v":{"N":"1"}}})");
  const std::string erase = R"({"TableName": "plain", "Key": {"pk": {"S": "a"}}, "ReturnValues": "ALL_OLD"})";
  EXPECT_EQ(run(delete_item, erase), R"({"Attributes":{"pk":{"S":"a"},"v":{"N":"1"}}})");
  EXPECT_EQ(run(delete_item, erase), "{}");
  EXPECT_EQ(run(get_item, R"({"TableName": "plain", "Key": {"pk": {"S": "a"}}})"), "{}");
}

TEST_F(ItemOperationsTest, ReturnValuesOfUpdate) {
  const auto update = [&](std::string_view values, std::string_view expression) {
    return run(update_item, R"({"TableName": "plain", "Key": {"pk": {"S": "u"}}, "ReturnValues": ")" +
                                std::string(values) + R"(", "UpdateExpression": ")" + std::string(expression) +
                                R"(", "ExpressionAttributeValues": {":1": {"N": "1"}}})");
  };
  EXPECT_EQ(update("UPDATED_OLD", "SET a = :1"), "{}");
  EXPECT_EQ(update("UPDATED_NEW", "SET a = a + :1"), R"({"Attributes":{"a":{"N":"2"}}})");
  EXPECT_EQ(update("UPDATED_OLD", "SET a = a + :1"), R"({"Attributes":{"a":{"N":"2"}}})");
  EXPECT_EQ(update("ALL_OLD", "SET b = :1"), R"({"Attributes":{"a":{"N":"3"},"pk":{"S":"u"}}})");
  EXPECT_EQ(update("ALL_NEW", "ADD b :1"), R"({"Attributes":{"a":{"N":"3"},"b":{"N":"2"},"pk":{"S":"u"}}})");
  EXPECT_EQ(update("NONE", "SET c = :1 REMOVE a"), "{}");
  EXPECT_EQ(run(get_item, R"({"TableName": "plain", "Key": {"pk": {"S": "u"}}})"),
            R"({"Item":{"b":{"N":"2"},"c":{"N":"1"},"pk":{"S":"u"}}})");
  // Without an expression an update makes the item.
  EXPECT_EQ(run(update_item, R"({"TableName": "plain", "Key": {"pk": {"S": "new"}}, "ReturnValues": "ALL_NEW"})"),
            R"({"Attributes":{"pk":{"S":"new"}}})");
}

TEST_F(ItemOperationsTest, TakingFromAMissingItemMakesNone) {
  const std::string key = R"({"TableName": "plain", "Key": {"pk": {"S": "none"}})";
  const std::string set = R"(, "ExpressionAttributeValues": {":s": {"SS": ["x"]}}})";
  for (const std::string values : {"ALL_NEW", "ALL_OLD", "UPDATED_NEW", "UPDATED_OLD", "NONE"}) {
    const std::string wanted = key + R"(, "ReturnValues": ")" + values + R"(", "UpdateExpression": ")";
    EXPECT_EQ(run(update_item, wanted + R"(REMOVE a"})"), "{}") << values;
    EXPECT_EQ(run(update_item, wanted + R"(DELETE b :s")" + set), "{}") << values;
    EXPECT_EQ(run(update_item, wanted + R"(REMOVE a DELETE b :s")" + set), "{}") << values;
  }
  EXPECT_EQ(run(update_item, key + ", 'UpdateExpression': 'REMOVE a', 'ConditionExpression': 'attribute_exists(pk)'}"),
            "error: The conditional request failed");
  EXPECT_EQ(run(get_item, key + "}"), "{}");
  // As soon as something is added, the item is made.
  EXPECT_EQ(run(update_item, key + R"(, "ReturnValues": "ALL_NEW", "UpdateExpression": "REMOVE a ADD b :s")" + set),
            R"({"Attributes":{"b":{"SS":["x"]},"pk":{"S":"none"}}})");
}

TEST_F(ItemOperationsTest, ConditionsThatFailChangeNothing) {
  run(put_item, R"({"TableName": "plain", "Item": {"pk": {"S": "a"}, "v": {"N": "1"}}})");
  const std::string condition =
      ", 'ConditionExpression': 'attribute_not_exists(pk)', 'ReturnValuesOnConditionCheckFailure': 'ALL_OLD'}";
  const std::string failed = "error: The conditional request failed";
  EXPECT_EQ(run(put_item, R"({"TableName": "plain", "Item": {"pk": {"S": "a"}})" + condition), failed);
  ASSERT_TRUE(server.error());
  EXPECT_EQ(server.error()->kind, ErrorKind::conditional_check_failed);
  Bytes item;
  append_item_json(item, ItemView(server.error()->item));
  EXPECT_EQ(item, R"({"pk":{"S":"a"},"v":{"N":"1"}})");
  EXPECT_EQ(run(delete_item, R"({"TableName": "plain", "Key": {"pk": {"S": "a"}})" + condition), failed);
  EXPECT_EQ(run(update_item,
                R"({"TableName": "plain", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "REMOVE v")" + condition),
            failed);
  EXPECT_EQ(run(put_item,
                "{'TableName': 'plain', 'Item': {'pk': {'S': 'b'}}, 'ConditionExpression': 'attribute_exists(pk)'}"),
            failed);
  EXPECT_TRUE(server.error()->item.empty());
  EXPECT_EQ(run(get_item, R"({"TableName": "plain", "Key": {"pk": {"S": "a"}}})"),
            R"({"Item":{"pk":{"S":"a"},"v":{"N":"1"}}})");
  EXPECT_EQ(run(get_item, R"({"TableName": "plain", "Key": {"pk": {"S": "b"}}})"), "{}");
}

TEST_F(ItemOperationsTest, ErrorsOfTablesKeysAndItems) {
  const std::string pk = R"("Key": {"pk": {"S": "a"}})";
  const std::string item = R"("Item": {"pk": {"S": "a"}})";
  const std::string big = R"("Item": {"pk": {"S": "a"}, "b": {"S": ")" + std::string(400 * 1024 - 3, 'x') + R"("}})";
  const std::vector<ErrorCase> cases = {
      {get_item, R"({"TableName": "none", )" + pk + "}", ErrorKind::resource_not_found, "Requested resource not found"},
      {put_item, R"({"TableName": "none", )" + item + "}", ErrorKind::resource_not_found,
       "Requested resource not found"},
      {get_item, R"({"TableName": "plain", "Key": {}})", ErrorKind::validation,
       "The provided key element does not match the schema"},
      {get_item, R"({"TableName": "plain", "Key": {"pk": {"N": "1"}}})", ErrorKind::validation,
       "The provided key element does not match the schema"},
      {get_item, R"({"TableName": "plain", "Key": {"pk": {"S": "a"}, "x": {"S": "a"}}})", ErrorKind::validation,
       "The provided key element does not match the schema"},
      {get_item, R"({"TableName": "none", "Key": {"pk": {"S": 1}}})", ErrorKind::serialization,
       "NUMBER_VALUE cannot be converted to String"},
      {put_item, R"({"TableName": "plain", "Item": {"x": {"S": "a"}}})", ErrorKind::validation,
       "One or more parameter values were invalid: Missing the key pk in the item"},
      {put_item, R"({"TableName": "plain", "Item": {"pk": {"N": "1"}}})", ErrorKind::validation,
       "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"},
      {put_item, R"({"TableName": "plain", "ReturnValues": "ALL_NEW", )" + item + "}", ErrorKind::validation,
       "ReturnValues can only be ALL_OLD or NONE"},
      {delete_item, R"({"TableName": "plain", "ReturnValues": "UPDATED_OLD", )" + pk + "}", ErrorKind::validation,
       "ReturnValues can only be ALL_OLD or NONE"},
      {put_item, R"({"TableName": "plain", )" + big + "}", ErrorKind::validation,
       "Item size has exceeded the maximum allowed size"},
  };
  check(cases);
}

TEST_F(ItemOperationsTest, ErrorsOfExpressionsAndIndexes) {
  const std::string pk = R"("Key": {"pk": {"S": "a"}})";
  const std::string item = R"("Item": {"pk": {"S": "a"}})";
  const std::vector<ErrorCase> cases = {
      {put_item, "{'TableName': 'plain', 'Expected': {}, 'ConditionExpression': 'attribute_exists(pk)', " + item + "}",
       ErrorKind::validation,
       "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
       "{Expected} "
       "Expression parameters: {ConditionExpression}"},
      {put_item, R"({"TableName": "plain", "ExpressionAttributeNames": {"#a": "a"}, )" + item + "}",
       ErrorKind::validation, "ExpressionAttributeNames can only be specified when using expressions"},
      {put_item, R"({"TableName": "plain", "ExpressionAttributeValues": {":a": {"S": "a"}}, )" + item + "}",
       ErrorKind::validation,
       "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"},
      {update_item, R"({"TableName": "plain", "ExpressionAttributeValues": {":a": {"S": "a"}}, )" + pk + "}",
       ErrorKind::validation,
       "ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and "
       "ConditionExpression are "
       "null"},
      {put_item,
       "{'TableName': 'plain', 'ConditionExpression': 'attribute_exists(#b)', 'ExpressionAttributeNames': {'#a': 'a', "
       "'#b': 'b'}, " +
           item + "}",
       ErrorKind::validation, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"},
      {update_item,
       R"({"TableName": "plain", "UpdateExpression": "SET pk = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}, )" +
           pk + "}",
       ErrorKind::validation,
       "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"},
      {put_item, R"({"TableName": "rich", "Item": {"pk": {"S": "a"}, "sk": {"N": "1"}, "g": {"N": "1"}}})",
       ErrorKind::validation,
       "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: "
       "global"},
      {update_item,
       R"({"TableName": "rich", "Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}, "UpdateExpression": "SET g = :a", "ExpressionAttributeValues": {":a": {"N": "1"}}})",
       ErrorKind::validation,
       "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: "
       "global"},
      {update_item,
       R"({"TableName": "rich", "Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}, "UpdateExpression": "SET g = sk"})",
       ErrorKind::validation, "The update expression attempted to update the secondary index key to unsupported type"},
      {update_item,
       R"({"TableName": "rich", "Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}, "UpdateExpression": "SET g = :a", "ExpressionAttributeValues": {":a": {"S": ")" +
           std::string(2049, 'g') + "\"}}}",
       ErrorKind::validation,
       "The update expression attempted to update the secondary index key beyond allowed size limits"},
      {get_item, R"({"TableName": "plain", "AttributesToGet": ["a", "b", "a"], )" + pk + "}", ErrorKind::validation,
       "One or more parameter values were invalid: Duplicate value in attribute name: a"},
      {get_item, R"({"TableName": "arn:aws:dynamodb:eu-west-1:123456789012:table/plain", )" + pk + "}",
       ErrorKind::access_denied, "User is not authorized to access a table of another account"},
  };
  check(cases);
}

TEST_F(ItemOperationsTest, ALargestItemFitsAndMayNotGrow) {
  const std::string value(400 * 1024 - 4, 'x');  // with "pk", "a" and "b": 400 KB
  EXPECT_EQ(run(put_item, R"({"TableName": "plain", "Item": {"pk": {"S": "a"}, "b": {"S": ")" + value + R"("}}})"),
            "{}");
  EXPECT_EQ(run(update_item, R"({"TableName": "plain", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET c = :1",
      "ExpressionAttributeValues": {":1": {"S": "1"}}})"),
            "error: Item size to update has exceeded the maximum allowed size");
}

TEST_F(ItemOperationsTest, ConsumedCapacityAndItemCollections) {
  EXPECT_EQ(run(put_item, R"({"TableName": "plain", "Item": {"pk": {"S": "a"}}, "ReturnConsumedCapacity": "TOTAL"})"),
            R"({"ConsumedCapacity":{"TableName":"plain","CapacityUnits":1.0}})");
  EXPECT_EQ(run(get_item, R"({"TableName": "plain", "Key": {"pk": {"S": "zz"}}, "ReturnConsumedCapacity": "INDEXES"})"),
            R"({"ConsumedCapacity":{"TableName":"plain","CapacityUnits":0.5,"Table":{"CapacityUnits":0.5}}})");
  EXPECT_EQ(
      run(get_item,
          R"({"TableName": "plain", "Key": {"pk": {"S": "zz"}}, "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL"})"),
      R"({"ConsumedCapacity":{"TableName":"plain","CapacityUnits":1.0}})");
  const auto put = [&](std::string_view g) {
    return run(put_item,
               R"({"TableName": "rich", "ReturnConsumedCapacity": "INDEXES", "ReturnItemCollectionMetrics": "SIZE",
        "Item": {"pk": {"S": "a"}, "sk": {"N": "1"}, "l": {"S": "l"}, "g": {"S": ")" +
                   std::string(g) + R"("}}})");
  };
  const std::string collection =
      R"("ItemCollectionMetrics":{"ItemCollectionKey":{"pk":{"S":"a"}},"SizeEstimateRangeGB":[0.0,1.0]}})";
  EXPECT_EQ(
      put("x"),
      R"({"ConsumedCapacity":{"TableName":"rich","CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},)"
      R"("LocalSecondaryIndexes":{"local":{"CapacityUnits":1.0}},"GlobalSecondaryIndexes":{"global":{"CapacityUnits":1.0}}},)" +
          collection);
  // The entry moves: a delete and a put. The local index's entry stays.
  EXPECT_EQ(put("y"), R"({"ConsumedCapacity":{"TableName":"rich","CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},)"
                      R"("GlobalSecondaryIndexes":{"global":{"CapacityUnits":2.0}}},)" +
                          collection);
  // A table without local indexes has no item collections.
  EXPECT_EQ(
      run(delete_item, R"({"TableName": "plain", "Key": {"pk": {"S": "a"}}, "ReturnItemCollectionMetrics": "SIZE"})"),
      "{}");
}

TEST_F(ItemOperationsTest, TheSameItemAgainIsNoNewVersion) {
  const std::string put = R"({"TableName": "plain", "Item": {"pk": {"S": "a"}, "v": {"N": "1"}}})";
  run(put_item, put);
  const auto space = server.catalog().find("000000000000", "plain")->space;
  const auto before = sync_wait(server.store().scan({space, {}, Direction::forward, 10, 1000, {}}));
  run(put_item, put);
  const auto after = sync_wait(server.store().scan({space, {}, Direction::forward, 10, 1000, {}}));
  ASSERT_TRUE(before.ok() && after.ok());
  ASSERT_EQ(after->rows.size(), 1u);
  EXPECT_EQ(before->rows[0].begin, after->rows[0].begin);
}

}  // namespace
}  // namespace reprise::dynamo
