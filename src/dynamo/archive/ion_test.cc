// Ion text: the samples of AWS's guide, every type of the grammar, and what a fault costs.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/json.h"
#include "dynamo/archive/ion_framer.h"
#include "dynamo/archive/ion_reader.h"
#include "dynamo/archive/ion_writer.h"
#include "dynamo/model/item_json.h"
#include "dynamo/model/test_items.h"

namespace reprise::dynamo {
namespace {

std::string ion_of(const std::string& item) {
  Bytes out;
  const Bytes encoded = test::item(item);
  append_ion_item(out, ItemView(encoded));
  return out;
}

// The Item of a record as DynamoDB JSON with single quotes, or what is wrong.
std::string read(std::string_view ion) {
  Bytes json;
  const Status status = append_ion_record_json(json, ion);
  if (!status.ok()) return std::string(status.message());
  codec::JsonDocument document;
  const auto parsed = document.parse(json);
  if (!parsed.ok()) return "no JSON: " + json;
  const auto member = parsed->find("Item");
  if (!member) return "no Item";
  const auto item = parse_item(*member);
  if (!item.ok()) return item.error().message;
  return test::text_of(*item);
}

// One value in an item.
std::string value(const std::string& ion) {
  std::string text = read("{Item:{v:" + ion + "}}");
  if (!text.starts_with("{'v':")) return text;
  return text.substr(5, text.size() - 6);
}

TEST(IonWriter, WritesWhatTheGuideShows) {
  EXPECT_EQ(ion_of("{'Authors':{'SS':['Author1','Author2']},'Dimensions':{'S':'8.5 x 11.0'},'Id':{'N':'103'},"
                   "'InPublication':{'BOOL':false},'PageCount':{'N':'600'},'Price':{'N':'2000'}}"),
            "{Authors:$dynamodb_SS::[\"Author1\",\"Author2\"],Dimensions:\"8.5 x 11.0\",Id:103.,InPublication:false,"
            "PageCount:6d2,Price:2d3}");
  EXPECT_EQ(ion_of("{'b':{'B':'aGVsbG8='},'l':{'L':[{'S':'x'},{'M':{'k':{'NULL':true}}}]},'n':{'NS':['1','2.5']},"
                   "'z':{'BS':['dXA=']}}"),
            "{b:{{aGVsbG8=}},l:[\"x\",{k:null}],n:$dynamodb_NS::[1.,2.5],z:$dynamodb_BS::[{{dXA=}}]}");
}

TEST(IonWriter, QuotesNamesThatAreNoSymbols) {
  EXPECT_EQ(ion_of("{'a b':{'S':''},'null':{'S':'x'},'nulls':{'S':'x'}}"), "{'a b':\"\",'null':\"x\",nulls:\"x\"}");
  EXPECT_EQ(ion_of("{'$10':{'S':'x'},'1a':{'S':'x'},'é':{'S':'x'}}"), "{'$10':\"x\",'1a':\"x\",'é':\"x\"}");
}

TEST(IonWriter, WritesDecimalsAsIonsLibrariesDo) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0", "0."},     {"1", "1."},      {"-12", "-12."},    {"10", "1d1"},      {"1.5", "1.5"},
      {"0.5", "5d-1"}, {"0.05", "5d-2"}, {"0.15", "1.5d-1"}, {"123.4", "123.4"}, {"-0.001", "-1d-3"},
  };
  for (const auto& [digits, ion] : cases) {
    Bytes out;
    append_ion_decimal(out, digits);
    EXPECT_EQ(out, ion) << digits;
  }
}

