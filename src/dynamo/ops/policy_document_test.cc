// Resource-based policies: the form in which they are read back, what is refused, and in which words.
#include "dynamo/ops/policy_document.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace reprise::dynamo {
namespace {

constexpr const char* account = "123456789012";
constexpr const char* table_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/music";

// ' stands for ".
std::string with_quotes(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '\'', '"');
  return out;
}
std::string canonical(std::string_view text, PolicyTarget target = PolicyTarget::table) {
  const auto policy = canonical_policy(with_quotes(text), target);
  return policy.ok() ? *policy : policy.error().message;
}
constexpr std::string_view prefix = "One or more parameter values were invalid: Invalid policy document: ";
std::string problem(std::string_view text, PolicyTarget target = PolicyTarget::table) {
  const std::string message = canonical(text, target);
  EXPECT_TRUE(message.starts_with(prefix)) << message;
  return message.substr(std::min(prefix.size(), message.size()));
}
// A statement that is allowed, with `changes` behind it.
std::string statement(std::string_view effect, std::string_view principal, std::string_view action,
                      std::string_view resource) {
  return "{'Effect':'" + std::string(effect) + "','Principal':" + std::string(principal) +
         ",'Action':" + std::string(action) + ",'Resource':" + std::string(resource) + "}";
}
std::string policy_of(std::string_view statements) {
  return "{'Version':'2012-10-17','Statement':[" + std::string(statements) + "]}";
}
const std::string own = "{'AWS':'arn:aws:iam::123456789012:root'}";

TEST(PolicyDocument, IsMinifiedAndPutInOrder) {
  const std::string expected = with_quotes(
      "{'Version':'2012-10-17','Statement':[{'Sid':'Read','Effect':'Allow','Principal':{'AWS':"
      "'arn:aws:iam::123456789012:root'},'Action':'dynamodb:GetItem','Resource':'*','Condition':{'Bool':{'a':'true'}}}]"
      "}");
  EXPECT_EQ(
      canonical("{\n 'Statement': { 'Condition': {'Bool': {'a': 'true'}}, 'Resource': ['*'],\n"
                " 'Action': ['dynamodb:GetItem'], 'Principal': {'AWS': ['123456789012',"
                " 'arn:aws:iam::123456789012:root']}, 'Effect': 'allow', 'Sid': 'Read'},\n 'Version': '2012-10-17'}"),
      expected);
  EXPECT_EQ(*canonical_policy(expected, PolicyTarget::table), expected);  // a fixed point
}

TEST(PolicyDocument, ListsKeepTheirOrderAndDuplicates) {
  EXPECT_EQ(
      canonical(policy_of(statement("Deny", own, "['dynamodb:Scan','dynamodb:GetItem','dynamodb:Scan']", "'*'"))),
      with_quotes(policy_of(statement("Deny", own, "['dynamodb:Scan','dynamodb:GetItem','dynamodb:Scan']", "'*'"))));
}

TEST(PolicyDocument, WithoutAVersionTheOldestIsShown) {
  const std::string without = canonical("{'Statement':[" + statement("Allow", own, "'dynamodb:GetItem'", "'*'") + "]}");
  EXPECT_TRUE(without.starts_with("{\"Statement\"")) << without;
  EXPECT_TRUE(policy_as_read(without).starts_with("{\"Version\":\"2008-10-17\",\"Statement\""))
      << policy_as_read(without);
  const std::string with = canonical(policy_of(statement("Allow", own, "'dynamodb:GetItem'", "'*'")));
  EXPECT_EQ(policy_as_read(with), with);
}

TEST(PolicyDocument, WhatIsNoPolicyIsRefused) {
  for (const char* text : {"", "[]", "{not json", "3", "'a'"}) {
    EXPECT_EQ(problem(text), "This policy contains invalid Json") << text;
  }
  EXPECT_EQ(problem("null"), "This text appears not to be a policy");
  EXPECT_EQ(problem("{}"), "Syntax error at position (1,3)");
  EXPECT_EQ(problem("{'Statement':[]}"), "Could not parse the policy: Statement is empty!");
  EXPECT_EQ(problem("{'Statement':[{}]}"), "Missing required field Effect");
  EXPECT_EQ(problem("{'Statement':[{'Effect':'Allow'}]}"), "Missing required field Principal");
  EXPECT_EQ(problem("{'Statement':[{'Effect':'Allow','Principal':" + own + "}]}"), "Missing required field Action");
  EXPECT_EQ(problem("{'Statement':[{'Effect':'Allow','Principal':" + own + ",'Action':'dynamodb:GetItem'}]}"),
            "Missing required field Resource");
  EXPECT_EQ(problem("{'Version':'2020-01-01','Statement':[]}"), "The policy must contain a valid version string");
}

TEST(PolicyDocument, StatementIdsAreDistinct) {
  const std::string one = "{'Sid':'a'," + statement("Allow", own, "'dynamodb:GetItem'", "'*'").substr(1);
  EXPECT_EQ(problem(policy_of(one + "," + one)), "The Statement Ids in the policy are not unique");
}

