// Proves DynamoDB's measure of items and its units.
#include "dynamo/model/size.h"

#include <gtest/gtest.h>

#include "dynamo/model/test_items.h"

namespace reprise::dynamo {
namespace {

std::size_t size_of(const std::string& value) { return value_size(ValueView(test::value(value))); }

TEST(SizeTest, MeasuresValues) {
  EXPECT_EQ(size_of("{'S':''}"), 0U);
  EXPECT_EQ(size_of("{'S':'abc'}"), 3U);
  EXPECT_EQ(size_of("{'S':'é'}"), 2U);
  EXPECT_EQ(size_of("{'B':'AAEC'}"), 3U);
  EXPECT_EQ(size_of("{'N':'0'}"), 1U);
  EXPECT_EQ(size_of("{'N':'1234'}"), 3U);
  EXPECT_EQ(size_of("{'BOOL':true}"), 1U);
  EXPECT_EQ(size_of("{'NULL':true}"), 1U);
  EXPECT_EQ(size_of("{'L':[]}"), 3U);
  EXPECT_EQ(size_of("{'M':{}}"), 3U);
  EXPECT_EQ(size_of("{'L':[{'S':'aa'},{'S':'aa'}]}"), 3U + 2 * 3);
  EXPECT_EQ(size_of("{'M':{'key':{'S':'aa'}}}"), 3U + 3 + 2 + 1);
  EXPECT_EQ(size_of("{'L':[{'L':[{'N':'1'}]}]}"), 3U + (3 + (2 + 1)) + 1);
  EXPECT_EQ(size_of("{'SS':['a','bc']}"), 3U);
  EXPECT_EQ(size_of("{'NS':['1','-1']}"), 5U);
  EXPECT_EQ(size_of("{'BS':['AQ==','AQI=']}"), 3U);
}

TEST(SizeTest, MeasuresItems) {
  EXPECT_EQ(item_size(ItemView()), 0U);
  EXPECT_EQ(item_size(ItemView(test::item("{'pk':{'S':'abc'},'n':{'N':'12'}}"))), 2U + 3 + 1 + 2);
}

TEST(SizeTest, RoundsUnitsUp) {
  EXPECT_EQ(read_units(0, true), 1);
  EXPECT_EQ(read_units(4096, true), 1);
  EXPECT_EQ(read_units(4097, true), 2);
  EXPECT_EQ(read_units(4097, false), 1);
  EXPECT_EQ(read_units(1, false), 0.5);
  EXPECT_EQ(write_units(0), 1);
  EXPECT_EQ(write_units(1024), 1);
  EXPECT_EQ(write_units(1025), 2);
}

}  // namespace
}  // namespace reprise::dynamo
