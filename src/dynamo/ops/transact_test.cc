// TransactWriteItems and TransactGetItems: what they do, what they refuse and in which words, tokens, capacity.
#include "dynamo/ops/transact.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dynamo/ops/operations_for_tests.h"
#include "dynamo/ops/transact_operations.h"
#include "history/store.h"

namespace reprise::dynamo {
namespace {

std::string write(std::string_view items, std::string_view more = "") {
  return "{'TransactItems': [" + std::string(items) + "]" + std::string(more) + "}";
}
std::string put(std::string_view key, std::string_view more = "", std::string_view options = "") {
  return "{'Put': {'TableName': 'plain', 'Item': {'pk': {'S': '" + std::string(key) + "'}" + std::string(more) + "}" +
         std::string(options) + "}}";
}
std::string on_key(std::string_view action, std::string_view key, std::string_view options = "") {
  return "{'" + std::string(action) + "': {'TableName': 'plain', 'Key': {'pk': {'S': '" + std::string(key) + "'}}" +
         std::string(options) + "}}";
}
std::string add_one(std::string_view key) {
  return on_key("Update", key, ", 'UpdateExpression': 'ADD n :one', 'ExpressionAttributeValues': {':one': {'N': '1'}}");
}
std::string get(std::string_view key, std::string_view options = "") { return on_key("Get", key, options); }
constexpr std::string_view exists = ", 'ConditionExpression': 'attribute_exists(pk)'";
constexpr std::string_view exists_and_show =
    ", 'ConditionExpression': 'attribute_exists(pk)', 'ReturnValuesOnConditionCheckFailure': 'ALL_OLD'";
constexpr std::string_view missing_and_show =
    ", 'ConditionExpression': 'attribute_not_exists(pk)', 'ReturnValuesOnConditionCheckFailure': 'ALL_OLD'";

class TransactTest : public ::testing::Test {
 protected:
  void SetUp() override {
    run(create_table, R"({"TableName":"plain","BillingMode":"PAY_PER_REQUEST",
        "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],
        "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]})");
    run(create_table, R"({"TableName":"rich","BillingMode":"PAY_PER_REQUEST",
        "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},
          {"AttributeName":"g","AttributeType":"S"},{"AttributeName":"l","AttributeType":"S"}],
        "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
        "LocalSecondaryIndexes":[{"IndexName":"local","Projection":{"ProjectionType":"ALL"},"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}]}],
        "GlobalSecondaryIndexes":[{"IndexName":"global","Projection":{"ProjectionType":"ALL"},"KeySchema":[{"AttributeName":"g","KeyType":"HASH"}]}]})");
    run(update_continuous_backups,
        "{'TableName':'plain','PointInTimeRecoverySpecification':{'PointInTimeRecoveryEnabled':true}}");
    ASSERT_FALSE(server.error().has_value()) << server.error()->message;
  }

  std::string run(OperationFunction operation, std::string_view text, std::optional<Timestamp> as_of = std::nullopt) {
    return server.run(operation, text, as_of);
  }
  // The item of `plain` with that key, as JSON.
  std::string item(std::string_view key, std::optional<Timestamp> as_of = std::nullopt) {
    return run(get_item, "{'TableName': 'plain', 'Key': {'pk': {'S': '" + std::string(key) + "'}}}", as_of);
  }
  void refused(std::string_view text, ErrorKind kind, std::string_view message,
               OperationFunction operation = transact_write_items) {
    run(operation, text);
    ASSERT_TRUE(server.error().has_value()) << text;
    EXPECT_EQ(server.error()->kind, kind) << server.error()->message;
    EXPECT_EQ(server.error()->message, message) << text;
  }
  // "Code: Message" of each reason of the last error.
  std::vector<std::string> reasons() {
    std::vector<std::string> texts;
    if (!server.error() || server.error()->reasons == nullptr) return texts;
    for (const auto& reason : *server.error()->reasons) {
      texts.push_back(reason.message.empty() ? reason.code : reason.code + ": " + reason.message);
    }
    return texts;
  }
  void cancelled(std::string_view text, std::vector<std::string> expected,
                 OperationFunction operation = transact_write_items) {
    run(operation, text);
    ASSERT_TRUE(server.error().has_value()) << text;
    EXPECT_EQ(server.error()->kind, ErrorKind::transaction_canceled) << server.error()->message;
    EXPECT_EQ(reasons(), expected) << text;
  }
  std::size_t notes() {
    history::ScanRequest request;
    request.space = server.services().root.tokens;
    return sync_wait(server.store().scan(std::move(request)))->rows.size();
  }

