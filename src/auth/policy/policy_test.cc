// What policies say: the examples of IAM's and S3's user guides, and each rule by itself.
#include "auth/policy/policy.h"

#include "auth/policy/pattern.h"
#include "auth/policy/policy_for_tests.h"

namespace reprise::auth::policy {
namespace {

constexpr std::string_view object = "arn:aws:s3:::notes/home/anna/a.txt";

// IAM user guide, "Allows Amazon S3 access to a user's own home folder".
TEST(PolicyTest, AHomeDirectoryIsItsOwnersAlone) {
  const auto document = parsed(R"({
    "Version": "2012-10-17",
    "Statement": [
      {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::notes",
       "Condition": {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}}},
      {"Effect": "Allow", "Action": "s3:*",
       "Resource": ["arn:aws:s3:::notes/home/${aws:username}", "arn:aws:s3:::notes/home/${aws:username}/*"]}]})");
  EXPECT_EQ(decided(document, "s3:GetObject", object), "allow");
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:aws:s3:::notes/home/bert/a.txt"), "nothing");
  EXPECT_EQ(decided(document, "s3:ListBucket", "arn:aws:s3:::notes", anna(), {{"s3:prefix", "home/anna/x"}}), "allow");
  EXPECT_EQ(decided(document, "s3:ListBucket", "arn:aws:s3:::notes", anna(), {{"s3:prefix", "home/bert/"}}), "nothing");
  EXPECT_EQ(decided(document, "s3:ListBucket", "arn:aws:s3:::notes"), "nothing") << "a prefix is asked for";
  const Requester root = root_of("111122223333", "arn:aws:iam::111122223333:root");
  EXPECT_EQ(decided(document, "s3:GetObject", object, root), "nothing") << "root has no user name";
}