TEST(PolicyDocument, TablesAndStreamsHaveActionsOfTheirOwn) {
  const auto with = [](std::string_view action) { return policy_of(statement("Allow", own, action, "'*'")); };
  EXPECT_EQ(problem(with("['dynamodb:GetRecords','dynamodb:GetItem','dynamodb:DescribeStream']")),
            "The following action names are invalid: \"dynamodb:GetRecords\", \"dynamodb:DescribeStream\"");
  EXPECT_EQ(problem(with("'dynamodb:NoSuch'")), "The following action names are invalid: \"dynamodb:NoSuch\"");
  EXPECT_EQ(problem(with("'s3:GetObject'")), "The following action names are invalid: \"s3:GetObject\"");
  EXPECT_EQ(problem(with("'dynamodb:ListStreams'"), PolicyTarget::stream),
            "The following action names are invalid: \"dynamodb:ListStreams\"");
  for (const char* action : {"'*'", "'dynamodb:*'", "'dynamodb:Get*'", "'DYNAMODB:getitem'"}) {
    EXPECT_TRUE(canonical_policy(with_quotes(with(action)), PolicyTarget::table).ok()) << action;
  }
  EXPECT_TRUE(canonical_policy(with_quotes(with("'dynamodb:GetRecords'")), PolicyTarget::stream).ok());
}

TEST(PolicyDocument, ResourcesFitTheTarget) {
  const auto with = [](std::string_view resource, std::string_view action) {
    return policy_of(statement("Allow", own, action, resource));
  };
  const std::string stream = "'arn:aws:dynamodb:eu-west-1:123456789012:table/music/stream/2026-01-01T00:00:00.000'";
  EXPECT_EQ(problem(with(stream, "'dynamodb:GetItem'")),
            with_quotes("The relative-id 'table/music/stream/2026-01-01T00:00:00.000' is invalid for ARN " + stream));
  EXPECT_EQ(problem(with("'" + std::string(table_arn) + "'", "'dynamodb:GetRecords'"), PolicyTarget::stream),
            with_quotes("The relative-id 'table/music' is invalid for ARN '" + std::string(table_arn) + "'"));
  for (const char* resource : {"'arn:aws:dynamodb:eu-west-1:123456789012:table/another'",
                               "'arn:aws:dynamodb:eu-west-1:123456789012:table/music/index/gsi'", "'*'"}) {
    EXPECT_TRUE(canonical_policy(with_quotes(with(resource, "'dynamodb:GetItem'")), PolicyTarget::table).ok())
        << resource;
  }
}

TEST(PolicyDocument, NobodyMayAllowEverybody) {
  constexpr const char* text =
      "Resource-based policy grants unbounded access in one or more elements. Please revise the policy to ensure "
      "least-privilege form of access";
  EXPECT_EQ(canonical(policy_of(statement("Allow", "'*'", "'dynamodb:GetItem'", "'*'"))), text);
  EXPECT_EQ(canonical(policy_of(statement("Allow", "{'AWS':'*'}", "'dynamodb:GetItem'", "'*'"))), text);
  EXPECT_TRUE(canonical_policy(with_quotes(policy_of(statement("Deny", "'*'", "'dynamodb:GetItem'", "'*'"))),
                               PolicyTarget::table)
                  .ok());
}

TEST(PolicyDocument, PrincipalsAreAccountsOrArns) {
  const auto with = [](std::string_view principal) {
    return policy_of(statement("Allow", principal, "'dynamodb:GetItem'", "'*'"));
  };
  EXPECT_EQ(canonical(with("{'AWS':'nobody'}")),
            "One or more parameter values were invalid: Invalid principal in policy document.");
  // Where the parser stood: behind the text that is no principal.
  const std::string text = with("'123456789012'");
  EXPECT_EQ(problem(text), "Syntax error at position (1," +
                               std::to_string(text.find("'123456789012'") + std::string("'123456789012'").size() + 1) +
                               ")");
}

TEST(PolicyDocument, TheSizeCountsSpaces) {
  const std::string small = with_quotes(policy_of(statement("Allow", own, "'dynamodb:GetItem'", "'*'")));
  EXPECT_TRUE(canonical_policy(small + std::string(policy_size_max - small.size(), ' '), PolicyTarget::table).ok());
  const auto large =
      canonical_policy(small + std::string(policy_size_max - small.size() + 1, ' '), PolicyTarget::table);
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().message,
            "One or more parameter values were invalid: Maximum policy size of 20480 bytes exceeded");
}

TEST(PolicyDocument, OwnersCanLockThemselvesOut) {
  const auto locks = [](const std::string& one) {
    return policy_locks_out(canonical(policy_of(one)), account, table_arn);
  };
  EXPECT_TRUE(locks(statement("Deny", "'*'", "'dynamodb:PutResourcePolicy'", "'*'")));
  EXPECT_TRUE(locks(statement("Deny", own, "'dynamodb:*'", "'arn:aws:dynamodb:*:123456789012:table/mu*'")));
  EXPECT_FALSE(locks(statement("Deny", "'*'", "'dynamodb:DeleteResourcePolicy'", "'*'")));
  EXPECT_FALSE(locks(statement("Deny", "{'AWS':'210987654321'}", "'dynamodb:PutResourcePolicy'", "'*'")));
  EXPECT_FALSE(locks(statement("Deny", "'*'", "'dynamodb:PutResourcePolicy'",
                               "'arn:aws:dynamodb:eu-west-1:123456789012:table/other'")));
  EXPECT_FALSE(locks(statement("Allow", own, "'dynamodb:PutResourcePolicy'", "'*'")));
}

}  // namespace
}  // namespace reprise::dynamo
