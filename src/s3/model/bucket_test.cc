// Bucket names, canonical ids, and the record that the catalogue keeps.
#include "s3/model/bucket.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace reprise::s3 {
namespace {

Bucket whole_bucket() {
  Bucket bucket;
  bucket.name = "photos";
  bucket.account = "000000000000";
  bucket.owner = canonical_id_of(bucket.account);
  bucket.id = "9f0c2f8e-0000-4000-8000-000000000001";
  bucket.spaces = {SpaceId(11), SpaceId(12), SpaceId(13), SpaceId(14), SpaceId(15)};
  bucket.created_micros = 1'800'000'000'000'000;
  bucket.deleted_micros = 1'800'000'001'000'000;
  bucket.keep_until_micros = 1'800'000'002'000'000;
  bucket.region = "eu-west-1";
  bucket.recovery_days = 35;
  bucket.versioning = Versioning::suspended;
  bucket.ownership = ObjectOwnership::object_writer;
  bucket.ownership_set = false;
  bucket.public_access_block = PublicAccessBlock{true, false, true, false};
  bucket.acl = *canned_acl("public-read-write", bucket.owner, bucket.owner);
  bucket.acl.grants.push_back({{Grantee::Kind::log_delivery, ""}, Permission::read_acp});
  bucket.tags = {{"a", "1"}, {"\xc3\xa9", ""}};
  CorsRule rule;
  rule.id = "one";
  rule.allowed_origins = {"*"};
  rule.allowed_methods = {"GET"};
  rule.max_age_seconds = 5;
  bucket.cors = {rule};
  bucket.policy = "{\"Version\": \"2012-10-17\",\n \"Statement\": []}";
  bucket.encryption = BucketEncryption{SseKind::kms, "alias/reprise", true, true};
  bucket.object_lock_enabled = true;
  bucket.object_lock.default_retention = DefaultRetention{LockMode::compliance, 0, 7};
  bucket.requester_pays = true;
  bucket.documents = {{"logging", "<BucketLoggingStatus>\"\\</BucketLoggingStatus>"}};
  return bucket;
}

void expect_same(const Bucket& a, const Bucket& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.account, b.account);
  EXPECT_EQ(a.owner, b.owner);
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.spaces.heads, b.spaces.heads);
  EXPECT_EQ(a.spaces.versions, b.spaces.versions);
  EXPECT_EQ(a.spaces.payloads, b.spaces.payloads);
  EXPECT_EQ(a.spaces.uploads, b.spaces.uploads);
  EXPECT_EQ(a.spaces.releases, b.spaces.releases);
  EXPECT_EQ(a.created_micros, b.created_micros);
  EXPECT_EQ(a.deleted_micros, b.deleted_micros);
  EXPECT_EQ(a.keep_until_micros, b.keep_until_micros);
  EXPECT_EQ(a.region, b.region);
  EXPECT_EQ(a.recovery_days, b.recovery_days);
  EXPECT_EQ(a.versioning, b.versioning);
  EXPECT_EQ(a.ownership, b.ownership);
  EXPECT_EQ(a.ownership_set, b.ownership_set);
  EXPECT_EQ(a.public_access_block, b.public_access_block);
  EXPECT_EQ(a.acl, b.acl);
  EXPECT_EQ(a.tags, b.tags);
  EXPECT_EQ(a.cors, b.cors);
  EXPECT_EQ(a.policy, b.policy);
  EXPECT_EQ(a.encryption, b.encryption);
  EXPECT_EQ(a.lifecycle == nullptr, b.lifecycle == nullptr);
  EXPECT_EQ(a.object_lock_enabled, b.object_lock_enabled);
  EXPECT_EQ(a.object_lock, b.object_lock);
  EXPECT_EQ(a.requester_pays, b.requester_pays);
  EXPECT_EQ(a.documents, b.documents);
}

Bucket bare_bucket() {
  Bucket bucket;
  bucket.name = "bare";
  bucket.account = "000000000000";
  bucket.id = "x";
  bucket.spaces = {SpaceId(1), SpaceId(2), SpaceId(3), SpaceId(4), SpaceId(5)};
  return bucket;
}

TEST(BucketRecord, RoundTripOfEverything) {
  const Bucket bucket = whole_bucket();
  const auto decoded = decode_bucket(encode_bucket(bucket));
  ASSERT_TRUE(decoded.ok()) << decoded.error().to_string();
  expect_same(*decoded, bucket);
}

TEST(BucketRecord, RoundTripOfDefaults) {
  Bucket bucket = bare_bucket();
  auto decoded = decode_bucket(encode_bucket(bucket));
  ASSERT_TRUE(decoded.ok());
  expect_same(*decoded, bucket);
  EXPECT_TRUE(decoded->public_access_block.has_value());  // all four, as in a new bucket
  bucket.public_access_block.reset();
  decoded = decode_bucket(encode_bucket(bucket));
  ASSERT_TRUE(decoded.ok());
  EXPECT_FALSE(decoded->public_access_block.has_value());
}