TEST(IonReader, ReadsEveryType) {
  EXPECT_EQ(value("\"a\""), "{'S':'a'}");
  EXPECT_EQ(value("symbol"), "{'S':'symbol'}");
  EXPECT_EQ(value("'quoted symbol'"), "{'S':'quoted symbol'}");
  EXPECT_EQ(value("'''one ''' '''two'''"), "{'S':'one two'}");
  EXPECT_EQ(value("true"), "{'BOOL':true}");
  EXPECT_EQ(value("null"), "{'NULL':true}");
  EXPECT_EQ(value("null.string"), "{'NULL':true}");
  EXPECT_EQ(value("{{ aGVs bG8= }}"), "{'B':'aGVsbG8='}");
  EXPECT_EQ(value("{{\"hello\"}}"), "{'B':'aGVsbG8='}");
  EXPECT_EQ(value("{{ '''hel''' '''lo''' }}"), "{'B':'aGVsbG8='}");
  EXPECT_EQ(value("{{\"\\xff\\x00\"}}"), "{'B':'/wA='}");
  EXPECT_EQ(value("{a:1,'b c':\"x\"}"), "{'M':{'a':{'N':'1'},'b c':{'S':'x'}}}");
  EXPECT_EQ(value("[1, [], {}]"), "{'L':[{'N':'1'},{'L':[]},{'M':{}}]}");
  EXPECT_EQ(value("$dynamodb_SS::[\"b\",\"a\"]"), "{'SS':['a','b']}");
  EXPECT_EQ(value("$dynamodb_NS::[2.,1d1]"), "{'NS':['2','10']}");
  EXPECT_EQ(value("'$dynamodb_BS'::[{{dXA=}}]"), "{'BS':['dXA=']}");
  EXPECT_EQ(value("other::annotated::7"), "{'N':'7'}");
}

TEST(IonReader, ReadsEveryNumber) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0", "0"},       {"-5", "-5"},      {"103.", "103"}, {"6d2", "600"},
      {"1.5e1", "15"},  {"1_000", "1000"}, {"0xFf", "255"}, {"0b101", "5"},
      {"-0x10", "-16"}, {"2D-2", "0.02"},  {"1.50", "1.5"}, {"0xffffffffffffffffffff", "1208925819614629174706175"},
  };
  for (const auto& [ion, number] : cases) EXPECT_EQ(value(ion), "{'N':'" + number + "'}") << ion;
}

TEST(IonReader, ReadsEscapes) {
  EXPECT_EQ(value("\"\\x41\\u00e9\\U0001F600\\\"\\/\\?\""), "{'S':'Aé😀\\'/?'}");
  EXPECT_EQ(value("\"\\ud83d\\ude00\""), "{'S':'😀'}");
  EXPECT_EQ(value("'''a\\\nb'''"), "{'S':'ab'}");
}

TEST(IonReader, PassesOverMarkersAndComments) {
  EXPECT_EQ(read("$ion_1_0 /* c */ {Item: // the item\n {a /*x*/ : /*y*/ 1 , } , }"), "{'a':{'N':'1'}}");
}

TEST(IonReader, NamesWhatIsWrong) {
  EXPECT_EQ(value("2007-02-23T12:14:33Z"), "Ion: a timestamp has no DynamoDB type at byte 9");
  EXPECT_EQ(value("(a b)"), "Ion: an s-expression has no DynamoDB type at byte 9");
  EXPECT_EQ(value("$10"), "Ion: a symbol is known by its number alone at byte 9");
  EXPECT_EQ(value("nan"), "Ion: DynamoDB has no number for nan at byte 9");
  EXPECT_EQ(value("1__0"), "Ion: a number is not well formed at byte 9");
  EXPECT_EQ(value("$dynamodb_SS::{}"), "Ion: a set must be a list at byte 23");
  EXPECT_EQ(value("\"a"), "Ion: a quoted text does not end at byte 9");
  EXPECT_EQ(value("\"\\q\""), "Ion: an escape is not known at byte 10");
  EXPECT_EQ(value(""), "Ion: a value is missing at byte 9");
  EXPECT_EQ(read("[1]"), "Ion: an item must be a struct at byte 0");
  EXPECT_EQ(read("{Item:{a:1}} x"), "Ion: there is something behind the item at byte 13");
  EXPECT_EQ(read("{Item:{a 1}}"), "Ion: a colon is missing at byte 9");
  EXPECT_EQ(read("{Item:{a:1 b:2}}"), "Ion: a comma or a brace is missing at byte 11");
  const std::string deep = std::string(500, '[') + std::string(500, ']');
  EXPECT_TRUE(value(deep).starts_with("Ion: the nesting is too deep")) << value(deep);
}

TEST(IonReader, LeavesTheRulesOfItemsToTheItems) {
  EXPECT_EQ(value("$dynamodb_SS::[\"a\",\"a\"]"),
            "One or more parameter values were invalid: Input collection [a, a] contains duplicates.");
  EXPECT_NE(value("1d200").find("Number overflow"), std::string::npos) << value("1d200");
}

