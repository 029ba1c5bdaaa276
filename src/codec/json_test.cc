#include "codec/json.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace reprise::codec {
namespace {

class JsonTest : public testing::Test {
 protected:
  JsonValue parse(std::string_view text) {
    auto root = document_.parse(text);
    EXPECT_TRUE(root.ok()) << text << ": " << (root.ok() ? "" : root.error().to_string());
    return root.ok() ? *root : JsonValue();
  }
  bool fails(std::string_view text) {
    auto root = document_.parse(text);
    return !root.ok() && root.error().is(Code::invalid) && !root.error().message().empty();
  }
  JsonDocument document_;
};

TEST_F(JsonTest, ReadsEveryType) {
  const JsonValue root =
      parse(R"({"n":null,"t":true,"f":false,"i":-7,"d":1.5,"s":"x\u0000\u00e9\n","a":[1,[2],{}],"o":{"k":"v"}})");
  ASSERT_EQ(root.type(), JsonType::object);
  EXPECT_EQ(root.size(), 8u);
  EXPECT_EQ(root.find("n")->type(), JsonType::null);
  EXPECT_TRUE(root.find("t")->boolean());
  EXPECT_FALSE(root.find("f")->boolean());
  EXPECT_EQ(root.find("i")->integer(), -7);
  EXPECT_EQ(root.find("d")->number(), 1.5);
  EXPECT_EQ(root.find("d")->integer(), std::nullopt);
  EXPECT_EQ(root.find("s")->string(), std::string_view("x\0\xc3\xa9\n", 5));
  EXPECT_EQ(root.find("a")->size(), 3u);
  EXPECT_EQ(root.find("o")->find("k")->string(), "v");
  EXPECT_FALSE(root.find("absent").has_value());
  EXPECT_FALSE(root.find("a")->find("k").has_value());
}

TEST_F(JsonTest, WalksNestedScopes) {
  const JsonValue root = parse(R"([[1,2],{"a":[3],"b":{"c":4}},"s",5.0,[],{}])");
  std::vector<JsonType> types;
  for (auto it = root.first_element(); it; it.advance()) types.push_back(it.value().type());
  EXPECT_EQ(types, (std::vector{JsonType::array, JsonType::object, JsonType::string, JsonType::number, JsonType::array,
                                JsonType::object}));
  auto it = root.first_element();
  it.advance();
  std::string keys;
  for (auto member = it.value().first_member(); member; member.advance()) keys += member.key();
  EXPECT_EQ(keys, "ab");
  EXPECT_FALSE(parse("[]").first_element());
  EXPECT_FALSE(parse("{}").first_member());
}

TEST_F(JsonTest, KeepsOrderAndDuplicates) {
  const JsonValue root = parse(R"({"b":1,"a":2,"b":3})");
  std::string seen;
  for (auto it = root.first_member(); it; it.advance()) {
    seen += it.key();
    seen += std::to_string(*it.value().integer());
  }
  EXPECT_EQ(seen, "b1a2b3");
  EXPECT_EQ(root.size(), 3u);
  EXPECT_EQ(root.find("b")->integer(), 1);
}

TEST_F(JsonTest, Numbers) {
  EXPECT_EQ(parse("9223372036854775807").integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse("-9223372036854775808").integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse("9223372036854775808").integer(), std::nullopt);
  EXPECT_EQ(parse("9223372036854775808").number(), 9223372036854775808.0);
  EXPECT_EQ(parse("1.0").integer(), 1);
  EXPECT_EQ(parse("1.0").number(), 1.0);
  EXPECT_EQ(parse("1e2").integer(), 100);
  EXPECT_EQ(parse("1e30").integer(), std::nullopt);
  EXPECT_EQ(parse("9.3e18").integer(), std::nullopt);
  EXPECT_EQ(parse("-9.3e18").integer(), std::nullopt);
  EXPECT_EQ(parse("0.1").number(), 0.1);
  EXPECT_TRUE(fails("01"));
  EXPECT_TRUE(fails("+1"));
  EXPECT_TRUE(fails("1."));
  EXPECT_TRUE(fails("NaN"));
}

TEST_F(JsonTest, RefusesWhatIsNotJson) {
  for (std::string_view text : {"",         " ",          "{",           "}",   "[1,]", R"({"a":})", R"({"a" 1})",
                                R"({a:1})", R"({'a':1})", "{} {}",       "{}x", "1 2",  "[1]]",      R"("unterminated)",
                                "\"\n\"",   R"("\x")",    R"("\ud800")", "nul", "tru",  "/**/1",     "{\"a\":1,}"}) {
    EXPECT_TRUE(fails(text)) << text;
  }
}

