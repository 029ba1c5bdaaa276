// The signatures that AWS's own documentation works out, verified and made again. They cover what the two services
// differ in: IAM's "ListUsers" of the SigV4 guide, and the five examples of the S3 API reference ("Authenticating
// Requests: Using the Authorization Header" and "... Using Query Parameters").
#include <gtest/gtest.h>

#include <vector>

#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/canonical.h"
#include "auth/sigv4/signer.h"
#include "auth/sigv4/verifier.h"
#include "codec/hex.h"

namespace reprise::auth::sigv4 {
namespace {

constexpr std::string_view empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Example {
  std::string_view method, target, date;
  std::vector<Header> headers;
  std::string_view payload_hash;
  std::string_view authorization;
};

Result<Verified, Rejection> verify(const Example& example, VerifierOptions options, std::string secret,
                                   std::string_view id, std::int64_t seconds_later = 0) {
  const auto now = static_cast<std::uint64_t>(*parse_amz_date(example.date) + seconds_later);
  const ManualClock clock(now * 1'000'000);
  auto store =
      std::make_shared<CredentialStore>(std::vector<AccessKey>{root_access_key(std::string(id), std::move(secret))});
  const Verifier verifier(std::move(options), store, clock);
  std::vector<Header> headers = example.headers;
  if (!example.authorization.empty()) headers.push_back({"Authorization", example.authorization});
  return verifier.verify({example.method, example.target, headers, {}, example.payload_hash});
}

TEST(AwsExamplesTest, IamListUsers) {
  const Example example{"GET",
                        "/?Action=ListUsers&Version=2010-05-08",
                        "20150830T123600Z",
                        {{"Host", "iam.amazonaws.com"},
                         {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                         {"X-Amz-Date", "20150830T123600Z"}},
                        {},
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                        "SignedHeaders=content-type;host;x-amz-date, "
                        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"};
  const std::string secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  VerifierOptions options;
  options.service = "iam";
  auto verified = verify(example, options, secret, "AKIDEXAMPLE");
  ASSERT_TRUE(verified.ok()) << verified.error().canonical_request;
  EXPECT_EQ(verified->identity->access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(verified->identity->account, "000000000000");
  EXPECT_EQ(verified->region, "us-east-1");
  EXPECT_FALSE(verified->presigned);

  Signer signer({"AKIDEXAMPLE", secret, "us-east-1", "iam", PathStyle::normalized});
  EXPECT_EQ(signer.authorization({example.method, example.target, example.headers, {}, {}}, example.date),
            example.authorization);

  Bytes canonical;
  append_canonical_request(canonical, {example.method, example.target, example.headers, {}, {}}, PathStyle::normalized,
                           "content-type;host;x-amz-date");
  EXPECT_EQ(canonical,
            "GET\n/\nAction=ListUsers&Version=2010-05-08\n"
            "content-type:application/x-www-form-urlencoded; charset=utf-8\nhost:iam.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\n" +
                std::string(empty_hash));
  EXPECT_EQ(codec::to_hex(codec::bytes_of(codec::sha256(canonical))),
            "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
}

const std::string s3_secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr std::string_view s3_id = "AKIAIOSFODNN7EXAMPLE";

std::vector<Example> s3_examples() {
  constexpr std::string_view date = "20130524T000000Z";
  constexpr std::string_view host = "examplebucket.s3.amazonaws.com";
  return {
      {"GET",
       "/test.txt",
       date,
       {{"Host", host}, {"Range", "bytes=0-9"}, {"x-amz-content-sha256", empty_hash}, {"x-amz-date", date}},
       empty_hash,
       "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
       "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
       "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {"PUT",
       "/test%24file.text",
       date,
       {{"Host", host},
        {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
        {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
        {"x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
        {"x-amz-date", date}},
       "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
       "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
       "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
       "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {"GET",
       "/?lifecycle",
       date,
       {{"Host", host}, {"x-amz-content-sha256", empty_hash}, {"x-amz-date", date}},
       empty_hash,
       "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
       "SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
       "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {"GET",
       "/?max-keys=2&prefix=J",
       date,
       {{"Host", host}, {"x-amz-content-sha256", empty_hash}, {"x-amz-date", date}},
       empty_hash,
       "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
       "SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
       "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
      {"GET",
       "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
       "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
       "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
       date,
       {{"Host", host}},
       "UNSIGNED-PAYLOAD",
       {}},
  };
}

TEST(AwsExamplesTest, S3) {
  for (const Example& example : s3_examples()) {
    auto verified = verify(example, s3_verifier_options("us-east-1"), s3_secret, s3_id);
    ASSERT_TRUE(verified.ok()) << example.target << "\n" << verified.error().canonical_request;
    EXPECT_EQ(verified->presigned, example.authorization.empty());
    auto with_other_secret = verify(example, s3_verifier_options("us-east-1"), s3_secret + "x", s3_id);
    ASSERT_FALSE(with_other_secret.ok()) << example.target;
    EXPECT_EQ(s3_auth_error(with_other_secret.error()).code, "SignatureDoesNotMatch");
  }
}

TEST(AwsExamplesTest, S3PresignedIsMadeAgainAndEndsInTime) {
  const Example presigned = s3_examples().back();
  Signer signer({std::string(s3_id), s3_secret, "us-east-1", "s3", PathStyle::plain});
  EXPECT_EQ(
      signer.presigned_target({"GET", "/test.txt", presigned.headers, {}, "UNSIGNED-PAYLOAD"}, presigned.date, 86400),
      presigned.target);
  EXPECT_TRUE(verify(presigned, s3_verifier_options("us-east-1"), s3_secret, s3_id, 86400).ok());
  auto late = verify(presigned, s3_verifier_options("us-east-1"), s3_secret, s3_id, 86401);
  ASSERT_FALSE(late.ok());
  const AuthError error = s3_auth_error(late.error());
  EXPECT_EQ(error.code, "AccessDenied");
  EXPECT_EQ(error.http_status, 403);
  EXPECT_EQ(error.message, "Request has expired");
}

}  // namespace
}  // namespace reprise::auth::sigv4
