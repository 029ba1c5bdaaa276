// Proves the checks on ExpressionAttributeNames and ExpressionAttributeValues.
#include "dynamo/expr/substitution.h"

#include <gtest/gtest.h>

#include "dynamo/expr/condition.h"
#include "dynamo/expr/parser.h"
#include "dynamo/expr/test_expressions.h"

namespace reprise::dynamo {
namespace {

using test::message_of;
using test::substitutions;
using test::try_substitutions;

TEST(SubstitutionsTest, ChecksNames) {
  EXPECT_EQ(message_of(try_substitutions("{'#a':'a','#1_b':'x.y z'}", "")), "ok");
  EXPECT_EQ(message_of(try_substitutions("{}", "")), "ExpressionAttributeNames must not be empty");
  for (const std::string key : {"a", "#", "#a-b", "##a", ":a", "#a.b", ""}) {
    EXPECT_EQ(message_of(try_substitutions("{'" + key + "':'a'}", "")),
              "ExpressionAttributeNames contains invalid key: Syntax error; key: \"" + key + "\"");
  }
  EXPECT_EQ(message_of(try_substitutions("{'#DE':''}", "")),
            "ExpressionAttributeNames contains invalid value: Empty attribute name for key #DE");
  EXPECT_EQ(message_of(try_substitutions("{'#" + std::string(254, 'x') + "':'a'}", "")), "ok");
  EXPECT_NE(message_of(try_substitutions("{'#" + std::string(255, 'x') + "':'a'}", "")), "ok");
}

TEST(SubstitutionsTest, ChecksValues) {
  EXPECT_EQ(message_of(try_substitutions("", "{':a':{'S':'a'},':1':{'N':'1'}}")), "ok");
  EXPECT_EQ(message_of(try_substitutions("", "{}")), "ExpressionAttributeValues must not be empty");
  for (const std::string key : {"a", ":", ":a-b", "::a", "#a"}) {
    EXPECT_EQ(message_of(try_substitutions("", "{'" + key + "':{'S':'a'}}")),
              "ExpressionAttributeValues contains invalid key: Syntax error; key: \"" + key + "\"");
  }
  const std::string start = "ExpressionAttributeValues contains invalid value: ";
  EXPECT_EQ(message_of(try_substitutions("", "{':v':{}}")),
            start + "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :v");
  EXPECT_EQ(message_of(try_substitutions("", "{':v':{'N':'b'}}")),
            start + "The parameter cannot be converted to a numeric value: b for key :v");
  EXPECT_EQ(message_of(try_substitutions("", "{':v':{'SS':[]}}")),
            start + "One or more parameter values were invalid: An string set  may not be empty for key :v");
  const auto shape = try_substitutions("", "{':v':{'S':1}}");
  ASSERT_FALSE(shape.ok());
  EXPECT_EQ(shape.error().kind, ErrorKind::serialization);
}

TEST(SubstitutionsTest, NamesWhatNobodyUsed) {
  const auto unused = [](const std::string& text) {
    Substitutions s = substitutions("{'#a':'a','#b':'b'}", "{':v':{'S':'x'},':w':{'S':'y'}}");
    const auto ast = *parse_expression(ExpressionKind::condition, text);
    EXPECT_TRUE(Condition::bind(ast, s).ok());
    return message_of(s.check_all_used());
  };
  EXPECT_EQ(unused("#a = :v AND #b = :w"), "ok");
  EXPECT_EQ(unused("a = :v"), "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}");
  EXPECT_EQ(unused("#a = :v AND #b = c"),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}");
  EXPECT_EQ(message_of(Substitutions().check_all_used()), "ok");
}

TEST(SubstitutionsTest, SurviveBeingMoved) {
  Substitutions s = substitutions("{'#a':'a'}", "{':v':{'S':'x'}}");
  const auto condition = *Condition::bind(*parse_expression(ExpressionKind::condition, "#a = :v"), s);
  const Substitutions moved = std::move(s);
  EXPECT_TRUE(condition.matches(ItemView(test::item("{'a':{'S':'x'}}"))));
  EXPECT_TRUE(moved.check_all_used().ok());
}

TEST(BindingTest, ReportsTheFirstUndefinedReference) {
  const auto bind = [](const std::string& text) {
    Substitutions s = substitutions("{'#a':'a'}", "{':v':{'S':'x'}}");
    return message_of(Condition::bind(*parse_expression(ExpressionKind::filter, text), s));
  };
  EXPECT_EQ(bind("#a = :v"), "ok");
  EXPECT_EQ(bind("a = :x AND #y = :v"),
            "Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute "
            "value: :x");
  EXPECT_EQ(bind("b.#y = :x"),
            "Invalid FilterExpression: An expression attribute name used in the document path is not defined; "
            "attribute name: #y");
  EXPECT_EQ(bind("attribute_exists(a, :x)"),
            "Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute "
            "value: :x");
  EXPECT_EQ(bind("attribute_exists(a, :v)"),
            "Invalid FilterExpression: Incorrect number of operands for operator or function; operator or function: "
            "attribute_exists, number of operands: 2");
}

}  // namespace
}  // namespace reprise::dynamo
