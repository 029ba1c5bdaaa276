// CORS rules: S3's texts, both sides of the limits, which rule a request meets.
#include "s3/model/cors.h"

#include <gtest/gtest.h>

#include <string>

namespace reprise::s3 {
namespace {

std::string rule(const std::string& inside) { return "<CORSRule>" + inside + "</CORSRule>"; }
std::string plain(const std::string& more = "") {
  return rule("<AllowedOrigin>http://a.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod>" + more);
}
std::string document(const std::string& rules) { return "<CORSConfiguration>" + rules + "</CORSConfiguration>"; }
std::string outcome(const std::string& rules) {
  const auto parsed = parse_cors(document(rules));
  if (parsed.ok()) return "ok " + std::to_string(parsed->size());
  return std::string(spelling_of(parsed.error().code).name) + ": " + parsed.error().message;
}
CorsRule make(std::vector<std::string> origins, std::vector<std::string> methods, std::vector<std::string> headers) {
  CorsRule made;
  made.allowed_origins = std::move(origins);
  made.allowed_methods = std::move(methods);
  made.allowed_headers = std::move(headers);
  return made;
}

TEST(Cors, RoundTrip) {
  CorsRule whole = make({"http://*.example", "*"}, {"GET", "PUT", "HEAD", "POST", "DELETE"}, {"x-*", "content-type"});
  whole.id = "r\xc3\xa8gle";
  whole.expose_headers = {"ETag", "x-amz-version-id"};
  whole.max_age_seconds = 3000;
  const CorsRules rules{whole, make({"http://b"}, {"GET"}, {})};
  const auto parsed = parse_cors(print_cors(rules));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed, rules);
}

TEST(Cors, WhatARuleNeeds) {
  EXPECT_EQ(outcome(plain()), "ok 1");
  const std::string malformed =
      "MalformedXML: The XML you provided was not well-formed or did not validate against our published schema";
  EXPECT_EQ(outcome(""), malformed);
  EXPECT_EQ(outcome(rule("<AllowedOrigin>*</AllowedOrigin>")), malformed);
  EXPECT_EQ(outcome(rule("<AllowedMethod>GET</AllowedMethod>")), malformed);
  EXPECT_EQ(outcome("<Rule/>"), malformed);
  EXPECT_EQ(outcome(plain("<Other/>")), malformed);
  EXPECT_EQ(outcome(plain("<MaxAgeSeconds>soon</MaxAgeSeconds>")), malformed);
  EXPECT_EQ(outcome(plain("<MaxAgeSeconds>-1</MaxAgeSeconds>")), malformed);
  EXPECT_EQ(outcome(plain("<MaxAgeSeconds>1</MaxAgeSeconds><MaxAgeSeconds>2</MaxAgeSeconds>")), malformed);
  EXPECT_EQ(outcome(plain("<MaxAgeSeconds> 0 </MaxAgeSeconds>")), "ok 1");
  EXPECT_FALSE(parse_cors("<CORSConfiguration>").ok());
}

TEST(Cors, RefusalsInS3sWords) {
  EXPECT_EQ(outcome(rule("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod>")),
            "InvalidRequest: Found unsupported HTTP method in CORS config. Unsupported method is PATCH");
  EXPECT_EQ(outcome(rule("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>get</AllowedMethod>")),
            "InvalidRequest: Found unsupported HTTP method in CORS config. Unsupported method is get");
  EXPECT_EQ(outcome(rule("<AllowedOrigin>http://*.*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>")),
            "InvalidRequest: AllowedOrigin \"http://*.*\" can not have more than one wildcard.");
  EXPECT_EQ(outcome(plain("<AllowedHeader>*x*</AllowedHeader>")),
            "InvalidRequest: AllowedHeader \"*x*\" can not have more than one wildcard.");
  EXPECT_EQ(outcome(plain("<ExposeHeader>x-*</ExposeHeader>")),
            "InvalidRequest: ExposeHeader \"x-*\" contains wildcard. We currently do not support wildcard for "
            "ExposeHeader.");
}

TEST(Cors, Limits) {
  std::string rules;
  for (int i = 0; i < 100; ++i) rules += plain();
  EXPECT_EQ(outcome(rules), "ok 100");
  EXPECT_EQ(outcome(rules + plain()),
            "InvalidRequest: The number of CORS rules should not exceed allowed limit of 100 rules.");
  EXPECT_EQ(outcome(plain("<ID>" + std::string(255, 'x') + "</ID>")), "ok 1");
  EXPECT_EQ(outcome(plain("<ID>" + std::string(256, 'x') + "</ID>")),
            "InvalidArgument: ID length should not exceed allowed limit of 255");
}

TEST(Cors, TheFirstRuleThatAllowsEverythingWins) {
  const CorsRules rules{make({"http://a"}, {"PUT"}, {"x-one"}), make({"http://*.b"}, {"GET", "PUT"}, {"X-*"}),
                        make({"*"}, {"GET"}, {})};
  EXPECT_EQ(matching_rule(rules, "http://a", "PUT", {}), &rules[0]);
  EXPECT_EQ(matching_rule(rules, "http://a", "PUT", {"X-ONE"}), &rules[0]);
  EXPECT_EQ(matching_rule(rules, "http://a", "PUT", {"x-one", "x-two"}), nullptr);
  EXPECT_EQ(matching_rule(rules, "http://c.b", "PUT", {"x-one", "x-two"}), &rules[1]);
  EXPECT_EQ(matching_rule(rules, "http://.b", "GET", {}), &rules[1]);
  EXPECT_EQ(matching_rule(rules, "http://b", "GET", {}), &rules[2]);
  EXPECT_EQ(matching_rule(rules, "http://A", "PUT", {}), nullptr);  // origins know case
  EXPECT_EQ(matching_rule(rules, "http://c.b", "DELETE", {}), nullptr);
  EXPECT_EQ(matching_rule(rules, "http://z", "GET", {"x-one"}), nullptr);
  EXPECT_EQ(matching_rule({}, "http://a", "GET", {}), nullptr);
}

TEST(Cors, AWildcardStandsForAnythingButNotTwice) {
  const CorsRules rules{make({"http://ab*ba"}, {"GET"}, {})};
  EXPECT_NE(matching_rule(rules, "http://abba", "GET", {}), nullptr);
  EXPECT_NE(matching_rule(rules, "http://ab-x-ba", "GET", {}), nullptr);
  EXPECT_EQ(matching_rule(rules, "http://aba", "GET", {}), nullptr);  // the two halves may not overlap
}

}  // namespace
}  // namespace reprise::s3
