// Properties over random data:
//   - pages laid end to end are the whole answer: Query and Scan, both directions, random limits, with filters, on the
//     table and its indexes;
//   - every index holds exactly the projection of the table's items, now and as of random moments of the past.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/rng.h"
#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/operations_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr int partitions = 4;
constexpr int sort_keys = 25;

class ConsistencyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server.run(create_table, R"({'TableName': 'random', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': 'p', 'AttributeType': 'S'}, {'AttributeName': 's', 'AttributeType': 'N'},
          {'AttributeName': 'g', 'AttributeType': 'S'}, {'AttributeName': 'h', 'AttributeType': 'N'}],
        'KeySchema': [{'AttributeName': 'p', 'KeyType': 'HASH'}, {'AttributeName': 's', 'KeyType': 'RANGE'}],
        'LocalSecondaryIndexes': [
          {'IndexName': 'local', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
           'KeySchema': [{'AttributeName': 'p', 'KeyType': 'HASH'}, {'AttributeName': 'h', 'KeyType': 'RANGE'}]},
          {'IndexName': 'local-all', 'Projection': {'ProjectionType': 'ALL'},
           'KeySchema': [{'AttributeName': 'p', 'KeyType': 'HASH'}, {'AttributeName': 'g', 'KeyType': 'RANGE'}]}],
        'GlobalSecondaryIndexes': [
          {'IndexName': 'all', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}]},
          {'IndexName': 'keys', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
           'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}, {'AttributeName': 'h', 'KeyType': 'RANGE'}]},
          {'IndexName': 'some', 'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['a', 'c']},
           'KeySchema': [{'AttributeName': 'h', 'KeyType': 'HASH'}]}]})");
    ASSERT_FALSE(server.error()) << server.error()->message;
    server.run(update_continuous_backups,
               "{'TableName': 'random', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': true}}");
    ASSERT_FALSE(server.error()) << server.error()->message;
  }

  std::string random_key() {
    return "'p': {'S': 'p" + std::to_string(rng.below(partitions)) + "'}, 's': {'N': '" +
           std::to_string(rng.below(sort_keys)) + "'}";
  }
  std::string random_attributes() {
    std::string text;
    if (rng.chance(2, 3)) text += ", 'g': {'S': 'g" + std::to_string(rng.below(3)) + "'}";
    if (rng.chance(2, 3)) text += ", 'h': {'N': '" + std::to_string(rng.below(5)) + "'}";
    if (rng.chance(1, 2)) text += ", 'a': {'N': '" + std::to_string(rng.below(3)) + "'}";
    if (rng.chance(1, 2)) text += ", 'b': {'S': 'b" + std::to_string(rng.below(3)) + "'}";
    if (rng.chance(1, 2)) text += ", 'c': {'M': {'x': {'L': [{'N': '" + std::to_string(rng.below(3)) + "'}]}}}";
    return text;
  }
  void random_write() {
    static const char* const updates[] = {"SET g = :g",  "REMOVE g",   "SET h = :h, a = :h",
                                          "REMOVE h, b", "SET c = :g", "ADD a :h"};
    switch (rng.below(4)) {
      case 0: server.run(delete_item, "{'TableName': 'random', 'Key': {" + random_key() + "}}"); break;
      case 1: {
        const std::string expression = updates[rng.below(std::size(updates))];
        std::string values;
        if (expression.find(":g") != std::string::npos) values = "':g': {'S': 'g" + std::to_string(rng.below(3)) + "'}";
        if (expression.find(":h") != std::string::npos) values = "':h': {'N': '" + std::to_string(rng.below(5)) + "'}";
        server.run(update_item, "{'TableName': 'random', 'Key': {" + random_key() + "}, 'UpdateExpression': '" +
                                    expression + "'" +
                                    (values.empty() ? "" : ", 'ExpressionAttributeValues': {" + values + "}") + "}");
        break;
      }
      case 2: {
        const std::string one = random_key();
        std::string other = random_key();
        while (other == one) other = random_key();
        server.run(batch_write_item, "{'RequestItems': {'random': [{'PutRequest': {'Item': {" + one +
                                         random_attributes() + "}}}, {'DeleteRequest': {'Key': {" + other + "}}}]}}");
        break;
      }
      default: server.run(put_item, "{'TableName': 'random', 'Item': {" + random_key() + random_attributes() + "}}");
    }
    ASSERT_FALSE(server.error()) << server.error()->message;
  }

  std::map<Bytes, Bytes> contents(SpaceId space, std::optional<Timestamp> as_of) {
    std::map<Bytes, Bytes> found;
    history::ScanRequest request;
    request.space = space;
    request.as_of = as_of;
    for (;;) {
      auto page = sync_wait(server.store().scan(request));
      EXPECT_TRUE(page.ok());
      if (!page.ok()) return found;
      for (std::size_t i = 0; i < page->rows.size(); ++i) found[Bytes(page->rows[i].key)] = Bytes(page->rows[i].value);
      if (!page->resume_after) return found;
      request.range.lower = *page->resume_after + '\0';
    }
  }
  void check_indexes(std::optional<Timestamp> as_of) {
    const TablePtr table = server.catalog().find("000000000000", "random");
    const auto items = contents(table->space, as_of);
    for_each_index(*table, [&](const IndexView& index) {
      std::map<Bytes, Bytes> expected;
      for (const auto& [key, item] : items) {
        if (auto entry = index_entry(*table, index, ItemView(item))) expected[entry->key] = entry->value;
      }
      EXPECT_EQ(contents(index.space, as_of), expected) << index.name;
    });
  }
  TestServer server;
  Rng rng{20261122};
};