// A user called "*" gets its own folder, not everybody's.
TEST(PolicyTest, WhatAVariableStandsForIsNoWildcard) {
  const auto document = parsed(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::notes/${aws:username}/?"}})");
  Requester star = anna();
  star.user = "*";
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:aws:s3:::notes/*/a", star), "allow");
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:aws:s3:::notes/anna/a", star), "nothing");
}

TEST(PolicyTest, VariablesMeanNothingInTheOldVersion) {
  const auto document = parsed(
      R"({"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:a:b:::${aws:username}"}})");
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:a:b:::anna"), "nothing");
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:a:b:::${aws:username}"), "allow");
}

TEST(PolicyTest, DefaultsAndEscapesOfVariables) {
  const auto document = parsed(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":["arn:a:b:::${aws:referer, 'none'}","arn:a:b:::${*}x${?}${$}"]}})");
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:a:b:::none"), "allow");
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:a:b:::here", anna(), {{"aws:referer", "here"}}), "allow");
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:a:b:::*x?$"), "allow");
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:a:b:::axb$"), "nothing");
}

TEST(PolicyTest, DenyWinsWhateverTheOrder) {
  for (
      const std::string_view text :
      {R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"}]})",
       R"({"Statement":[{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]})"}) {
    const auto document = parsed(text);
    EXPECT_EQ(decided(document, "s3:DeleteObject", object), "deny");
    EXPECT_EQ(decided(document, "S3:deleteobject", object), "deny") << "actions have no case";
    EXPECT_EQ(decided(document, "s3:GetObject", object), "allow");
  }
}

// IAM user guide, "NotAction with Allow" and "NotResource with Deny".
TEST(PolicyTest, NotActionAndNotResource) {
  const auto document = parsed(R"({"Version":"2012-10-17","Statement":[
      {"Effect":"Allow","NotAction":"iam:*","Resource":"*"},
      {"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::notes","arn:aws:s3:::notes/*"]}]})");
  EXPECT_EQ(decided(document, "s3:GetObject", object), "allow");
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:aws:s3:::other/a"), "deny");
  EXPECT_EQ(decided(document, "dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/T"), "allow");
  EXPECT_EQ(decided(document, "iam:CreateUser", "*"), "nothing");
}

// Developer guide of DynamoDB, "Using IAM policy conditions for fine-grained access control".
TEST(PolicyTest, LeadingKeysHoldAUserToItsOwnItems) {
  const auto document = parsed(R"({"Version":"2012-10-17","Statement":[{
      "Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:BatchGetItem","dynamodb:Query"],
      "Resource":["arn:aws:dynamodb:*:*:table/Scores"],
      "Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["${aws:username}"],
                                                "dynamodb:Attributes":["UserId","Title"]},
                   "StringEqualsIfExists":{"dynamodb:Select":"SPECIFIC_ATTRIBUTES"}}}]})");
  const std::string table = "arn:aws:dynamodb:eu-west-1:111122223333:table/Scores";
  EXPECT_EQ(decided(document, "dynamodb:GetItem", table, anna(), {{"dynamodb:leadingkeys", "anna"}}), "allow");
  EXPECT_EQ(decided(document, "dynamodb:GetItem", table, anna(),
                    {{"dynamodb:leadingkeys", "anna"}, {"dynamodb:leadingkeys", "bert"}}),
            "nothing");
  EXPECT_EQ(decided(document, "dynamodb:GetItem", table, anna(),
                    {{"dynamodb:leadingkeys", "anna"}, {"dynamodb:attributes", "Wins"}}),
            "nothing");
  EXPECT_EQ(decided(document, "dynamodb:Query", table, anna(),
                    {{"dynamodb:leadingkeys", "anna"}, {"dynamodb:select", "ALL_ATTRIBUTES"}}),
            "nothing");
}

// ---- Principals ----------------------------------------------------------------------------------------------------

std::string bucket_policy(std::string_view effect, std::string_view principal, std::string_view rest = "") {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":")" + std::string(effect) + R"(",)" +
         std::string(principal) + R"(,"Action":"s3:GetObject","Resource":"arn:aws:s3:::notes/*")" + std::string(rest) +
         "}]}";
}

TEST(PolicyTest, PrincipalsOfABucket) {
  const Requester root = root_of("111122223333", "arn:aws:iam::111122223333:root");
  const Requester nobody;
  const auto everybody = parsed(bucket_policy("Allow", R"("Principal":"*")"), Kind::bucket);
  EXPECT_EQ(decided(everybody, "s3:GetObject", object, nobody), "allow");
  EXPECT_EQ(decided(everybody, "s3:GetObject", object), "allow");
  for (const std::string_view account :
       {R"("Principal":{"AWS":"111122223333"})", R"("Principal":{"AWS":["arn:aws:iam::111122223333:root"]})",
        R"("Principal":{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"})"}) {
    const auto document = parsed(bucket_policy("Allow", account), Kind::bucket);
    EXPECT_EQ(decided(document, "s3:GetObject", object), "account") << account;
    EXPECT_EQ(decided(document, "s3:GetObject", object, nobody), "nothing") << account;
  }
  const auto account = parsed(bucket_policy("Allow", R"("Principal":{"AWS":"111122223333"})"), Kind::bucket);
  EXPECT_EQ(decided(account, "s3:GetObject", object, root), "allow");
  const auto user =
      parsed(bucket_policy("Allow", R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/anna"})"), Kind::bucket);
  EXPECT_EQ(decided(user, "s3:GetObject", object), "allow");
  EXPECT_EQ(decided(user, "s3:GetObject", object, root), "nothing");
  EXPECT_EQ(decided(user, "s3:PutObject", object), "nothing");
  const auto service =
      parsed(bucket_policy("Allow", R"("Principal":{"Service":"logging.s3.amazonaws.com"})"), Kind::bucket);
  EXPECT_EQ(decided(service, "s3:GetObject", object), "nothing");
}

TEST(PolicyTest, ADenyOfAnAccountIsOneOfItsUsers) {
  const auto document = parsed(bucket_policy("Deny", R"("Principal":{"AWS":"111122223333"})"), Kind::bucket);
  EXPECT_EQ(decided(document, "s3:GetObject", object), "deny");
}

TEST(PolicyTest, NotPrincipalSparesWhomItNames) {
  const auto document =
      parsed(bucket_policy("Deny", R"("NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/anna","111122223333"]})"),
             Kind::bucket);
  Requester bert = anna();
  bert.arn = "arn:aws:iam::111122223333:user/bert";
  bert.user = "bert";
  EXPECT_EQ(decided(document, "s3:GetObject", object), "nothing");
  EXPECT_EQ(decided(document, "s3:GetObject", object, bert), "deny");
  EXPECT_EQ(decided(document, "s3:GetObject", object, Requester()), "deny");
}

// ---- The meaning of public -----------------------------------------------------------------------------------------

TEST(PolicyTest, TellsPublicPolicies) {
  const auto is_public = [](const std::string& text) { return parsed(text, Kind::bucket)->is_public(); };
  EXPECT_TRUE(is_public(bucket_policy("Allow", R"("Principal":"*")")));
  EXPECT_TRUE(is_public(bucket_policy("Allow", R"("Principal":{"AWS":"*"})")));
  EXPECT_FALSE(is_public(bucket_policy("Deny", R"("Principal":"*")")));
  EXPECT_FALSE(is_public(bucket_policy("Allow", R"("Principal":{"AWS":"111122223333"})")));
  const auto with = [](std::string_view condition) {
    return bucket_policy("Allow", R"("Principal":"*")", R"(,"Condition":)" + std::string(condition));
  };
  EXPECT_FALSE(is_public(with(R"({"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}})")));
  EXPECT_TRUE(is_public(with(R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}})")));
  EXPECT_TRUE(is_public(with(R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24","::/0"]}})")));
  EXPECT_TRUE(is_public(with(R"({"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}})")));
  EXPECT_FALSE(is_public(with(R"({"StringEquals":{"aws:SourceVpc":"vpc-91237329"}})")));
  EXPECT_TRUE(is_public(with(R"({"StringLike":{"aws:SourceVpc":"vpc-*"}})")));
  EXPECT_TRUE(is_public(with(R"({"StringEquals":{"aws:Referer":"https://example.org/"}})")));
  EXPECT_FALSE(is_public(with(R"({"StringEquals":{"aws:PrincipalAccount":"111122223333"}})")));
  EXPECT_FALSE(is_public(with(R"({"StringEquals":{"aws:userid":"AIDA1"}})")));
  EXPECT_TRUE(is_public(with(R"({"StringLike":{"aws:userid":"AROA1:*"}})")));
}

// ---- Patterns ------------------------------------------------------------------------------------------------------

TEST(PolicyTest, Wildcards) {
  EXPECT_TRUE(covers("*", ""));
  EXPECT_TRUE(covers("a*b?d", "axxxbcd"));
  EXPECT_FALSE(covers("a*b?d", "axxxbd"));
  EXPECT_TRUE(covers("**a**", "bab"));
  EXPECT_FALSE(covers("", "a"));
  EXPECT_FALSE(covers("A", "a"));
  EXPECT_TRUE(covers_ignoring_case("s3:get*", "s3:GetObject"));
  EXPECT_TRUE(covers("*a*a*a*a*b", std::string(2000, 'a') + "b"));
}

}  // namespace
}  // namespace reprise::auth::policy