  TestServer server;
};

TEST_F(TransactTest, EveryKindOfActionInOneCommit) {
  EXPECT_EQ(run(transact_write_items, write(put("old", ", 'n': {'N': '1'}") + "," + put("gone") + "," + put("there"))),
            "{}");
  const Timestamp before = server.store().now();
  EXPECT_EQ(run(transact_write_items, write(put("new") + "," + add_one("old") + "," + on_key("Delete", "gone") + "," +
                                            on_key("ConditionCheck", "there", exists) + "," + add_one("made"))),
            "{}");
  EXPECT_EQ(item("new"), R"({"Item":{"pk":{"S":"new"}}})");
  EXPECT_EQ(item("old"), R"({"Item":{"n":{"N":"2"},"pk":{"S":"old"}}})");
  EXPECT_EQ(item("gone"), "{}");
  EXPECT_EQ(item("there"), R"({"Item":{"pk":{"S":"there"}}})");
  EXPECT_EQ(item("made"), R"({"Item":{"n":{"N":"1"},"pk":{"S":"made"}}})");

  // One timestamp: each of the changed items shows its old state right before, its new one at it.
  const auto table = server.catalog().find("000000000000", "plain");
  const auto log = sync_wait(server.store().changes(table->space, {before}, server.store().now(), 100));
  ASSERT_TRUE(log.ok());
  ASSERT_EQ(log->size(), 4u);
  const Timestamp at = (*log)[0].at;
  for (const auto& entry : *log) EXPECT_EQ(entry.at, at);
  EXPECT_EQ(item("new", at.previous()), "{}");
  EXPECT_EQ(item("old", at.previous()), R"({"Item":{"n":{"N":"1"},"pk":{"S":"old"}}})");
  EXPECT_EQ(item("gone", at.previous()), R"({"Item":{"pk":{"S":"gone"}}})");
  EXPECT_EQ(item("new", at), R"({"Item":{"pk":{"S":"new"}}})");
  EXPECT_EQ(item("gone", at), "{}");
}

TEST_F(TransactTest, OneFailureCancelsAll) {
  run(transact_write_items, write(put("there", ", 'n': {'N': '7'}")));
  refused(write(put("new") + "," + on_key("ConditionCheck", "no", exists) + "," + put("there", "", missing_and_show) +
                "," + on_key("Delete", "no2", exists_and_show) + "," + add_one("there2")),
          ErrorKind::transaction_canceled,
          "Transaction cancelled, please refer cancellation reasons for specific reasons [None, "
          "ConditionalCheckFailed, ConditionalCheckFailed, ConditionalCheckFailed, None]");
  EXPECT_EQ(reasons(), (std::vector<std::string>{"None", "ConditionalCheckFailed: The conditional request failed",
                                                 "ConditionalCheckFailed: The conditional request failed",
                                                 "ConditionalCheckFailed: The conditional request failed", "None"}));
  // The item is shown where it was asked for and there is one.
  ASSERT_NE(server.error()->reasons, nullptr);
  const auto& list = *server.error()->reasons;
  EXPECT_TRUE(list[1].item.empty());
  EXPECT_EQ(ItemView(list[2].item).map().count(), 2u);
  EXPECT_TRUE(list[3].item.empty());
  EXPECT_EQ(item("new"), "{}");
  EXPECT_EQ(item("there2"), "{}");
}

TEST_F(TransactTest, ReasonsOfValidation) {
  run(transact_write_items, write(put("there", ", 'n': {'S': 'text'}")));
  cancelled(write(put("new") + "," + add_one("there")),
            {"None", "ValidationError: An operand in the update expression has an incorrect data type"});
  cancelled(
      write(on_key("Update", "there", ", 'UpdateExpression': 'SET a = b'") + "," + put("new")),
      {"ValidationError: The provided expression refers to an attribute that does not exist in the item", "None"});
  cancelled(write(put("new") + "," +
                  on_key("Update", "there",
                         ", 'UpdateExpression': 'SET pk = :v', 'ExpressionAttributeValues': {':v': {'S': 'x'}}")),
            {"None",
             "ValidationError: One or more parameter values were invalid: Cannot update attribute pk. This attribute "
             "is part of the key"});
  cancelled(write(put("new") + ", {'Delete': {'TableName': 'plain', 'Key': {'pk': {'N': '1'}}}}, {'ConditionCheck': "
                               "{'TableName': 'rich', 'Key': {'pk': {'S': 'a'}}, 'ConditionExpression': "
                               "'attribute_exists(pk)'}}"),
            {"None", "ValidationError: The provided key element does not match the schema",
             "ValidationError: The provided key element does not match the schema"});
  cancelled(write("{'Put': {'TableName': 'rich', 'Item': {'pk': {'S': 'a'}}}}"),
            {"ValidationError: One or more parameter values were invalid: Missing the key sk in the item"});
  cancelled(write("{'Put': {'TableName': 'rich', 'Item': {'pk': {'S': 'a'}, 'sk': {'S': 'b'}}}}"),
            {"ValidationError: One or more parameter values were invalid: Type mismatch for key sk expected: N "
             "actual: S"});
  cancelled(write("{'Put': {'TableName': 'rich', 'Item': {'pk': {'S': 'a'}, 'sk': {'N': '1'}, 'g': {'N': '1'}}}}"),
            {"ValidationError: One or more parameter values were invalid: Type mismatch for Index Key g Expected: S "
             "Actual: N IndexName: global"});
  cancelled(write("{'Update': {'TableName': 'rich', 'Key': {'pk': {'S': 'a'}, 'sk': {'N': '1'}}, 'UpdateExpression': "
                  "'SET g = :v', 'ExpressionAttributeValues': {':v': {'N': '1'}}}}"),
            {"ValidationError: One or more parameter values were invalid: Type mismatch for Index Key g Expected: S "
             "Actual: N "
             "IndexName: global"});
  const std::string half(250'000, 'x');
  run(transact_write_items, write(put("big", ", 'a': {'S': '" + half + "'}")));
  cancelled(write(on_key("Update", "big", ", 'UpdateExpression': 'SET b = a'")),
            {"ValidationError: Item size to update has exceeded the maximum allowed size"});
  EXPECT_EQ(item("new"), "{}");
}

TEST_F(TransactTest, ErrorsOfTheRequest) {
  const auto invalid = [this](std::string_view text, std::string_view message) {
    refused(text, ErrorKind::validation, message);
  };
  invalid("{}",
          "1 validation error detected: Value null at 'transactItems' failed to satisfy constraint: Member must not be "
          "null");
  invalid(write(""),
          "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have "
          "length greater than or equal to 1");
  invalid(write("{'ConditionCheck': {'TableName': 'plain', 'Key': {'pk': {'S': 'a'}}}}"),
          "1 validation error detected: Value null at 'transactItems.1.member.conditionCheck.conditionExpression' "
          "failed to satisfy constraint: Member must not be null");
  invalid(write(put("a"), ", 'ClientRequestToken': '" + std::string(37, 't') + "'"),
          "1 validation error detected: Value '" + std::string(37, 't') +
              "' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to "
              "36");
  invalid(write("{}"), "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request");
  invalid(write("{'Put': {'TableName': 'plain', 'Item': {'pk': {'S': 'a'}}}, 'Delete': {'TableName': 'plain', 'Key': "
                "{'pk': {'S': 'a'}}}}"),
          "TransactItems can only contain one of Check, Put, Update or Delete");
  invalid(write(put("a") + "," + on_key("Delete", "a")),
          "Transaction request cannot include multiple operations on one item");
  invalid(write(put("a", "", ", 'ConditionExpression': 'a ='")),
          "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \"=\"");
  invalid(write(put("a", "", ", 'ExpressionAttributeNames': {'#a': 'b'}")),
          "ExpressionAttributeNames can only be specified when using expressions");
  invalid(write(put("a", ", 'b': {'S': '" + std::string(409'600, 'x') + "'}")),
          "Item size has exceeded the maximum allowed size");
  invalid(write(put("")),
          "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
          "string value. Key: pk");
  invalid(write(on_key("Delete", "")),
          "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
          "string value. Key: pk");
  invalid(write("{'Update': {'TableName': 'rich', 'Key': {'pk': {'S': 'a'}, 'sk': {'N': '1'}}, 'UpdateExpression': "
                "'SET g = :v', 'ExpressionAttributeValues': {':v': {'S': ''}}}}"),
          "One or more parameter values are not valid. The update expression attempted to update a secondary index key "
          "to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string "
          "value.");
  refused(write(put("a") + ", {'Delete': {'TableName': 'none', 'Key': {'pk': {'N': '1'}}}}"),
          ErrorKind::resource_not_found, "Requested resource not found");
  refused(write("{'Put': {'TableName': 7, 'Item': {}}}"), ErrorKind::serialization,
          "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(item("a"), "{}");
}

TEST_F(TransactTest, LimitsOnBothSides) {
  std::string actions;
  for (int i = 0; i < 100; ++i) actions += (i > 0 ? "," : "") + put("k" + std::to_string(i));
  EXPECT_EQ(run(transact_write_items, write(actions)), "{}");
  run(transact_write_items, write(actions + "," + put("k100")));
  ASSERT_TRUE(server.error().has_value());
  EXPECT_TRUE(server.error()->message.ends_with(
      "at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100"));

  // 4 MB: 11 items of 381,300 bytes are just within, with ten bytes each more they are not.
  const auto many = [](std::size_t size) {
    std::string items;
    for (int i = 0; i < 11; ++i) {
      items += (i > 0 ? "," : "") + put("k" + std::to_string(10 + i), ", 'b': {'S': '" + std::string(size, 'x') + "'}");
    }
    return write(items);
  };
  EXPECT_EQ(run(transact_write_items, many(381'290)), "{}");
  refused(many(381'310), ErrorKind::validation,
          "The aggregate size of the items in the transaction cannot exceed 4 MB");
}

// ---- Tokens --------------------------------------------------------------------------------------------------------

TEST_F(TransactTest, ATokenMakesARequestHappenOnce) {
  const std::string request = write(add_one("a"), ", 'ClientRequestToken': 'once'");
  EXPECT_EQ(run(transact_write_items, request), "{}");
  EXPECT_EQ(run(transact_write_items, request), "{}");
  EXPECT_EQ(item("a"), R"({"Item":{"n":{"N":"1"},"pk":{"S":"a"}}})");
  refused(write(add_one("b"), ", 'ClientRequestToken': 'once'"), ErrorKind::idempotent_parameter_mismatch,
          "DynamoDB rejected the request because you retried a request with a different payload but with an idempotent "
          "token that was already used.");
  EXPECT_EQ(item("b"), "{}");
  EXPECT_EQ(run(transact_write_items, write(add_one("a"), ", 'ClientRequestToken': 'twice'")), "{}");
  EXPECT_EQ(item("a"), R"({"Item":{"n":{"N":"2"},"pk":{"S":"a"}}})");
}

TEST_F(TransactTest, ATokenIsForgottenAfterTenMinutes) {
  const std::string request = write(add_one("a"), ", 'ClientRequestToken': 'once'");
  const auto count = [this] { return item("a"); };
  run(transact_write_items, request);
  server.wall().advance(599'000'000);
  run(transact_write_items, request);
  EXPECT_EQ(count(), R"({"Item":{"n":{"N":"1"},"pk":{"S":"a"}}})");
  server.wall().advance(1'000'001);
  // Also another request may use it now.
  EXPECT_EQ(run(transact_write_items, write(add_one("a") + "," + add_one("b"), ", 'ClientRequestToken': 'once'")),
            "{}");
  EXPECT_EQ(count(), R"({"Item":{"n":{"N":"2"},"pk":{"S":"a"}}})");
}

TEST_F(TransactTest, OldTokensAreSweptAndYoungOnesKept) {
  for (int i = 0; i < 30; ++i) {
    run(transact_write_items, write(add_one("a"), ", 'ClientRequestToken': 't" + std::to_string(i) + "'"));
    server.wall().advance(60'000'000);
  }
  EXPECT_EQ(notes(), 30u);
  ASSERT_TRUE(sync_wait(sweep_tokens(server.services())).ok());
  EXPECT_GE(notes(), 10u);
  EXPECT_LE(notes(), 20u);
  // None of those that still count is gone.
  for (int i = 21; i < 30; ++i) {
    run(transact_write_items, write(add_one("a"), ", 'ClientRequestToken': 't" + std::to_string(i) + "'"));
  }
  EXPECT_EQ(item("a"), R"({"Item":{"n":{"N":"30"},"pk":{"S":"a"}}})");
  server.wall().advance(3'600'000'000);
  ASSERT_TRUE(sync_wait(sweep_tokens(server.services())).ok());
  EXPECT_EQ(notes(), 0u);
}

TEST_F(TransactTest, AFailureIsNotRemembered) {
  const std::string request = write(on_key("Delete", "a", exists), ", 'ClientRequestToken': 'once'");
  cancelled(request, {"ConditionalCheckFailed: The conditional request failed"});
  EXPECT_EQ(notes(), 0u);
  run(transact_write_items, write(put("a")));
  EXPECT_EQ(run(transact_write_items, request), "{}");
  EXPECT_EQ(item("a"), "{}");
}

TEST_F(TransactTest, ATokenInProgressIsRefused) {
  TokensInProgress tokens;
  server.services().tokens_in_progress = &tokens;
  {
    const TokensInProgress::Guard busy(&tokens, ClientToken{"000000000000", "once", {}});
    refused(write(add_one("a"), ", 'ClientRequestToken': 'once'"), ErrorKind::transaction_in_progress,
            "Transaction from previous request is still in progress");
    EXPECT_EQ(run(transact_write_items, write(add_one("b"))), "{}");
  }
  EXPECT_EQ(run(transact_write_items, write(add_one("a"), ", 'ClientRequestToken': 'once'")), "{}");
  server.services().tokens_in_progress = nullptr;
}

// ---- Capacity ------------------------------------------------------------------------------------------------------

TEST_F(TransactTest, CapacityOfWrites) {
  const std::string kilobytes(2'500, 'x');
  // 3 units twice, and a check of an item that is not there: 1 twice.
  const std::string request = write(put("a", ", 'b': {'S': '" + kilobytes + "'}") + "," +
                                        on_key("ConditionCheck", "no",
                                               ", 'ConditionExpression': "
                                               "'attribute_not_exists(pk)'"),
                                    ", 'ReturnConsumedCapacity': 'TOTAL', 'ClientRequestToken': 'once'");
  EXPECT_EQ(run(transact_write_items, request),
            R"({"ConsumedCapacity":[{"TableName":"plain","CapacityUnits":8.0,"WriteCapacityUnits":8.0}]})");
  // Repeated: what was written is charged as read.
  EXPECT_EQ(run(transact_write_items, request),
            R"({"ConsumedCapacity":[{"TableName":"plain","CapacityUnits":4.0,"ReadCapacityUnits":4.0}]})");
  // A delete is charged for what is deleted. Indexes are charged once.
  EXPECT_EQ(
      run(transact_write_items,
          write(on_key("Delete", "a") + ", {'Put': {'TableName': 'rich', 'Item': {'pk': {'S': 'a'}, 'sk': {'N': "
                                        "'1'}, 'g': {'S': 'g'}, 'l': {'S': 'l'}}}}",
                ", 'ReturnConsumedCapacity': 'INDEXES', 'ReturnItemCollectionMetrics': 'SIZE'")),
      R"({"ConsumedCapacity":[{"TableName":"plain","CapacityUnits":6.0,"WriteCapacityUnits":6.0,)"
      R"("Table":{"CapacityUnits":6.0,"WriteCapacityUnits":6.0}},)"
      R"({"TableName":"rich","CapacityUnits":4.0,"WriteCapacityUnits":4.0,)"
      R"("Table":{"CapacityUnits":2.0,"WriteCapacityUnits":2.0},)"
      R"("LocalSecondaryIndexes":{"local":{"CapacityUnits":1.0,"WriteCapacityUnits":1.0}},)"
      R"("GlobalSecondaryIndexes":{"global":{"CapacityUnits":1.0,"WriteCapacityUnits":1.0}}}],)"
      R"("ItemCollectionMetrics":{"rich":[{"ItemCollectionKey":{"pk":{"S":"a"}},"SizeEstimateRangeGB":[0.0,1.0]}]}})");
}

// ---- Reading -------------------------------------------------------------------------------------------------------

TEST_F(TransactTest, GetsItemsInTheOrderAskedFor) {
  run(transact_write_items, write(put("a", ", 'b': {'M': {'c': {'N': '1'}, 'd': {'N': '2'}}}") + "," + put("z")));
  EXPECT_EQ(run(transact_get_items,
                write(get("z") + "," + get("no") + "," + get("a", ", 'ProjectionExpression': 'b.c'") + "," +
                          "{'Get': {'TableName': 'rich', 'Key': {'pk': {'S': 'a'}, 'sk': {'N': '1'}}}}",
                      ", 'ReturnConsumedCapacity': 'INDEXES'")),
            R"({"Responses":[{"Item":{"pk":{"S":"z"}}},{},{"Item":{"b":{"M":{"c":{"N":"1"}}}}},{}],)"
            R"("ConsumedCapacity":[{"TableName":"plain","CapacityUnits":6.0,"ReadCapacityUnits":6.0,)"
            R"("Table":{"CapacityUnits":6.0,"ReadCapacityUnits":6.0}},)"
            R"({"TableName":"rich","CapacityUnits":2.0,"ReadCapacityUnits":2.0,)"
            R"("Table":{"CapacityUnits":2.0,"ReadCapacityUnits":2.0}}]})");
  // There is an item, and nothing of it was asked for.
  EXPECT_EQ(run(transact_get_items, write(get("z", ", 'ProjectionExpression': 'b'"))),
            R"({"Responses":[{"Item":{}}]})");
}

TEST_F(TransactTest, GetsThePast) {
  run(transact_write_items, write(add_one("a") + "," + add_one("b")));
  const Timestamp then = server.store().now();
  run(transact_write_items, write(add_one("a") + "," + on_key("Delete", "b")));
  EXPECT_EQ(run(transact_get_items, write(get("a") + "," + get("b")), then),
            R"({"Responses":[{"Item":{"n":{"N":"1"},"pk":{"S":"a"}}},{"Item":{"n":{"N":"1"},"pk":{"S":"b"}}}]})");
  EXPECT_EQ(run(transact_get_items, write(get("a") + "," + get("b"))),
            R"({"Responses":[{"Item":{"n":{"N":"2"},"pk":{"S":"a"}}},{}]})");
}

TEST_F(TransactTest, ErrorsOfGets) {
  const auto invalid = [this](std::string_view text, std::string_view message) {
    refused(text, ErrorKind::validation, message, transact_get_items);
  };
  invalid(write("{}"),
          "1 validation error detected: Value null at 'transactItems.1.member.get' failed to satisfy constraint: "
          "Member must not be null");
  invalid(write(get("a") + "," + get("b") + "," + get("a")),
          "Transaction request cannot include multiple operations on one item");
  invalid(write(get("a", ", 'ProjectionExpression': 'a b'")),
          "Invalid ProjectionExpression: Syntax error; token: \"b\", near: \"a b\"");
  refused(write(get("a") + ", {'Get': {'TableName': 'none', 'Key': {'pk': {'S': 'a'}}}}"),
          ErrorKind::resource_not_found, "Requested resource not found", transact_get_items);
  cancelled(write(get("a") + ", {'Get': {'TableName': 'plain', 'Key': {'nk': {'S': 'a'}}}}"),
            {"None", "ValidationError: The provided key element does not match the schema"}, transact_get_items);
}

TEST_F(TransactTest, TablesWithoutAPastWork) {
  run(transact_write_items,
      write("{'Put': {'TableName': 'rich', 'Item': {'pk': {'S': 'a'}, 'sk': {'N': '1'}}}}, {'Put': {'TableName': "
            "'rich', 'Item': {'pk': {'S': 'a'}, 'sk': {'N': '2'}}}}"));
  EXPECT_EQ(
      run(transact_get_items, write("{'Get': {'TableName': 'rich', 'Key': {'pk': {'S': 'a'}, 'sk': {'N': '2'}}}},"
                                    "{'Get': {'TableName': 'rich', 'Key': {'pk': {'S': 'a'}, 'sk': {'N': '1'}}}}")),
      R"({"Responses":[{"Item":{"pk":{"S":"a"},"sk":{"N":"2"}}},{"Item":{"pk":{"S":"a"},"sk":{"N":"1"}}}]})");
}

TEST_F(TransactTest, ChecksAndPutsThatChangeNothingAreStillTransactions) {
  run(transact_write_items, write(put("a")));
  const Timestamp before = server.store().now();
  EXPECT_EQ(run(transact_write_items, write(put("a") + "," + on_key("Delete", "no") + "," +
                                            on_key("ConditionCheck", "x",
                                                   ", 'ConditionExpression': "
                                                   "'attribute_not_exists(pk)'"))),
            "{}");
  const auto table = server.catalog().find("000000000000", "plain");
  EXPECT_TRUE(sync_wait(server.store().changes(table->space, {before}, server.store().now(), 10))->empty());
}

}  // namespace
}  // namespace reprise::dynamo
