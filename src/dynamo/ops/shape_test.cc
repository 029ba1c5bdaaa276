// Types and constraints of requests: which error, in which order, in which words.
#include "dynamo/ops/shape.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dynamo/ops/request.h"
#include "dynamo/ops/shapes.h"

namespace reprise::dynamo {
namespace {

std::string outcome(const Shape& shape, std::string_view body, Values values = Values::checked) {
  codec::JsonDocument document;
  auto json = document.parse(body);
  EXPECT_TRUE(json.ok()) << body;
  auto result = check_request(shape, *json, values);
  if (result.ok()) return "ok";
  const auto& error = result.error();
  return (error.kind == ErrorKind::serialization ? "serialization: " : "validation: ") + error.message;
}

struct Case {
  const Shape& shape;
  std::string body;
  std::string expected;
};

TEST(ShapeTest, WrongTypesAreSerializationErrors) {
  const std::vector<Case> cases = {
      {shapes::get_item, R"({"TableName": 1, "Key": {}})", "serialization: NUMBER_VALUE cannot be converted to String"},
      {shapes::get_item, R"({"TableName": 1.5, "Key": {}})",
       "serialization: DECIMAL_VALUE cannot be converted to String"},
      {shapes::get_item, R"({"TableName": true})", "serialization: TRUE_VALUE cannot be converted to String"},
      {shapes::get_item, R"({"TableName": false})", "serialization: FALSE_VALUE cannot be converted to String"},
      {shapes::get_item, R"({"TableName": {}})", "serialization: Start of structure or map found where not expected"},
      {shapes::get_item, R"({"TableName": []})", "serialization: Unrecognized collection type class java.lang.String"},
      {shapes::get_item, R"({"ConsistentRead": "true"})", "serialization: Unexpected token received from parser"},
      {shapes::get_item, R"({"ConsistentRead": 1})", "serialization: NUMBER_VALUE cannot be converted to Boolean"},
      {shapes::get_item, R"({"AttributesToGet": "a"})", "serialization: Unexpected field type"},
      {shapes::get_item, R"({"AttributesToGet": [1]})", "serialization: NUMBER_VALUE cannot be converted to String"},
      {shapes::get_item, R"({"ExpressionAttributeNames": "a"})", "serialization: Unexpected field type"},
      {shapes::get_item, R"({"ExpressionAttributeNames": []})",
       "serialization: Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>"},
      {shapes::batch_write_item, R"({"RequestItems": []})",
       "serialization: Unrecognized collection type java.util.Map<java.lang.String, "
       "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>"},
      {shapes::get_item, R"({"ExpressionAttributeNames": {"#a": 1}})",
       "serialization: NUMBER_VALUE cannot be converted to String"},
      {shapes::query, R"({"Limit": "5"})", "serialization: STRING_VALUE cannot be converted to Integer"},
      {shapes::query, R"({"Limit": true})", "serialization: TRUE_VALUE cannot be converted to Integer"},
      {shapes::query, R"({"Limit": []})", "serialization: Unrecognized collection type class java.lang.Integer"},
      {shapes::create_table, R"({"ProvisionedThroughput": {"ReadCapacityUnits": "1"}})",
       "serialization: STRING_VALUE cannot be converted to Long"},
      {shapes::create_table, R"({"ProvisionedThroughput": "x"})", "serialization: Unexpected field type"},
      {shapes::create_table, R"({"KeySchema": ["x"]})", "serialization: Unexpected value type in payload"},
      {shapes::create_table, R"({"KeySchema": {}})",
       "serialization: Start of structure or map found where not expected"},
      {shapes::create_table, R"({"ProvisionedThroughput": []})",
       "serialization: Unrecognized collection type class com.amazonaws.dynamodb.v20120810.ProvisionedThroughput"},
      {shapes::put_item, R"({"Item": {"a": {"S": 1}}})", "serialization: NUMBER_VALUE cannot be converted to String"},
      {shapes::describe_table, R"([])", "serialization: Unexpected value type in payload"},
      {shapes::describe_table, R"("x")", "serialization: Unexpected value type in payload"},
  };
  for (const auto& c : cases) EXPECT_EQ(outcome(c.shape, c.body), c.expected) << c.body;
}

TEST(ShapeTest, TypesComeBeforeConstraintsEvenWhenDeferred) {
  const std::string body = R"({"Item": {"a": {"S": 1}}})";  // no TableName either
  EXPECT_EQ(outcome(shapes::put_item, body, Values::deferred),
            "serialization: NUMBER_VALUE cannot be converted to String");
  // Without another fault a deferred check leaves values alone.
  EXPECT_EQ(outcome(shapes::put_item, R"({"TableName": "abc", "Item": {"a": {"S": 1}}})", Values::deferred), "ok");
}

// PutItem looks at the table's name first, UpdateItem stops at the first mistake of any kind.
TEST(ShapeTest, SomeOperationsListFewer) {
  const std::string many = R"({"TableName": "NAME", "ReturnValues": "a", "ReturnConsumedCapacity": "b"})";
  const auto with_name = [&](const std::string& name) {
    std::string body = many;
    return body.replace(body.find("NAME"), 4, name);
  };
  const auto starts = [](const std::string& text, const std::string& start) { return text.starts_with(start); };
  EXPECT_EQ(outcome(shapes::put_item, with_name("")),
            "validation: 1 validation error detected: Value '' at 'tableName' failed to satisfy constraint: Member "
            "must have length greater than or equal to 1");
  EXPECT_TRUE(starts(outcome(shapes::put_item, with_name("abc")), "validation: 3 validation errors detected: "));
  EXPECT_TRUE(starts(outcome(shapes::update_item, with_name("")),
                     "validation: 1 validation error detected: Value '' at 'tableName'"));
  EXPECT_TRUE(starts(outcome(shapes::update_item, R"({"TableName": "abc", "Key": {}, "ReturnConsumedCapacity": "b",
                     "ReturnValues": "a"})"),
                     "validation: 1 validation error detected: Value 'a' at 'returnValues'"));
  EXPECT_TRUE(starts(outcome(shapes::delete_item, with_name("")), "validation: 4 validation errors detected: "));
}

TEST(ShapeTest, ConstraintsAreListedTogether) {
  const std::string null = " failed to satisfy constraint: Member must not be null";
  const std::vector<Case> cases = {
      {shapes::get_item, "{}",
       "validation: 2 validation errors detected: Value null at 'tableName'" + null + "; Value null at 'key'" + null},
      {shapes::get_item, R"({"TableName": null, "Key": null, "Nobody": 5})",
       "validation: 2 validation errors detected: Value null at 'tableName'" + null + "; Value null at 'key'" + null},
      {shapes::describe_table, R"({"TableName": ""})",
       "validation: 1 validation error detected: Value '' at 'tableName' failed to satisfy constraint: Member must "
       "have length greater than or equal to 1"},
      {shapes::describe_table, R"({"TableName": "a;c"})",
       "validation: 1 validation error detected: Value 'a;c' at 'tableName' failed to satisfy constraint: Member must "
       "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
      {shapes::list_tables, R"({"Limit": 0})",
       "validation: 1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have "
       "value greater than or equal to 1"},
      {shapes::list_tables, R"({"Limit": 101.9})",
       "validation: 1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: Member must have "
       "value less than or equal to 100"},
      {shapes::query, R"({"TableName": "abc", "Select": "x"})",
       "validation: 1 validation error detected: Value 'x' at 'select' failed to satisfy constraint: Member must "
       "satisfy "
       "enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"},
      {shapes::create_table, R"({"TableName": "abc", "AttributeDefinitions": [{}], "KeySchema": []})",
       "validation: 3 validation errors detected: Value null at 'attributeDefinitions.1.member.attributeType'" + null +
           "; Value null at 'attributeDefinitions.1.member.attributeName'" + null +
           "; Value '[]' at 'keySchema' failed to satisfy constraint: Member must have length greater than or equal to "
           "1"},
      {shapes::create_table,
       R"({"TableName": "abc", "AttributeDefinitions": [], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"},
           {"AttributeName": "b", "KeyType": "RANGE"}, {"AttributeName": "c", "KeyType": "RANGE"}]})",
       "validation: 1 validation error detected: Value '[KeySchemaElement(attributeName=a, keyType=HASH), "
       "KeySchemaElement(attributeName=b, keyType=RANGE), KeySchemaElement(attributeName=c, keyType=RANGE)]' at "
       "'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2"},
      {shapes::create_table,
       R"({"TableName": "abc", "AttributeDefinitions": [], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
           "SSESpecification": {"KMSMasterKeyId": ""}, "ProvisionedThroughput": {}})",
       "validation: 3 validation errors detected: Value null at 'provisionedThroughput.writeCapacityUnits'" + null +
           "; Value null at 'provisionedThroughput.readCapacityUnits'" + null +
           "; Value '' at 'sSESpecification.kMSMasterKeyId' failed to satisfy constraint: Member must have length "
           "greater "
           "than or equal to 1"},
      {shapes::batch_get_item, R"({"RequestItems": {"abc": {}}, "ReturnConsumedCapacity": "x"})",
       "validation: 2 validation errors detected: Value 'x' at 'returnConsumedCapacity' failed to satisfy constraint: "
       "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value null at 'requestItems.abc.member.keys'" +
           null},
      {shapes::batch_get_item, R"({"RequestItems": {"a;": {"Keys": [{}]}}})",
       "validation: 1 validation error detected: Value '{a;=KeysAndAttributes(keys=[{}], attributesToGet=null, "
       "consistentRead=null, projectionExpression=null, expressionAttributeNames=null)}' at 'requestItems' failed to "
       "satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 255, "
       "Member "
       "must have length greater than or equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"},
      {shapes::batch_write_item, R"({"RequestItems": {"abc": []}})",
       "validation: 1 validation error detected: Value '{abc=[]}' at 'requestItems' failed to satisfy constraint: Map "
       "value "
       "must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater "
       "than or "
       "equal to 1]"},
      {shapes::batch_write_item, R"({"RequestItems": {}})",
       "validation: 1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member "
       "must "
       "have length greater than or equal to 1"},
      {shapes::batch_write_item, R"({"RequestItems": {"abc": [{"PutRequest": {}}]}})",
       "validation: 1 validation error detected: Value null at 'requestItems.abc.member.1.member.putRequest.item'" +
           null},
  };
  for (const auto& c : cases) EXPECT_EQ(outcome(c.shape, c.body), c.expected) << c.body;
}

