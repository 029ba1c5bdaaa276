// What a tag may be, and AWS's words for what it may not be.
#include "dynamo/ops/tag_rules.h"

#include <gtest/gtest.h>

namespace reprise::dynamo {
namespace {

std::string refusal(const Check& check) { return check.ok() ? "" : check.error().message; }
std::string of_key(const std::string& key) { return refusal(check_tags({{key, "v"}})); }
std::string of_value(const std::string& value) { return refusal(check_tags({{"k", value}})); }

TEST(TagRules, LengthsCountUtf16Units) {
  EXPECT_EQ(of_key(std::string(128, 'k')), "");
  EXPECT_EQ(of_key(std::string(129, 'k')), "The Tag Key provided is invalid, Key: " + std::string(129, 'k'));
  EXPECT_EQ(of_key(""), "The Tag Key provided is invalid, Key: ");
  EXPECT_EQ(of_value(""), "");
  EXPECT_EQ(of_value(std::string(256, 'v')), "");
  EXPECT_EQ(of_value(std::string(257, 'v')), "The Tag Value provided is invalid, Value: " + std::string(257, 'v'));
  std::string cyrillic;
  for (int i = 0; i < 128; ++i) cyrillic += "ж";
  EXPECT_EQ(of_key(cyrillic), "");  // 256 bytes, 128 units
  EXPECT_NE(of_key(cyrillic + "ж"), "");
}

TEST(TagRules, WhatIsMissingIsNull) {
  EXPECT_EQ(refusal(check_tags({{std::nullopt, "v"}})), "The Tag Key provided is invalid, Key: null");
  EXPECT_EQ(refusal(check_tags({{"k", std::nullopt}})), "The Tag Value provided is invalid, Value: null");
}

TEST(TagRules, TheAlphabetIsLettersDigitsSpacesAndNineSigns) {
  for (const char* good :
       {"sp ace", "a b+c-d=e.f_g:h/i@j", "café", "ключ", "表", "\u00a0", "\u3000", " leading", "۴"}) {
    EXPECT_TRUE(is_tag_text(good)) << good;
  }
  for (const char* bad : {"bad#char", "100%", "a,b",  "it's", "(x)", "[y]", "{z}", "a&b", "a*b",  "a;b",
                          "a?b",      "a|b",  "a\\b", "<a>",  "~a",  "🔑",   "“a”", "€",   "a\tb", "™"}) {
    EXPECT_FALSE(is_tag_text(bad)) << bad;
  }
}

TEST(TagRules, ThePrefixOfAwsIsReservedInAnyCase) {
  EXPECT_EQ(of_key("aws:foo"), "Tag Key cannot be prefixed with aws:, Key: aws:foo");
  EXPECT_EQ(of_key("AWS:foo"), "Tag Key cannot be prefixed with aws:, Key: AWS:foo");
  EXPECT_EQ(of_key("myaws:foo"), "");
  EXPECT_EQ(refusal(check_tag_keys({"aws:foo"})), "Tag Key cannot be prefixed with aws:, Key: aws:foo");
}

TEST(TagRules, KeysAreDistinctAndAtMostFifty) {
  EXPECT_EQ(refusal(check_tags({{"a", "1"}, {"A", "2"}})), "");
  EXPECT_EQ(refusal(check_tags({{"dup", "1"}, {"dup", "2"}})),
            "Duplicate Tag Keys provided as input: Duplicate Tag Key found dup");
  std::vector<TagSpec> tags;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < tags_max; ++i) {
    tags.push_back({"k" + std::to_string(i), ""});
    keys.push_back("k" + std::to_string(i));
  }
  EXPECT_EQ(refusal(check_tags(tags)), "");
  EXPECT_EQ(refusal(check_tag_keys(keys)), "");
  tags.push_back({"more", ""});
  keys.push_back("more");
  constexpr const char* too_many = "Number of Tags exceed the current limit for the provided ResourceArn";
  EXPECT_EQ(refusal(check_tags(tags)), too_many);
  EXPECT_EQ(refusal(check_tag_keys(keys)), too_many);
}

}  // namespace
}  // namespace reprise::dynamo