// ---- Framing -------------------------------------------------------------------------------------------------------

// Items and faults of a text, fed in pieces of that size.
std::vector<std::string> frame(std::string_view text, std::size_t piece, std::size_t item_max = 1 << 20) {
  std::vector<std::string> found;
  IonFramer framer(item_max, [&](std::string_view item, std::string_view fault) {
    found.push_back(fault.empty() ? std::string(item) : "fault: " + std::string(fault));
  });
  for (std::size_t i = 0; i < text.size(); i += piece) framer.feed(text.substr(i, piece));
  framer.finish();
  return found;
}

void expect_frames(std::string_view text, const std::vector<std::string>& expected) {
  for (const std::size_t piece : {1, 2, 3, 7, 1000})
    EXPECT_EQ(frame(text, piece), expected) << text << "\nby " << piece;
}

TEST(IonFramer, FindsItemsOnLinesAndInLists) {
  expect_frames("$ion_1_0 {Item:{a:1}}\n$ion_1_0 {Item:{a:2}}\n", {"{Item:{a:1}}", "{Item:{a:2}}"});
  expect_frames("$ion_1_0\n[\n {Item:{a:1}},\n {Item:\n{a:2}}\n]\n", {"{Item:{a:1}}", "{Item:\n{a:2}}"});
  expect_frames("", {});
  expect_frames("$ion_1_0\n", {});
  expect_frames("$ion_1_0 $ion_symbol_table::{symbols:[\"x\"]} {Item:{a:1}}", {"{Item:{a:1}}"});
}

TEST(IonFramer, SeesBracketsOnlyWhereTheyAreBrackets) {
  for (const auto* item : {"{a:\"}\"}", "{a:'}'}", "{a:'''}\n}'''}", "{a:1/*}*/}", "{a:1//}\n}", "{a:{{fQ==}}}",
                           "{a:\"\\\"}\"}", "{a:{{\"}\"}}}"}) {
    expect_frames(std::string(item) + "\n{b:1}", {item, "{b:1}"});
  }
}

TEST(IonFramer, AFaultCostsItsItemAlone) {
  expect_frames("{a:1}\nrubbish\n{b:2}\n", {"{a:1}", "fault: there is something else than an item", "{b:2}"});
  expect_frames("{a:\"open}\n{b:2}\n", {"fault: a quoted text does not end on its line", "{b:2}"});
  expect_frames("$ion_1_0 {a:{b:1}\n$ion_1_0 {c:2}\n",
                {"fault: an item does not end before the next version marker", "{c:2}"});
  expect_frames("{a:1]\n{b:2}\n", {"fault: a bracket closes what was not opened", "{b:2}"});
  expect_frames("[{a:1},\n{b:2]},\n{c:3}]", {"{a:1}", "fault: a bracket closes what was not opened", "{c:3}"});
  expect_frames("{a:1}\n{b:", {"{a:1}", "fault: the object ends in the middle of an item"});
  expect_frames("{a:1}\n5\n(x)\n{b:2}", {"{a:1}", "fault: there is something else than an item",
                                         "fault: there is something else than an item", "{b:2}"});
}

TEST(IonFramer, AnItemHasALongestLength) {
  const std::string text = "{a:\"" + std::string(200, 'x') + "\"}\n{b:1}\n";
  EXPECT_EQ(frame(text, 50, 100), (std::vector<std::string>{"fault: an item is too long", "{b:1}"}));
}

TEST(Ion, ItemsComeBackAsTheyWere) {
  for (const auto* item : {"{}", "{'a':{'S':'line\\nbreak\\t\\u0001\\u007f'},'b':{'N':'-1.5'}}",
                           "{'m':{'M':{'x y':{'S':'x'}}},'n':{'NS':['-1','0.001','1']}}",
                           "{'it\\u0027s':{'L':[{'BS':['AA==']},{'B':''}]}}"}) {
    const Bytes before = test::item(item);
    Bytes line = "$ion_1_0 {Item:";
    append_ion_item(line, ItemView(before));
    EXPECT_EQ(read(line + "}"), test::text_of(before)) << line;
  }
}

}  // namespace
}  // namespace reprise::dynamo
