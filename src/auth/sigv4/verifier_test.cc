// Every way in which a request is refused, with the texts of both APIs, and the ways in which it must not be.
#include "auth/sigv4/verifier.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/authorization.h"
#include "auth/sigv4/signer.h"

namespace reprise::auth::sigv4 {
namespace {

constexpr std::int64_t noon = 1'440'938'160;  // 2015-08-30T12:36:00Z
constexpr std::string_view noon_text = "20150830T123600Z";
constexpr std::string_view mismatch_text =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.";

// A request that owns its text and can be spoilt piece by piece before it is signed or sent.
struct Sent {
  std::string method = "POST";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers = {{"Host", "localhost:8000"},
                                                              {"X-Amz-Date", std::string(noon_text)},
                                                              {"X-Amz-Target", "DynamoDB_20120810.ListTables"},
                                                              {"Content-Type", "application/x-amz-json-1.0"}};
  std::string body = "{}";
  std::string payload_hash;

  template <class Use>
  auto with_view(Use use) const {
    std::vector<Header> views;
    for (const auto& [name, value] : headers) views.push_back({name, value});
    return use(RequestView{method, target, views, body, payload_hash});
  }
  std::string& header(std::string_view name) {
    for (auto& [known, value] : headers) {
      if (known == name) return value;
    }
    headers.emplace_back(name, "");
    return headers.back().second;
  }
  void remove(std::string_view name) {
    std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  }
};

class VerifierTest : public testing::Test {
 protected:
  void sign(Sent& sent, std::string_view date = noon_text, std::string region = "eu-west-1",
            std::string service = "dynamodb") {
    Signer signer({"AKIDEXAMPLE", "secret", std::move(region), std::move(service)});
    const std::string value = sent.with_view([&](const RequestView& view) { return signer.authorization(view, date); });
    sent.header("Authorization") = value;
  }
  Sent signed_request() {
    Sent sent;
    sign(sent);
    return sent;
  }
  // "" when the request is accepted, else "Code: message".
  std::string answer(const Sent& sent) {
    const Verifier verifier(options_, store_, clock_);
    const auto result = sent.with_view([&](const RequestView& view) { return verifier.verify(view); });
    const auto early = sent.with_view([&](const RequestView& view) { return verifier.reject_before_body(view); });
    const bool by_body =
        result.ok() || result.error().reason == Reason::mismatch || result.error().reason == Reason::bad_session_token;
    EXPECT_EQ(early.has_value(), !by_body);
    if (early) {
      EXPECT_EQ(early->reason, result.error().reason);
    }
    if (result.ok()) return "";
    const AuthError error = dynamo_auth_error(result.error());
    EXPECT_EQ(error.http_status, 400);
    s3_ = s3_auth_error(result.error());
    return error.code + ": " + error.message;
  }
  std::string replaced(std::string_view from, std::string_view to) {
    Sent sent = signed_request();
    std::string& value = sent.header("Authorization");
    value.replace(value.find(from), from.size(), to);
    return answer(sent);
  }

