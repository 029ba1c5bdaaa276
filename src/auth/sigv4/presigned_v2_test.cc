#include "auth/sigv4/presigned_v2.h"

#include <gtest/gtest.h>

namespace reprise::auth::sigv4 {
namespace {

CredentialStore guide_keys() {
  auto identity = std::make_shared<Identity>();
  identity->access_key_id = "AKIAIOSFODNN7EXAMPLE";
  return CredentialStore({{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", identity}});
}

// The example of the developer guide, "Query string request authentication alternative" (the bucket's name there was
// changed after its signature had been made).
PresignedV2 guide_request() {
  return {"GET",
          "/johnsmith/photos/puppy.jpg",
          {{"AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE"},
           {"Signature", "NpgCjnDzrM+WFzoENXmpNDUsSn8="},
           {"Expires", "1175139620"}},
          {{"host", "johnsmith.s3.amazonaws.com"}}};
}

// What botocore 1.29 makes of a PUT with a version, another parameter and metadata.
PresignedV2 botocore_request() {
  return {"PUT",
          "/bucket/a%20b/%C3%BC.oga",
          {{"versionId", "abc"},
           {"response-content-type", "audio/ogg"},
           {"other", "1"},
           {"AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE"},
           {"Signature", "FCKEILQQy5UMVbHpHvNAws2ZxP8="},
           {"content-type", "audio/ogg"},
           {"x-amz-meta-b", "2"},
           {"x-amz-meta-a", "1"},
           {"Expires", "1795400060"}},
          {{"host", "127.0.0.1:8000"}, {"content-type", "audio/ogg"}}};
}

TEST(PresignedV2, KnownSignaturesHold) {
  const auto keys = guide_keys();
  ASSERT_TRUE(is_presigned_v2(guide_request()));
  EXPECT_TRUE(verify_presigned_v2(guide_request(), keys, 1'175'139'620).ok());
  EXPECT_TRUE(verify_presigned_v2(botocore_request(), keys, 1'795'400'000).ok());
}

TEST(PresignedV2, FieldsOfOurOwnAreNotCovered) {
  auto request = guide_request();
  request.headers.emplace_back("x-reprise-as-of", "1");
  const auto verified = verify_presigned_v2(request, guide_keys(), 1'175'139'620);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().reason, Reason::headers_not_signed);
  EXPECT_EQ(verified.error().subject, "x-reprise-as-of");
}

TEST(PresignedV2, NothingThatIsSignedMayChange) {
  const auto keys = guide_keys();
  for (const std::size_t field : {0U, 1U, 5U, 6U, 8U}) {
    auto request = botocore_request();
    request.query[field].second = "1795400061";
    if (field == 5) request.headers[1].second = "audio/wav";
    const auto verified = verify_presigned_v2(request, keys, 1'795'400'000);
    ASSERT_FALSE(verified.ok()) << field;
    EXPECT_EQ(verified.error().reason, Reason::mismatch) << field;
  }
  auto request = botocore_request();
  request.resource = "/bucket/another";
  EXPECT_FALSE(verify_presigned_v2(request, keys, 1'795'400'000).ok());
}

// Who has a URL for one thing must not make another of it.
TEST(PresignedV2, NoSubresourceMayBeAdded) {
  for (const char* const name : {"acl", "retention", "legal-hold", "attributes", "publicAccessBlock", "encryption"}) {
    auto request = botocore_request();
    request.query.emplace_back(name, "");
    const auto verified = verify_presigned_v2(request, guide_keys(), 1'795'400'000);
    ASSERT_FALSE(verified.ok()) << name;
    EXPECT_EQ(verified.error().reason, Reason::mismatch) << name;
  }
}

TEST(PresignedV2, OneLineOfWhatIsSignedIsNotTwo) {
  auto request = botocore_request();
  std::erase_if(request.query, [](const auto& field) { return field.first == "x-amz-meta-b"; });
  for (auto& [name, value] : request.query) {
    if (name == "x-amz-meta-a") value = "1\nx-amz-meta-b:2";
  }
  const auto verified = verify_presigned_v2(request, guide_keys(), 1'795'400'000);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().reason, Reason::mismatch);
}

TEST(PresignedV2, ItEnds) {
  const auto verified = verify_presigned_v2(guide_request(), guide_keys(), 1'175'139'621);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().reason, Reason::expired);
}

TEST(PresignedV2, IncompleteOrUnknown) {
  auto request = guide_request();
  request.query.pop_back();
  EXPECT_EQ(verify_presigned_v2(request, guide_keys(), 0).error().reason, Reason::missing_signature);
  request = guide_request();
  request.query[0].second = "AKIAOTHER";
  EXPECT_EQ(verify_presigned_v2(request, guide_keys(), 0).error().reason, Reason::unknown_access_key);
}

TEST(PresignedV2, WhatIsChangedDoesNotHold) {
  const auto keys = guide_keys();
  auto request = guide_request();
  request.query[1].second = "AAAAjnDzrM+WFzoENXmpNDUsSn8=";
  const auto verified = verify_presigned_v2(request, keys, 1'175'139'000);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().reason, Reason::mismatch);
}

// What botocore 1.29 makes of this policy with generate_presigned_post.
TEST(SignatureV2, OfAPolicy) {
  constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  constexpr std::string_view policy =
      "eyJleHBpcmF0aW9uIjogIjIwMjYtMTEtMjNUMDg6MDg6MDFaIiwgImNvbmRpdGlvbnMiOiBbeyJidWNrZXQiOiAiYnVja2V0In0s"
      "IFsic3RhcnRzLXdpdGgiLCAiJGtleSIsICJrLyJdXX0=";
  EXPECT_TRUE(is_signature_v2("RxXBeyBL7eJRNPelVtHm/qOLyiM=", secret, policy));
  EXPECT_FALSE(is_signature_v2("RxXBeyBL7eJRNPelVtHm/qOLyiM=", "another", policy));
  EXPECT_FALSE(is_signature_v2("RxXBeyBL7eJRNPelVtHm/qOLyiM=", secret, policy.substr(1)));
  EXPECT_FALSE(is_signature_v2("", secret, policy));
}

}  // namespace
}  // namespace reprise::auth::sigv4
