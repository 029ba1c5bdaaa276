// Query and Scan: key conditions, directions, pages, Select in all forms, indexes with all projections, their errors.
// In the JSON texts ' stands for ".
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dynamo/ops/operations_for_tests.h"

namespace reprise::dynamo {
namespace {

class ReadOperationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server.run(create_table, R"({'TableName': 'songs', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': 'p', 'AttributeType': 'S'}, {'AttributeName': 's', 'AttributeType': 'N'},
          {'AttributeName': 'g', 'AttributeType': 'S'}],
        'KeySchema': [{'AttributeName': 'p', 'KeyType': 'HASH'}, {'AttributeName': 's', 'KeyType': 'RANGE'}],
        'LocalSecondaryIndexes': [{'IndexName': 'local', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
          'KeySchema': [{'AttributeName': 'p', 'KeyType': 'HASH'}, {'AttributeName': 'g', 'KeyType': 'RANGE'}]}],
        'GlobalSecondaryIndexes': [
          {'IndexName': 'all', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}]},
          {'IndexName': 'some', 'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['a']},
           'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}, {'AttributeName': 's', 'KeyType': 'RANGE'}]}]})");
    ASSERT_FALSE(server.error()) << server.error()->message;
    for (int i = 1; i <= 5; ++i) {
      const std::string n = std::to_string(i);
      server.run(put_item, "{'TableName': 'songs', 'Item': {'p': {'S': 'x'}, 's': {'N': '" + n + "'}, 'a': {'N': '" +
                               n + "'}, 'b': {'S': 'b'}" + (i % 2 == 1 ? ", 'g': {'S': 'odd'}" : "") + "}}");
      ASSERT_FALSE(server.error());
    }
  }
  // A request to the table with these members.
  std::string call(OperationFunction operation, const std::string& members) {
    return server.run(operation, "{'TableName': 'songs', " + members + "}");
  }
  // Query of partition x with these further members, keys only.
  std::string range(const std::string& condition, const std::string& members, const std::string& values) {
    return call(query, "'ProjectionExpression': 's', 'KeyConditionExpression': 'p = :p" + condition +
                           "', 'ExpressionAttributeValues': {':p': {'S': 'x'}" + values + "}" + members);
  }
  TestServer server;
};

std::string items(const std::vector<int>& keys, const std::string& tail = "") {
  std::string text = "{\"Items\":[";
  for (std::size_t i = 0; i < keys.size(); ++i)
    text += (i > 0 ? "," : "") + std::string("{\"s\":{\"N\":\"") + std::to_string(keys[i]) + "\"}}";
  const std::string count = std::to_string(keys.size());
  return text + "],\"Count\":" + count + ",\"ScannedCount\":" + count + tail + "}";
}
std::string last(int s) { return R"(,"LastEvaluatedKey":{"p":{"S":"x"},"s":{"N":")" + std::to_string(s) + "\"}}"; }

TEST_F(ReadOperationsTest, KeyConditionsInBothDirections) {
  const std::string two = ", ':a': {'N': '2'}";
  const std::string four = ", ':a': {'N': '2'}, ':b': {'N': '4'}";
  EXPECT_EQ(range("", "", ""), items({1, 2, 3, 4, 5}));
  EXPECT_EQ(range("", ", 'ScanIndexForward': false", ""), items({5, 4, 3, 2, 1}));
  EXPECT_EQ(range(" AND s = :a", "", two), items({2}));
  EXPECT_EQ(range(" AND s < :a", "", two), items({1}));
  EXPECT_EQ(range(" AND s <= :a", "", two), items({1, 2}));
  EXPECT_EQ(range(" AND s > :a", "", two), items({3, 4, 5}));
  EXPECT_EQ(range(" AND s >= :a", ", 'ScanIndexForward': false", two), items({5, 4, 3, 2}));
  EXPECT_EQ(range(" AND s BETWEEN :a AND :b", "", four), items({2, 3, 4}));
}

TEST_F(ReadOperationsTest, LimitAndStartKey) {
  EXPECT_EQ(range("", ", 'Limit': 2", ""), items({1, 2}, last(2)));
  const std::string start = ", 'ExclusiveStartKey': {'p': {'S': 'x'}, 's': {'N': '2'}}";
  EXPECT_EQ(range("", ", 'Limit': 2" + start, ""), items({3, 4}, last(4)));
  EXPECT_EQ(range("", ", 'Limit': 3" + start, ""), items({3, 4, 5}, last(5)));
  EXPECT_EQ(range("", ", 'Limit': 4" + start, ""), items({3, 4, 5}));
  EXPECT_EQ(range("", ", 'ScanIndexForward': false" + start, ""), items({1}));
  // A page may start at a key that no item has.
  EXPECT_EQ(range("", ", 'ExclusiveStartKey': {'p': {'S': 'x'}, 's': {'N': '2.5'}}", ""), items({3, 4, 5}));
}

