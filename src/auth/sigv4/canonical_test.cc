#include "auth/sigv4/canonical.h"

#include <gtest/gtest.h>

#include "auth/sigv4/amz_date.h"

namespace reprise::auth::sigv4 {
namespace {

std::string path(std::string_view text, PathStyle style = PathStyle::normalized) {
  Bytes out;
  append_canonical_path(out, text, style);
  return out;
}
std::string query(std::string_view text) {
  Bytes out;
  append_canonical_query(out, text);
  return out;
}

// The cases of AWS's published SigV4 examples ("normalize-path"), and double encoding.
TEST(CanonicalPathTest, Normalized) {
  EXPECT_EQ(path(""), "/");
  EXPECT_EQ(path("/"), "/");
  EXPECT_EQ(path("//"), "/");
  EXPECT_EQ(path("/example/.."), "/");
  EXPECT_EQ(path("/example1/example2/../.."), "/");
  EXPECT_EQ(path("/./"), "/");
  EXPECT_EQ(path("/./example"), "/example");
  EXPECT_EQ(path("//example//"), "/example/");
  EXPECT_EQ(path("/../../a"), "/a");
  EXPECT_EQ(path("/a/./b/.."), "/a/");
  EXPECT_EQ(path("/example%20space/"), "/example%2520space/");
  EXPECT_EQ(path("/-._~0aZ"), "/-._~0aZ");
  EXPECT_EQ(path("/\xe1\x88\xb4"), "/%E1%88%B4");
}

TEST(CanonicalPathTest, PlainKeepsWhatIsPartOfAnObjectsName) {
  EXPECT_EQ(path("", PathStyle::plain), "/");
  EXPECT_EQ(path("/b//a/../c/", PathStyle::plain), "/b//a/../c/");
  EXPECT_EQ(path("/test%24file.text", PathStyle::plain), "/test%24file.text");
  EXPECT_EQ(path("/test$file.text", PathStyle::plain), "/test%24file.text");
  EXPECT_EQ(path("/a%2fb%7e", PathStyle::plain), "/a/b~");
  EXPECT_EQ(path("/100%", PathStyle::plain), "/100%25");
  EXPECT_EQ(path("/%4", PathStyle::plain), "/%254");
  EXPECT_EQ(path("/a+b%2Bc", PathStyle::plain), "/a%20b%2Bc");
}

TEST(CanonicalQueryTest, SortsAndEncodes) {
  EXPECT_EQ(query(""), "");
  EXPECT_EQ(query("Param2=value2&Param1=value1"), "Param1=value1&Param2=value2");
  EXPECT_EQ(query("a=b&a=a&A=z"), "A=z&a=a&a=b");
  EXPECT_EQ(query("lifecycle"), "lifecycle=");
  EXPECT_EQ(query("a=x=y&&b"), "a=x%3Dy&b=");
  EXPECT_EQ(query("p=a+b%2B%2b%20~"), "p=a%20b%2B%2B%20~");
  EXPECT_EQ(query("a-b=1&a=2&a%20=3"), "a=2&a%20=3&a-b=1");
  EXPECT_EQ(query("X-Amz-Signature=x&b=1"), "b=1");
  EXPECT_EQ(query("x=%zz&y=%"), "x=%25zz&y=%25");
}

TEST(CanonicalHeadersTest, ValuesAndLists) {
  const Header headers[] = {
      {"HOST", "h"}, {"My-Header", "  a   b  "}, {"my-header", "\tc"}, {"X", ""}, {"Y", "\" q  r\""}};
  Bytes out;
  append_canonical_headers(out, headers, "absent;host;my-header;x;y");
  EXPECT_EQ(out, "absent:\nhost:h\nmy-header:a b,c\nx:\ny:\" q r\"\n");
}

TEST(CanonicalHeadersTest, HeaderLists) {
  std::string storage;
  const std::string_view canonical = "a;b;host";
  EXPECT_EQ(canonical_header_list(canonical, storage).data(), canonical.data());
  EXPECT_EQ(canonical_header_list("host;B;a;host", storage), "a;b;host");
  EXPECT_EQ(canonical_header_list("", storage), "");
  EXPECT_TRUE(lists_header("a;host;z", "host"));
  EXPECT_FALSE(lists_header("a;hosts;z", "host"));
  EXPECT_FALSE(lists_header("", "host"));
}

TEST(TargetTest, Splits) {
  auto check = [](std::string_view target, std::string_view path, std::string_view query) {
    const auto parts = split_target(target);
    EXPECT_EQ(parts.path, path);
    EXPECT_EQ(parts.query, query);
  };
  check("/", "/", "");
  check("/a?b?c", "/a", "b?c");
  check("http://host:1/a?b", "/a", "b");
  check("http://host", "", "");
  check("http://host?q", "", "q");
  check("", "", "");
  check("*", "*", "");
  check("/x://y", "/x://y", "");
}

TEST(AmzDateTest, PrintsAndParses) {
  EXPECT_EQ(AmzDate(0).text(), "19700101T000000Z");
  EXPECT_EQ(AmzDate(1'440'938'160).text(), "20150830T123600Z");
  EXPECT_EQ(AmzDate(1'440'938'160).day(), "20150830");
  EXPECT_EQ(AmzDate(-5).text(), "19700101T000000Z");
  for (std::int64_t t = 0; t < 4'000'000'000; t += 12'345'678) EXPECT_EQ(parse_amz_date(AmzDate(t).text()), t);
  EXPECT_EQ(parse_amz_date("20160229T235959Z"), 1'456'790'399);
  for (const std::string_view bad : {"", "20150229T000000Z", "20151301T000000Z", "20150100T000000Z", "20150101T240000Z",
                                     "20150101T006000Z", "20150101T000060Z", "20150101t000000Z", "2015010aT000000Z",
                                     "20150101T000000+", "19691231T235959Z", "+2015101T000000Z"}) {
    EXPECT_EQ(parse_amz_date(bad), std::nullopt) << bad;
  }
}

TEST(AmzDateTest, HttpDates) {
  EXPECT_EQ(parse_http_date("Sun, 30 Aug 2015 12:36:00 GMT"), 1'440'938'160);
  for (const std::string_view bad : {"", "Sun, 30 Aug 2015 12:36:00 UTC", "Sun, 30 Foo 2015 12:36:00 GMT",
                                     "Sun, 31 Feb 2015 12:36:00 GMT", "Sun, 30 anF 2015 12:36:00 GMT"}) {
    EXPECT_EQ(parse_http_date(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace reprise::auth::sigv4
