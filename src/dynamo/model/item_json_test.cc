// Proves what is read from and printed to DynamoDB JSON, and the text of every refusal.
#include "dynamo/model/item_json.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "dynamo/model/test_items.h"

namespace reprise::dynamo {
namespace {

using test::item;
using test::text_of;
using test::try_item;
using test::try_value;
using test::value;

TEST(ItemJsonTest, PrintsEveryType) {
  const std::string text =
      "{'b':{'B':'AAEC'},'bs':{'BS':['AQ==','Ag==']},'f':{'BOOL':false},'l':{'L':[{'S':'x'},{'N':'1'}]},"
      "'m':{'M':{'k':{'NULL':true}}},'n':{'N':'1.5'},'ns':{'NS':['-1','2']},'s':{'S':'text'},'ss':{'SS':['a','b']},"
      "'t':{'BOOL':true}}";
  EXPECT_EQ(text_of(item(text)), text);
  EXPECT_EQ(text_of(item("{}")), "{}");
  EXPECT_EQ(text_of({}), "{}");
  EXPECT_EQ(text_of(item("{'e':{'S':''},'f':{'B':''},'l':{'L':[]},'m':{'M':{}},'ss':{'SS':['']}}")),
            "{'e':{'S':''},'f':{'B':''},'l':{'L':[]},'m':{'M':{}},'ss':{'SS':['']}}");
}

TEST(ItemJsonTest, EscapesTextAndNames) {
  codec::JsonDocument document;
  const std::string text = R"({"a\"\\\n":{"S":"\u0001 \"quoted\" \\ é 𝄞"}})";
  auto json = document.parse(text);
  ASSERT_TRUE(json.ok());
  const Bytes bytes = *parse_item(*json);
  EXPECT_EQ(ItemView(bytes).find("a\"\\\n").bytes(), "\x01 \"quoted\" \\ é 𝄞");
  Bytes printed;
  append_item_json(printed, ItemView(bytes));
  codec::JsonDocument again;
  EXPECT_EQ(*parse_item(*again.parse(printed)), bytes);
}

TEST(ItemJsonTest, OfDuplicateMembersTheLastCounts) {
  EXPECT_EQ(text_of(item("{'a':{'S':'1'},'b':{'S':'2'},'a':{'S':'3'}}")), "{'a':{'S':'3'},'b':{'S':'2'}}");
}

TEST(ItemJsonTest, ReadsMapsOfAnySize) {
  for (const int count : {0, 1, 23, 24, 25, 500}) {
    std::string text = "{";
    for (int i = count; i-- > 0;)
      text += "'k" + std::to_string(i) + "':{'N':'" + std::to_string(i) + "'}" + (i ? "," : "");
    const Bytes bytes = item(text + "}");
    EXPECT_TRUE(is_valid_item(bytes));
    EXPECT_EQ(ItemView(bytes).map().count(), static_cast<std::size_t>(count));
  }
}