  VerifierOptions options_;
  ManualClock clock_{noon * 1'000'000};
  std::shared_ptr<const CredentialStore> store_ =
      std::make_shared<CredentialStore>(std::vector{root_access_key("AKIDEXAMPLE", "secret")});
  AuthError s3_;
};

TEST_F(VerifierTest, AcceptsWhatWasSignedAndTellsWho) {
  const Sent sent = signed_request();
  const Verifier verifier(options_, store_, clock_);
  for (int i = 0; i < 3; ++i) {  // with and without the cached key
    const auto verified = sent.with_view([&](const RequestView& view) { return verifier.verify(view); });
    ASSERT_TRUE(verified.ok());
    EXPECT_EQ(verified->identity->access_key_id, "AKIDEXAMPLE");
    EXPECT_EQ(verified->identity->account, "000000000000");
    EXPECT_EQ(verified->identity->arn, "arn:aws:iam::000000000000:root");
    EXPECT_TRUE(verified->identity->root);
    EXPECT_EQ(verified->region, "eu-west-1");
  }
}

TEST_F(VerifierTest, MissingOrForeignAuthorization) {
  Sent sent;
  const std::string missing = "MissingAuthenticationTokenException: Request is missing Authentication Token";
  EXPECT_EQ(answer(sent), missing);
  EXPECT_EQ(s3_.code, "AccessDenied");
  sent.header("Authorization") = "AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=";
  EXPECT_EQ(answer(sent), missing);
  EXPECT_EQ(s3_.message,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
  sent.header("Authorization") = "";
  EXPECT_EQ(answer(sent), missing);
}

TEST_F(VerifierTest, IncompleteHeader) {
  Sent sent;
  sent.header("Authorization") = "AWS4-HMAC-SHA256 ";
  EXPECT_EQ(answer(sent),
            "IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header "
            "requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
            "Authorization=AWS4-HMAC-SHA256");
  EXPECT_EQ(s3_.code, "AuthorizationHeaderMalformed");
  sent = signed_request();
  sent.remove("X-Amz-Date");
  EXPECT_EQ(
      answer(sent),
      "IncompleteSignatureException: Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
      "header. Authorization=" +
          sent.header("Authorization"));
  EXPECT_EQ(s3_.message, "AWS authentication requires a valid Date or x-amz-date header");
  EXPECT_TRUE(
      replaced("Signature=", "Sig=")
          .starts_with(
              "IncompleteSignatureException: Authorization header requires 'Signature' parameter. Authorization="));
}

TEST_F(VerifierTest, DateFormat) {
  Sent sent = signed_request();
  for (const std::string date : {"201", "2015-08-30T12:36:00Z", "20150230T123600Z", "20150830T243600Z",
                                 "20150830T123600", "Sun, 30 Aug 2015 12:36:00 GMT"}) {
    sent.header("X-Amz-Date") = date;
    EXPECT_EQ(answer(sent), "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got '" + date +
                                "'. See http://en.wikipedia.org/wiki/ISO_8601");
  }
  EXPECT_EQ(s3_.code, "AccessDenied");
}

TEST_F(VerifierTest, DateHeaderInsteadOfXAmzDate) {
  for (const std::string date : {"20150830T123600Z", "Sun, 30 Aug 2015 12:36:00 GMT"}) {
    Sent sent;
    sent.remove("X-Amz-Date");
    sent.header("Date") = date;
    sign(sent);
    EXPECT_EQ(answer(sent), "");
  }
}

TEST_F(VerifierTest, Skew) {
  const Sent sent = signed_request();
  clock_.set((noon + 900) * 1'000'000);
  EXPECT_EQ(answer(sent), "");
  clock_.set((noon + 901) * 1'000'000);
  EXPECT_EQ(answer(sent),
            "InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z "
            "(20150830T125101Z - 15 min.)");
  EXPECT_EQ(s3_.code, "RequestTimeTooSkewed");
  clock_.set((noon - 900) * 1'000'000);
  EXPECT_EQ(answer(sent), "");
  clock_.set((noon - 901) * 1'000'000);
  EXPECT_EQ(answer(sent),
            "InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later than "
            "20150830T123559Z (20150830T122059Z + 15 min.)");
  EXPECT_EQ(s3_.http_status, 403);
}

TEST_F(VerifierTest, HostAlgorithmAndCredentialShape) {
  EXPECT_EQ(replaced("host;", ""),
            "InvalidSignatureException: 'Host' must be a 'SignedHeader' in the AWS Authorization.");
  EXPECT_EQ(replaced("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
            "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only "
            "AWS4-HMAC-SHA256 for now). ");
  EXPECT_EQ(s3_.code, "InvalidRequest");
  EXPECT_EQ(replaced("/aws4_request", ""),
            "IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term, got 'AKIDEXAMPLE/20150830/eu-west-1/dynamodb'");
  EXPECT_TRUE(replaced("/aws4_request", "/aws4_request/x").find("exactly 5") != std::string::npos);
  EXPECT_EQ(s3_.code, "AuthorizationHeaderMalformed");
}

TEST_F(VerifierTest, Scope) {
  EXPECT_EQ(replaced("20150830/eu-west-1/dynamodb/aws4_request", "b/C/d/e"),
            "InvalidSignatureException: Credential should be scoped to a valid region, not 'C'. Credential should be "
            "scoped to correct service: 'dynamodb'. Credential should be scoped with a valid terminator: "
            "'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
            "from HTTP: 'b' != '20150830', from '20150830T123600Z'.");
  EXPECT_EQ(replaced("/dynamodb/", "/s3/"),
            "InvalidSignatureException: Credential should be scoped to correct service: 'dynamodb'. ");
  EXPECT_EQ(replaced("/20150830/", "/20150831/"),
            "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
            "from HTTP: '20150831' != '20150830', from '20150830T123600Z'.");
  EXPECT_EQ(s3_.code, "AuthorizationHeaderMalformed");
}

TEST_F(VerifierTest, RegionIsFreeUnlessStrict) {
  Sent sent;
  sign(sent, noon_text, "my-region-7");
  EXPECT_EQ(answer(sent), "");
  options_.strict_region = true;
  EXPECT_EQ(answer(sent),
            "InvalidSignatureException: Credential should be scoped to a valid region, not 'my-region-7'. ");
  EXPECT_EQ(s3_.message,
            "The authorization header is malformed; the region 'my-region-7' is wrong; expecting 'us-east-1'");
  sign(sent, noon_text, "us-east-1");
  EXPECT_EQ(answer(sent), "");
  options_.strict_region = false;
  for (const std::string region : {"127.0.0.1", "s3.example.org"}) {  // as clients say that have no other name for it
    sign(sent, noon_text, region);
    EXPECT_EQ(answer(sent), "") << region;
  }
  for (const std::string region : {"", "EU", "a b", "a_b"}) {
    sign(sent, noon_text, region);
    EXPECT_TRUE(answer(sent).find("valid region, not '" + region + "'") != std::string::npos) << region;
  }
}

TEST_F(VerifierTest, UnknownKey) {
  EXPECT_EQ(replaced("AKIDEXAMPLE", "AKIDUNKNOWN"),
            "UnrecognizedClientException: The security token included in the request is invalid.");
  EXPECT_EQ(s3_.code, "InvalidAccessKeyId");
  EXPECT_EQ(replaced("AKIDEXAMPLE", ""),
            "UnrecognizedClientException: The security token included in the request is invalid.");
}

TEST_F(VerifierTest, SessionTokenWithAKeyThatHasNone) {
  Sent sent;
  sent.header("X-Amz-Security-Token") = "FwoGZXIvYXdz";
  sign(sent);
  EXPECT_EQ(answer(sent), "UnrecognizedClientException: The security token included in the request is invalid");
  EXPECT_EQ(s3_.code, "InvalidToken");
}

TEST_F(VerifierTest, MismatchShowsWhatShouldHaveBeenSigned) {
  Sent sent = signed_request();
  sent.body = "{ }";
  EXPECT_EQ(answer(sent),
            "InvalidSignatureException: " + std::string(mismatch_text) +
                "\n\nThe Canonical String for this request should have been\n'POST\n/\n\n"
                "content-type:application/x-amz-json-1.0\nhost:localhost:8000\nx-amz-date:20150830T123600Z\n"
                "x-amz-target:DynamoDB_20120810.ListTables\n\ncontent-type;host;x-amz-date;x-amz-target\n"
                "257c1be96ae69f4b01c2c69bdb6d78605f59175819fb007d0bf245bf48444c4a'\n\n"
                "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20150830T123600Z\n"
                "20150830/eu-west-1/dynamodb/aws4_request\n"
                "dc32dc676c4268af9ef98f7e77062911812dd1fab32ab9694e9d0667c51b73fc'\n");
  EXPECT_EQ(s3_.code, "SignatureDoesNotMatch");
}

TEST_F(VerifierTest, EverySignedPartMatters) {
  const Sent original = signed_request();
  ASSERT_EQ(answer(original), "");
  auto refused = [&](auto change) {
    Sent sent = original;
    change(sent);
    return answer(sent).find(mismatch_text) != std::string::npos;
  };
  EXPECT_TRUE(refused([](Sent& s) { s.method = "PUT"; }));
  EXPECT_TRUE(refused([](Sent& s) { s.target = "/x"; }));
  EXPECT_TRUE(refused([](Sent& s) { s.target = "/?a"; }));
  EXPECT_TRUE(refused([](Sent& s) { s.body = ""; }));
  EXPECT_TRUE(refused([](Sent& s) { s.header("Host") = "localhost:8001"; }));
  EXPECT_TRUE(refused([](Sent& s) { s.header("X-Amz-Target") = "DynamoDB_20120810.DeleteTable"; }));
  EXPECT_TRUE(refused([](Sent& s) { s.headers.emplace_back("x-amz-target", "DynamoDB_20120810.DeleteTable"); }));
  EXPECT_TRUE(refused([](Sent& s) { s.remove("Content-Type"); }));
  EXPECT_TRUE(refused([](Sent& s) { s.header("Authorization").pop_back(); }));
  EXPECT_TRUE(refused([](Sent& s) { s.header("Authorization") += "0"; }));
  EXPECT_TRUE(refused([](Sent& s) { s.header("X-Amz-Date") = "20150830T123601Z"; }));
  EXPECT_FALSE(refused([](Sent& s) { s.headers.emplace_back("X-Forwarded-For", "::1"); })) << "it is not signed";
}

TEST_F(VerifierTest, OtherSecret) {
  const Sent sent = signed_request();
  store_ = std::make_shared<CredentialStore>(std::vector{root_access_key("AKIDEXAMPLE", "Secret")});
  EXPECT_TRUE(answer(sent).find(mismatch_text) != std::string::npos);
}

// The canonical list is sorted, lower-case and distinct whatever order the client's has.
TEST_F(VerifierTest, SignedHeadersInAnyOrderAndCase) {
  EXPECT_EQ(replaced("content-type;host;x-amz-date;x-amz-target", "X-Amz-Target;Host;content-type;x-amz-date;host"),
            "");
}

TEST_F(VerifierTest, BlanksInHeaderValues) {
  Sent sent;
  sent.header("X-Odd") = "a b c";
  sign(sent);
  sent.header("X-Odd") = "  a   b\t c  ";
  EXPECT_EQ(answer(sent), "");
  sent.header("X-Odd") = "ab c";
  EXPECT_NE(answer(sent), "");
}

TEST_F(VerifierTest, PayloadHashStandsForTheBody) {
  Sent sent;
  sent.payload_hash = "UNSIGNED-PAYLOAD";
  sign(sent);
  EXPECT_EQ(answer(sent), "");
  sent.payload_hash.clear();
  EXPECT_NE(answer(sent), "");
}

TEST_F(VerifierTest, S3WantsEveryAmzHeaderSigned) {
  Sent sent = signed_request();
  sent.headers.emplace_back("X-Amz-Acl", "public-read");
  EXPECT_EQ(answer(sent), "");
  options_.amz_headers_signed = true;
  EXPECT_NE(answer(sent), "");
  EXPECT_EQ(s3_.message, "There were headers present in the request which were not signed");
}

TEST_F(VerifierTest, TheOperationIsSigned) {
  Sent sent = signed_request();
  sent.headers.emplace_back("X-Amz-Target", "DynamoDB_20120810.DeleteItem");
  sign(sent);
  EXPECT_EQ(answer(sent), "");
  Sent open = signed_request();
  open.remove("X-Amz-Target");
  sign(open);
  open.headers.emplace_back("x-amz-target", "DynamoDB_20120810.DeleteItem");
  EXPECT_EQ(answer(open),
            "InvalidSignatureException: 'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.");
}

class PresignedTest : public VerifierTest {
 protected:
  Sent presigned(std::int64_t expires, std::string target = "/") {
    Sent sent;
    sent.method = "GET";
    sent.target = std::move(target);
    sent.headers = {{"Host", "localhost:8000"}};
    sent.body.clear();
    Signer signer({"AKIDEXAMPLE", "secret", "eu-west-1", "dynamodb"});
    sent.target =
        sent.with_view([&](const RequestView& view) { return signer.presigned_target(view, noon_text, expires); });
    return sent;
  }
  std::string without(std::string_view name) {
    Sent sent = presigned(60);
    const auto at = sent.target.find(name);
    const auto end = std::min(sent.target.find('&', at), sent.target.size() - 1);
    sent.target.erase(at, end - at + 1);
    return answer(sent);
  }
};

TEST_F(PresignedTest, GoodFromNowUntilItExpires) {
  const Sent sent = presigned(3600, "/a//b/../c?z=1&a=%20x&a=+&empty=&bare");
  EXPECT_EQ(answer(sent), "");
  clock_.set((noon + 3600) * 1'000'000);
  EXPECT_EQ(answer(sent), "");
  clock_.set((noon + 3601) * 1'000'000);
  EXPECT_EQ(answer(sent),
            "InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z "
            "(20150830T133601Z - 60 min.)");
  EXPECT_EQ(s3_.message, "Request has expired");
  clock_.set((noon - 901) * 1'000'000);
  EXPECT_NE(answer(sent), "");
  EXPECT_EQ(s3_.message, "Request is not valid yet");
}

TEST_F(PresignedTest, ExpiresBounds) {
  EXPECT_EQ(answer(presigned(604800)), "");
  for (const auto& [seconds, text] : std::initializer_list<std::pair<std::int64_t, std::string>>{
           {604801, "less than a week"}, {-1, "must be non-negative"}, {0, ""}}) {
    EXPECT_TRUE(answer(presigned(seconds)).starts_with("IncompleteSignatureException: X-Amz-Expires"));
    EXPECT_EQ(s3_.code, "AuthorizationQueryParametersError");
    EXPECT_TRUE(s3_.message.find(text) != std::string::npos) << s3_.message;
  }
  Sent sent = presigned(60);
  sent.target.replace(sent.target.find("Expires=60"), 10, "Expires=6x");
  answer(sent);
  EXPECT_EQ(s3_.message, "X-Amz-Expires should be a number");
}

TEST_F(PresignedTest, MissingParameters) {
  EXPECT_EQ(without("X-Amz-Credential"),
            "IncompleteSignatureException: AWS query-string parameters must include 'X-Amz-Credential'. Re-examine the "
            "query-string parameters.");
  EXPECT_EQ(s3_.code, "AuthorizationQueryParametersError");
  for (const std::string name : {"X-Amz-Algorithm", "X-Amz-SignedHeaders", "X-Amz-Date"}) {
    EXPECT_TRUE(without(name).find("must include '" + name + "'") != std::string::npos);
  }
  Sent sent = presigned(60);
  sent.target = "/?X-Amz-Algorithm";
  EXPECT_EQ(
      answer(sent),
      "IncompleteSignatureException: AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string "
      "parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS "
      "query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include "
      "'X-Amz-Date'. Re-examine the query-string parameters.");
  options_.expires_required = true;
  EXPECT_TRUE(without("X-Amz-Expires").starts_with("IncompleteSignatureException"));
}

// aws-sdk-js 2 signs x-amz-acl as a field and writes it into the URL as well; S3 takes the upload with and without it.
TEST_F(PresignedTest, S3TakesASignedFieldFromTheQuery) {
  const std::string target = "/photos/a?x-amz-acl=bucket-owner-full-control&x-amz-meta-place=Bay+of%20Biscay&bare";
  Sent signed_one;
  signed_one.method = "PUT";
  signed_one.headers = {
      {"Host", "localhost:8000"}, {"x-amz-acl", "bucket-owner-full-control"}, {"x-amz-meta-place", "Bay of Biscay"}};
  signed_one.body.clear();
  signed_one.target = target;
  Signer signer({"AKIDEXAMPLE", "secret", "eu-west-1", "dynamodb"});
  signed_one.target =
      signed_one.with_view([&](const RequestView& view) { return signer.presigned_target(view, noon_text, 60); });
  Sent bare = signed_one;
  bare.headers.resize(1);

  EXPECT_EQ(answer(signed_one), "");
  EXPECT_NE(answer(bare), "");  // DynamoDB reads no field from a query
  options_.amz_headers_signed = true;
  EXPECT_EQ(answer(signed_one), "");
  EXPECT_EQ(answer(bare), "");

  // What was signed is what counts: neither the URL nor a field sent along may say otherwise.
  Sent other = bare;
  other.target.replace(other.target.find("bucket-owner-full-control"), 25, "public-read");
  EXPECT_NE(answer(other), "");
  other = bare;
  other.headers.emplace_back("x-amz-acl", "public-read");
  EXPECT_NE(answer(other), "");
  Sent cut = signed_one;
  cut.target.erase(cut.target.find("x-amz-acl="), std::string("x-amz-acl=bucket-owner-full-control&").size());
  EXPECT_NE(answer(cut), "");
  cut.headers.resize(1);
  EXPECT_NE(answer(cut), "");
}

TEST_F(PresignedTest, WhoeverWasGivenItCannotSayWhatItDoes) {
  for (const char* const name : {"X-Amz-Target", "X-Reprise-As-Of", "x-reprise-copy-source-as-of"}) {
    Sent sent = presigned(60);
    sent.headers.emplace_back(name, "1");
    EXPECT_NE(answer(sent), "") << name;
    EXPECT_EQ(s3_.code, "AccessDenied") << name;
  }
}

TEST_F(PresignedTest, TamperingAndTwoMechanisms) {
  Sent sent = presigned(60);
  sent.target += "&extra=1";
  EXPECT_TRUE(answer(sent).find(mismatch_text) != std::string::npos);
  sent = presigned(60);
  sent.target.replace(sent.target.find("Expires=60"), 10, "Expires=61");
  EXPECT_TRUE(answer(sent).find(mismatch_text) != std::string::npos);
  sent = presigned(60);
  sent.header("Authorization") = "AWS4-HMAC-SHA256 Credential=x";
  EXPECT_EQ(answer(sent),
            "InvalidSignatureException: Found both 'X-Amz-Algorithm' as a query-string param and "
            "'Authorization' as HTTP header.");
  EXPECT_EQ(s3_.code, "InvalidArgument");
}

TEST_F(VerifierTest, ClaimedServiceForRouting) {
  auto service = [](const Sent& sent) {
    return sent.with_view([](const RequestView& view) { return claimed_service(view); });
  };
  EXPECT_EQ(service(signed_request()), "dynamodb");
  Sent sent;
  EXPECT_EQ(service(sent), "");
  sent.header("Authorization") = "AWS4-HMAC-SHA256 Credential=a/b";
  EXPECT_EQ(service(sent), "");
  sent.remove("Authorization");
  sent.target = "/b/k?X-Amz-Credential=AK%2F20150830%2Fus-east-1%2Fs3%2Faws4_request";
  EXPECT_EQ(service(sent), "s3");
}

// The same id with another secret: what was remembered of the old one counts no more, nor does a key that is gone.
TEST_F(VerifierTest, ARotatedSecretCountsAtOnce) {
  auto source = std::make_shared<CredentialSource>(store_);
  const Verifier verifier(options_, std::shared_ptr<const CredentialSource>(source), clock_);
  const Sent sent = signed_request();
  const auto verifies = [&] {
    return sent.with_view([&](const RequestView& view) { return verifier.verify(view).ok(); });
  };
  EXPECT_TRUE(verifies());
  EXPECT_TRUE(verifies());
  source->replace(std::make_shared<CredentialStore>(std::vector{root_access_key("AKIDEXAMPLE", "other")}));
  EXPECT_FALSE(verifies());
  source->replace(std::make_shared<CredentialStore>(std::vector<AccessKey>{}));
  EXPECT_FALSE(verifies());
  source->replace(store_);
  EXPECT_TRUE(verifies());
}

// More keys than the cache keeps, from several threads: it forgets, it never mixes them up.
TEST_F(VerifierTest, ManyKeysAndThreads) {
  std::vector<AccessKey> keys;
  for (int i = 0; i < 60; ++i) keys.push_back(root_access_key("KEY" + std::to_string(i), "secret" + std::to_string(i)));
  auto store = std::make_shared<CredentialStore>(keys);
  const Verifier verifier(options_, store, clock_);
  std::atomic<int> wrong = 0;
  auto work = [&](int seed) {
    for (int i = 0; i < 400; ++i) {
      const AccessKey& key = keys[static_cast<std::size_t>((i * 7 + seed) % 60)];
      Sent sent;
      Signer signer({key.id, key.secret, "eu-west-1"});
      const bool spoil = i % 5 == 0;
      sent.header("Authorization") =
          sent.with_view([&](const RequestView& view) { return signer.authorization(view, noon_text); });
      if (spoil) sent.body += " ";
      const auto result = sent.with_view([&](const RequestView& view) { return verifier.verify(view); });
      if (result.ok() == spoil || (result.ok() && result->identity->access_key_id != key.id)) ++wrong;
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back(work, t);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace reprise::auth::sigv4
