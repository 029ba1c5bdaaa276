// Which attributes and partition keys a request names: what fine-grained access control looks at.
#include "dynamo/api/item_names.h"

#include <gtest/gtest.h>

#include "dynamo/partiql/parser.h"

namespace reprise::dynamo {
namespace {

using Names = std::set<std::string>;
using Keys = std::vector<std::string>;

Names attributes(std::string_view part) {
  codec::JsonDocument document;
  return attributes_named(*document.parse(part));
}
Keys keys(std::string_view part) {
  codec::JsonDocument document;
  return leading_keys(*document.parse(part), "pk");
}
Names of_statement(std::string_view text) { return attributes_named(*partiql::parse(text)); }
Keys keys_of_statement(std::string_view text, std::string_view part = "{}") {
  codec::JsonDocument document;
  return leading_keys(*partiql::parse(text), *document.parse(part), "pk");
}

TEST(ItemNamesTest, AttributesOfExpressions) {
  EXPECT_EQ(attributes(R"({"ProjectionExpression":"a, b.c[0].d, #e","ExpressionAttributeNames":{"#e":"e.f"}})"),
            (Names{"a", "b", "e.f"}));
  EXPECT_EQ(
      attributes(R"({"ConditionExpression":"attribute_not_exists(a) AND NOT (b BETWEEN :x AND :y) or size (c) > :z"})"),
      (Names{"a", "b", "c"}));
  EXPECT_EQ(attributes(R"({"UpdateExpression":"SET a = if_not_exists(b, :x) + :y REMOVE c[1] ADD d :z DELETE e :s"})"),
            (Names{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(attributes(R"j({"FilterExpression":"a IN (:x, b)","KeyConditionExpression":"pk = :p"})j"),
            (Names{"a", "b", "pk"}));
}

TEST(ItemNamesTest, AttributesOfItemsAndLegacyParameters) {
  EXPECT_EQ(attributes(R"({"Item":{"pk":{"S":"x"},"a":{"M":{"b":{"S":"y"}}}}})"), (Names{"a", "pk"}));
  EXPECT_EQ(attributes(R"({"Key":{"pk":{}},"AttributesToGet":["a","b"],"Expected":{"c":{}}})"),
            (Names{"a", "b", "c", "pk"}));
  EXPECT_EQ(attributes(R"([{"PutRequest":{"Item":{"pk":{},"a":{}}}},{"DeleteRequest":{"Key":{"pk":{}}}}])"),
            (Names{"a", "pk"}));
  EXPECT_EQ(attributes(R"({"Keys":[{"pk":{}},{"pk":{},"sk":{}}],"ProjectionExpression":"a"})"),
            (Names{"a", "pk", "sk"}));
}

TEST(ItemNamesTest, LeadingKeys) {
  EXPECT_EQ(keys(R"({"Key":{"pk":{"S":"x"},"sk":{"S":"y"}}})"), Keys{"x"});
  EXPECT_EQ(keys(R"({"Item":{"pk":{"N":"12"}}})"), Keys{"12"});
  EXPECT_EQ(keys(R"({"Keys":[{"pk":{"S":"x"}},{"pk":{"B":"eA=="}}]})"), (Keys{"x", "eA=="}));
  EXPECT_EQ(keys(R"([{"PutRequest":{"Item":{"pk":{"S":"x"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"y"}}}}])"),
            (Keys{"x", "y"}));
  EXPECT_EQ(keys(R"({"KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}}})"),
            Keys{"x"});
  EXPECT_EQ(keys(R"({"KeyConditionExpression":"sk > :s AND #p=:p","ExpressionAttributeNames":{"#p":"pk"},
                     "ExpressionAttributeValues":{":p":{"S":"x"},":s":{"S":"y"}}})"),
            Keys{"x"});
  EXPECT_EQ(keys(R"({"KeyConditionExpression":":p = pk","ExpressionAttributeValues":{":p":{"S":"x"}}})"), Keys{"x"});
  EXPECT_EQ(keys(R"({"TableName":"t"})"), Keys{});
  EXPECT_EQ(keys(R"({"Key":7,"Keys":{},"Item":[]})"), Keys{}) << "what is no request names nothing";
}

// The operations take one of several members of the same name, and not always the first.
TEST(ItemNamesTest, MembersThatComeTwiceCountTwice) {
  EXPECT_EQ(keys(R"({"Key":{"pk":{"S":"x"},"pk":{"S":"y"}}})"), (Keys{"x", "y"}));
  EXPECT_EQ(keys(R"({"Key":{"pk":null,"pk":{"S":null,"S":"y"}}})"), Keys{"y"});
  EXPECT_EQ(keys(R"({"Key":null,"Key":{"pk":{"S":"y"}}})"), Keys{"y"});
  EXPECT_EQ(
      keys(R"({"KeyConditions":{"pk":{"AttributeValueList":[{"S":"x"}]},"pk":{"AttributeValueList":[{"S":"y"}]}}})"),
      (Keys{"x", "y"}));
  EXPECT_EQ(keys(R"({"KeyConditionExpression":"pk = :p",
                     "ExpressionAttributeValues":{":p":{"S":"x"},":s":{"S":"s"},":p":{"S":"y"}}})"),
            (Keys{"x", "y"}));
  EXPECT_EQ(attributes(R"({"ProjectionExpression":"a","ProjectionExpression":"b"})"), (Names{"a", "b"}));
}

TEST(ItemNamesTest, NamesInParenthesesAndOfKeywords) {
  EXPECT_EQ(
      keys(R"j({"KeyConditionExpression":"(pk) = :p AND (sk > :p)","ExpressionAttributeValues":{":p":{"S":"x"}}})j"),
      Keys{"x"});
  EXPECT_EQ(keys(R"j({"KeyConditionExpression":"((:p) = (#p))","ExpressionAttributeNames":{"#p":"pk"},
                      "ExpressionAttributeValues":{":p":{"S":"x"}}})j"),
            Keys{"x"});
  EXPECT_EQ(attributes(R"({"ProjectionExpression":"#a, #b","ExpressionAttributeNames":{"#a":"Delete","#b":"set"}})"),
            (Names{"Delete", "set"}));
}

TEST(ItemNamesTest, Statements) {
  EXPECT_EQ(of_statement(R"(SELECT a, b.c FROM "t" WHERE pk = 'x' AND d > 1)"), (Names{"a", "b", "d", "pk"}));
  EXPECT_EQ(of_statement(R"(INSERT INTO "t" VALUE {'pk': 'x', 'a': 1})"), (Names{"a", "pk"}));
  EXPECT_EQ(of_statement(R"(UPDATE "t" SET a = b REMOVE c WHERE pk = 'x')"), (Names{"a", "b", "c", "pk"}));
  EXPECT_EQ(keys_of_statement(R"(SELECT * FROM "t" WHERE pk = 'x')"), Keys{"x"});
  EXPECT_EQ(keys_of_statement(R"(SELECT * FROM "t" WHERE (a = 1 AND pk = ?))", R"({"Parameters":[{"S":"y"}]})"),
            Keys{"y"});
  EXPECT_EQ(keys_of_statement(R"(SELECT * FROM "t" WHERE pk IN ['x', 'y'])"), (Keys{"x", "y"}));
  EXPECT_EQ(keys_of_statement(R"(INSERT INTO "t" VALUE {'pk': ?, 'a': 1})", R"({"Parameters":[{"N":"7"}]})"),
            Keys{"7"});
  EXPECT_EQ(keys_of_statement(R"(DELETE FROM "t" WHERE pk = 'x')"), Keys{"x"});
  EXPECT_EQ(keys_of_statement(R"(SELECT * FROM "t")"), Keys{});
}

}  // namespace
}  // namespace reprise::dynamo
