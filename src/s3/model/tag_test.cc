// Tags: both sides of every limit, S3's texts, both forms.
#include "s3/model/tag.h"

#include <gtest/gtest.h>

#include <string>

namespace reprise::s3 {
namespace {

std::string document(const Tags& tags) { return print_tagging(tags); }

Tags numbered(std::size_t count) {
  Tags tags;
  for (std::size_t i = 0; i < count; ++i) tags.push_back({"k" + std::to_string(i), ""});
  return tags;
}

std::string outcome(const Outcome<Tags>& parsed) {
  if (parsed.ok()) return "ok " + std::to_string(parsed->size());
  return std::string(spelling_of(parsed.error().code).name) + ": " + parsed.error().message;
}
std::string of_object(const Tags& tags) { return outcome(parse_tagging(document(tags), object_tags_max)); }
std::string of_bucket(const Tags& tags) { return outcome(parse_tagging(document(tags), bucket_tags_max)); }

TEST(Tagging, RoundTripKeepsOrderAndCharacters) {
  const Tags tags{{"b", "2"}, {"a", ""}, {"\xc3\xa9t\xc3\xa9 /=+-@:._", "  x \xe2\x82\xac "}};
  const auto parsed = parse_tagging(document(tags), object_tags_max);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed, tags);
}

TEST(Tagging, PrintsAsS3Does) {
  EXPECT_EQ(document({{"a", "1"}}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>");
}

TEST(Tagging, NumberOfTags) {
  EXPECT_EQ(of_object(numbered(10)), "ok 10");
  EXPECT_EQ(of_object(numbered(11)), "BadRequest: Object tags cannot be greater than 10");
  EXPECT_EQ(of_bucket(numbered(50)), "ok 50");
  EXPECT_EQ(of_bucket(numbered(51)), "BadRequest: Bucket tag count cannot be greater than 50");
  EXPECT_EQ(of_object({}), "ok 0");
}

TEST(Tagging, LengthsCountCharactersNotBytes) {
  std::string key;
  std::string value;
  for (int i = 0; i < 128; ++i) key += "\xc3\xa9";
  for (int i = 0; i < 256; ++i) value += "\xe2\x82\xac";
  EXPECT_EQ(of_object({{key, value}}), "ok 1");
  EXPECT_EQ(of_object({{key + "x", value}}), "InvalidTag: The TagKey you have provided is invalid");
  EXPECT_EQ(of_object({{key, value + "x"}}), "InvalidTag: The TagValue you have provided is invalid");
  EXPECT_EQ(of_object({{"", "x"}}), "InvalidTag: The TagKey you have provided is invalid");
}

TEST(Tagging, CharactersThatMayNotStand) {
  for (const std::string bad : {"a<b", "a&b", "a%b", "a,b", "a#b", "a\x01", "a*", "\xc2\x80"}) {
    EXPECT_EQ(of_object({{bad, ""}}), "InvalidTag: The TagKey you have provided is invalid") << bad;
    EXPECT_EQ(of_object({{"k", bad}}), "InvalidTag: The TagValue you have provided is invalid") << bad;
  }
}

TEST(Tagging, KeysAreUniqueAndNotAmazons) {
  const auto twice = parse_tagging(document({{"a", "1"}, {"a", "2"}}), object_tags_max);
  EXPECT_EQ(outcome(twice), "InvalidTag: Cannot provide multiple Tags with the same key");
  const std::vector<std::pair<std::string, std::string>> details{{"TagKey", "a"}};
  EXPECT_EQ(twice.error().details, details);
  EXPECT_EQ(of_object({{"a", "1"}, {"A", "2"}}), "ok 2");
  EXPECT_EQ(of_object({{"aws:x", ""}}), "InvalidTag: Your TagKey cannot be prefixed with aws:");
  EXPECT_EQ(of_bucket({{"aws:x", ""}}), "InvalidTag: System tags cannot be added/updated by requester");
  EXPECT_EQ(of_object({{"AWS:x", ""}}), "ok 1");
}

TEST(Tagging, DocumentsThatAreNone) {
  for (const std::string bad :
       {" ", "<Tagging/>", "<TagSet/>", "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
        "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value><Value>c</Value></Tag></TagSet></Tagging>",
        "<Tagging><TagSet/><TagSet/></Tagging>", "<Tagging><TagSet><Other/></TagSet></Tagging>",
        "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></TagSet></Tagging>"}) {
    EXPECT_TRUE(outcome(parse_tagging(bad, object_tags_max)).starts_with("MalformedXML: ")) << bad;
  }
  EXPECT_EQ(outcome(parse_tagging("", object_tags_max)), "MissingRequestBodyError: Request Body is empty");
}

TEST(TaggingHeader, DecodesAsFormsDo) {
  const auto tags = parse_tagging_header("a=1&b&c=x%20y+z&%C3%A9=%3d&&d=1=2");
  ASSERT_TRUE(tags.ok()) << tags.error().message;
  const Tags expected{{"a", "1"}, {"b", ""}, {"c", "x y z"}, {"\xc3\xa9", "="}, {"d", "1=2"}};
  EXPECT_EQ(*tags, expected);
  EXPECT_TRUE(parse_tagging_header("")->empty());
}

TEST(TaggingHeader, RefusesWhatIsNoTag) {
  for (const std::string bad : {"a=1&a=2", "=x", "%ff=1", "a=%", "a=%4", "a=%zz"}) {
    const auto tags = parse_tagging_header(bad);
    ASSERT_FALSE(tags.ok()) << bad;
    EXPECT_EQ(spelling_of(tags.error().code).name, "InvalidArgument") << bad;
    EXPECT_EQ(tags.error().message,
              "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
              "name duplicates.");
    EXPECT_EQ(tags.error().details.back().second, bad);
  }
  const std::string key(129, 'k');
  EXPECT_EQ(outcome(parse_tagging_header(key + "=1")), "InvalidTag: The TagKey you have provided is invalid");
  EXPECT_EQ(outcome(parse_tagging_header("a%26=1")), "InvalidTag: The TagKey you have provided is invalid");
  EXPECT_EQ(outcome(parse_tagging_header("aws:a=1")), "InvalidTag: Your TagKey cannot be prefixed with aws:");
  for (const std::string& value : {std::string(257, 'v'), std::string("b%26c%3c"), std::string("%00")}) {
    EXPECT_EQ(outcome(parse_tagging_header("a=" + value)), "InvalidTag: The TagValue you have provided is invalid");
  }
  EXPECT_EQ(outcome(parse_tagging_header("a&b&c&d&e&f&g&h&i&j")), "ok 10");
  EXPECT_EQ(outcome(parse_tagging_header("a&b&c&d&e&f&g&h&i&j&k")),
            "BadRequest: Object tags cannot be greater than 10");
}

}  // namespace
}  // namespace reprise::s3