TEST_F(ReadOperationsTest, FiltersCountAfterLimit) {
  EXPECT_EQ(range("", ", 'Limit': 4, 'FilterExpression': 'a > :a'", ", ':a': {'N': '2'}"),
            R"({"Items":[{"s":{"N":"3"}},{"s":{"N":"4"}}],"Count":2,"ScannedCount":4)" + last(4) + "}");
  EXPECT_EQ(call(scan, "'Select': 'COUNT', 'FilterExpression': 'attribute_exists(g)'"),
            R"({"Count":3,"ScannedCount":5})");
}

TEST_F(ReadOperationsTest, SelectOnIndexes) {
  const auto on = [&](const std::string& index, const std::string& condition, const std::string& values,
                      const std::string& more) {
    return call(query, "'IndexName': '" + index + "', 'Limit': 1, 'KeyConditionExpression': '" + condition +
                           "', 'ExpressionAttributeValues': {" + values + "}" + more);
  };
  const std::string odd = "':g': {'S': 'odd'}";
  const std::string x = "':p': {'S': 'x'}, ':g': {'S': 'odd'}";
  const std::string key =
      R"(,"Count":1,"ScannedCount":1,"LastEvaluatedKey":{"g":{"S":"odd"},"p":{"S":"x"},"s":{"N":"1"}}})";
  const std::string whole =
      R"({"Items":[{"a":{"N":"1"},"b":{"S":"b"},"g":{"S":"odd"},"p":{"S":"x"},"s":{"N":"1"}}])" + key;
  EXPECT_EQ(on("all", "g = :g", odd, ""), whole);
  EXPECT_EQ(on("all", "g = :g", odd, ", 'Select': 'ALL_ATTRIBUTES'"), whole);
  EXPECT_EQ(on("some", "g = :g", odd, ""),
            R"({"Items":[{"a":{"N":"1"},"g":{"S":"odd"},"p":{"S":"x"},"s":{"N":"1"}}])" + key);
  EXPECT_EQ(on("some", "g = :g", odd, ", 'Select': 'ALL_PROJECTED_ATTRIBUTES'"),
            R"({"Items":[{"a":{"N":"1"},"g":{"S":"odd"},"p":{"S":"x"},"s":{"N":"1"}}])" + key);
  EXPECT_EQ(on("some", "g = :g", odd, ", 'ProjectionExpression': 'a'"), R"({"Items":[{"a":{"N":"1"}}])" + key);
  EXPECT_EQ(on("some", "g = :g", odd, ", 'Select': 'ALL_ATTRIBUTES'"),
            "error: One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
            "secondary "
            "index some because its projection type is not ALL");
  EXPECT_EQ(on("some", "g = :g", odd, ", 'ProjectionExpression': 'b, a, c'"),
            "error: One or more parameter values were invalid: Global secondary index some does not project [b, c]");
  // A local index reads from the table what it does not hold.
  EXPECT_EQ(on("local", "p = :p AND g = :g", x, ""),
            R"({"Items":[{"g":{"S":"odd"},"p":{"S":"x"},"s":{"N":"1"}}])" + key);
  EXPECT_EQ(on("local", "p = :p AND g = :g", x, ", 'Select': 'ALL_ATTRIBUTES', 'ConsistentRead': true"), whole);
  EXPECT_EQ(on("local", "p = :p AND g = :g", x, ", 'ProjectionExpression': 'b'"),
            R"({"Items":[{"b":{"S":"b"}}])" + key);
  EXPECT_EQ(on("local", "p = :p AND g = :g", x, ", 'Select': 'COUNT'"), "{" + key.substr(1));
}

TEST_F(ReadOperationsTest, Segments) {
  for (int i = 0; i < 40; ++i) {
    server.run(put_item, "{'TableName': 'songs', 'Item': {'p': {'S': 'k" + std::to_string(i) + "'}, 's': {'N': '1'}}}");
  }
  int total = 0;
  for (int segment = 0; segment < 4; ++segment) {
    const auto answer = call(scan, "'Select': 'COUNT', 'TotalSegments': 4, 'Segment': " + std::to_string(segment));
    int count = 0;
    ASSERT_EQ(std::sscanf(answer.c_str(), "{\"Count\":%d", &count), 1) << answer;
    EXPECT_GT(count, 0);
    total += count;
  }
  EXPECT_EQ(total, 45);
}

