// CreateBucket, ListBuckets, HeadBucket, DeleteBucket, GetBucketLocation: what they answer, with S3's texts.
#include <gtest/gtest.h>

#include <string>

#include "s3/ops/buckets_for_tests.h"
#include "s3/ops/create_bucket.h"

namespace reprise::s3 {
namespace {

using Query = std::initializer_list<std::pair<const char*, std::string>>;

std::string configuration(const std::string& inside) {
  return "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + inside +
         "</CreateBucketConfiguration>";
}
std::string in_region(const std::string& region = "eu-west-1") {
  return configuration("<LocationConstraint>" + region + "</LocationConstraint>");
}

class BucketOperationsTest : public ::testing::Test {
 protected:
  std::string create(BucketServer& where, const std::string& name, Query headers = {},
                     const std::string& document = in_region()) {
    Call call = where.call("PUT", name);
    call.document = document;
    BucketServer::set_headers(call, headers);
    return where.text_of(where.run(bucket_operations(), "CreateBucket", call));
  }
  std::string create(const std::string& name, Query headers = {}, const std::string& document = in_region()) {
    return create(server, name, headers, document);
  }
  std::string run(const std::string& operation, const std::string& method, const std::string& name, Query query = {}) {
    Call call = server.call(method, name);
    BucketServer::set_query(call, query);
    return server.text_of(server.run(bucket_operations(), operation, call));
  }
  BucketPtr find(const std::string& name) { return server.buckets().find(name); }

