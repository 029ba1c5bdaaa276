// Proves the invariants of the item encoding: one value has one encoding, views read back what writers wrote, and
// bytes that break a rule are noticed.
#include "dynamo/model/item.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "codec/hex.h"
#include "dynamo/model/test_items.h"

namespace reprise::dynamo {
namespace {

using test::item;
using test::text_of;
using test::value;

TEST(ItemTest, EqualItemsHaveEqualBytes) {
  EXPECT_EQ(item("{'a':{'S':'x'},'b':{'N':'1.0'}}"), item("{'b':{'N':'1E0'},'a':{'S':'x'}}"));
  EXPECT_EQ(value("{'SS':['b','a']}"), value("{'SS':['a','b']}"));
  EXPECT_EQ(value("{'NS':['2','10','1']}"), value("{'NS':['1E1','1','2.00']}"));
  EXPECT_EQ(value("{'M':{'x':{'NULL':true},'y':{'L':[]}}}"), value("{'M':{'y':{'L':[]},'x':{'NULL':true}}}"));
  EXPECT_NE(value("{'S':'1'}"), value("{'N':'1'}"));
  EXPECT_NE(value("{'S':'YQ=='}"), value("{'B':'YQ=='}"));
  EXPECT_NE(value("{'BOOL':true}"), value("{'BOOL':false}"));
  EXPECT_NE(value("{'L':[]}"), value("{'M':{}}"));
}

// Version 1 is on disks: these bytes never change.
TEST(ItemTest, TheEncodingIsFrozen) {
  EXPECT_EQ(
      codec::to_hex(item("{'b':{'B':'AAEC'},'bs':{'BS':['Ag==','AQ==']},'f':{'BOOL':false},'l':{'L':[{'S':'x'}]},"
                         "'m':{'M':{'k':{'NULL':true}}},'n':{'N':'-1.5'},'ns':{'NS':['100','0']},'s':{'S':'text'},"
                         "'ss':{'SS':['b','a']},'t':{'BOOL':true}}")),
      "01"
      "0162"
      "0303000102"
      "026273"
      "0a0000000401010102"
      "0166"
      "0b"
      "016c"
      "0600000003010178"
      "016d"
      "0700000003016b05"
      "016e"
      "02033efc9b"
      "026e73"
      "0900000006028000"
      "02c202"
      "0173"
      "010474657874"
      "027373"
      "080000000401610162"
      "0174"
      "04");
}

TEST(ItemTest, ViewsReadInPlace) {
  const Bytes bytes = item(
      "{'s':{'S':'text'},'n':{'N':'-5'},'b':{'B':'AAEC'},'t':{'BOOL':true},'f':{'BOOL':false},'z':{'NULL':true},"
      "'l':{'L':[{'N':'1'},{'S':'two'},{'L':[]}]},'m':{'M':{'k':{'S':'v'}}},'ss':{'SS':['y','x']},"
      "'ns':{'NS':['3','20']},'bs':{'BS':['Ag==','AQ==']}}");
  const ItemView view(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view.map().count(), 11U);
  EXPECT_EQ(view.find("s").bytes(), "text");
  EXPECT_EQ(view.find("n").number().to_string(), "-5");
  EXPECT_EQ(view.find("b").bytes(), BytesView("\0\1\2", 3));
  EXPECT_TRUE(view.find("t").boolean());
  EXPECT_FALSE(view.find("f").boolean());
  EXPECT_TRUE(view.find("f").is(AttributeType::boolean));
  EXPECT_TRUE(view.find("z").is(AttributeType::null));
  EXPECT_EQ(view.find("l").list().count(), 3U);
  EXPECT_EQ(view.find("l").list().at(1).bytes(), "two");
  EXPECT_FALSE(view.find("l").list().at(3));
  EXPECT_EQ(view.find("m").map().find("k").bytes(), "v");
  EXPECT_TRUE(view.find("ss").set().contains("x"));
  EXPECT_FALSE(view.find("ss").set().contains("z"));
  EXPECT_EQ(view.find("ns").set().count(), 2U);
  EXPECT_TRUE(view.find("ns").set().contains(Number::from_integer(20).encoded()));
  EXPECT_EQ(view.find("bs").set().elements().bytes(), "\x01");
  EXPECT_FALSE(view.find("missing"));
  EXPECT_FALSE(ItemView().find("s"));
}

TEST(ItemTest, LongNamesAndValuesKeepTheirLength) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 16383U, 16384U, 300000U}) {
    ItemBuilder builder;
    builder.set_string("before", "1").set_string("long", std::string(size, 'x')).set_string("tail", "2");
    builder.set_string(std::string(size + 1, 'n'), "3");
    const Bytes bytes = builder.build();
    EXPECT_TRUE(is_valid_item(bytes));
    EXPECT_EQ(ItemView(bytes).find("long").bytes().size(), size);
    EXPECT_EQ(ItemView(bytes).find("tail").bytes(), "2");
    EXPECT_EQ(ItemView(bytes).find(std::string(size + 1, 'n')).bytes(), "3");
  }
}