TEST_F(ConsistencyTest, IndexesAreProjectionsOfTheTableNowAndInThePast) {
  std::vector<Timestamp> moments;
  for (int i = 0; i < 1500; ++i) {
    random_write();
    if (HasFatalFailure()) return;
    if (rng.chance(1, 20)) {
      moments.push_back(server.store().now());
      server.wall().advance(rng.below(1000));
    }
    if (i % 100 == 0) check_indexes(std::nullopt);
  }
  check_indexes(std::nullopt);
  for (int i = 0; i < 30; ++i) check_indexes(moments[rng.below(moments.size())]);
}

// The printed items of an answer, and its LastEvaluatedKey (empty: none).
struct Answer {
  std::vector<std::string> items;
  std::string last;
  std::int64_t count = 0;
};
std::string reprint(const codec::JsonValue& json) {
  Bytes text;
  append_item_json(text, ItemView(*parse_item(json)));
  return text;
}
Answer parse_answer(const std::string& text) {
  Answer answer;
  codec::JsonDocument document;
  const auto json = document.parse(text);
  EXPECT_TRUE(json.ok()) << text;
  if (!json.ok() || !json->find("Items")) return answer;
  for (auto item = json->find("Items")->first_element(); item; item.advance())
    answer.items.push_back(reprint(item.value()));
  if (const auto last = json->find("LastEvaluatedKey")) answer.last = reprint(*last);
  answer.count = *json->find("Count")->integer();
  EXPECT_EQ(answer.count, static_cast<std::int64_t>(answer.items.size()));
  return answer;
}

TEST_F(ConsistencyTest, PagesLaidEndToEndAreTheWhole) {
  for (int i = 0; i < 300; ++i) random_write();
  struct Read {
    OperationFunction operation;
    std::string members;
  };
  const std::string p = "'ExpressionAttributeValues': {':v': {'S': 'p1'}}, 'KeyConditionExpression': 'p = :v'";
  const std::string g = "'ExpressionAttributeValues': {':v': {'S': 'g1'}}, 'KeyConditionExpression': 'g = :v'";
  const std::vector<Read> reads = {
      {query, p},
      {query, p + ", 'ScanIndexForward': false"},
      {query, p + ", 'FilterExpression': 'attribute_exists(b)'"},
      {query, p + ", 'IndexName': 'local', 'Select': 'ALL_ATTRIBUTES'"},
      {query, p + ", 'IndexName': 'local-all', 'ScanIndexForward': false"},
      {query, g + ", 'IndexName': 'all'"},
      {query, g + ", 'IndexName': 'all', 'ScanIndexForward': false, 'FilterExpression': 'attribute_exists(b)'"},
      {query, g + ", 'IndexName': 'keys', 'ScanIndexForward': false"},
      {scan, "'ConsistentRead': true"},
      {scan, "'FilterExpression': 'attribute_exists(b)'"},
      {scan, "'IndexName': 'some'"},
      {scan, "'TotalSegments': 3, 'Segment': 1"},
  };
  for (const auto& read : reads) {
    const auto whole = parse_answer(server.run(read.operation, "{'TableName': 'random', " + read.members + "}"));
    ASSERT_FALSE(server.error()) << server.error()->message;
    EXPECT_TRUE(whole.last.empty());
    for (int round = 0; round < 5; ++round) {
      std::vector<std::string> collected;
      std::string start;
      int pages = 0;
      do {
        const auto page = parse_answer(server.run(
            read.operation, "{'TableName': 'random', 'Limit': " + std::to_string(1 + rng.below(7)) + ", " +
                                read.members + (start.empty() ? "" : ", 'ExclusiveStartKey': " + start) + "}"));
        ASSERT_FALSE(server.error()) << server.error()->message;
        collected.insert(collected.end(), page.items.begin(), page.items.end());
        start = page.last;
        ASSERT_LT(++pages, 1000);
      } while (!start.empty());
      EXPECT_EQ(collected, whole.items) << read.members;
    }
  }
  // Backwards is forwards turned round.
  auto forward = parse_answer(server.run(query, "{'TableName': 'random', " + p + "}")).items;
  const auto backward =
      parse_answer(server.run(query, "{'TableName': 'random', 'ScanIndexForward': false, " + p + "}")).items;
  EXPECT_FALSE(forward.empty());
  std::reverse(forward.begin(), forward.end());
  EXPECT_EQ(forward, backward);
}

}  // namespace
}  // namespace reprise::dynamo
