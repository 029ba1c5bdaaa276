#include "s3/ops/conditions.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace reprise::s3 {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t modified = 784'111'777 * second + 345'678;  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::int64_t now = modified + 86'400 * second;
constexpr const char* same = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* after = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr const char* future = "Sun, 06 Nov 2094 08:49:38 GMT";

Fields fields(std::initializer_list<std::pair<const char*, const char*>> list) {
  Fields fields;
  for (const auto& [name, value] : list) fields.add(name, value);
  return fields;
}

ObjectVersion object() {
  ObjectVersion version;
  version.etag = "abc";
  version.modified_micros = modified;
  return version;
}

// "200", or the status, with the condition that failed.
std::string said(const Check& check) {
  if (check.ok()) return "200";
  std::string text = std::to_string(spelling_of(check.error().code).status);
  for (const auto& [name, value] : check.error().details) text += " " + value;
  return text;
}
std::string read(std::initializer_list<std::pair<const char*, const char*>> headers) {
  return said(check_read_conditions(fields(headers), object(), now));
}

TEST(ConditionsTest, EtagsInLists) {
  for (const char* list : {"abc", "\"abc\"", "W/\"abc\"", "*", "\"x\", \"abc\"", " \"abc\" ,", "x,abc"}) {
    EXPECT_TRUE(etag_in(list, "abc")) << list;
  }
  for (const char* list : {"", "\"\"", "\"ab\"", "abcd", "\"x\",\"y\"", "\"ABC\"", "w/\"abc\""}) {
    EXPECT_FALSE(etag_in(list, "abc")) << list;
  }
}

TEST(ConditionsTest, ReadsOneByOne) {
  EXPECT_EQ(read({}), "200");
  EXPECT_EQ(read({{"if-match", "\"abc\""}}), "200");
  EXPECT_EQ(read({{"if-match", "\"x\""}}), "412 If-Match");
  EXPECT_EQ(read({{"if-none-match", "\"abc\""}}), "304");
  EXPECT_EQ(read({{"if-none-match", "*"}}), "304");
  EXPECT_EQ(read({{"if-none-match", "\"x\""}}), "200");
  EXPECT_EQ(read({{"if-modified-since", before}}), "200");
  EXPECT_EQ(read({{"if-modified-since", same}}), "304") << "to the second";
  EXPECT_EQ(read({{"if-modified-since", after}}), "304");
  EXPECT_EQ(read({{"if-modified-since", future}}), "200") << "nobody can know";
  EXPECT_EQ(read({{"if-modified-since", "yesterday"}}), "200");
  EXPECT_EQ(read({{"if-unmodified-since", before}}), "412 If-Unmodified-Since");
  EXPECT_EQ(read({{"if-unmodified-since", same}}), "200");
  EXPECT_EQ(read({{"if-unmodified-since", "yesterday"}}), "200");
}

TEST(ConditionsTest, ReadsInTheOrderOfTheRfc) {
  EXPECT_EQ(read({{"if-match", "abc"}, {"if-unmodified-since", before}}), "200") << "the tag says more than the date";
  EXPECT_EQ(read({{"if-match", "x"}, {"if-none-match", "abc"}}), "412 If-Match");
  EXPECT_EQ(read({{"if-none-match", "x"}, {"if-modified-since", after}}), "200");
  EXPECT_EQ(read({{"if-none-match", "abc"}, {"if-modified-since", before}}), "304");
  EXPECT_EQ(read({{"if-match", "abc"}, {"if-none-match", "abc"}}), "304");
  EXPECT_EQ(read({{"if-unmodified-since", before}, {"if-none-match", "abc"}}), "412 If-Unmodified-Since");
}

TEST(ConditionsTest, NotModifiedCarriesTheTag) {
  const Check check = check_read_conditions(fields({{"if-none-match", "abc"}}), object(), now);
  ASSERT_FALSE(check.ok());
  using Headers = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(check.error().headers, (Headers{{"ETag", "\"abc\""}, {"Last-Modified", same}}));
}

std::string copied(std::initializer_list<std::pair<const char*, const char*>> headers) {
  return said(check_source_conditions(fields(headers), object(), now));
}

TEST(ConditionsTest, OfTheSourceOfACopy) {
  EXPECT_EQ(copied({{"if-match", "x"}}), "200") << "those are of the target";
  EXPECT_EQ(copied({{"x-amz-copy-source-if-match", "abc"}, {"x-amz-copy-source-if-unmodified-since", before}}), "200");
  EXPECT_EQ(copied({{"x-amz-copy-source-if-match", "x"}}), "412 x-amz-copy-source-If-Match");
  EXPECT_EQ(copied({{"x-amz-copy-source-if-none-match", "abc"}}), "412 x-amz-copy-source-If-None-Match");
  EXPECT_EQ(copied({{"x-amz-copy-source-if-modified-since", same}}), "412 x-amz-copy-source-If-Modified-Since");
  EXPECT_EQ(copied({{"x-amz-copy-source-if-unmodified-since", before}}), "412 x-amz-copy-source-If-Unmodified-Since");
  EXPECT_EQ(copied({{"x-amz-copy-source-if-none-match", "x"}, {"x-amz-copy-source-if-modified-since", after}}), "200");
}

TEST(ConditionsTest, OfWrites) {
  const ObjectVersion there = object();
  EXPECT_EQ(said(check_write_conditions(fields({{"if-none-match", "*"}}), nullptr)), "200");
  EXPECT_EQ(said(check_write_conditions(fields({{"if-none-match", "*"}}), &there)), "412 If-None-Match");
  EXPECT_EQ(said(check_write_conditions(fields({{"if-match", "\"abc\""}}), &there)), "200");
  EXPECT_EQ(said(check_write_conditions(fields({{"if-match", "\"x\""}}), &there)), "412 If-Match");
  EXPECT_EQ(said(check_write_conditions(fields({{"if-match", "\"abc\""}}), nullptr)), "404");
  EXPECT_EQ(said(check_write_headers(fields({{"if-none-match", "*"}}))), "200");
  EXPECT_EQ(said(check_write_headers(fields({{"if-none-match", "\"abc\""}}))),
            "501 If-None-Match We don't accept the provided value of If-None-Match header for this API");
  EXPECT_EQ(said(check_write_headers(fields({{"if-match", "*"}}))),
            "501 If-Match We don't accept the provided value of If-Match header for this API");
  EXPECT_EQ(said(check_write_headers(fields({{"if-none-match", "*"}, {"if-match", "a"}}))), "501 If-None-Match");
  EXPECT_EQ(said(check_write_headers(fields({{"if-modified-since", same}}))), "501 If-Modified-Since");
  EXPECT_EQ(said(check_write_headers(fields({{"x-amz-write-offset-bytes", "4"}}))), "501 x-amz-write-offset-bytes");
}

TEST(ConditionsTest, Dates) {
  EXPECT_EQ(http_date(modified), same);
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(parse_date_header(same), 784'111'777);
  EXPECT_EQ(parse_date_header("Sunday, 06-Nov-94 08:49:37 GMT"), 784'111'777);
  EXPECT_EQ(parse_date_header("Sun Nov  6 08:49:37 1994"), 784'111'777);
  EXPECT_EQ(parse_date_header("1994-11-06T08:49:37Z"), 784'111'777);
  for (const char* text : {"", "x", "Sunday, 06-Nov-94", "Sun Nov  6 08:49:37 94", "Sun, 36 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(parse_date_header(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace reprise::s3
