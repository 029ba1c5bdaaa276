// What is no policy, and in which words S3 (bucket policies) and IAM (users' policies) say so.
#include "auth/policy/policy_for_tests.h"

namespace reprise::auth::policy {
namespace {

std::string refusal(std::string_view text, Kind kind = Kind::bucket) {
  const auto document = Document::parse(text, kind, "notes");
  return document.ok() ? "accepted" : std::string(document.error().message());
}

// A bucket's policy with one statement of these members.
std::string with(std::string_view members) { return R"({"Statement":[{)" + std::string(members) + "}]}"; }
constexpr std::string_view fine =
    R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::notes/*")";

TEST(PolicyParserTest, AcceptsWhatIsOne) {
  EXPECT_EQ(refusal(with(fine)), "accepted");
  EXPECT_EQ(refusal(R"({"Version":"2012-10-17","Id":"x","Statement":{)" + std::string(fine) + "}}"), "accepted");
  EXPECT_EQ(refusal(with(R"("Sid":"a b","Effect":"Deny","NotPrincipal":{"AWS":["111122223333"]},"NotAction":["s3:Get*"],
                            "NotResource":"arn:aws:s3:::notes")")),
            "accepted");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Principal":"*","Action":["s3:*"],"Resource":"arn:aws:s3:::notes*")")),
            "accepted");
}

TEST(PolicyParserTest, RefusesInTheWordsOfS3) {
  EXPECT_EQ(refusal("no"), "Policies must be valid JSON and the first byte must be '{'");
  EXPECT_EQ(refusal("[]"), "Policies must be valid JSON and the first byte must be '{'");
  EXPECT_EQ(refusal("{}"), "Missing required field Statement");
  EXPECT_EQ(refusal(R"({"Statement":[]})"), "Could not parse the policy: Statement is empty!");
  EXPECT_EQ(refusal(R"({"Version":"2020-01-01","Statement":[]})"), "The policy must contain a valid version string");
  EXPECT_EQ(refusal(R"({"Statements":[]})"), "Unknown field Statements");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::notes/*")")),
            "Missing required field Principal");
  EXPECT_EQ(refusal(with(R"("Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::notes/*")")),
            "Missing required field Effect");
  EXPECT_EQ(
      refusal(with(R"("Effect":"allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::notes/*")")),
      "Invalid effect: allow");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Principal":"*","Resource":"arn:aws:s3:::notes/*")")),
            "Missing required field Action");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject")")),
            "Statement is missing required element");
  EXPECT_EQ(
      refusal(with(
          R"("Effect":"Allow","Principal":{"AWS":"me"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::notes/*")")),
      "Invalid principal in policy");
  EXPECT_EQ(
      refusal(with(R"("Effect":"Allow","Principal":"me","Action":"s3:GetObject","Resource":"arn:aws:s3:::notes/*")")),
      "Invalid principal in policy");
  EXPECT_EQ(
      refusal(with(R"("Effect":"Allow","Principal":{},"Action":"s3:GetObject","Resource":"arn:aws:s3:::notes/*")")),
      "Missing required field Principal cannot be empty!");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Principal":"*","Action":"s3:Get","Resource":"arn:aws:s3:::notes/*")")),
            "Policy has invalid action");
  EXPECT_EQ(refusal(with(
                R"("Effect":"Allow","Principal":"*","Action":"dynamodb:GetItem","Resource":"arn:aws:s3:::notes/*")")),
            "Policy has invalid action");
  EXPECT_EQ(
      refusal(with(R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*")")),
      "Policy has invalid resource");
  EXPECT_EQ(
      refusal(with(R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::notes2/*")")),
      "Policy has invalid resource");
  EXPECT_EQ(
      refusal(with(R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::notes")")),
      "Action does not apply to any resource(s) in statement");
  EXPECT_EQ(
      refusal(with(
          R"("Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":"arn:aws:s3:::notes/*")")),
      "Action does not apply to any resource(s) in statement");
}

TEST(PolicyParserTest, RefusesConditionsInTheWordsOfS3) {
  const auto condition = [](std::string_view block) {
    return with(std::string(fine) + R"(,"Condition":)" + std::string(block));
  };
  EXPECT_EQ(refusal(condition(R"({"StringIs":{"aws:Referer":"x"}})")), "Invalid Condition type : StringIs");
  EXPECT_EQ(refusal(condition(R"({"StringEquals":{"s3:nothing":"x"}})")), "Policy has an invalid condition key");
  EXPECT_EQ(refusal(condition(R"({"StringEquals":{"s3:prefix":"x"}})")),
            "Conditions do not apply to combination of actions and resources in statement");
  EXPECT_EQ(refusal(condition(R"({"StringEquals":{"aws:Referer":{}}})")), "Invalid policy syntax.");
  EXPECT_EQ(refusal(condition(
                R"({"Bool":{"aws:SecureTransport":false},"StringEquals":{"s3:ExistingObjectTag/Team":["a"]}})")),
            "accepted");
}

TEST(PolicyParserTest, RefusesInTheWordsOfIam) {
  const auto user = [](std::string_view text) { return refusal(text, Kind::identity); };
  EXPECT_EQ(user("no"), "Syntax errors in policy.");
  EXPECT_EQ(user(R"({"Version":"2012-10-17"})"), "Syntax errors in policy.");
  EXPECT_EQ(user(with(R"("Effect":"Allow","Principal":"*","Action":"*","Resource":"*")")),
            "Policy document should not specify a principal.");
  EXPECT_EQ(user(with(R"("Effect":"Allow","Resource":"*")")), "Policy statement must contain actions.");
  EXPECT_EQ(user(with(R"("Effect":"Allow","Action":"*")")), "Policy statement must contain resources.");
  EXPECT_EQ(user(with(R"("Effect":"Allow","Action":"GetObject","Resource":"*")")),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  EXPECT_EQ(user(with(R"("Effect":"Allow","Action":"s 3:GetObject","Resource":"*")")), "Vendor s 3 is not valid");
  EXPECT_EQ(user(with(R"("Effect":"Allow","Action":"s3:*","Resource":"notes")")),
            "Resource notes must be in ARN format or \"*\".");
  EXPECT_EQ(user(with(R"("Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*")")),
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
            "[0-9A-Za-z]*");
  EXPECT_EQ(user(R"({"Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"},
                                  {"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"}]})"),
            "Statement IDs (SID) in a single policy must be unique.");
}

TEST(PolicyParserTest, RefusesWhatItWouldOtherwisePassOver) {
  EXPECT_EQ(refusal(with(std::string(fine) + R"(,"Effect":"Deny")")), "Invalid policy syntax.") << "twice the same";
  EXPECT_EQ(refusal(with(std::string(fine) + R"(,"NotAction":"s3:PutObject")")), "Invalid policy syntax.");
  EXPECT_EQ(refusal(with(std::string(fine) + R"(,"Conditon":{})")), "Unknown field Conditon");
  EXPECT_EQ(refusal(with(R"("Effect":"Allow","Principal":"*","Action":[1],"Resource":"arn:aws:s3:::notes/*")")),
            "Invalid policy syntax.");
  EXPECT_EQ(refusal("{" + std::string(policy_bytes_max, ' ') + "}"), "Policy size must not exceed 20480 bytes");
}

}  // namespace
}  // namespace reprise::auth::policy
