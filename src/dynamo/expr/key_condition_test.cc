// Proves which key conditions are understood, and the answers to those that are not.
#include "dynamo/expr/key_condition.h"

#include <gtest/gtest.h>

#include <vector>

#include "dynamo/expr/parser.h"
#include "dynamo/expr/test_expressions.h"

namespace reprise::dynamo {
namespace {

KeySchema schema(AttributeType range) {
  KeySchema result;
  result.hash = {{"pk", AttributeType::string}};
  result.range = {{"sk", range}};
  return result;
}

KeySchema hash_only() {
  KeySchema result = schema(AttributeType::string);
  result.range.clear();
  return result;
}

Substitutions values() {
  Substitutions s = test::usual_substitutions();
  s.add_value(":p", ValueView(test::value("{'S':'p'}")));
  s.add_value(":q", ValueView(test::value("{'S':'q'}")));
  s.add_value(":e", ValueView(test::value("{'S':''}")));
  s.add_value(":long", ValueView(test::value("{'S':'" + std::string(2049, 'x') + "'}")));
  return s;
}

// "pk=p < 1": the condition in short, or the message.
std::string resolve(const std::string& text, const KeySchema& schema) {
  Substitutions s = values();
  const auto ast = parse_expression(ExpressionKind::key_condition, text);
  if (!ast.ok()) return ast.error().message;
  const auto bound = BoundKeyCondition::bind(*ast, s);
  if (!bound.ok()) return bound.error().message;
  const auto condition = bound->resolve(schema);
  if (!condition.ok()) return condition.error().message;
  static const std::vector<std::string> operators = {"", "=", "<", "<=", ">", ">=", "between", "begins"};
  std::string out;
  for (const ValueView hash : condition->hash) out += describe_value(hash);
  for (const ValueView range : condition->range_equal) out += " =" + describe_value(range);
  if (condition->op == SortOperator::none) return out;
  out += " " + operators[static_cast<std::size_t>(condition->op)] + describe_value(condition->low);
  if (condition->op == SortOperator::between) out += describe_value(condition->high);
  return out;
}

TEST(KeyConditionTest, Understands) {
  const KeySchema numbers = schema(AttributeType::number);
  const KeySchema strings = schema(AttributeType::string);
  EXPECT_EQ(resolve("pk = :p", numbers), "{S:p}");
  EXPECT_EQ(resolve("pk = :p", hash_only()), "{S:p}");
  EXPECT_EQ(resolve("#pk = :p AND sk = :n", numbers), "{S:p} ={N:1}");
  EXPECT_EQ(resolve("sk = :n AND pk = :p", numbers), "{S:p} ={N:1}");
  EXPECT_EQ(resolve(":p = pk AND :n < sk", numbers), "{S:p} >{N:1}");
  EXPECT_EQ(resolve("pk = :p AND :n <= sk", numbers), "{S:p} >={N:1}");
  EXPECT_EQ(resolve("pk = :p AND :n > sk", numbers), "{S:p} <{N:1}");
  EXPECT_EQ(resolve("pk = :p AND sk <= :n", numbers), "{S:p} <={N:1}");
  EXPECT_EQ(resolve("(pk = :p) AND (sk >= :n)", numbers), "{S:p} >={N:1}");
  EXPECT_EQ(resolve("( pk = :p AND sk > :n )", numbers), "{S:p} >{N:1}");
  EXPECT_EQ(resolve("pk = :p AND sk BETWEEN :n AND :m", numbers), "{S:p} between{N:1}{N:2}");
  EXPECT_EQ(resolve("pk = :p and begins_with(sk, :s)", strings), "{S:p} begins{S:s}");
}

TEST(KeyConditionTest, RefusesExpressionsThatNoKeyAllows) {
  const KeySchema strings = schema(AttributeType::string);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"pk = :p OR sk = :q", "Invalid operator used in KeyConditionExpression: OR"},
      {"NOT pk = :p", "Invalid operator used in KeyConditionExpression: NOT"},
      {"pk <> :p", "Invalid operator used in KeyConditionExpression: <>"},
      {"pk IN (:p)", "Invalid operator used in KeyConditionExpression: IN"},
      {"attribute_exists(pk)", "Invalid operator used in KeyConditionExpression: attribute_exists"},
      {"attribute_not_exists(pk)", "Invalid operator used in KeyConditionExpression: attribute_not_exists"},
      {"contains(pk, :p)", "Invalid operator used in KeyConditionExpression: contains"},
      {"pk = :p AND size(sk) > :n",
       "Invalid KeyConditionExpression: KeyConditionExpressions cannot contain nested operations"},
      {"pk = :p AND sk.a = :q",
       "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes"},
      {"pk = :p AND pk = :q",
       "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"},
      {"pk = :p AND sk > :p AND sk < :q",
       "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"},
      {"pk = sk", "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"},
      {"begins_with(pk, sk)",
       "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"},
      {":p = :p", "Invalid condition in KeyConditionExpression: No key attribute specified"},
      {":p BETWEEN sk AND :q",
       "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first "
       "operand"},
      {"begins_with(:p, sk)",
       "Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first "
       "operand"},
      {"pk = :p AND begins_with(sk, :n)",
       "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: "
       "begins_with, operand type: N"},
      {"pk = :p AND sk BETWEEN :q AND :p",
       "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower "
       "bound; lower bound operand: AttributeValue: {S:q}, upper bound operand: AttributeValue: {S:p}"},
      {"pk = :undefined",
       "Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute "
       "value: :undefined"},
      {"a-b", "Invalid KeyConditionExpression: Syntax error; token: \"-\", near: \"a-b\""},
      {"key = :p", "Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: key"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(resolve(text, strings), message) << text;
}

TEST(KeyConditionTest, RefusesWhatTheSchemaDoesNotAllow) {
  const KeySchema strings = schema(AttributeType::string);
  const std::string mismatch =
      "One or more parameter values were invalid: Condition parameter type does not match schema type";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"sk = :p", "Query condition missed key schema element: pk"},
      {"a = :p", "Query condition missed key schema element: pk"},
      {"pk = :p AND a = :q", "Query condition missed key schema element: sk"},
      {"pk = :p AND sk = :q AND a = :q", "Conditions can be of length 1 or 2 only"},
      {"pk > :p", "Query key condition not supported"},
      {"begins_with(pk, :p)", "Query key condition not supported"},
      {"pk BETWEEN :p AND :q AND sk = :q", "Query key condition not supported"},
      {"pk = :n", mismatch},
      {"pk = :p AND sk = :n", mismatch},
      {"pk = :p AND sk = :t", mismatch},
      {"pk = :e",
       "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
       "string value. Key: pk"},
      {"pk = :long",
       "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"},
      {"pk = :p AND sk = :long",
       "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of "
       "1024 bytes"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(resolve(text, strings), message) << text;
  EXPECT_EQ(resolve("pk = :p AND sk = :q", hash_only()), "Query key condition not supported");
}

TEST(KeyConditionTest, KeysOfSeveralAttributes) {
  KeySchema wide;
  wide.hash = {{"h1", AttributeType::string}, {"h2", AttributeType::number}};
  wide.range = {{"r1", AttributeType::string}, {"r2", AttributeType::number}};
  EXPECT_EQ(resolve("h2 = :n AND h1 = :p", wide), "{S:p}{N:1}");
  EXPECT_EQ(resolve("h1 = :p AND h2 = :n AND r1 = :q AND r2 > :m", wide), "{S:p}{N:1} ={S:q} >{N:2}");
  EXPECT_EQ(resolve("h1 = :p AND h2 = :n AND begins_with(r1, :q)", wide), "{S:p}{N:1} begins{S:q}");
  EXPECT_EQ(resolve("h1 = :p", wide), "Query condition missed key schema element: h2");
  EXPECT_EQ(resolve("h1 = :p AND h2 = :n AND r2 = :n", wide), "Query condition missed key schema element: r1");
  EXPECT_EQ(resolve("h1 = :p AND h2 = :n AND r1 > :p AND r2 = :n", wide), "Query key condition not supported");
}

}  // namespace
}  // namespace reprise::dynamo
