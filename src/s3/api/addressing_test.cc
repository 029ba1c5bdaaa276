#include "s3/api/addressing.h"

#include <gtest/gtest.h>

namespace reprise::s3 {
namespace {

http::Request request_for(std::string target, std::string host = "localhost:8000") {
  http::Request request;
  request.method = "GET";
  request.target = std::move(target);
  request.headers.add("Host", host);
  request.peer = "127.0.0.1:5000";
  request.id = std::string(52, 'A');
  return request;
}

TEST(AddressingTest, PathStyle) {
  const auto call = call_of(request_for("/bucket/a%2Fb//c+d%2B?versionId=x%20y&acl&tag=a+b"), "");
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(call->bucket, "bucket");
  EXPECT_EQ(call->key, "a/b//c d+");
  EXPECT_EQ(call->query.get("versionId"), "x y");
  EXPECT_EQ(call->query.get("acl"), "");
  EXPECT_EQ(call->query.get("tag"), "a b");
  EXPECT_EQ(call->resource, "/bucket/a%2Fb//c+d%2B");
  EXPECT_EQ(call->request_id, std::string(16, 'A'));
  EXPECT_EQ(call->peer, "127.0.0.1");
}

TEST(AddressingTest, ServiceAndBucket) {
  EXPECT_EQ(call_of(request_for("/"), "")->bucket, "");
  EXPECT_EQ(call_of(request_for("/b"), "")->bucket, "b");
  EXPECT_EQ(call_of(request_for("/b/"), "")->key, "");
  EXPECT_EQ(call_of(request_for("/b//"), "")->key, "/");
  EXPECT_EQ(call_of(request_for("http://host/b/k"), "")->key, "k");
}

TEST(AddressingTest, VirtualHosts) {
  const auto call = call_of(request_for("/bucket/k", "Photos.S3.test:80"), "s3.test");
  EXPECT_EQ(call->bucket, "photos");
  EXPECT_EQ(call->key, "bucket/k");
  EXPECT_EQ(call_of(request_for("/bucket/k", "s3.test"), "s3.test")->bucket, "bucket");
  EXPECT_EQ(call_of(request_for("/bucket/k", "notS3.test"), "s3.test")->bucket, "bucket");
  EXPECT_EQ(call_of(request_for("/k", "a.b.s3.test"), "s3.test")->bucket, "a.b");
}

TEST(AddressingTest, RefusesWhatIsNoUri) {
  for (const char* const target : {"/b/%", "/b/%4", "/b/%zz", "/b/%ff", "/b/k?a=%zz", "/b/k?%=1", "//k", "*"}) {
    const auto call = call_of(request_for(target), "");
    ASSERT_FALSE(call.ok()) << target;
    EXPECT_EQ(call.error().code, ErrorCode::invalid_uri) << target;
  }
  EXPECT_TRUE(call_of(request_for("/b/" + std::string(1024, 'k')), "").ok());
  EXPECT_EQ(call_of(request_for("/b/" + std::string(1025, 'k')), "").error().code, ErrorCode::key_too_long);
}

TEST(AddressingTest, HeadersAreJoinedAndTheFramingTakenOff) {
  auto request = request_for("/b/k");
  request.headers.add("X-Amz-Meta-A", "1");
  request.headers.add("x-amz-meta-a", "2");
  request.headers.add("Content-Encoding", "aws-chunked, gzip");
  const auto call = call_of(request, "");
  EXPECT_EQ(call->headers.get("x-amz-meta-a"), "1,2");
  EXPECT_EQ(call->headers.get("content-encoding"), "gzip");
  request.headers.set("Content-Encoding", "AWS-Chunked");
  EXPECT_FALSE(call_of(request, "")->headers.has("content-encoding"));
}

TEST(AddressingTest, TellsTheApisApart) {
  const auto with = [](std::string target, std::string_view name, std::string_view value) {
    auto request = request_for(std::move(target));
    request.headers.add(name, value);
    return is_s3_request(request, "s3.test");
  };
  const std::string s3 = "AWS4-HMAC-SHA256 Credential=K/20260101/r/s3/aws4_request, SignedHeaders=host, Signature=0";
  const std::string dynamo =
      "AWS4-HMAC-SHA256 Credential=K/20260101/r/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
  EXPECT_TRUE(with("/", "Authorization", s3));
  EXPECT_FALSE(with("/b/k", "Authorization", dynamo));
  EXPECT_FALSE(with("/b/k", "X-Amz-Target", "DynamoDB_20120810.ListTables"));
  EXPECT_TRUE(with("/", "Authorization", "AWS K:bWFj"));
  EXPECT_TRUE(is_s3_request(request_for("/?Expires=1&AWSAccessKeyId=K&Signature=bWFj"), "s3.test"));
  EXPECT_TRUE(is_s3_request(request_for("/?AWSAccessKeyId=K&Expires=1&Signature=bWFj"), "s3.test"));
  EXPECT_FALSE(is_s3_request(request_for("/?XAWSAccessKeyId=K"), "s3.test"));
  EXPECT_FALSE(is_s3_request(request_for("/"), "s3.test"));  // the health answer
  EXPECT_TRUE(is_s3_request(request_for("/b"), "s3.test"));
  EXPECT_TRUE(is_s3_request(request_for("/", "b.s3.test"), "s3.test"));
  EXPECT_TRUE(is_s3_request(
      request_for("/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=K%2F20260101%2Fr%2Fs3%2Faws4_request"), ""));
}

}  // namespace
}  // namespace reprise::s3