TEST(ShapeTest, LengthsAreCountedInUtf16AndBounded) {
  const std::string longest(255, 'a');
  EXPECT_EQ(outcome(shapes::describe_table, R"({"TableName": ")" + longest + "\"}"), "ok");
  EXPECT_NE(outcome(shapes::describe_table, R"({"TableName": ")" + longest + "a\"}"), "ok");
  EXPECT_EQ(outcome(shapes::describe_table, R"({"TableName": "arn:aws:dynamodb:eu-west-1:000000000000:table/x;"})"),
            "ok");
}

TEST(ShapeTest, AHostileBodyMakesNoHostileMessage) {
  std::string body = R"({"TableName": "abc", "KeySchema": [)";
  for (int i = 0; i < 5000; ++i) body += "{},";
  body += "{}]}";
  EXPECT_LT(outcome(shapes::create_table, body).size(), 100'000u);
}

TEST(RequestTest, NumbersAreCutAndClamped) {
  codec::JsonDocument document;
  auto json = document.parse(R"({"a": 1.9, "b": -1.9, "c": 1e300, "d": -1e300, "e": 3000000000, "f": null})");
  ASSERT_TRUE(json.ok());
  const Fields in(*json);
  EXPECT_EQ(in.integer("a"), 1);
  EXPECT_EQ(in.integer("b"), -1);
  EXPECT_EQ(in.integer("c"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(in.integer("d"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(json_int32(*in.value("e")), std::numeric_limits<std::int32_t>::max());
  EXPECT_FALSE(in.has("f"));
  EXPECT_FALSE(in.has("g"));
}

TEST(RequestTest, TableReferences) {
  const auto plain = parse_table_reference("abc", "000000000000", "eu-west-1");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->name, "abc");
  EXPECT_EQ(plain->account, "000000000000");
  const auto arn =
      parse_table_reference("arn:aws:dynamodb:eu-west-1:123456789012:table/abc", "000000000000", "eu-west-1");
  ASSERT_TRUE(arn.ok());
  EXPECT_EQ(arn->name, "abc");
  EXPECT_EQ(arn->account, "123456789012");
  for (const auto* bad :
       {"arn:", "arn:aws:s3:eu-west-1:123456789012:table/abc", "arn:aws:dynamodb:us-east-1:123456789012:table/abc",
        "arn:aws:dynamodb:eu-west-1:1:table/abc", "arn:aws:dynamodb:eu-west-1:123456789012:table/a",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/abc/index/x", "arn:aws:dynamodb:eu-west-1:123456789012:abc"}) {
    EXPECT_FALSE(parse_table_reference(bad, "000000000000", "eu-west-1").ok()) << bad;
  }
}

}  // namespace
}  // namespace reprise::dynamo
