// AttributeUpdates: what they make of items, and that their trees have room for whatever a request holds.
#include "dynamo/ops/legacy_updates.h"

#include <gtest/gtest.h>

#include <string>

#include "dynamo/model/test_items.h"

namespace reprise::dynamo {
namespace {

using test::quoted;

// The item afterwards, or what was wrong.
std::string updated(const std::string& item, const std::string& updates) {
  codec::JsonDocument document;
  const auto json = document.parse(quoted("{'AttributeUpdates':" + updates + "}"));
  EXPECT_TRUE(json.ok()) << updates;
  Substitutions substitutions;
  const auto update = bind_attribute_updates(Fields(*json), substitutions);
  if (!update.ok()) return update.error().message;
  if (!*update) return "nothing";
  const Bytes before = test::item(item);
  const auto result = (*update)->apply(ItemView(before), WantUpdated::no);
  return result.ok() ? test::text_of(result->item) : result.error().message;
}

TEST(LegacyUpdatesTest, Actions) {
  EXPECT_EQ(updated("{'a':{'N':'1'}}", "{'a':{'Value':{'S':'x'}}}"), "{'a':{'S':'x'}}");
  EXPECT_EQ(updated("{'a':{'N':'1'}}", "{'b.c':{'Value':{'S':'x'},'Action':'PUT'}}"),
            "{'a':{'N':'1'},'b.c':{'S':'x'}}");
  EXPECT_EQ(updated("{'a':{'N':'1'}}", "{'a':{'Action':'ADD','Value':{'N':'2'}}}"), "{'a':{'N':'3'}}");
  EXPECT_EQ(updated("{}", "{'a':{'Action':'ADD','Value':{'SS':['x']}}}"), "{'a':{'SS':['x']}}");
  EXPECT_EQ(updated("{'a':{'SS':['x','y']}}", "{'a':{'Action':'DELETE','Value':{'SS':['x']}}}"), "{'a':{'SS':['y']}}");
  EXPECT_EQ(updated("{'a':{'SS':['x']},'b':{'N':'1'}}", "{'a':{'Action':'DELETE'}}"), "{'b':{'N':'1'}}");
  EXPECT_EQ(updated("{}", "{}"), "nothing");
}

TEST(LegacyUpdatesTest, ListsAreAppended) {
  EXPECT_EQ(updated("{'a':{'L':[{'N':'1'}]}}",
                    "{'a':{'Action':'ADD','Value':{'L':[{'N':'2'}]}},'b':{'Action':'ADD','Value':{'L':[{'N':'3'}]}}}"),
            "{'a':{'L':[{'N':'1'},{'N':'2'}]},'b':{'L':[{'N':'3'}]}}");
}

TEST(LegacyUpdatesTest, WhatIsRefused) {
  const std::string wrong = "One or more parameter values were invalid: ";
  EXPECT_EQ(updated("{}", "{'a':{'Action':'PUT'}}"),
            wrong + "Only DELETE action is allowed when no attribute value is specified");
  EXPECT_EQ(updated("{}", "{'a':{'Action':'ADD','Value':{'S':'x'}}}"),
            wrong + "ADD action is not supported for the type S");
  EXPECT_EQ(updated("{}", "{'a':{'Action':'DELETE','Value':{'N':'1'}}}"),
            wrong + "DELETE action with value is not supported for the type N");
  EXPECT_EQ(updated("{'a':{'S':'x'}}", "{'a':{'Action':'ADD','Value':{'N':'1'}}}"),
            "Type mismatch for attribute to update");
  EXPECT_EQ(updated("{'a':{'N':'1'}}", "{'a':{'Action':'DELETE','Value':{'NS':['1']}}}"),
            "Type mismatch for attribute to update");
}

TEST(LegacyUpdatesTest, CountsAreBounded) {
  const auto appends = [](int count) {
    std::string text = "{";
    for (int i = 0; i < count; ++i) {
      text += (i > 0 ? ",'n" : "'n") + std::to_string(i) + "':{'Action':'ADD','Value':{'L':[]}}";
    }
    return text + "}";
  };
  EXPECT_NE(updated("{}", appends(12'000)).find("'n11999':{'L':[]}"), std::string::npos);
  EXPECT_EQ(updated("{}", appends(12'001)).substr(0, 43), "One or more parameter values were invalid: ");
}

TEST(LegacyUpdatesTest, OfAnAttributeNamedTwiceTheLastCounts) {
  EXPECT_EQ(updated("{}", "{'a':{'Value':{'N':'1'}},'a':{'Value':{'N':'2'}}}"), "{'a':{'N':'2'}}");
}

}  // namespace
}  // namespace reprise::dynamo
