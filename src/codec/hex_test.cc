#include "codec/hex.h"

#include <gtest/gtest.h>

namespace reprise::codec {
namespace {

TEST(HexTest, RoundTripOfEveryByte) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  const std::string text = to_hex(all);
  EXPECT_EQ(text.substr(0, 6), "000102");
  EXPECT_EQ(text.substr(text.size() - 4), "feff");
  EXPECT_EQ(*from_hex(text), all);
}

TEST(HexTest, Appends) {
  Bytes out = "x";
  append_hex(out, "\xab\x01");
  EXPECT_EQ(out, "xab01");
  EXPECT_EQ(to_hex(""), "");
}

TEST(HexTest, ReadsBothCasesAndRefusesTheRest) {
  EXPECT_EQ(*from_hex("aBCd"), "\xab\xcd");
  EXPECT_EQ(*from_hex(""), "");
  EXPECT_TRUE(from_hex("abc").error().is(Code::invalid));
  EXPECT_TRUE(from_hex("0g").error().is(Code::invalid));
  EXPECT_TRUE(from_hex("g0").error().is(Code::invalid));
  EXPECT_TRUE(from_hex(" 0").error().is(Code::invalid));
}

}  // namespace
}  // namespace reprise::codec