TEST_F(ReadOperationsTest, ErrorsAndTheirTexts) {
  const std::string key = "'KeyConditionExpression': 'p = :p', 'ExpressionAttributeValues': {':p': {'S': 'x'}}";
  struct Case {
    OperationFunction operation;
    std::string members;
    std::string message;
  };
  const std::vector<Case> cases = {
      {query, "'Limit': 5",
       "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."},
      {query, key + ", 'Select': 'SPECIFIC_ATTRIBUTES'",
       "1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get "
       "SPECIFIC_ATTRIBUTES"},
      {query, key + ", 'Select': 'ALL_PROJECTED_ATTRIBUTES'",
       "1 validation error detected: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"},
      {query, key + ", 'Select': 'COUNT', 'ProjectionExpression': 'a'",
       "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get only the Count"},
      {query, key + ", 'Select': 'ALL_ATTRIBUTES', 'ProjectionExpression': 'a'",
       "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"},
      {query, key + ", 'IndexName': 'nothing'", "The table does not have the specified index: nothing"},
      {query,
       "'IndexName': 'all', 'ConsistentRead': true, 'KeyConditionExpression': 'g = :p', 'ExpressionAttributeValues': "
       "{':p': {'S': 'x'}}",
       "Consistent reads are not supported on global secondary indexes"},
      {query, key + ", 'ExclusiveStartKey': {'p': {'S': 'x'}}", "The provided starting key is invalid"},
      {query, key + ", 'ExclusiveStartKey': {'p': {'S': 'y'}, 's': {'N': '1'}}",
       "The provided starting key is outside query boundaries based on provided conditions"},
      {query,
       "'KeyConditionExpression': 'p = :p AND s > :s', 'ExpressionAttributeValues': {':p': {'S': 'x'}, ':s': {'N': "
       "'2'}}, "
       "'ExclusiveStartKey': {'p': {'S': 'x'}, 's': {'N': '1'}}",
       "The provided starting key does not match the range key predicate"},
      {query, key + ", 'FilterExpression': 's > :p'",
       "Filter Expression can only contain non-primary key attributes: Primary key attribute: s"},
      {query, "'KeyConditionExpression': 'a = :p', 'ExpressionAttributeValues': {':p': {'S': 'x'}}",
       "Query condition missed key schema element: p"},
      {query, key + ", 'QueryFilter': {}",
       "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
       "{QueryFilter} "
       "Expression parameters: {KeyConditionExpression}"},
      {scan, "'TotalSegments': 4",
       "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"},
      {scan, "'Segment': 4",
       "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"},
      {scan, "'Segment': 4, 'TotalSegments': 4",
       "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 4 is not less than "
       "TotalSegments: 4"},
      {scan, "'ExclusiveStartKey': {'p': {'S': 'y'}}",
       "The provided starting key is invalid: The provided key element does not match the schema"},
      {scan, "'ExclusiveStartKey': {'p': {'S': ''}, 's': {'N': '1'}}",
       "The provided starting key is invalid: One or more parameter values are not valid. The AttributeValue for a key "
       "attribute cannot contain an empty string value. Key: p"},
      {scan, "'IndexName': 'all', 'ExclusiveStartKey': {'p': {'S': 'x'}, 's': {'N': '1'}, 'g': {'S': ''}}",
       "The provided starting key is invalid: One or more parameter values are not valid. The AttributeValue for a key "
       "attribute cannot contain an empty string value. Key: g"},
      {scan, "'ExpressionAttributeValues': {':p': {'S': 'x'}}",
       "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(call(c.operation, c.members), "error: " + c.message) << c.members;
    ASSERT_TRUE(server.error());
    EXPECT_EQ(server.error()->kind, ErrorKind::validation);
  }
  EXPECT_EQ(server.run(scan, "{'TableName': 'none'}"), "error: Requested resource not found");
  EXPECT_EQ(server.error()->kind, ErrorKind::resource_not_found);
}

TEST_F(ReadOperationsTest, AStartKeyOfAnotherSegmentIsRefused) {
  int refused = 0;
  for (int segment = 0; segment < 2; ++segment) {
    const auto answer =
        call(scan, "'ExclusiveStartKey': {'p': {'S': 'x'}, 's': {'N': '1'}}, 'TotalSegments': 2, 'Segment': " +
                       std::to_string(segment));
    if (!server.error()) continue;
    ++refused;
    EXPECT_EQ(answer,
              "error: The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey "
              "with correct "
              "Segment. TotalSegments: 2 Segment: " +
                  std::to_string(segment));
  }
  EXPECT_EQ(refused, 1);
}

TEST_F(ReadOperationsTest, PagesEndAtOneMegabyteBeforeTheFilter) {
  const std::string value(300'000, 'v');
  for (int i = 11; i <= 18; ++i) {
    server.run(put_item, "{'TableName': 'songs', 'Item': {'p': {'S': 'big'}, 's': {'N': '" + std::to_string(i) +
                             "'}, 'v': {'S': '" + value + "'}}}");
  }
  const std::string big =
      "'ReturnConsumedCapacity': 'TOTAL', 'Select': 'COUNT', 'KeyConditionExpression': 'p = :p', 'FilterExpression': "
      "'attribute_not_exists(v)', "
      "'ExpressionAttributeValues': {':p': {'S': 'big'}}";
  EXPECT_EQ(call(query, big), R"({"Count":0,"ScannedCount":4,"LastEvaluatedKey":{"p":{"S":"big"},"s":{"N":"14"}},)"
                              R"("ConsumedCapacity":{"TableName":"songs","CapacityUnits":146.5}})");
  EXPECT_EQ(call(query, big + ", 'ExclusiveStartKey': {'p': {'S': 'big'}, 's': {'N': '16'}}"),
            R"({"Count":0,"ScannedCount":2,"ConsumedCapacity":{"TableName":"songs","CapacityUnits":73.5}})");
}

TEST_F(ReadOperationsTest, CapacityOfIndexReads) {
  const std::string odd =
      "'IndexName': 'all', 'ReturnConsumedCapacity': 'INDEXES', 'Select': 'COUNT', 'KeyConditionExpression': 'g = :g', "
      "'ExpressionAttributeValues': {':g': {'S': 'odd'}}";
  EXPECT_EQ(call(query, odd),
            R"({"Count":3,"ScannedCount":3,"ConsumedCapacity":{"TableName":"songs","CapacityUnits":0.5,)"
            R"("Table":{"CapacityUnits":0.0},"GlobalSecondaryIndexes":{"all":{"CapacityUnits":0.5}}}})");
  EXPECT_EQ(call(scan,
                 "'IndexName': 'local', 'ConsistentRead': true, 'Select': 'ALL_ATTRIBUTES', 'Limit': 1, "
                 "'ReturnConsumedCapacity': 'TOTAL', "
                 "'ProjectionExpression': 'a'"),
            "error: Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES");
}

TEST_F(ReadOperationsTest, ReadsOfThePast) {
  const Timestamp before = server.store().now();
  EXPECT_EQ(server.run(get_item, "{'TableName': 'songs', 'Key': {'p': {'S': 'x'}, 's': {'N': '1'}}}",
                       Timestamp::from_micros(before.micros() + 10'000'000)),
            "error: x-reprise-as-of: " + format_iso8601(before.micros() + 10'000'000) + " is in the future");
  server.run(update_continuous_backups,
             "{'TableName': 'songs', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': true}}");
  ASSERT_FALSE(server.error()) << server.error()->message;
  server.wall().advance(1'000'000);
  const Timestamp then = server.store().now();
  server.wall().advance(1'000'000);
  server.run(delete_item, "{'TableName': 'songs', 'Key': {'p': {'S': 'x'}, 's': {'N': '1'}}}");
  server.run(put_item, "{'TableName': 'songs', 'Item': {'p': {'S': 'x'}, 's': {'N': '3'}, 'g': {'S': 'odder'}}}");
  const std::string get =
      "{'TableName': 'songs', 'Key': {'p': {'S': 'x'}, 's': {'N': '1'}}, 'ProjectionExpression': 'a'}";
  EXPECT_EQ(server.run(get_item, get), "{}");
  EXPECT_EQ(server.run(get_item, get, then), R"({"Item":{"a":{"N":"1"}}})");
  const std::string batch =
      "{'RequestItems': {'songs': {'Keys': [{'p': {'S': 'x'}, 's': {'N': '1'}}], 'ProjectionExpression': 'a'}}}";
  EXPECT_EQ(server.run(batch_get_item, batch), R"({"Responses":{"songs":[]},"UnprocessedKeys":{}})");
  EXPECT_EQ(server.run(batch_get_item, batch, then),
            R"({"Responses":{"songs":[{"a":{"N":"1"}}]},"UnprocessedKeys":{}})");
  EXPECT_EQ(server.run(scan, "{'TableName': 'songs', 'Select': 'COUNT'}"), R"({"Count":4,"ScannedCount":4})");
  EXPECT_EQ(server.run(scan, "{'TableName': 'songs', 'Select': 'COUNT'}", then), R"({"Count":5,"ScannedCount":5})");
  const std::string odd =
      "{'TableName': 'songs', 'IndexName': 'all', 'Select': 'COUNT', 'KeyConditionExpression': 'g = :g', "
      "'ExpressionAttributeValues': {':g': {'S': 'odd'}}}";
  EXPECT_EQ(server.run(query, odd), R"({"Count":1,"ScannedCount":1})");
  EXPECT_EQ(server.run(query, odd, then), R"({"Count":3,"ScannedCount":3})");
}

}  // namespace
}  // namespace reprise::dynamo