  BucketServer server;
};

TEST_F(BucketOperationsTest, ANewBucketHasTheDefaultsOfToday) {
  ASSERT_EQ(create("photos"), "200 ");
  const BucketPtr bucket = find("photos");
  ASSERT_NE(bucket, nullptr);
  EXPECT_EQ(bucket->account, "000000000000");
  EXPECT_EQ(bucket->owner, canonical_id_of("000000000000"));
  EXPECT_EQ(bucket->region, "eu-west-1");
  EXPECT_EQ(bucket->versioning, Versioning::never);
  EXPECT_EQ(bucket->ownership, ObjectOwnership::bucket_owner_enforced);
  EXPECT_EQ(bucket->public_access_block, PublicAccessBlock{});
  EXPECT_EQ(bucket->acl, private_acl(bucket->owner));
  EXPECT_EQ(bucket->encryption, BucketEncryption{});
  EXPECT_EQ(bucket->lifecycle, nullptr);
  EXPECT_EQ(bucket->recovery_days, 0);
}

TEST_F(BucketOperationsTest, ConfiguredDefaults) {
  Settings settings;
  settings.ownership = ObjectOwnership::object_writer;
  settings.public_access_block = false;
  settings.versioning = true;
  settings.encryption = false;
  settings.noncurrent_days = 90;
  settings.recovery_days = 35;
  BucketServer production(settings);
  ASSERT_EQ(create(production, "photos"), "200 ");
  const BucketPtr bucket = production.buckets().find("photos");
  EXPECT_EQ(bucket->ownership, ObjectOwnership::object_writer);
  EXPECT_FALSE(bucket->public_access_block.has_value());
  EXPECT_EQ(bucket->versioning, Versioning::enabled);
  EXPECT_FALSE(bucket->encryption.has_value());
  ASSERT_NE(bucket->lifecycle, nullptr);
  EXPECT_EQ(bucket->lifecycle->rules.at(0).noncurrent_days, 90);
  EXPECT_EQ(bucket->recovery_days, 35);
  production.reopen();
  EXPECT_NE(production.buckets().find("photos")->lifecycle, nullptr);
}

TEST_F(BucketOperationsTest, CreateAnswersWhereItIs) {
  Call call = server.call("PUT", "photos");
  call.document = in_region();
  const auto answer = server.run(bucket_operations(), "CreateBucket", call);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->headers.get("Location"), "/photos");
}

TEST_F(BucketOperationsTest, Locations) {
  const std::string illegal = "400 IllegalLocationConstraintException: The ";
  const std::string incompatible =
      " location constraint is incompatible for the region specific endpoint this request was sent to.";
  const std::string invalid = "400 InvalidLocationConstraint: The specified location-constraint is not valid";
  EXPECT_EQ(create("aaa", {}, ""), illegal + "unspecified" + incompatible);
  EXPECT_EQ(create("aaa", {}, configuration("")), illegal + "unspecified" + incompatible);
  EXPECT_EQ(create("aaa", {}, in_region("us-east-1")), illegal + "us-east-1" + incompatible);
  EXPECT_EQ(create("aaa", {}, in_region("ap-south-1")), illegal + "ap-south-1" + incompatible);
  EXPECT_EQ(create("aaa", {}, in_region("mars")), invalid);
  EXPECT_EQ(create("aaa", {}, in_region("eu-west-x")), invalid);
  EXPECT_EQ(create("aaa"), "200 ");
  EXPECT_EQ(create("bbb", {}, in_region("EU")), "200 ");
  EXPECT_EQ(run("GetBucketLocation", "GET", "aaa"),
            "200 <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-west-1</LocationConstraint>");
}

// What a client says that takes every endpoint for us-east-1: no location, and a signature for that region.
TEST_F(BucketOperationsTest, ASignatureForTheFirstRegionNeedsNoLocation) {
  const auto create_signed_for = [&](const std::string& region, const std::string& document) {
    Call call = server.call("PUT", "stock");
    call.signed_region = region;
    call.document = document;
    return server.text_of(server.run(bucket_operations(), "CreateBucket", call)).substr(0, 38);
  };
  EXPECT_EQ(create_signed_for("eu-west-1", ""), "400 IllegalLocationConstraintException");
  EXPECT_EQ(create_signed_for("ap-south-1", ""), "400 IllegalLocationConstraintException");
  EXPECT_EQ(create_signed_for("us-east-1", in_region("ap-south-1")), "400 IllegalLocationConstraintException");
  EXPECT_EQ(find("stock"), nullptr);
  EXPECT_EQ(create_signed_for("us-east-1", ""), "200 ");
  ASSERT_NE(find("stock"), nullptr);
  EXPECT_EQ(find("stock")->region, "eu-west-1");
}

TEST_F(BucketOperationsTest, TheFirstRegionIsDifferent) {
  Settings settings;
  settings.region = "us-east-1";
  BucketServer first(settings);
  EXPECT_EQ(create(first, "aaa", {}, ""), "200 ");
  EXPECT_EQ(create(first, "aaa", {}, ""), "200 ");  // once more is no error there
  EXPECT_EQ(create(first, "bbb", {}, in_region("us-east-1")),
            "400 InvalidLocationConstraint: The specified location-constraint is not valid");
  EXPECT_EQ(create(first, "bbb", {}, in_region("eu-west-1")),
            "400 IllegalLocationConstraintException: The eu-west-1 location constraint is incompatible for the region "
            "specific endpoint this request was sent to.");
  EXPECT_EQ(create(first, "bbb", {}, in_region("EU")),
            "400 IllegalLocationConstraintException: The EU location constraint is incompatible for the region "
            "specific endpoint this request was sent to.");
  Call call = first.call("GET", "aaa");
  EXPECT_EQ(first.text_of(first.run(bucket_operations(), "GetBucketLocation", call)),
            "200 <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></LocationConstraint>");
}

TEST_F(BucketOperationsTest, TakenNames) {
  EXPECT_EQ(create("photos"), "200 ");
  EXPECT_EQ(create("photos"),
            "409 BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already "
            "own it.");
  server.make_bucket("others", [](Bucket& bucket) { bucket.account = "111111111111"; });
  EXPECT_TRUE(create("others").starts_with("409 BucketAlreadyExists: The requested bucket name is not available."));
}

TEST_F(BucketOperationsTest, BadRequestsMakeNothing) {
  EXPECT_EQ(create("Photos"), "400 InvalidBucketName: The specified bucket is not valid.");
  EXPECT_TRUE(create("photos", {}, "<Other/>").starts_with("400 MalformedXML"));
  EXPECT_TRUE(create("photos", {}, configuration("<Other/>")).starts_with("400 MalformedXML"));
  EXPECT_TRUE(create("photos", {{"x-amz-object-ownership", "Mine"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(create("photos", {{"x-amz-bucket-object-lock-enabled", "maybe"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(create("photos", {{"x-amz-acl", "everybody"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(create("photos", {{"x-reprise-recovery-days", "-1"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(create("photos", {{"x-reprise-recovery-days", "3651"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(create("photos", {{"x-reprise-recovery-days", "1d"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(create("photos", {},
                     configuration("<LocationConstraint>eu-west-1</LocationConstraint><Bucket><Type>"
                                   "Directory</Type></Bucket>"))
                  .starts_with("501 NotImplemented"));
  EXPECT_TRUE(create("photos", {{"x-amz-bucket-namespace", "account-regional"}}).starts_with("501 NotImplemented"));
  EXPECT_EQ(find("photos"), nullptr);
}

TEST_F(BucketOperationsTest, WhatARequestMayAskFor) {
  EXPECT_EQ(create("locked", {{"x-amz-bucket-object-lock-enabled", "true"}, {"x-reprise-recovery-days", "3650"}}),
            "200 ");
  EXPECT_TRUE(find("locked")->object_lock_enabled);
  EXPECT_EQ(find("locked")->versioning, Versioning::enabled);
  EXPECT_EQ(find("locked")->recovery_days, 3650);
  EXPECT_EQ(create("tagged", {{"x-reprise-recovery-days", "0"}},
                   configuration("<LocationConstraint>eu-west-1</LocationConstraint><Tags><Tag><Key>a</Key><Value>1"
                                 "</Value></Tag></Tags>")),
            "200 ");
  const Tags tags{{"a", "1"}};
  EXPECT_EQ(find("tagged")->tags, tags);
}

TEST_F(BucketOperationsTest, AclsAtCreation) {
  const std::string enforced =
      "400 InvalidBucketAclWithObjectOwnership: Bucket cannot have ACLs set with ObjectOwnership's "
      "BucketOwnerEnforced setting";
  EXPECT_EQ(create("aaa", {{"x-amz-acl", "public-read"}}), enforced);
  EXPECT_EQ(create("aaa", {{"x-amz-grant-read", "id=" + std::string(64, 'b')}}), enforced);
  EXPECT_EQ(create("aaa", {{"x-amz-acl", "private"}}), "200 ");
  EXPECT_EQ(create("bbb", {{"x-amz-acl", "bucket-owner-full-control"}}), "200 ");
  EXPECT_EQ(create("ccc", {{"x-amz-acl", "public-read"}, {"x-amz-object-ownership", "ObjectWriter"}}),
            "400 InvalidBucketAclWithBlockPublicAccessError: Bucket cannot have public ACLs set with "
            "BlockPublicAccess enabled");
  EXPECT_EQ(create("ccc", {{"x-amz-acl", "log-delivery-write"}, {"x-amz-object-ownership", "BucketOwnerPreferred"}}),
            "200 ");
  EXPECT_EQ(find("ccc")->acl.grants.size(), 3U);
  Settings open;
  open.public_access_block = false;
  BucketServer older(open);
  EXPECT_EQ(create(older, "ccc", {{"x-amz-acl", "public-read"}, {"x-amz-object-ownership", "ObjectWriter"}}), "200 ");
  EXPECT_TRUE(older.buckets().find("ccc")->acl.is_public());
}

TEST_F(BucketOperationsTest, ListShowsTheAccountsOwn) {
  EXPECT_EQ(create("bbb"), "200 ");
  EXPECT_EQ(create("aaa"), "200 ");
  server.make_bucket("others", [](Bucket& bucket) { bucket.account = "111111111111"; });
  const std::string id = canonical_id_of("000000000000");
  // The test's clock begins at 2027-01-15T08:00:00Z.
  EXPECT_EQ(run("ListBuckets", "GET", ""),
            "200 <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListAllMyBucketsResult "
            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner><ID>" +
                id +
                "</ID></Owner><Buckets>"
                "<Bucket><Name>aaa</Name><CreationDate>2027-01-15T08:00:00.000Z</CreationDate></Bucket>"
                "<Bucket><Name>bbb</Name><CreationDate>2027-01-15T08:00:00.000Z</CreationDate></Bucket>"
                "</Buckets></ListAllMyBucketsResult>");
}

TEST_F(BucketOperationsTest, ListInPages) {
  for (const std::string name : {"a1", "a2", "a3", "b1"}) EXPECT_EQ(create(name + "x"), "200 ");
  const std::string first = run("ListBuckets", "GET", "", {{"max-buckets", "2"}, {"prefix", "a"}});
  EXPECT_NE(first.find("<Name>a1x</Name>"), std::string::npos);
  EXPECT_NE(first.find("<BucketRegion>eu-west-1</BucketRegion>"), std::string::npos);
  EXPECT_EQ(first.find("<Name>a3x</Name>"), std::string::npos);
  EXPECT_NE(first.find("</Buckets><Prefix>a</Prefix><ContinuationToken>"), std::string::npos);
  const auto begin = first.find("<ContinuationToken>") + 19;
  const std::string token = first.substr(begin, first.find("</ContinuationToken>") - begin);
  const std::string second =
      run("ListBuckets", "GET", "", {{"max-buckets", "2"}, {"prefix", "a"}, {"continuation-token", token}});
  EXPECT_NE(second.find("<Name>a3x</Name>"), std::string::npos);
  EXPECT_EQ(second.find("<Name>a2x</Name>"), std::string::npos);
  EXPECT_EQ(second.find("b1x"), std::string::npos);
  EXPECT_EQ(second.find("ContinuationToken"), std::string::npos);
}

TEST_F(BucketOperationsTest, ListRefusesBadParameters) {
  const std::string range = "400 InvalidArgument: Argument max-buckets must be an integer between 1 and 10000";
  for (const std::string bad : {"0", "10001", "-1", "x", "", "1.5"}) {
    EXPECT_EQ(run("ListBuckets", "GET", "", {{"max-buckets", bad}}), range) << bad;
  }
  EXPECT_TRUE(run("ListBuckets", "GET", "", {{"max-buckets", "10000"}}).starts_with("200 "));
  EXPECT_EQ(run("ListBuckets", "GET", "", {{"continuation-token", "?"}}),
            "400 InvalidArgument: The continuation token provided is incorrect");
  EXPECT_TRUE(run("ListBuckets", "GET", "", {{"bucket-region", "eu-west-1"}}).starts_with("200 "));
  EXPECT_TRUE(run("ListBuckets", "GET", "", {{"bucket-region", "us-west-2"}}).starts_with("400 InvalidArgument"));
}

TEST_F(BucketOperationsTest, Head) {
  EXPECT_EQ(create("photos"), "200 ");
  Call call = server.call("HEAD", "photos");
  const auto answer = server.run(bucket_operations(), "HeadBucket", call);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->headers.get("x-amz-bucket-region"), "eu-west-1");
  EXPECT_EQ(answer->headers.get("x-amz-access-point-alias"), "false");
}

TEST_F(BucketOperationsTest, DeleteAndMakeAgain) {
  EXPECT_EQ(create("photos", {{"x-reprise-recovery-days", "1"}}), "200 ");
  const std::string id = find("photos")->id;
  EXPECT_EQ(run("DeleteBucket", "DELETE", "photos"), "204 ");
  EXPECT_EQ(find("photos"), nullptr);
  EXPECT_EQ(create("photos"), "200 ");
  EXPECT_NE(find("photos")->id, id);
}

}  // namespace
}  // namespace reprise::s3
