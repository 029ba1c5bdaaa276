#include "s3/ops/registry.h"

#include <gtest/gtest.h>

#include "auth/sigv4/presigned_v2.h"

namespace reprise::s3 {
namespace {

Call call(std::string method, std::string bucket, std::string key, std::vector<std::string> query = {},
          std::vector<std::string> headers = {}) {
  Call made;
  made.method = std::move(method);
  made.bucket = std::move(bucket);
  made.key = std::move(key);
  for (std::string& name : query) made.query.add(std::move(name), "");
  for (std::string& name : headers) made.headers.add(std::move(name), "");
  return made;
}

std::string name_of(const Call& call) {
  const Routed routed = route(call);
  if (routed.operation != nullptr) return std::string(routed.operation->name);
  return std::string(spelling_of(routed.why->code).name);
}

TEST(RegistryTest, FindsOperations) {
  EXPECT_EQ(name_of(call("GET", "", "")), "ListBuckets");
  EXPECT_EQ(name_of(call("PUT", "b", "")), "CreateBucket");
  EXPECT_EQ(name_of(call("GET", "b", "")), "ListObjects");
  EXPECT_EQ(name_of(call("GET", "b", "", {"list-type", "prefix"})), "ListObjectsV2");
  EXPECT_EQ(name_of(call("GET", "b", "", {"versions", "max-keys"})), "ListObjectVersions");
  EXPECT_EQ(name_of(call("GET", "b", "", {"tagging"})), "GetBucketTagging");
  EXPECT_EQ(name_of(call("PUT", "b", "k")), "PutObject");
  EXPECT_EQ(name_of(call("PUT", "b", "k", {}, {"x-amz-copy-source"})), "CopyObject");
  EXPECT_EQ(name_of(call("PUT", "b", "k", {"partNumber", "uploadId"})), "UploadPart");
  EXPECT_EQ(name_of(call("PUT", "b", "k", {"partNumber", "uploadId"}, {"x-amz-copy-source"})), "UploadPartCopy");
  EXPECT_EQ(name_of(call("GET", "b", "k", {"partNumber"})), "GetObject");
  EXPECT_EQ(name_of(call("GET", "b", "k", {"uploadId"})), "ListParts");
  EXPECT_EQ(name_of(call("DELETE", "b", "k", {"versionId"})), "DeleteObject");
  EXPECT_EQ(name_of(call("POST", "b", "k", {"uploads"})), "CreateMultipartUpload");
  EXPECT_EQ(name_of(call("HEAD", "b", "k")), "HeadObject");
  EXPECT_EQ(name_of(call("GET", "b", "k", {"retention", "versionId"})), "GetObjectRetention");
}

TEST(RegistryTest, WhatS3HasAndIsNotBuiltIsNamed) {
  const Routed routed = route(call("PUT", "b", "k", {"annotation", "annotationName"}));
  ASSERT_EQ(routed.operation, nullptr);
  EXPECT_EQ(routed.why->code, ErrorCode::not_implemented);
  EXPECT_EQ(routed.why->message, "Reprise does not support PutObjectAnnotation; see docs/compatibility.md");
}

TEST(RegistryTest, WhatNoSubresourceTellsIsNamedToo) {
  EXPECT_EQ(route(call("POST", "WriteGetObjectResponse", "")).why->message,
            "Reprise does not support WriteGetObjectResponse; see docs/compatibility.md");
  EXPECT_EQ(route(call("GET", "", "", {"max-directory-buckets"})).why->message,
            "Reprise does not support ListDirectoryBuckets; see docs/compatibility.md");
  EXPECT_EQ(name_of(call("GET", "", "", {"max-buckets"})), "ListBuckets");
}

TEST(RegistryTest, OneSubresourceAtATime) {
  const Routed routed = route(call("PUT", "b", "k", {"tagging", "acl"}));
  ASSERT_EQ(routed.operation, nullptr);
  EXPECT_EQ(routed.why->code, ErrorCode::invalid_argument);
  EXPECT_EQ(routed.why->message, "Conflicting query string parameters: acl, tagging");
  EXPECT_EQ(routed.why->details.at(0).second, "ResourceType");
  EXPECT_EQ(routed.why->details.at(1).second, "acl");
  EXPECT_EQ(name_of(call("GET", "b", "", {"uploads", "versioning"})), "InvalidArgument");
  EXPECT_EQ(name_of(call("POST", "b", "k", {"uploads", "uploadId"})), "InvalidArgument");
  // Of the other level it means nothing.
  EXPECT_EQ(name_of(call("GET", "b", "", {"versioning", "retention"})), "GetBucketVersioning");
}

TEST(RegistryTest, OtherMethodsAreNotAllowed) {
  const Routed routed = route(call("POST", "b", "", {"acl"}));
  ASSERT_EQ(routed.operation, nullptr);
  EXPECT_EQ(routed.why->code, ErrorCode::method_not_allowed);
  EXPECT_EQ(routed.why->details.at(0).second, "POST");
  EXPECT_EQ(routed.why->details.at(1).second, "ACL");
  EXPECT_EQ(name_of(call("PATCH", "b", "k")), "MethodNotAllowed");
  EXPECT_EQ(name_of(call("DELETE", "", "")), "MethodNotAllowed");
}

TEST(RegistryTest, WhatWouldNotDoWhatWasMeantIsRefused) {
  EXPECT_EQ(name_of(call("PUT", "b", "k", {"versionId"})), "InvalidArgument");
  EXPECT_EQ(name_of(call("PUT", "b", "k", {"versionId"}, {"x-amz-copy-source"})), "InvalidArgument");
  EXPECT_EQ(name_of(call("POST", "b", "k", {"versionId", "uploadId"})), "InvalidArgument");
  EXPECT_EQ(name_of(call("PUT", "b", "k", {"versionId", "tagging"})), "PutObjectTagging");
  EXPECT_EQ(route(call("PUT", "b", "k", {"versionId"})).why->message, "This operation does not accept a version-id.");
  for (const char* const method : {"GET", "HEAD", "DELETE"}) {
    EXPECT_EQ(name_of(call(method, "b", "k", {}, {"x-amz-copy-source"})), "InvalidArgument") << method;
  }
  EXPECT_EQ(name_of(call("POST", "b", "k", {"uploadId"}, {"x-amz-copy-source"})), "InvalidArgument");
  EXPECT_EQ(name_of(call("PUT", "b", "k", {}, {"x-amz-copy-source"})), "CopyObject");
}

TEST(RegistryTest, AnUploadOfAPartNeedsBothItsParameters) {
  for (const char* const parameter : {"partNumber", "uploadId"}) {
    Call made = call("PUT", "b", "k");
    made.query.add(parameter, "1");
    EXPECT_EQ(name_of(made), "InvalidArgument");
  }
}

TEST(RegistryTest, RowsAreWhole) {
  for (const auto family : {bucket_operations(), configuration_operations(), object_operations(), version_operations(),
                            multipart_operations(), lock_operations(), lifecycle_operations()}) {
    for (const Operation& operation : family) {
      EXPECT_FALSE(operation.name.empty());
      EXPECT_NE(operation.run, nullptr) << operation.name;
      EXPECT_TRUE(operation.action.empty() || operation.action.find(':') != std::string_view::npos) << operation.name;
      EXPECT_TRUE(!operation.needs_digest || operation.document_bytes_max > 0) << operation.name;
      // Who has a URL of version 2 for one operation cannot make another of it. ("list-type" is a parameter of a list.)
      const bool told = !operation.subresource.empty() && operation.subresource != "list-type";
      EXPECT_TRUE(!told || auth::sigv4::is_signed_by_v2(operation.subresource)) << operation.name;
      // Each row is found by the request it describes.
      Call made = call(std::string(operation.method), operation.level == Level::service ? "" : "b",
                       operation.level == Level::object ? "k" : "");
      if (!operation.subresource.empty()) made.query.add(std::string(operation.subresource), "");
      if (operation.name.starts_with("UploadPart")) made.query.add("partNumber", "1");
      if (!operation.header.empty()) made.headers.add(std::string(operation.header), "");
      EXPECT_EQ(name_of(made), operation.name);
    }
  }
}

}  // namespace
}  // namespace reprise::s3
