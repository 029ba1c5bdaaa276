// Condition operators, one by one (IAM user guide, "Condition operators").
#include "auth/policy/condition.h"

#include "auth/policy/policy_for_tests.h"

namespace reprise::auth::policy {
namespace {

// Whether {"Op":{"s3:prefix":values}} holds where the key has those values.
bool holds(std::string_view test, std::vector<std::string> wanted, std::vector<std::string> present) {
  const auto parsed_test = parse_operator(test);
  EXPECT_TRUE(parsed_test) << test;
  if (!parsed_test) return false;
  const Requester who = anna();
  ListContext::Keys keys;
  for (std::string& value : present) keys.emplace_back("k:key", std::move(value));
  const ListContext context(who, std::move(keys));
  return Condition(*parsed_test, "K:Key", std::move(wanted), true).holds(context);
}

TEST(ConditionTest, Strings) {
  EXPECT_TRUE(holds("StringEquals", {"a", "b"}, {"b"}));
  EXPECT_FALSE(holds("StringEquals", {"a*"}, {"ab"})) << "no wildcards";
  EXPECT_FALSE(holds("StringEquals", {"a"}, {"A"}));
  EXPECT_TRUE(holds("StringEqualsIgnoreCase", {"aB"}, {"Ab"}));
  EXPECT_FALSE(holds("StringEquals", {"a"}, {}));
  EXPECT_TRUE(holds("StringNotEquals", {"a", "b"}, {"c"}));
  EXPECT_FALSE(holds("StringNotEquals", {"a", "b"}, {"b"}));
  EXPECT_TRUE(holds("StringNotEquals", {"a"}, {})) << "an absent key is not equal";
  EXPECT_TRUE(holds("StringLike", {"a*", "?"}, {"x"}));
  EXPECT_FALSE(holds("StringNotLike", {"a*"}, {"ab"}));
  EXPECT_TRUE(holds("StringLike", {"${aws:username}/*"}, {"anna/x"}));
  EXPECT_TRUE(holds("stringlike", {"a"}, {"a"}));
}

TEST(ConditionTest, IfExists) {
  EXPECT_TRUE(holds("StringEqualsIfExists", {"a"}, {}));
  EXPECT_FALSE(holds("StringEqualsIfExists", {"a"}, {"b"}));
  EXPECT_TRUE(holds("IpAddressIfExists", {"10.0.0.0/8"}, {}));
}

TEST(ConditionTest, Null) {
  EXPECT_TRUE(holds("Null", {"true"}, {}));
  EXPECT_FALSE(holds("Null", {"true"}, {"x"}));
  EXPECT_TRUE(holds("Null", {"false"}, {"x"}));
  EXPECT_FALSE(holds("Null", {"false"}, {}));
  EXPECT_FALSE(parse_operator("NullIfExists"));
}

TEST(ConditionTest, SetsOfValues) {
  EXPECT_TRUE(holds("ForAllValues:StringEquals", {"a", "b"}, {"b", "a"}));
  EXPECT_FALSE(holds("ForAllValues:StringEquals", {"a", "b"}, {"a", "c"}));
  EXPECT_TRUE(holds("ForAllValues:StringEquals", {"a"}, {})) << "every one of none";
  EXPECT_TRUE(holds("ForAnyValue:StringEquals", {"a"}, {"c", "a"}));
  EXPECT_FALSE(holds("ForAnyValue:StringEquals", {"a"}, {}));
  EXPECT_TRUE(holds("ForAnyValue:StringNotEquals", {"a"}, {"a", "b"}));
  EXPECT_FALSE(holds("ForAllValues:StringNotEquals", {"a"}, {"a", "b"}));
  EXPECT_TRUE(holds("ForAllValues:StringLike", {"a*"}, {"ab", "ac"}));
}

TEST(ConditionTest, Numbers) {
  EXPECT_TRUE(holds("NumericEquals", {"10"}, {"10.0"}));
  EXPECT_TRUE(holds("NumericNotEquals", {"10"}, {"11"}));
  EXPECT_TRUE(holds("NumericLessThan", {"10"}, {"9"}));
  EXPECT_FALSE(holds("NumericLessThan", {"10"}, {"10"}));
  EXPECT_TRUE(holds("NumericLessThanEquals", {"10"}, {"10"}));
  EXPECT_TRUE(holds("NumericGreaterThan", {"10"}, {"11"}));
  EXPECT_TRUE(holds("NumericGreaterThanEquals", {"10"}, {"10"}));
  EXPECT_FALSE(holds("NumericLessThan", {"10"}, {"nine"}));
  EXPECT_FALSE(holds("NumericLessThan", {"ten"}, {"9"}));
}

TEST(ConditionTest, Dates) {
  EXPECT_TRUE(holds("DateGreaterThan", {"2020-04-01T00:00:00Z"}, {"2020-04-01T00:00:01Z"}));
  EXPECT_FALSE(holds("DateGreaterThan", {"2020-04-01T00:00:00Z"}, {"2020-03-31T23:59:59Z"}));
  EXPECT_TRUE(holds("DateLessThanEquals", {"1585699200"}, {"2020-04-01T00:00:00Z"})) << "seconds since the epoch";
  EXPECT_TRUE(holds("DateEquals", {"2020-04-01"}, {"2020-04-01T00:00:00Z"}));
  EXPECT_TRUE(holds("DateNotEquals", {"2020-04-01"}, {"2020-04-02T00:00:00Z"}));
}

TEST(ConditionTest, TimesOfTheRequest) {
  const auto document = parsed(
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{
          "DateGreaterThan":{"aws:CurrentTime":"2023-11-14T00:00:00Z"},
          "DateLessThan":{"aws:CurrentTime":"2023-11-15T00:00:00Z"},
          "NumericLessThan":{"aws:EpochTime":1700000001}}}})");
  EXPECT_EQ(decided(document, "s3:GetObject", "arn:aws:s3:::notes/a"), "allow");
}

