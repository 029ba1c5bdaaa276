// Random and mutated request bodies against every operation. Oracles:
//   - nothing crashes, whatever the JSON;
//   - an answer is one JSON object, an error has a message;
//   - an error changes nothing: neither the tables there are, nor any item.
// Inputs: [operation] [mode] then either a JSON text as it is, or bytes that steer a mutation of a good request.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "dynamo/ops/operations_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr std::array operation_names = {"PutItem",
                                        "GetItem",
                                        "UpdateItem",
                                        "DeleteItem",
                                        "BatchGetItem",
                                        "BatchWriteItem",
                                        "Query",
                                        "Scan",
                                        "CreateTable",
                                        "DescribeTable",
                                        "ListTables",
                                        "UpdateTable",
                                        "DeleteTable",
                                        "UpdateContinuousBackups",
                                        "DescribeContinuousBackups",
                                        "RestoreTableToPointInTime",
                                        "DescribeLimits",
                                        "DescribeEndpoints",
                                        "PutItem",
                                        "UpdateItem",
                                        "Query",
                                        "Scan"};

// One good request for each operation, in the same order.
constexpr std::array requests = {
    R"json({"TableName":"fuzz","Item":{"p":{"S":"a"},"s":{"N":"1"},"g":{"S":"x"},"m":{"M":{"l":{"L":[{"NULL":true},{"B":"AA=="}]}}}},"ConditionExpression":"attribute_not_exists(#q) OR size(p) < :v","ExpressionAttributeNames":{"#q":"q"},"ExpressionAttributeValues":{":v":{"N":"5"}},"ReturnValues":"ALL_OLD","ReturnConsumedCapacity":"INDEXES","ReturnItemCollectionMetrics":"SIZE"})json",
    R"json({"TableName":"fuzz","Key":{"p":{"S":"a"},"s":{"N":"1"}},"ProjectionExpression":"m.l[0], #g","ExpressionAttributeNames":{"#g":"g"},"ConsistentRead":true})json",
    R"json({"TableName":"fuzz","Key":{"p":{"S":"a"},"s":{"N":"1"}},"UpdateExpression":"SET g = :g, n = if_not_exists(n, :n) + :n REMOVE m.l[0] ADD t :t","ConditionExpression":"attribute_exists(p)","ExpressionAttributeValues":{":g":{"S":"y"},":n":{"N":"1"},":t":{"SS":["a","b"]}},"ReturnValues":"UPDATED_NEW","ReturnValuesOnConditionCheckFailure":"ALL_OLD"})json",
    R"json({"TableName":"fuzz","Key":{"p":{"S":"a"},"s":{"N":"1"}},"ConditionExpression":"contains(t, :a)","ExpressionAttributeValues":{
  ":a" : { "S" : "a" }
}
})json",
    R"json({"RequestItems":{"fuzz":{"Keys":[{"p":{"S":"a"},"s":{"N":"1"}},{"p":{"S":"b"},"s":{"N":"-1E5"}}],"ProjectionExpression":"p"}},"ReturnConsumedCapacity":"TOTAL"})json",
    R"json({"RequestItems":{"fuzz":[{"PutRequest":{"Item":{"p":{"S":"c"},"s":{"N":"7"},"g":{"S":"z"}}}},{"DeleteRequest":{"Key":{"p":{"S":"a"},"s":{"N":"1"}}}}]}})json",
    R"json({"TableName":"fuzz","IndexName":"global","KeyConditionExpression":"g = :g AND s BETWEEN :a AND :b","FilterExpression":"begins_with(p, :g)","ExpressionAttributeValues":{":g":{"S":"x"},":a":{"N":"0"},":b":{"N":"9"}},"Limit":3,"ScanIndexForward":false,"ExclusiveStartKey":{
  "p" : {"S" : "a"}, "s" : {"N" : "1"}, "g" : { "S" : "x" }
}
})json",
    R"json({"TableName":"fuzz","FilterExpression":"#m.l[1] <> :v","ExpressionAttributeNames":{"#m":"m"},"ExpressionAttributeValues":{":v":{"BOOL":true}},"Segment":1,"TotalSegments":2,"Select":"COUNT"})json",
    R"json({"TableName":"made","AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},"DeletionProtectionEnabled":true,"GlobalSecondaryIndexes":[{"IndexName":"index","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["a"]},"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}]})json",
    R"json({"TableName":"fuzz"})json",
    R"json({"ExclusiveStartTableName":"abc","Limit":2})json",
    R"json({"TableName":"fuzz","DeletionProtectionEnabled":false,"BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":2}})json",
    R"json({"TableName":"made"})json",
    R"json({"TableName":"fuzz","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":7}})json",
    R"json({"TableName":"fuzz"})json",
    R"json({"SourceTableName":"fuzz","TargetTableName":"again","UseLatestRestorableTime":true,"BillingModeOverride":"PAY_PER_REQUEST","GlobalSecondaryIndexOverride":[]})json",
    R"json({})json",
    R"json({})json",
    // The same operations in the older style.
    R"json({"TableName":"fuzz","Item":{"p":{"S":"a"},"s":{"N":"1"}},"Expected":{"v":{"Exists":false},"w":{"ComparisonOperator":"BETWEEN","AttributeValueList":[{"N":"1"},{"N":"2"}]}},"ConditionalOperator":"OR"})json",
    R"json({"TableName":"fuzz","Key":{"p":{"S":"a"},"s":{"N":"1"}},"AttributeUpdates":{"v":{"Value":{"S":"x"}},"n":{"Action":"ADD","Value":{"N":"1"}},"l":{"Action":"ADD","Value":{"L":[{"NULL":true}]}},"t":{"Action":"DELETE","Value":{"SS":["a"]}},"w":{"Action":"DELETE"}},"Expected":{"v":{"Value":{"S":"y"}}},"ReturnValues":"UPDATED_OLD"})json",
    R"json({"TableName":"fuzz","IndexName":"global","KeyConditions":{"g":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]},"s":{"ComparisonOperator":"LT","AttributeValueList":[{"N":"5"}]}},"QueryFilter":{"t":{"ComparisonOperator":"NOT_CONTAINS","AttributeValueList":[{"S":"a"}]}},"AttributesToGet":["p","m"]})json",
    R"json({"TableName":"fuzz","ScanFilter":{"g":{"ComparisonOperator":"IN","AttributeValueList":[{"S":"x"},{"S":"y"}]},"m":{"ComparisonOperator":"NOT_NULL"}},"ConditionalOperator":"AND","AttributesToGet":["p"]})json",
};
static_assert(requests.size() == operation_names.size());

