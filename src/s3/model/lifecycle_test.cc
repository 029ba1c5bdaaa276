// Lifecycle documents: what is taken and echoed, and every refusal with its text.
#include "s3/model/lifecycle.h"

#include <gtest/gtest.h>

namespace reprise::s3 {
namespace {

std::string document(const std::string& rules) {
  return "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + rules +
         "</LifecycleConfiguration>";
}
std::string rule(const std::string& inside, const std::string& id = "a") {
  return "<Rule><ID>" + id + "</ID><Status>Enabled</Status>" + inside + "</Rule>";
}
constexpr const char* everything = "<Filter/>";
constexpr const char* in_a_day = "<Expiration><Days>1</Days></Expiration>";

// "CODE: MESSAGE" of what is refused; "ok" of what is not.
std::string verdict(const std::string& rules) {
  const auto parsed = parse_lifecycle(document(rules));
  if (parsed.ok()) return "ok";
  return std::string(spelling_of(parsed.error().code).name) + ": " + parsed.error().message;
}
std::string verdict_of_rule(const std::string& inside) { return verdict(rule(inside)); }
bool malformed(const std::string& inside) { return verdict_of_rule(inside).starts_with("MalformedXML: "); }

Lifecycle parsed(const std::string& rules) {
  auto outcome = parse_lifecycle(document(rules));
  EXPECT_TRUE(outcome.ok()) << verdict(rules);
  return outcome.ok() ? *outcome : Lifecycle();
}

std::string echo(const std::string& rules) {
  const std::string printed = print_lifecycle(parsed(rules));
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + document("");
  EXPECT_TRUE(printed.starts_with(head.substr(0, head.find("</"))));
  const auto from = printed.find("<Rule>");
  return printed.substr(from, printed.rfind("</LifecycleConfiguration>") - from);
}

TEST(LifecycleTest, RulesAreEchoedAsSent) {
  EXPECT_EQ(echo(rule(std::string(everything) + in_a_day)),
            "<Rule><ID>a</ID><Filter></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>");
  EXPECT_EQ(echo(rule("<Prefix>logs/</Prefix><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>")),
            "<Rule><ID>a</ID><Prefix>logs/</Prefix><Status>Enabled</Status><Expiration>"
            "<Date>2030-01-01T00:00:00.000Z</Date></Expiration></Rule>");
  const std::string both =
      "<Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>"
      "<ObjectSizeGreaterThan>10</ObjectSizeGreaterThan><ObjectSizeLessThan>20</ObjectSizeLessThan></And></Filter>";
  const std::string actions =
      "<Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition>"
      "<Expiration><Days>60</Days></Expiration>"
      "<NoncurrentVersionExpiration><NoncurrentDays>90</NoncurrentDays>"
      "<NewerNoncurrentVersions>3</NewerNoncurrentVersions></NoncurrentVersionExpiration>";
  EXPECT_EQ(echo(rule(both + actions)), "<Rule><ID>a</ID>" + both + "<Status>Enabled</Status>" + actions + "</Rule>");
  const std::string abort =
      "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
  EXPECT_EQ(echo("<Rule><Status>Disabled</Status><Filter><Prefix></Prefix></Filter><ID>b</ID>" + abort + "</Rule>"),
            "<Rule><ID>b</ID><Filter><Prefix></Prefix></Filter><Status>Disabled</Status>" + abort + "</Rule>");
  const std::string kept = "<Expiration><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration>";
  EXPECT_EQ(echo(rule(everything + kept)),
            "<Rule><ID>a</ID><Filter></Filter><Status>Enabled</Status>" + kept + "</Rule>");
}

TEST(LifecycleTest, RulesWithoutANameGetOne) {
  const Lifecycle lifecycle = parsed(
      "<Rule><Status>Enabled</Status><Filter/><Expiration><Days>1</Days></Expiration></Rule>"
      "<Rule><ID></ID><Status>Enabled</Status><Filter/><Expiration><Days>2</Days></Expiration></Rule>");
  ASSERT_EQ(lifecycle.rules.size(), 2U);
  EXPECT_EQ(lifecycle.rules[0].id.size(), 48U);
  EXPECT_EQ(lifecycle.rules[1].id.size(), 48U);
  EXPECT_NE(lifecycle.rules[0].id, lifecycle.rules[1].id);
  const auto again = parse_lifecycle(print_lifecycle(lifecycle));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, lifecycle);
}

TEST(LifecycleTest, WhatBreaksTheSchemaIsMalformed) {
  EXPECT_TRUE(malformed(std::string(everything) + "<Expiration><Days>1</Days>"
                                                  "<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>"
                                                  "</Expiration>"));
  EXPECT_TRUE(
      malformed(std::string(everything) + "<Expiration><Days>1</Days><Date>2030-01-01T00:00:00Z</Date></Expiration>"));
  EXPECT_TRUE(malformed(std::string(everything) + "<Expiration/>"));
  EXPECT_TRUE(malformed(std::string(everything) + "<Expiration><Days>one</Days></Expiration>"));
  EXPECT_TRUE(
      malformed(std::string(everything) + "<Expiration><Date>Fri, 01 Jan 2016 00:00:00 GMT</Date></Expiration>"));
  EXPECT_TRUE(malformed(std::string(everything) + "<Expiration><Date>1893456000</Date></Expiration>"));
  EXPECT_TRUE(malformed(std::string(everything) + "<NoncurrentVersionExpiration/>"));
  EXPECT_TRUE(malformed(std::string(everything) +
                        "<NoncurrentVersionExpiration><NewerNoncurrentVersions>2</NewerNoncurrentVersions>"
                        "</NoncurrentVersionExpiration>"));
  EXPECT_TRUE(malformed(std::string("<Filter><Prefix>a</Prefix><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan>"
                                    "</Filter>") +
                        in_a_day));
  EXPECT_TRUE(malformed(std::string("<Filter><Prefix>a</Prefix><And/></Filter>") + in_a_day));
  EXPECT_TRUE(malformed(std::string("<Filter><And><Prefix>a</Prefix></And></Filter>") + in_a_day));
  EXPECT_TRUE(malformed(in_a_day));  // neither Filter nor Prefix
  EXPECT_TRUE(malformed(std::string("<Prefix>a</Prefix><Filter/>") + in_a_day));
  EXPECT_TRUE(malformed(std::string(everything) + in_a_day + "<Surprise/>"));
  EXPECT_TRUE(malformed(std::string(everything) + in_a_day + in_a_day));
  EXPECT_TRUE(
      malformed(std::string(everything) + "<Transition><Days>1</Days><StorageClass>SLOW</StorageClass></Transition>"));
  EXPECT_TRUE(verdict("<Rule><Status>enabled</Status><Filter/>" + std::string(in_a_day) + "</Rule>")
                  .starts_with("MalformedXML"));
  EXPECT_TRUE(verdict("").starts_with("MalformedXML"));
  EXPECT_EQ(parse_lifecycle("").error().code, ErrorCode::missing_request_body);
  EXPECT_FALSE(parse_lifecycle("<LifecycleConfiguration>").ok());
  EXPECT_FALSE(parse_lifecycle("<Other/>").ok());
  std::string rules;
  for (std::size_t i = 0; i <= lifecycle_rules_max; ++i) {
    rules += rule(std::string(everything) + in_a_day, std::to_string(i));
  }
  EXPECT_TRUE(verdict(rules).starts_with("MalformedXML"));
}

struct Refusal {
  const char* inside;
  const char* verdict;
};

TEST(LifecycleTest, RefusalsHaveTheServicesTexts) {
  const Refusal refusals[] = {
      {"<Filter/><Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>",
       "InvalidArgument: 'Date' must be at midnight GMT"},
      {"<Filter/><Expiration><Days>0</Days></Expiration>",
       "InvalidArgument: 'Days' for Expiration action must be a positive integer"},
      {"<Filter/><NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays></NoncurrentVersionExpiration>",
       "InvalidArgument: 'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer"},
      {"<Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>-1</DaysAfterInitiation>"
       "</AbortIncompleteMultipartUpload>",
       "InvalidArgument: 'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer"},
      {"<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
       "<NewerNoncurrentVersions>0</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
       "InvalidArgument: 'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be a positive integer"},
      {"<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
       "<NewerNoncurrentVersions>101</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
       "InvalidArgument: 'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must not exceed 100"},
      {"<Prefix>a</Prefix><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
       "<NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
       "InvalidRequest: NewerNoncurrentVersions element can only be used in Lifecycle V2."},
      {"<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter><AbortIncompleteMultipartUpload>"
       "<DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
       "InvalidRequest: AbortIncompleteMultipartUpload cannot be specified with Tags."},
      {"<Filter><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter><AbortIncompleteMultipartUpload>"
       "<DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
       "InvalidRequest: AbortIncompleteMultipartUpload cannot be specified with Object Size."},
      {"<Filter><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter><Expiration>"
       "<ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration>",
       "InvalidRequest: ExpiredObjectDeleteMarker cannot be specified with Object Size."},
      {"<Filter><And><Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>k</Key><Value>w</Value></Tag></And></Filter>"
       "<Expiration><Days>1</Days></Expiration>",
       "InvalidRequest: Duplicate Tag Keys are not allowed."},
      {"<Filter/>", "InvalidRequest: At least one action needs to be specified in a rule"},
      {"<Filter><And><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>5</ObjectSizeLessThan></And>"
       "</Filter><Expiration><Days>1</Days></Expiration>",
       "InvalidRequest: 'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'."},
      {"<Filter><ObjectSizeLessThan>0</ObjectSizeLessThan></Filter><Expiration><Days>1</Days></Expiration>",
       "InvalidRequest: 'ObjectSizeLessThan' should be between 1 and 1099511627776000."},
      {"<Filter/><Transition><Days>29</Days><StorageClass>ONEZONE_IA</StorageClass></Transition>",
       "InvalidArgument: 'Days' in Transition action must be greater than or equal to 30 for storageClass "
       "'ONEZONE_IA'"},
      {"<Filter/><Expiration><Days>30</Days></Expiration><Transition><Days>30</Days><StorageClass>STANDARD_IA"
       "</StorageClass></Transition>",
       "InvalidArgument: 'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the "
       "Transition action"},
  };
  for (const Refusal& refusal : refusals) EXPECT_EQ(verdict_of_rule(refusal.inside), refusal.verdict) << refusal.inside;
}

TEST(LifecycleTest, RulesAreCheckedAgainstEachOther) {
  const std::string plain = std::string(everything) + in_a_day;
  EXPECT_EQ(verdict(rule(plain) + rule(plain)),
            "InvalidArgument: Rule ID must be unique. Found same ID for more than one rule");
  EXPECT_EQ(verdict(rule(plain, std::string(256, 'x'))),
            "InvalidArgument: ID length should not exceed allowed limit of 255");
  EXPECT_EQ(verdict(rule(plain, std::string(255, 'x'))), "ok");
  const std::string whole = std::string("<Prefix></Prefix>") + in_a_day;
  const std::string part = std::string("<Prefix>a</Prefix>") + in_a_day;
  EXPECT_EQ(verdict(rule(part, "1") + rule(whole, "2")),
            "InvalidRequest: Found overlapping prefixes '' and 'a' for same action type 'Expiration'");
  EXPECT_EQ(verdict(rule(part, "1") + rule(std::string("<Prefix>b</Prefix>") + in_a_day, "2")), "ok");
  EXPECT_EQ(verdict(rule(part, "1") + rule(plain, "2")),
            "InvalidRequest: Filter element can only be used in Lifecycle V2.");
  EXPECT_EQ(
      verdict(rule(plain, "1") + rule(part, "2")),
      "InvalidRequest: Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.");
  // Filters may overlap: the service resolves that.
  EXPECT_EQ(verdict(rule(plain, "1") + rule(plain, "2")), "ok");
}

TEST(LifecycleTest, FiltersMatchWhatTheySay) {
  LifecycleFilter filter;
  filter.prefix = "p/";
  filter.tags = {{"k", "v"}};
  filter.size_greater_than = 10;
  filter.size_less_than = 20;
  const Tags tags{{"other", "x"}, {"k", "v"}};
  EXPECT_TRUE(filter.matches("p/a", tags, 11));
  EXPECT_TRUE(filter.matches("p/a", tags, 19));
  EXPECT_FALSE(filter.matches("p/a", tags, 10));
  EXPECT_FALSE(filter.matches("p/a", tags, 20));
  EXPECT_FALSE(filter.matches("q/a", tags, 15));
  EXPECT_FALSE(filter.matches("p/a", {{"k", "w"}}, 15));
  EXPECT_TRUE(LifecycleFilter().matches("anything", {}, 0));
}

TEST(LifecycleTest, TransitionMinimumHasTwoValues) {
  EXPECT_TRUE(check_transition_minimum("all_storage_classes_128K").ok());
  EXPECT_TRUE(check_transition_minimum("varies_by_storage_class").ok());
  const auto refused = check_transition_minimum("value");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "Invalid TransitionDefaultMinimumObjectSize found: value");
}

}  // namespace
}  // namespace reprise::s3
