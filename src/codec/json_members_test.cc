#include "codec/json_members.h"

#include <gtest/gtest.h>

#include <limits>

namespace reprise::codec {
namespace {

TEST(JsonMembers, DefaultsAreNotWritten) {
  Bytes out;
  JsonWriter w(out);
  w.begin_object();
  write_text(w, "text", "");
  write_integer(w, "integer", 0);
  write_integer(w, "unless", -1, -1);
  write_flag(w, "flag", false);
  write_flag(w, "set", true, true);
  write_moment(w, "moment", 0);
  w.end_object();
  EXPECT_EQ(out, "{}");
}

TEST(JsonMembers, WrittenAsTheFormatsSay) {
  Bytes out;
  JsonWriter w(out);
  w.begin_object();
  write_text(w, "text", "a\"b");
  write_integer(w, "integer", -7);
  write_integer(w, "unless", 0, -1);
  write_flag(w, "flag", true);
  write_flag(w, "set", false, true);
  write_moment(w, "moment", 1'700'000'000'123'456);
  write_count(w, "count", 0);
  write_unsigned(w, "unsigned", std::numeric_limits<std::uint64_t>::max());
  w.end_object();
  EXPECT_EQ(out, R"({"text":"a\"b","integer":-7,"unless":0,"flag":true,"set":false,"moment":1700000000.123,"count":0,)"
                 R"("unsigned":"18446744073709551615"})");
}

TEST(JsonMembers, ReadBackAsWritten) {
  JsonDocument document;
  const auto json = document.parse(R"({"t":"x","i":-7,"f":true,"u":"18446744073709551615"})");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(text_of(*json, "t"), "x");
  EXPECT_EQ(integer_of(*json, "i"), -7);
  EXPECT_TRUE(flag_of(*json, "f"));
  EXPECT_EQ(unsigned_of(*json, "u"), std::numeric_limits<std::uint64_t>::max());
}

TEST(JsonMembers, WhatIsAbsentOrOfAnotherTypeReadsAsItsDefault) {
  JsonDocument document;
  const auto json =
      document.parse(R"({"text":1,"integer":"1","fraction":1.5,"flag":"true","unsigned":1,"none":"ten"})");
  ASSERT_TRUE(json.ok());
  for (const std::string_view name : {"text", "absent"}) EXPECT_EQ(text_of(*json, name), "") << name;
  for (const std::string_view name : {"integer", "fraction", "absent"}) EXPECT_EQ(integer_of(*json, name), 0) << name;
  for (const std::string_view name : {"unsigned", "none", "absent"}) EXPECT_EQ(unsigned_of(*json, name), 0U) << name;
  for (const std::string_view name : {"flag", "absent"}) {
    EXPECT_FALSE(flag_of(*json, name)) << name;
    EXPECT_TRUE(flag_of(*json, name, true)) << name;
  }
}

TEST(JsonMembers, NoObjectHasNoMembers) {
  JsonDocument document;
  const auto json = document.parse(R"([1])");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(text_of(*json, "t"), "");
  EXPECT_EQ(integer_of(*json, "t"), 0);
}

}  // namespace
}  // namespace reprise::codec