// What a mutation puts in: pieces that mean something to some parser.
constexpr std::array pieces = {"null",
                               "true",
                               "1",
                               "-1",
                               "1.5",
                               "1e400",
                               "\"\"",
                               "[]",
                               "{}",
                               "\"S\"",
                               "{\"S\":\"\"}",
                               "{\"N\":\"1e126\"}",
                               "{\"NS\":[\"1\",\"1.0\"]}",
                               "{\"L\":[{\"L\":[{\"L\":[]}]}]}",
                               "\"p\"",
                               "\"#q\"",
                               "\":v\"",
                               "\"a.b[0]\"",
                               "\"(\"",
                               "\"fuzz\"",
                               "\"arn:aws:dynamodb:eu-west-1:000000000000:table/fuzz\"",
                               "99999999999999999999",
                               "\"\\u0000\""};

std::string mutate(std::string_view base, const std::uint8_t* data, std::size_t size) {
  std::string text(base);
  for (std::size_t i = 0; i + 4 <= size && i < 64; i += 4) {
    const std::size_t at = (data[i] | (std::size_t{data[i + 1]} << 8)) % (text.size() + 1);
    const std::size_t length = data[i + 2] % 16;
    switch (data[i + 3] % 4) {
      case 0: text.insert(at, pieces[data[i + 2] % pieces.size()]); break;
      case 1: text.erase(at, length); break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(data[i + 2]);
        break;
      default: {  // a whole value is replaced: from the next colon to the end of what follows it
        const auto colon = text.find(':', at);
        const auto end = text.find_first_of(",}", colon == std::string::npos ? at : colon);
        if (colon != std::string::npos && end != std::string::npos) {
          text.replace(colon + 1, end - colon - 1, pieces[data[i + 2] % pieces.size()]);
        }
      }
    }
  }
  return text;
}

class World {
 public:
  World() {
    server_.run(create_table, R"json({"TableName":"fuzz","BillingMode":"PAY_PER_REQUEST",
        "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"},{"AttributeName":"g","AttributeType":"S"}],
        "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
        "LocalSecondaryIndexes":[{"IndexName":"local","Projection":{"ProjectionType":"KEYS_ONLY"},"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"g","KeyType":"RANGE"}]}],
        "GlobalSecondaryIndexes":[{"IndexName":"global","Projection":{"ProjectionType":"ALL"},"KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}]}]})json");
    ASSERT(!server_.error());
  }

  // Every table's name and every item in its space, but not the indexes: jobs fill those behind our back.
  std::string digest() {
    std::string text;
    for (const auto& table : server_.catalog().all()) {
      text.append(table->name).push_back('\n');
      history::ScanRequest request;
      request.space = table->space;
      auto page = sync_wait(server_.store().scan(request));
      if (!page.ok()) continue;
      for (std::size_t i = 0; i < page->rows.size(); ++i) text.append(page->rows[i].key).append(page->rows[i].value);
    }
    return text;
  }
  TestServer& server() { return server_; }

 private:
  TestServer server_;
};

}  // namespace
}  // namespace reprise::dynamo

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reprise;
  using namespace reprise::dynamo;
  static std::unique_ptr<World> world;
  static int runs = 0;
  if (size < 2) return 0;
  if (runs++ % 2000 == 0) {
    world.reset();
    world = std::make_unique<World>();
  }
  const std::size_t which = data[0] % operation_names.size();
  const Operation* operation = find_operation(operation_names[which]);
  ASSERT(operation != nullptr);
  std::string body(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[1] % 4 != 0) body = mutate(requests[which], data + 2, size - 2);

  codec::JsonDocument document;
  const auto json = document.parse(body);
  if (!json.ok()) return 0;
  TestServer& server = world->server();
  const std::string before = world->digest();
  const bool past = operation->takes_as_of && data[1] % 8 == 7;
  const auto as_of = past ? std::optional<Timestamp>(server.store().now()) : std::nullopt;
  const std::string answer = server.run(operation->run, *json, as_of);
  if (server.error()) {
    ASSERT(!server.error()->message.empty());
    ASSERT(world->digest() == before);
  } else {
    codec::JsonDocument reread;
    const auto printed = reread.parse(answer);
    ASSERT(printed.ok() && printed->is(codec::JsonType::object));
  }
  return 0;
}
