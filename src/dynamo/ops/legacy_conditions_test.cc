// The older conditions: that they mean what their expression twins mean, on random items; and what refuses them.
#include "dynamo/ops/legacy_conditions.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/rng.h"
#include "dynamo/expr/parser.h"
#include "dynamo/model/test_items.h"

namespace reprise::dynamo {
namespace {

using test::quoted;

// A request's JSON, alive as long as this is.
struct Request {
  explicit Request(const std::string& text) : json(*document.parse(quoted(text))), fields(json) {}
  codec::JsonDocument document;
  codec::JsonValue json;
  Fields fields;
};

std::string filter_message(const std::string& entries) {
  const Request request("{'ScanFilter':" + entries + "}");
  const auto filter = LegacyCondition::of_filter(request.fields, "ScanFilter");
  return filter.ok() ? "ok" : filter.error().message;
}
std::string expected_message(const std::string& members) {
  const Request request("{" + members + "}");
  const auto expected = LegacyCondition::of_expected(request.fields);
  return expected.ok() ? "ok" : expected.error().message;
}

bool legacy_matches(const std::string& request_text, const Bytes& item) {
  const Request request(request_text);
  const auto filter = LegacyCondition::of_filter(request.fields, "ScanFilter");
  EXPECT_TRUE(filter.ok()) << request_text << filter.error().message;
  Substitutions substitutions;
  const auto condition = (*filter)->bind(substitutions);
  EXPECT_TRUE(condition.ok()) << request_text << condition.error().message;
  return condition->matches(ItemView(item));
}

bool expression_matches(const std::string& text, const std::string& values, const Bytes& item) {
  const Request request("{'values':" + values + "}");
  auto substitutions = Substitutions::parse(std::nullopt, request.fields.value("values"));
  EXPECT_TRUE(substitutions.ok()) << values;
  const auto ast = parse_expression(ExpressionKind::filter, text);
  EXPECT_TRUE(ast.ok()) << text << ast.error().message;
  const auto condition = Condition::bind(*ast, *substitutions);
  EXPECT_TRUE(condition.ok()) << text << condition.error().message;
  return condition->matches(ItemView(item));
}

// ---- Twins ---------------------------------------------------------------------------------------------------------

// Values in the order in which BETWEEN wants them, type by type.
const std::array<std::vector<std::string>, 3> ordered_values = {{
    {"{'S':''}", "{'S':'a'}", "{'S':'ab'}", "{'S':'b'}"},
    {"{'N':'-2'}", "{'N':'0'}", "{'N':'1.0'}", "{'N':'15e-1'}"},
    {"{'B':''}", "{'B':'YQ=='}", "{'B':'YWI='}"},
}};
const std::vector<std::string> other_values = {
    "{'BOOL':true}",    "{'NULL':true}",  "{'L':[{'S':'a'},{'N':'1'}]}", "{'M':{'a':{'N':'1'}}}", "{'SS':['a','b']}",
    "{'NS':['1','2']}", "{'BS':['YQ==']}"};

struct Twins {
  std::string legacy;      // one entry: 'a':{...}
  std::string expression;  // the same, with its placeholders
  std::string values;      // 'placeholder':value, ...
};

class TwinMaker {
 public:
  explicit TwinMaker(std::uint64_t seed) : rng_(seed) {}

  std::string any_value() {
    const std::size_t kind = rng_.below(ordered_values.size() + 1);
    return kind == ordered_values.size() ? pick(other_values) : pick(ordered_values[kind]);
  }
  std::string item() {
    std::string text = "{";
    for (const char name : {'a', 'b', 'c'}) {
      if (rng_.below(4) == 0) continue;
      text += (text.size() > 1 ? ",'" : "'") + std::string(1, name) + "':" + any_value();
    }
    return text + "}";
  }

  Twins condition(char name) {
    struct Shape {
      const char* name;
      const char* expression;  // $a: the attribute; $0 and $1: values
      std::size_t values;
      std::size_t kinds;  // of ordered_values; 4: any value
    };
    static constexpr std::array<Shape, 13> shapes = {{
        {"EQ", "$a = $0", 1, 4},
        {"NE", "$a <> $0", 1, 4},
        {"LT", "$a < $0", 1, 3},
        {"LE", "$a <= $0", 1, 3},
        {"GT", "$a > $0", 1, 3},
        {"GE", "$a >= $0", 1, 3},
        {"NULL", "attribute_not_exists($a)", 0, 3},
        {"NOT_NULL", "attribute_exists($a)", 0, 3},
        {"CONTAINS", "contains($a, $0)", 1, 3},
        {"NOT_CONTAINS", "(attribute_exists($a) AND NOT contains($a, $0))", 1, 3},
        {"BEGINS_WITH", "begins_with($a, $0)", 1, 1},
        {"IN", "$a IN ($0, $1)", 2, 3},
        {"BETWEEN", "$a BETWEEN $0 AND $1", 2, 3},
    }};
    const Shape& shape = shapes[rng_.below(shapes.size())];
    const std::vector<std::string> values = shape.kinds == 4 ? std::vector{any_value()} : some_values(shape.kinds);
    const std::string attribute(1, name);
    Twins twins;
    twins.legacy = "'" + attribute + "':{'ComparisonOperator':'" + shape.name + "','AttributeValueList':[";
    for (std::size_t i = 0; i < shape.values; ++i) {
      twins.legacy += (i > 0 ? "," : "") + values[i];
      twins.values += (i > 0 ? ",':" : "':") + attribute + std::to_string(i) + "':" + values[i];
    }
    twins.legacy += "]}";
    for (const char* c = shape.expression; *c != '\0'; ++c) {
      if (*c != '$') {
        twins.expression += *c;
      } else if (*++c == 'a') {
        twins.expression += attribute;
      } else {
        twins.expression += ":" + attribute + *c;
      }
    }
    return twins;
  }