TEST(ConditionTest, BooleansAndBytes) {
  EXPECT_TRUE(holds("Bool", {"true"}, {"true"}));
  EXPECT_TRUE(holds("Bool", {"TRUE"}, {"true"}));
  EXPECT_FALSE(holds("Bool", {"false"}, {"true"}));
  EXPECT_FALSE(holds("Bool", {"false"}, {}));
  EXPECT_TRUE(holds("BoolIfExists", {"false"}, {}));
  EXPECT_TRUE(holds("BinaryEquals", {"QmluYXJ5"}, {"QmluYXJ5"}));
  EXPECT_FALSE(holds("BinaryEquals", {"QmluYXJ5"}, {"QmluYXJ6"}));
}

TEST(ConditionTest, Addresses) {
  EXPECT_TRUE(holds("IpAddress", {"203.0.113.0/24"}, {"203.0.113.77"}));
  EXPECT_FALSE(holds("IpAddress", {"203.0.113.0/24"}, {"203.0.114.1"}));
  EXPECT_TRUE(holds("IpAddress", {"203.0.113.5"}, {"203.0.113.5"}));
  EXPECT_TRUE(holds("NotIpAddress", {"203.0.113.0/24"}, {"198.51.100.1"}));
  EXPECT_TRUE(holds("IpAddress", {"2001:DB8:1234:5678::/64"}, {"2001:db8:1234:5678::7"}));
  EXPECT_FALSE(holds("IpAddress", {"2001:DB8:1234:5678::/64"}, {"2001:db8:1234:5679::7"}));
  EXPECT_TRUE(holds("IpAddress", {"127.0.0.0/8"}, {"::ffff:127.0.0.1"})) << "the same client";
  EXPECT_FALSE(holds("IpAddress", {"127.0.0.0/33"}, {"127.0.0.1"}));
  EXPECT_TRUE(holds("IpAddress", {"0.0.0.0/0"}, {"8.8.8.8"}));
}

TEST(ConditionTest, ArnsArePartByPart) {
  EXPECT_TRUE(holds("ArnLike", {"arn:aws:iam::111122223333:user/*"}, {"arn:aws:iam::111122223333:user/anna"}));
  EXPECT_TRUE(holds("ArnEquals", {"arn:aws:iam::*:user/anna"}, {"arn:aws:iam::111122223333:user/anna"}));
  EXPECT_FALSE(holds("ArnLike", {"arn:aws:*:user/anna"}, {"arn:aws:iam::111122223333:user/anna"}))
      << "a * does not reach over a colon";
  EXPECT_TRUE(holds("ArnNotEquals", {"arn:aws:iam::*:user/anna"}, {"arn:aws:iam::111122223333:user/bert"}));
}

TEST(ConditionTest, UnknownOperators) {
  EXPECT_FALSE(parse_operator("StringEqual"));
  EXPECT_FALSE(parse_operator("ForSomeValues:StringEquals"));
  EXPECT_FALSE(parse_operator(""));
}

TEST(ConditionTest, SeveralConditionsAreAllAskedFor) {
  const auto document = parsed(
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{
          "Bool":{"aws:SecureTransport":true},
          "StringEquals":{"s3:prefix":"a","S3:Delimiter":["/","|"]}}}})");
  const auto ask = [&](ListContext::Keys keys) {
    return decided(document, "s3:ListBucket", "r", anna(), std::move(keys));
  };
  EXPECT_EQ(ask({{"aws:securetransport", "true"}, {"s3:prefix", "a"}, {"s3:delimiter", "|"}}), "allow");
  EXPECT_EQ(ask({{"aws:securetransport", "true"}, {"s3:prefix", "a"}}), "nothing");
  EXPECT_EQ(ask({{"aws:securetransport", "false"}, {"s3:prefix", "a"}, {"s3:delimiter", "|"}}), "nothing");
}

}  // namespace
}  // namespace reprise::auth::policy