TEST(BucketRecord, LifecycleComesBackAsItWasPut) {
  Bucket bucket = bare_bucket();
  LifecycleRule rule;
  rule.id = "old";
  rule.enabled = true;
  rule.noncurrent_days = 90;
  Lifecycle lifecycle;
  lifecycle.rules = {rule};
  lifecycle.transition_default_minimum_object_size = "varies_by_storage_class";
  bucket.lifecycle = std::make_shared<const Lifecycle>(lifecycle);
  const auto decoded = decode_bucket(encode_bucket(bucket));
  ASSERT_TRUE(decoded.ok()) << decoded.error().to_string();
  ASSERT_NE(decoded->lifecycle, nullptr);
  EXPECT_EQ(print_lifecycle(*decoded->lifecycle), print_lifecycle(lifecycle));
  EXPECT_EQ(decoded->lifecycle->transition_default_minimum_object_size, "varies_by_storage_class");
}

// What the format's page shows: it is read for ever.
TEST(BucketRecord, ReadsTheFirstFormat) {
  const auto decoded = decode_bucket(
      R"({"format":1,"name":"b","account":"000000000000","owner":"o","id":"i","spaces":{"heads":9,"versions":10,)"
      R"("payloads":11,"uploads":12,"releases":13},"created":5,"region":"eu-west-1","versioning":1,)"
      R"("acl":{"owner":"o","grants":[{"id":"o"}]},"later":"unknown"})");
  ASSERT_TRUE(decoded.ok()) << decoded.error().to_string();
  EXPECT_EQ(decoded->versioning, Versioning::enabled);
  EXPECT_EQ(decoded->acl, private_acl("o"));
  EXPECT_EQ(decoded->spaces.releases, SpaceId(13));
  EXPECT_TRUE(decoded->ownership_set);
  EXPECT_FALSE(decoded->encryption.has_value());
}

TEST(BucketRecord, DamageIsCorruption) {
  const Bytes good = encode_bucket(whole_bucket());
  for (std::size_t size = 0; size < good.size(); size += 7) EXPECT_FALSE(decode_bucket(good.substr(0, size)).ok());
  const auto with = [&](std::string_view old, std::string_view fresh) {
    Bytes changed = good;
    changed.replace(changed.find(old), old.size(), fresh);
    return decode_bucket(changed);
  };
  EXPECT_TRUE(with("\"format\":1", "\"format\":2").error().is(Code::unsupported));
  EXPECT_TRUE(with("\"heads\":11", "\"heads\":0").error().is(Code::corruption));
  EXPECT_TRUE(with("\"versioning\":2", "\"versioning\":9").error().is(Code::corruption));
  EXPECT_TRUE(with("\"name\":\"photos\"", "\"name\":\"\"").error().is(Code::corruption));
  EXPECT_TRUE(with("<CORSRule>", "<Rule>").error().is(Code::corruption));
}

TEST(BucketName, TheRules) {
  const auto valid = [](const std::string& name) { return check_bucket_name(name).ok(); };
  EXPECT_TRUE(valid("abc"));
  EXPECT_TRUE(valid(std::string(63, 'a')));
  EXPECT_TRUE(valid("my.bucket-1"));
  EXPECT_TRUE(valid("1.2.3"));
  EXPECT_TRUE(valid("1.2.3.4.5"));
  EXPECT_TRUE(valid("1.2.3.x"));
  EXPECT_TRUE(valid("1234.2.3.4"));
  for (const std::string bad : {"",
                                "ab",
                                "Abc",
                                "a_b",
                                "-abc",
                                "abc-",
                                ".abc",
                                "abc.",
                                "a..b",
                                "a b",
                                "192.168.5.4",
                                "999.1.1.1",
                                "xn--abc",
                                "sthree-abc",
                                "amzn-s3-demo-abc",
                                "abc-s3alias",
                                "abc--ol-s3",
                                "abc.mrap",
                                "abc--x-s3",
                                "abc--table-s3",
                                "b\xc3\xa9",
                                "a/b"}) {
    EXPECT_FALSE(valid(bad)) << bad;
  }
  EXPECT_FALSE(valid(std::string(64, 'a')));
  EXPECT_FALSE(valid(std::string("ab\0c", 4)));
}

TEST(BucketName, TheErrorNamesTheBucket) {
  const auto refused = check_bucket_name("No");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(spelling_of(refused.error().code).name, "InvalidBucketName");
  EXPECT_EQ(refused.error().message, "The specified bucket is not valid.");
  const std::vector<std::pair<std::string, std::string>> details{{"BucketName", "No"}};
  EXPECT_EQ(refused.error().details, details);
}

TEST(CanonicalId, IsSixtyFourHexadecimalDigitsOfItsOwn) {
  std::set<std::string> ids;
  for (const std::string account : {"000000000000", "000000000001", "111111111111"}) {
    const std::string id = canonical_id_of(account);
    EXPECT_EQ(id.size(), 64U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(id, canonical_id_of(account));
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 3U);
}

}  // namespace
}  // namespace reprise::s3