  std::size_t below(std::size_t bound) { return rng_.below(bound); }

 private:
  // Two of one type, the smaller first.
  std::vector<std::string> some_values(std::size_t kinds) {
    const auto& from = ordered_values[rng_.below(kinds)];
    const std::size_t first = rng_.below(from.size() - 1);
    return {from[first], from[first + 1 + rng_.below(from.size() - first - 1)]};
  }
  std::string pick(const std::vector<std::string>& from) { return from[rng_.below(from.size())]; }

  Rng rng_;
};

TEST(LegacyConditionsTest, MeanWhatTheirTwinsMean) {
  TwinMaker maker(20121210);
  std::size_t held = 0;
  constexpr int rounds = 20'000;
  for (int round = 0; round < rounds; ++round) {
    const std::size_t count = 1 + maker.below(3);
    const bool any = count > 1 && maker.below(2) == 0;
    std::string legacy;
    std::string expression;
    std::string values;
    for (std::size_t i = 0; i < count; ++i) {
      const Twins twins = maker.condition(static_cast<char>('a' + i));
      legacy += (i > 0 ? "," : "") + twins.legacy;
      expression += (i == 0 ? "" : any ? " OR " : " AND ") + twins.expression;
      if (!twins.values.empty()) values += (values.empty() ? "" : ",") + twins.values;
    }
    const std::string request = "{'ScanFilter':{" + legacy + "}" + (any ? ",'ConditionalOperator':'OR'}" : "}");
    // The map of values may not be empty.
    const std::string all_values = values.empty() ? "{':unused':{'N':'1'}}" : "{" + values + "}";
    const Bytes item = test::item(maker.item());
    const bool holds = legacy_matches(request, item);
    ASSERT_EQ(holds, expression_matches(expression, all_values, item)) << request << "\n"
                                                                       << expression << "\n"
                                                                       << test::text_of(item);
    held += holds ? 1 : 0;
  }
  // Neither always nor never.
  EXPECT_GT(held, rounds / 10);
  EXPECT_LT(held, rounds * 9 / 10);
}

// ---- Rules ---------------------------------------------------------------------------------------------------------

TEST(LegacyConditionsTest, ArgumentsThatDoNotFit) {
  const std::string wrong = "One or more parameter values were invalid: ";
  EXPECT_EQ(filter_message("{'a':{'ComparisonOperator':'EQ'}}"),
            wrong + "Invalid number of argument(s) for the EQ ComparisonOperator");
  EXPECT_EQ(filter_message("{'a':{'ComparisonOperator':'NULL','AttributeValueList':[{'S':'a'}]}}"),
            wrong + "Invalid number of argument(s) for the NULL ComparisonOperator");
  EXPECT_EQ(filter_message("{'a':{'ComparisonOperator':'IN','AttributeValueList':[{'S':'a'},{'N':'1'}]}}"),
            wrong + "AttributeValues inside AttributeValueList must be of same type");
  EXPECT_EQ(filter_message("{'a':{'ComparisonOperator':'BEGINS_WITH','AttributeValueList':[{'N':'1'}]}}"),
            wrong + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type");
  EXPECT_EQ(filter_message("{'a':{'ComparisonOperator':'BETWEEN','AttributeValueList':[{'N':'2'},{'N':'1'}]}}"),
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound");
  EXPECT_EQ(filter_message("{'a':{'ComparisonOperator':'EQ','AttributeValueList':[null]}}"),
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  EXPECT_EQ(filter_message("{'a':{'ComparisonOperator':'IN','AttributeValueList':[{'S':'a'},{'S':'a'}]}}"), "ok");
  EXPECT_EQ(filter_message("{}"), "ok");
}

TEST(LegacyConditionsTest, ExpectedIsWrittenOneWayOrTheOther) {
  const std::string wrong = "One or more parameter values were invalid: ";
  EXPECT_EQ(expected_message("'Expected':{'a':{'Value':{'S':'x'}}}"), "ok");
  EXPECT_EQ(expected_message("'Expected':{'a':{'Exists':false}}"), "ok");
  EXPECT_EQ(expected_message("'Expected':{'a':null}"), "ok");
  EXPECT_EQ(expected_message("'Expected':{'a':{}}"),
            wrong + "Value must be provided when Exists is null for Attribute: a");
  EXPECT_EQ(expected_message("'Expected':{'a':{'Exists':true}}"),
            wrong + "Value must be provided when Exists is true for Attribute: a");
  EXPECT_EQ(expected_message("'Expected':{'a':{'Exists':false,'Value':{'S':'x'}}}"),
            wrong + "Value cannot be used when Exists is false for Attribute: a");
  EXPECT_EQ(expected_message("'Expected':{'a':{'ComparisonOperator':'EQ','Exists':true}}"),
            wrong + "Exists and ComparisonOperator cannot be used together for Attribute: a");
  // A value beside an operator is no mistake, whatever the documentation says.
  EXPECT_EQ(expected_message("'Expected':{'a':{'ComparisonOperator':'EQ','Value':{'S':'x'}}}"), "ok");
}

TEST(LegacyConditionsTest, ConditionalOperatorNeedsTwo) {
  EXPECT_EQ(expected_message("'ConditionalOperator':'OR'"),
            "ConditionalOperator cannot be used without Filter or Expected");
  EXPECT_EQ(expected_message("'ConditionalOperator':'OR','Expected':{'a':{'Exists':false}}"),
            "ConditionalOperator can only be used when Filter or Expected has two or more elements");
  EXPECT_EQ(expected_message("'ConditionalOperator':'OR','Expected':{'a':{'Exists':false},'b':{'Exists':false}}"),
            "ok");
}

// As many as a tree has room for, and not one more: no request may run into the tree's own bounds.
TEST(LegacyConditionsTest, CountsAreBounded) {
  const auto filter = [](std::size_t values) {
    std::string text = "{'a':{'ComparisonOperator':'IN','AttributeValueList':[";
    for (std::size_t i = 0; i < values; ++i) text += (i > 0 ? ",{'N':'" : "{'N':'") + std::to_string(i) + "'}";
    return text + "]}}";
  };
  EXPECT_EQ(filter_message(filter(12'000)).substr(0, 43), "One or more parameter values were invalid: ");
  EXPECT_EQ(filter_message(filter(11'999)), "ok");
  EXPECT_TRUE(legacy_matches("{'ScanFilter':" + filter(11'999) + "}", test::item("{'a':{'N':'11998'}}")));

  std::string many;
  for (int i = 0; i < 6000; ++i) {
    many += (i > 0 ? ",'n" : "'n") + std::to_string(i) +
            "':{'ComparisonOperator':'NOT_CONTAINS','AttributeValueList':[{'S':'x'}]}";
  }
  EXPECT_FALSE(legacy_matches("{'ScanFilter':{" + many + "}}", test::item("{'n0':{'S':'y'}}")));
}

TEST(LegacyConditionsTest, OfAnAttributeNamedTwiceTheLastCounts) {
  const std::string twice = "{'ScanFilter':{'a':{'ComparisonOperator':'NULL'},'a':{'ComparisonOperator':'NOT_NULL'}}}";
  EXPECT_TRUE(legacy_matches(twice, test::item("{'a':{'S':'x'}}")));
  EXPECT_FALSE(legacy_matches(twice, test::item("{}")));
}

TEST(LegacyConditionsTest, KeyConditionsBecomeTerms) {
  const Request request(
      "{'KeyConditions':{'pk':{'ComparisonOperator':'EQ','AttributeValueList':[{'S':'p'}]},"
      "'sk':{'ComparisonOperator':'BETWEEN','AttributeValueList':[{'N':'1'},{'N':'2'}]}}}");
  Substitutions substitutions;
  const auto terms = read_key_conditions(request.fields, substitutions);
  ASSERT_TRUE(terms.ok());
  ASSERT_EQ(terms->size(), 2U);
  EXPECT_EQ((*terms)[0].attribute, "pk");
  EXPECT_EQ((*terms)[0].op, SortOperator::equal);
  EXPECT_EQ((*terms)[0].low, ValueView(test::value("{'S':'p'}")));
  EXPECT_EQ((*terms)[1].op, SortOperator::between);
  EXPECT_EQ((*terms)[1].high, ValueView(test::value("{'N':'2'}")));
  EXPECT_TRUE(substitutions.check_all_used().ok());

  const Request unfit("{'KeyConditions':{'pk':{'ComparisonOperator':'NOT_NULL'}}}");
  const auto refused = read_key_conditions(unfit.fields, substitutions);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "Attempted conditional constraint is not an indexable operation");
}

}  // namespace
}  // namespace reprise::dynamo