TEST(ItemJsonTest, RefusesValuesThatAreNone) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{}", "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
      {"null", "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
      {"{'X':'a'}", "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
      {"{'S':null}", "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
      {"{'S':'a','N':'1'}",
       "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"},
      {"{'NULL':false}",
       "One or more parameter values were invalid: Null attribute value types must have the value of true"},
      {"{'SS':[]}", "One or more parameter values were invalid: An string set  may not be empty"},
      {"{'NS':[]}", "One or more parameter values were invalid: An number set  may not be empty"},
      {"{'BS':[]}", "One or more parameter values were invalid: Binary sets should not be empty"},
      {"{'SS':['a','b','a']}",
       "One or more parameter values were invalid: Input collection [a, b, a] contains duplicates."},
      {"{'NS':['1','2','1.0']}", "Input collection contains duplicates"},
      {"{'BS':['AQ==','AQ==']}",
       "One or more parameter values were invalid: Input collection [AQ==, AQ==]of type BS contains duplicates."},
      {"{'N':''}", "The parameter cannot be converted to a numeric value"},
      {"{'N':'x'}", "The parameter cannot be converted to a numeric value: x"},
      {"{'NS':['1','x']}", "The parameter cannot be converted to a numeric value: x"},
      {"{'L':[{'S':'a'},{}]}", "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
      {"{'M':{'a':{'SS':[]}}}", "One or more parameter values were invalid: An string set  may not be empty"},
      {"{'S':'a','N':'x'}", "The parameter cannot be converted to a numeric value: x"},
  };
  for (const auto& [text, message] : cases) {
    const auto parsed = try_value(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::validation) << text;
    EXPECT_EQ(parsed.error().message, message) << text;
  }
}

TEST(ItemJsonTest, RefusesWrongJsonTypesBeforeAnythingElse) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{'S':1}", "NUMBER_VALUE cannot be converted to String"},
      {"{'N':1}", "NUMBER_VALUE cannot be converted to String"},
      {"{'N':1.5}", "DECIMAL_VALUE cannot be converted to String"},
      {"{'S':true}", "TRUE_VALUE cannot be converted to String"},
      {"{'S':false}", "FALSE_VALUE cannot be converted to String"},
      {"{'S':[]}", "Unrecognized collection type class java.lang.String"},
      {"{'S':{}}", "Start of structure or map found where not expected"},
      {"{'BOOL':'true'}", "Unexpected token received from parser"},
      {"{'NULL':1}", "NUMBER_VALUE cannot be converted to Boolean"},
      {"{'B':1}", "only base-64-encoded strings are convertible to bytes"},
      {"{'B':'a'}", "Base64 encoded length is expected a multiple of 4 bytes but found: 1"},
      {"{'B':'a!aa'}", "Invalid Base64 character: '!'"},
      {"{'B':'ab=='}", "Invalid last non-pad Base64 character dectected"},
      {"{'SS':'a'}", "Unexpected field type"},
      {"{'SS':[1]}", "NUMBER_VALUE cannot be converted to String"},
      {"{'L':'a'}", "Unexpected field type"},
      {"{'L':{}}", "Start of structure or map found where not expected"},
      {"{'M':'a'}", "Unexpected field type"},
      {"{'M':[]}",
       "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>"},
      {"'a'", "Unexpected value type in payload"},
      {"[]", "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"},
      {"{'L':['a']}", "Unexpected value type in payload"},
  };
  for (const auto& [text, message] : cases) {
    const auto parsed = try_value(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::serialization) << text;
    EXPECT_EQ(parsed.error().message, message) << text;
    codec::JsonDocument document;
    const auto shape = check_value_shape(*document.parse(test::quoted(text)));
    ASSERT_FALSE(shape.ok()) << text;
    EXPECT_EQ(shape.error().message, message) << text;
  }
}

TEST(ItemJsonTest, TheShapeOfAWrongValueIsRight) {
  codec::JsonDocument document;
  const auto json = document.parse(test::quoted("{'a':{'SS':[]},'b':{'N':'x'},'c':{},'d':{'S':'1','N':'1'}}"));
  EXPECT_TRUE(check_item_shape(*json).ok());
  const auto second = document.parse(test::quoted("{'a':{'SS':[]},'b':{'M':{'x':{'S':5}}}}"));
  EXPECT_FALSE(check_item_shape(*second).ok());
}

TEST(ItemJsonTest, NestsThirtyTwoLevels) {
  const auto nested = [](int maps) {
    std::string text = "{'S':'x'}";
    for (int i = 0; i < maps; ++i) text = "{'M':{'m':" + text + "}}";
    return "{'a':" + text + "}";
  };
  EXPECT_TRUE(try_item(nested(31)).ok());
  EXPECT_TRUE(is_valid_item(*try_item(nested(31))));
  const auto refused = try_item(nested(32));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message,
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported "
            "limit");
}

TEST(ItemJsonTest, LimitsAttributeNames) {
  EXPECT_TRUE(try_item("{'" + std::string(65535, 'n') + "':{'S':'x'}}").ok());
  EXPECT_FALSE(try_item("{'" + std::string(65536, 'n') + "':{'S':'x'}}").ok());
  EXPECT_FALSE(try_item("{'a':{'M':{'" + std::string(65536, 'n') + "':{'S':'x'}}}}").ok());
  EXPECT_FALSE(try_item("{'':{'S':'x'}}").ok());
}

TEST(ItemJsonTest, DescribesValuesForMessages) {
  EXPECT_EQ(describe_value(ValueView(value("{'N':'5.0'}"))), "{N:5}");
  EXPECT_EQ(describe_value(ValueView(value("{'S':'a'}"))), "{S:a}");
  EXPECT_EQ(describe_value(ValueView(value("{'SS':['b','a']}"))), "{SS:[a, b]}");
  EXPECT_EQ(describe_value(ValueView(value("{'L':[{'S':'a'},{'BOOL':true}]}"))), "{L:[{S:a}, {BOOL:true}]}");
  EXPECT_EQ(describe_value(ValueView(value("{'M':{'k':{'NULL':true}}}"))), "{M:{k={NULL:true}}}");
}

}  // namespace
}  // namespace reprise::dynamo
