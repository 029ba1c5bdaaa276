#include "s3/api/post_policy.h"

#include <gtest/gtest.h>

namespace reprise::s3 {
namespace {

constexpr std::int64_t now = 1'767'225'600'000'000;  // 2026-01-01
constexpr std::string_view later = R"("expiration":"2026-01-02T00:00:00.000Z")";

std::string message_of(const std::string& conditions, const std::vector<FormField>& fields,
                       std::string_view key = "k") {
  const auto policy = parse_post_policy("{" + std::string(later) + ",\"conditions\":" + conditions + "}");
  if (!policy.ok()) return policy.error().message;
  const Check check = check_post_policy(*policy, fields, "b", key, now);
  return check.ok() ? "" : check.error().message;
}
std::string invalid(const std::string& json) {
  const auto policy = parse_post_policy(json);
  return policy.ok() ? "" : std::string(spelling_of(policy.error().code).name) + ": " + policy.error().message;
}

TEST(PostPolicyTest, EveryConditionMustHold) {
  EXPECT_EQ(message_of(R"([{"bucket":"b"},["starts-with","$key","u/"]])", {{"key", "x"}}, "u/1"), "");
  EXPECT_EQ(message_of(R"([{"bucket":"other"},["starts-with","$key",""]])", {{"key", "k"}}),
            R"(Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "other"])");
  EXPECT_EQ(message_of(R"([{"bucket":"b"},["starts-with","$key","u/"]])", {{"key", "k"}}),
            R"(Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "u/"])");
  EXPECT_EQ(message_of(R"([{"bucket":"b"},{"ACL":"private"}])", {{"acl", "private"}}), "");
  EXPECT_EQ(message_of(R"([{"bucket":"b"},{"acl":"private"}])", {}),
            R"(Invalid according to Policy: Policy Condition failed: ["eq", "$acl", "private"])");
}

TEST(PostPolicyTest, EscapesMoreThanJson) {
  EXPECT_EQ(message_of(R"([{"bucket":"b"},["eq","\$key","\$a\\$\v\u0041\""]])", {{"key", "x"}}, "$a\\$\vA\""), "");
  EXPECT_EQ(message_of(R"([{"bucket":"b"},["eq","$key","\\v"]])", {{"key", "x"}}, "\\v"), "");
  EXPECT_EQ(message_of(R"([{"bucket":"b"},["eq","$key","\x"]])", {{"key", "x"}}, "x"), "Invalid Policy: Invalid JSON.");
  EXPECT_EQ(invalid("{\\"), "InvalidPolicyDocument: Invalid Policy: Invalid JSON.");
}

TEST(PostPolicyTest, EveryFieldMustBeCovered) {
  const std::string conditions = R"([{"bucket":"b"},{"key":"k"}])";
  EXPECT_EQ(message_of(conditions, {{"key", "k"}, {"policy", "p"}, {"x-amz-signature", "s"}, {"x-ignore-a", "1"}}), "");
  EXPECT_EQ(message_of(conditions, {{"key", "k"}, {"awsaccesskeyid", "a"}, {"signature", "s"}}), "");
  EXPECT_EQ(message_of(conditions, {{"key", "k"}, {"x-amz-meta-a", "1"}}),
            "Invalid according to Policy: Extra input fields: x-amz-meta-a");
  EXPECT_EQ(message_of(R"([{"key":"k"}])", {{"key", "k"}}), "Invalid according to Policy: Extra input fields: bucket");
}

TEST(PostPolicyTest, ListsOfTypesBeginAlike) {
  const std::string conditions = R"([{"bucket":"b"},["starts-with","$Content-Type","image/"]])";
  EXPECT_EQ(message_of(conditions, {{"content-type", "image/png, image/gif"}}), "");
  EXPECT_NE(message_of(conditions, {{"content-type", "image/png,text/html"}}), "");
}

TEST(PostPolicyTest, ReadsRanges) {
  const auto policy =
      parse_post_policy("{" + std::string(later) + R"(,"conditions":[["content-length-range",5,"10"]]})");
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->bytes_min, 5U);
  EXPECT_EQ(policy->bytes_max, 10U);
}

TEST(PostPolicyTest, EndsWithItsTime) {
  const auto policy = parse_post_policy("{" + std::string(later) + R"(,"conditions":[{"bucket":"b"}]})");
  ASSERT_TRUE(policy.ok());
  EXPECT_TRUE(check_post_policy(*policy, {}, "b", "k", policy->expiration_micros - 1).ok());
  const Check late = check_post_policy(*policy, {}, "b", "k", policy->expiration_micros);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().message, "Invalid according to Policy: Policy expired.");
}

TEST(PostPolicyTest, RefusesWhatIsNoPolicy) {
  EXPECT_EQ(invalid("{"), "InvalidPolicyDocument: Invalid Policy: Invalid JSON.");
  EXPECT_EQ(invalid("[]"), "InvalidPolicyDocument: Invalid Policy: Invalid JSON.");
  EXPECT_EQ(invalid(R"({"conditions":[]})"), "InvalidPolicyDocument: Invalid Policy: Policy missing expiration.");
  EXPECT_EQ(invalid("{" + std::string(later) + "}"),
            "InvalidPolicyDocument: Invalid Policy: Policy missing conditions.");
  for (const char* const conditions : {"{}", R"(["x"])", R"([{"a":1}])", R"([{"a":"1","b":"2"}])"}) {
    EXPECT_NE(invalid("{" + std::string(later) + ",\"conditions\":" + conditions + "}"), "") << conditions;
  }
  EXPECT_NE(invalid(R"({"expiration":"tomorrow","conditions":[]})"), "");
}

TEST(PostPolicyTest, WhatMakesNoSenseIsNeverMet) {
  const std::pair<const char*, const char*> cases[] = {
      {R"(["eq","key","v"])", R"(["eq", "key", "v"])"},
      {R"(["eq","$key"])", R"(["eq", "$key"])"},
      {R"(["like","$key","v"])", R"(["like", "$key", "v"])"},
      {R"(["content-length-range",-1,5])", R"(["content-length-range", -1, 5])"},
      {R"([])", "[]"},
  };
  for (const auto& [condition, text] : cases) {
    EXPECT_EQ(message_of(R"([{"bucket":"b"},)" + std::string(condition) + "]", {}),
              "Invalid according to Policy: Policy Condition failed: " + std::string(text));
  }
}

}  // namespace
}  // namespace reprise::s3