TEST_F(JsonTest, RefusesInvalidUtf8) {
  EXPECT_TRUE(fails("\"\xff\""));
  EXPECT_TRUE(fails("\"\xc0\x80\""));          // overlong
  EXPECT_TRUE(fails("\"\xed\xa0\x80\""));      // surrogate
  EXPECT_TRUE(fails("\"\xf4\x90\x80\x80\""));  // above U+10FFFF
  EXPECT_TRUE(fails("\"\xe2\x82\""));          // cut short
  EXPECT_EQ(parse("\"\xf0\x9f\x98\x80\"").string(), "\xf0\x9f\x98\x80");
  EXPECT_EQ(parse(R"("\ud83d\ude00")").string(), "\xf0\x9f\x98\x80");
}

TEST_F(JsonTest, DepthLimit) {
  EXPECT_TRUE(document_.parse(std::string(1024, '[') + std::string(1024, ']')).ok());
  EXPECT_TRUE(fails(std::string(1025, '[') + std::string(1025, ']')));
  EXPECT_TRUE(fails(std::string(100'000, '[')));
}

TEST_F(JsonTest, ReuseAfterLargeSmallAndBroken) {
  const std::string big = "[\"" + std::string(3'000'000, 'x') + "\",1]";
  EXPECT_EQ(parse(big).first_element().value().string().size(), 3'000'000u);
  EXPECT_EQ(parse("[1]").size(), 1u);
  EXPECT_TRUE(fails("[1"));
  EXPECT_EQ(parse(big).size(), 2u);
  EXPECT_TRUE(fails(big.substr(0, 2'000'000)));
  EXPECT_EQ(parse(R"({"a":[1,2,3]})").find("a")->size(), 3u);
}

TEST_F(JsonTest, CursorsSurviveMovingTheDocument) {
  const JsonValue root = parse(R"({"a":"b"})");
  const JsonDocument moved = std::move(document_);
  EXPECT_EQ(root.find("a")->string(), "b");
}

std::string as_json(std::string_view text) {
  std::string out;
  JsonWriter::append_quoted(out, text);
  return out;
}

TEST(JsonWriterTest, Escapes) {
  EXPECT_EQ(as_json(""), R"("")");
  EXPECT_EQ(as_json("plain text that is longer than eight"), R"("plain text that is longer than eight")");
  EXPECT_EQ(as_json("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(as_json("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(as_json(std::string_view("\0\x1f\x20\x7f", 4)), "\"\\u0000\\u001f \x7f\"");
  EXPECT_EQ(as_json("h\xc3\xa9 \xe2\x80\xa8"), "\"h\xc3\xa9 \xe2\x80\xa8\"");
}

TEST(JsonWriterTest, EscapesAtEveryPositionReadBack) {
  JsonDocument document;
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t length = 1; length < 20; ++length) {
      for (std::size_t at = 0; at < length; ++at) {
        std::string text(length, '!');  // '!' is next to '"', where borrowing tricks go wrong
        text[at] = static_cast<char>(byte);
        auto root = document.parse(as_json(text));
        ASSERT_TRUE(root.ok());
        ASSERT_EQ(root->string(), text);
      }
    }
  }
}

TEST(JsonWriterTest, WritesDocuments) {
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  w.member("a", "x");
  w.key("b");
  w.begin_array();
  w.integer(-1);
  w.unsigned_integer(std::numeric_limits<std::uint64_t>::max());
  w.boolean(true);
  w.null();
  w.begin_object();
  w.end_object();
  w.raw("[0]");
  w.end_array();
  w.key("c");
  w.boolean(false);
  w.end_object();
  EXPECT_EQ(out, R"({"a":"x","b":[-1,18446744073709551615,true,null,{},[0]],"c":false})");
}

template <class Write>
std::string written(Write write) {
  std::string out;
  JsonWriter w(out);
  write(w);
  return out;
}

TEST(JsonWriterTest, Numbers) {
  auto number = [](double value) { return written([&](JsonWriter& w) { w.number(value); }); };
  EXPECT_EQ(number(0), "0.0");
  EXPECT_EQ(number(1), "1.0");
  EXPECT_EQ(number(0.5), "0.5");
  EXPECT_EQ(number(-2.25), "-2.25");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(1e300), "1e+300");
  EXPECT_EQ(number(40000), "40000.0");
}

TEST(JsonWriterTest, EpochSeconds) {
  auto epoch = [](std::uint64_t micros, int digits) {
    return written([&](JsonWriter& w) { w.epoch_seconds(micros, digits); });
  };
  EXPECT_EQ(epoch(1'646'134'800'012'345, 0), "1646134800");
  EXPECT_EQ(epoch(1'646'134'800'012'345, 3), "1646134800.012");
  EXPECT_EQ(epoch(1'646'134'800'012'345, 6), "1646134800.012345");
  EXPECT_EQ(epoch(7, 6), "0.000007");
}

}  // namespace
}  // namespace reprise::codec