TEST(ItemTest, BuilderReplacesAndErases) {
  ItemBuilder builder{ItemView(item("{'a':{'S':'1'},'c':{'S':'3'}}"))};
  builder.set_string("b", "2").set_number("a", Number::from_integer(7)).erase("c").erase("nothing");
  EXPECT_EQ(text_of(builder.build()), "{'a':{'N':'7'},'b':{'S':'2'}}");
  builder.set("b", builder.find("a"));
  EXPECT_EQ(text_of(builder.build()), "{'a':{'N':'7'},'b':{'N':'7'}}");
}

TEST(ItemTest, EveryCutItemIsNoItem) {
  const Bytes bytes = item("{'l':{'L':[{'N':'1'},{'S':'two'}]},'m':{'M':{'k':{'S':'v'}}},'ns':{'NS':['3','20']}}");
  EXPECT_TRUE(is_valid_item(bytes));
  for (std::size_t size = 2; size < bytes.size(); ++size) {
    const bool at_member = BytesView(bytes).substr(size, 2) == BytesView("\x01m", 2) ||
                           BytesView(bytes).substr(size, 3) == BytesView("\x02ns", 3);
    EXPECT_EQ(is_valid_item(BytesView(bytes).substr(0, size)), at_member) << size;
  }
  EXPECT_FALSE(is_valid_item(""));
}

TEST(ItemTest, BrokenRulesAreNoticed) {
  const auto with = [](BytesView members) { return Bytes(1, ItemView::format_version).append(members); };
  EXPECT_TRUE(is_valid_item(with("")));
  EXPECT_FALSE(is_valid_item(Bytes("\x02", 1)));  // a newer version
  EXPECT_FALSE(
      is_valid_item(with(BytesView("\x01"
                                   "b\x05"
                                   "\x01"
                                   "a\x05",
                                   6))));  // names out of order
  EXPECT_FALSE(
      is_valid_item(with(BytesView("\x01"
                                   "a\x05"
                                   "\x01"
                                   "a\x05",
                                   6))));                       // a name twice
  EXPECT_FALSE(is_valid_item(with(BytesView("\x00\x05", 2))));  // an empty name
  EXPECT_FALSE(
      is_valid_item(with(BytesView("\x01"
                                   "a\x63",
                                   3))));  // an unknown tag
  EXPECT_FALSE(
      is_valid_item(with(BytesView("\x01"
                                   "a\x02\x02\xc1\x00",
                                   6))));  // no number
  EXPECT_FALSE(
      is_valid_item(with(BytesView("\x01"
                                   "a\x08\x00\x00\x00\x00",
                                   7))));  // an empty set
  EXPECT_FALSE(
      is_valid_item(with(BytesView("\x01"
                                   "a\x01\x80\x00",
                                   5))));  // a length in two bytes for one
}

// A random value of limited depth, as DynamoDB JSON.
std::string random_json(Rng& rng, int depth) {
  switch (rng.below(depth > 0 ? 10 : 6)) {
    case 0: return "{'S':'" + std::string(rng.below(5), static_cast<char>('a' + rng.below(26))) + "'}";
    case 1: return "{'N':'" + std::to_string(static_cast<std::int64_t>(rng.next())) + "'}";
    case 2: return "{'B':'AQID'}";
    case 3: return rng.chance(1, 2) ? "{'BOOL':true}" : "{'NULL':true}";
    case 4: return "{'SS':['" + std::to_string(rng.below(9)) + "','x']}";
    case 5: return "{'NS':['" + std::to_string(rng.below(9)) + "','-1']}";
    case 6:
    case 7: {
      std::string text = "{'L':[";
      const auto count = rng.below(4);
      for (std::uint64_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + random_json(rng, depth - 1);
      return text + "]}";
    }
    default: {
      std::string text = "{'M':{";
      const auto count = rng.below(4);
      for (std::uint64_t i = 0; i < count; ++i) {
        text += (i > 0 ? ",'k" : "'k") + std::to_string((i * 7 + 3) % 10) + "':" + random_json(rng, depth - 1);
      }
      return text + "}}";
    }
  }
}

TEST(ItemTest, PrintsAndReadsBackToTheSameBytes) {
  Rng rng(4711);
  for (int round = 0; round < 3000; ++round) {
    const Bytes bytes = item("{'x':" + random_json(rng, 5) + ",'a':" + random_json(rng, 3) + "}");
    ASSERT_TRUE(is_valid_item(bytes));
    ASSERT_EQ(item(text_of(bytes)), bytes);
    Bytes copied;
    for (auto member = ItemView(bytes).members(); member; member.advance()) copied.append(member.encoded());
    ASSERT_EQ(copied, bytes.substr(1));
  }
}

}  // namespace
}  // namespace reprise::dynamo
