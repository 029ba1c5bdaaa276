// Requests as botocore 1.29 (the library below the aws command line and boto3) signed them with its clock held at one
// instant: odd headers, paths and queries that its canonical form and ours must agree on.
#include <gtest/gtest.h>

#include <vector>

#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/verifier.h"

namespace reprise::auth::sigv4 {
namespace {

struct Captured {
  std::string_view what;
  bool s3;
  std::string_view method, target;
  std::vector<Header> headers;
  std::string_view body, payload_hash;
};

const std::vector<Captured> captured = {
    {"a DynamoDB call",
     false,
     "POST",
     "/a'b(c)!*?versionId=null",
     {{"Content-Type", "application/x-amz-json-1.0"},
      {"X-Amz-Target", "DynamoDB_20120810.PutItem"},
      {"X-Amz-Date", "20150830T123600Z"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/dynamodb/aws4_request, SignedHe"
       "aders=content-type;host;x-amz-date;x-amz-target, Signature=b13bd29813c981bf63f3a8d203a23be"
       "1fd887549aeca5b920bfd7ba0eb6ef563"},
      {"Host", "example.com"}},
     "{}",
     ""},
    {"blanks in a header, an encoded blank in the path",
     false,
     "GET",
     "/a%20b?versionId=null",
     {{"X-Odd", "  lead  and   trail  "},
      {"X-Amz-Date", "20150830T123600Z"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/dynamodb/aws4_request, SignedHe"
       "aders=host;x-amz-date;x-odd, Signature=e2c79b854c6ec732af8413c02ca7f94851bbdf6e14bd58753fc"
       "f7da2c11c9747"},
      {"Host", "bucket.example.com"}},
     "",
     ""},
    {"tabs in a header",
     false,
     "POST",
     "/%7Eu?b=2&a=1",
     {{"X-Tab", "a\011b\011\011c"},
      {"X-Amz-Date", "20150830T123600Z"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/dynamodb/aws4_request, SignedHe"
       "aders=host;x-amz-date;x-tab, Signature=1436ec368e9b7809fe7429febc9c23f5634652c44095af03327"
       "b75a969bc921d"},
      {"Host", "localhost:8000"}},
     "",
     ""},
    {"reserved characters bare in the path",
     false,
     "PUT",
     "/a'b(c)!*?versionId=null",
     {{"X-Amz-Date", "20150830T123600Z"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/dynamodb/aws4_request, SignedHe"
       "aders=host;x-amz-date, Signature=60852919cd203a6283207f4b5185e407f846f4661abc87f34adbd7743"
       "ac8b914"},
      {"Host", "example.com"}},
     "",
     ""},
    {"dot segments",
     false,
     "DELETE",
     "/a/../b/?a-b=1&a=2",
     {{"X-Amz-Meta-Q", "\"a  b\"  c"},
      {"X-Amz-Date", "20150830T123600Z"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/dynamodb/aws4_request, SignedHe"
       "aders=host;x-amz-date;x-amz-meta-q, Signature=1ef37d18c06a55ce0aea61563a9791b7f43fa16ba878"
       "a032496729063617825f"},
      {"Host", "127.0.0.1:8000"}},
     "{\"TableName\":\"T\303\251\"}",
     ""},
    {"a header and a body beyond ASCII",
     false,
     "PUT",
     "/a%20b?acl",
     {{"X-Uni", "caf\303\251"},
      {"X-Amz-Date", "20150830T123600Z"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/dynamodb/aws4_request, SignedHe"
       "aders=host;x-amz-date;x-uni, Signature=4939dd4ca646b5f91a33872db82e7230892c7712f4ff53ad77f"
       "2cfcc2d954148"},
      {"Host", "example.com"}},
     "{\"TableName\":\"T\303\251\"}",
     ""},
    {"repeated parameters",
     false,
     "GET",
     "/a/../b/?a=2&a=1&A=0",
     {{"X-Odd", "  lead  and   trail  "},
      {"X-Amz-Date", "20150830T123600Z"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/dynamodb/aws4_request, SignedHe"
       "aders=host;x-amz-date;x-odd, Signature=db9ccdcf7eb5d032d9cf7170b5c260975cd966649a03e14d98e"
       "09fdb7b8d506c"},
      {"Host", "localhost:8000"}},
     "{}",
     ""},
    {"presigned",
     false,
     "DELETE",
     "/%C3%A9t%C3%A9?list-type=2&prefix=a%2Fb&delimiter=%2F&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credent"
     "ial=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Fdynamodb%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-E"
     "xpires=300&X-Amz-SignedHeaders=host%3Bx-amz-meta-q&X-Amz-Signature=08b695d63bcb439add9c610bfa41b0486"
     "d48c90fa3801c4236d3c0ea8bcdd412",
     {{"X-Amz-Meta-Q", "\"a  b\"  c"}, {"Host", "127.0.0.1:8000"}},
     "",
     ""},
    {"S3: doubled slash",
     true,
     "DELETE",
     "/a//b?versionId=null",
     {{"Content-Type", "application/x-amz-json-1.0"},
      {"X-Amz-Target", "DynamoDB_20120810.PutItem"},
      {"X-Amz-Date", "20150830T123600Z"},
      {"X-Amz-Content-SHA256", "a6cb811604813ccbbdceb902135a4e411f4518349d1f90ac2d7725135d32beaa"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/s3/aws4_request, SignedHeaders="
       "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target, Signature=5649535867e2679b"
       "4678dacedd9fef2e3966780fc3415c18d9264da12d2d420e"},
      {"Host", "bucket.example.com"}},
     "{\"TableName\":\"T\303\251\"}",
     "a6cb811604813ccbbdceb902135a4e411f4518349d1f90ac2d7725135d32beaa"},
    {"S3: encoded reserved characters, an empty header",
     true,
     "GET",
     "/a%27b%28c%29%21%2A?k=%C3%A9",
     {{"X-Empty", ""},
      {"X-Amz-Date", "20150830T123600Z"},
      {"X-Amz-Content-SHA256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/s3/aws4_request, SignedHeaders="
       "host;x-amz-content-sha256;x-amz-date;x-empty, Signature=7cc9954f50494db7ec194e77ca910bbcd8"
       "234fbcea28f929517d65bb44fa0473"},
      {"Host", "bucket.example.com"}},
     "",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"S3: presigned",
     true,
     "POST",
     "/a//b?list-type=2&prefix=a%2Fb&delimiter=%2F&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDE"
     "XAMPLE%2F20150830%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=300&X-Am"
     "z-SignedHeaders=host%3Bx-odd&X-Amz-Signature=7966e7cd9bff50ddae254d6c29c2812d97b25f9a41d9af157c1a454"
     "41c820f9f",
     {{"X-Odd", "  lead  and   trail  "}, {"Host", "bucket.example.com"}},
     "",
     "UNSIGNED-PAYLOAD"},
    {"S3: presigned, an encoded plus",
     true,
     "PUT",
     "/a//b?p=x%2By&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2"
     "Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host%3Bx-uni&X-"
     "Amz-Signature=4077e47ad4b010850ed408f3bad8b6ef06898e97f4393b24ee2089581365c4a3",
     {{"X-Uni", "caf\303\251"}, {"Host", "example.com"}},
     "",
     "UNSIGNED-PAYLOAD"},
};

TEST(BotocoreExamplesTest, Verify) {
  const ManualClock clock(static_cast<std::uint64_t>(*parse_amz_date("20150830T123600Z")) * 1'000'000);
  auto store = std::make_shared<CredentialStore>(
      std::vector{root_access_key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")});
  const Verifier dynamo(VerifierOptions{}, store, clock);
  const Verifier s3(s3_verifier_options("us-east-1"), store, clock);
  for (const Captured& request : captured) {
    const RequestView view{request.method, request.target, request.headers, request.body, request.payload_hash};
    const auto verified = (request.s3 ? s3 : dynamo).verify(view);
    EXPECT_TRUE(verified.ok()) << request.what << "\n" << verified.error().canonical_request;
    const auto by_the_other = (request.s3 ? dynamo : s3).verify(view);
    ASSERT_FALSE(by_the_other.ok());
    EXPECT_EQ(by_the_other.error().reason, Reason::wrong_scope) << "a signature for one service is none for the other";
  }
}

}  // namespace
}  // namespace reprise::auth::sigv4
