// What requests say of encryption, and each refusal with its text.
#include "s3/model/encryption.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/md5.h"
#include "s3/model/kms_key.h"

namespace reprise::s3 {
namespace {

constexpr std::string_view prefix = "x-amz-server-side-encryption";
constexpr std::string_view source = "x-amz-copy-source-server-side-encryption";

Fields fields(std::initializer_list<std::pair<std::string, std::string>> all) {
  Fields made;
  for (const auto& [name, value] : all) made.add(name, value);
  return made;
}

std::string md5_of(BytesView key) { return codec::to_base64(codec::bytes_of(codec::md5(key))); }

Fields customer(BytesView key, std::string_view before = prefix) {
  const std::string name = std::string(before) + "-customer-";
  return fields(
      {{name + "algorithm", "AES256"}, {name + "key", codec::to_base64(key)}, {name + "key-md5", md5_of(key)}});
}

void expect_error(const Outcome<SseRequest>& outcome, ErrorCode code, std::string_view message) {
  ASSERT_FALSE(outcome.ok()) << message;
  EXPECT_EQ(outcome.error().code, code);
  EXPECT_EQ(outcome.error().message, message);
}

TEST(SseHeadersTest, NoneAndS3AndKms) {
  EXPECT_EQ(sse_of_headers({}, prefix)->kind, SseKind::none);
  EXPECT_EQ(sse_of_headers(fields({{std::string(prefix), "AES256"}}), prefix)->kind, SseKind::s3);
  const std::string context = codec::to_base64(R"({"purpose":"test"})");
  const auto kms = sse_of_headers(fields({{"x-amz-server-side-encryption", "aws:kms"},
                                          {"x-amz-server-side-encryption-aws-kms-key-id", "alias/mine"},
                                          {"x-amz-server-side-encryption-context", context},
                                          {"x-amz-server-side-encryption-bucket-key-enabled", "true"}}),
                                  prefix);
  ASSERT_TRUE(kms.ok());
  EXPECT_EQ(kms->kind, SseKind::kms);
  EXPECT_EQ(kms->kms_key, "alias/mine");
  EXPECT_EQ(kms->kms_context, context);
  EXPECT_TRUE(kms->bucket_key);
}

TEST(SseHeadersTest, RefusedMethods) {
  const auto with = [](std::string value) { return sse_of_headers(fields({{std::string(prefix), value}}), prefix); };
  for (const std::string value : {"", "aes256", "AES128", "aws:kms "}) {
    expect_error(with(value), ErrorCode::invalid_argument, "The encryption method specified is not supported");
  }
  EXPECT_EQ(with("aws:kms:dsse").error().code, ErrorCode::not_implemented);
  for (const std::string method : {"", "AES256"}) {
    Fields headers = fields({{"x-amz-server-side-encryption-aws-kms-key-id", "alias/mine"}});
    if (!method.empty()) headers.add(std::string(prefix), method);
    expect_error(sse_of_headers(headers, prefix), ErrorCode::invalid_argument,
                 "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : "
                 "aws:kms");
  }
}

TEST(SseHeadersTest, ContextsAreMapsOfTexts) {
  for (const std::string json : {"", "[]", "{\"a\":1}", "{", "\"a\"", "{\"a\":\"\xff\"}"}) {
    const auto outcome = sse_of_headers(fields({{"x-amz-server-side-encryption", "aws:kms"},
                                                {"x-amz-server-side-encryption-context", codec::to_base64(json)}}),
                                        prefix);
    ASSERT_FALSE(outcome.ok()) << json;
    EXPECT_EQ(outcome.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_FALSE(sse_of_headers(fields({{"x-amz-server-side-encryption", "aws:kms"},
                                      {"x-amz-server-side-encryption-context", "{\"a\":\"b\"}"}}),
                              prefix)
                   .ok())
      << "not base64";
}

TEST(SseHeadersTest, CustomerKeys) {
  const Bytes key(32, 'k');
  for (const std::string_view where : {prefix, source}) {
    const auto outcome = sse_of_headers(customer(key, where), where);
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(outcome->kind, SseKind::customer);
    EXPECT_EQ(outcome->customer_key, key);
    EXPECT_EQ(outcome->customer_md5, md5_of(key));
  }
  EXPECT_EQ(sse_of_headers(customer(key, source), prefix)->kind, SseKind::none);
  EXPECT_EQ(sse_of_headers(customer(key, prefix), source)->kind, SseKind::none);
  EXPECT_EQ(sse_of_read(customer(key))->kind, SseKind::customer);
}

TEST(SseHeadersTest, RefusedCustomerKeys) {
  const std::string algorithm = "x-amz-server-side-encryption-customer-algorithm";
  const std::string key_name = "x-amz-server-side-encryption-customer-key";
  const std::string md5_name = "x-amz-server-side-encryption-customer-key-md5";
  const std::string key = codec::to_base64(Bytes(32, 'k')), md5 = md5_of(Bytes(32, 'k'));
  const std::string provide = "Requests specifying Server Side Encryption with Customer provided keys must provide ";
  expect_error(sse_of_headers(fields({{key_name, key}, {md5_name, md5}}), prefix), ErrorCode::invalid_argument,
               provide + "a valid encryption algorithm.");
  expect_error(sse_of_headers(fields({{algorithm, "AES128"}, {key_name, key}, {md5_name, md5}}), prefix),
               ErrorCode::invalid_encryption_algorithm,
               std::string(spelling_of(ErrorCode::invalid_encryption_algorithm).message));
  expect_error(sse_of_headers(fields({{algorithm, "AES256"}, {md5_name, md5}}), prefix), ErrorCode::invalid_argument,
               provide + "an appropriate secret key.");
  expect_error(sse_of_headers(fields({{algorithm, "AES256"}, {key_name, key}}), prefix), ErrorCode::invalid_argument,
               provide + "the client calculated MD5 of the secret key.");
  for (const std::string& bad :
       {codec::to_base64(Bytes(31, 'k')), codec::to_base64(Bytes(33, 'k')), std::string("k")}) {
    expect_error(sse_of_headers(fields({{algorithm, "AES256"}, {key_name, bad}, {md5_name, md5}}), prefix),
                 ErrorCode::invalid_argument, "The secret key was invalid for the specified algorithm.");
  }
  for (const std::string& bad : {md5_of("other"), std::string("k")}) {
    expect_error(sse_of_headers(fields({{algorithm, "AES256"}, {key_name, key}, {md5_name, bad}}), prefix),
                 ErrorCode::invalid_argument,
                 "The calculated MD5 hash of the key did not match the hash that was provided.");
  }
  Fields both = customer(Bytes(32, 'k'));
  both.add(std::string(prefix), "AES256");
  expect_error(
      sse_of_headers(both, prefix), ErrorCode::invalid_argument,
      "Server Side Encryption with Customer provided key is incompatible with the encryption method specified");
}

TEST(SseHeadersTest, ReadsBringNoMethod) {
  expect_error(sse_of_read(fields({{std::string(prefix), "AES256"}})), ErrorCode::invalid_argument,
               "x-amz-server-side-encryption header is not supported for this operation.");
  EXPECT_EQ(sse_of_read({})->kind, SseKind::none);
}

// Customer's keys come over TLS, or from this machine itself.
TEST(SseHeadersTest, Transport) {
  for (const std::string_view where : {prefix, source}) {
    const Fields headers = customer(Bytes(32, 'k'), where);
    EXPECT_TRUE(check_customer_key_transport(headers, true, "192.0.2.1").ok());
    for (const std::string_view peer : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
      EXPECT_TRUE(check_customer_key_transport(headers, false, peer).ok()) << peer;
    }
    for (const std::string_view peer : {"192.0.2.1", "10.127.0.1", "::ffff:192.0.2.1", "fe80::1", ""}) {
      const auto refused = check_customer_key_transport(headers, false, peer);
      ASSERT_FALSE(refused.ok()) << peer;
      EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    }
  }
  EXPECT_TRUE(check_customer_key_transport({}, false, "192.0.2.1").ok());
}

TEST(SseDefaultTest, TheBucketDecidesWhereTheRequestIsSilent) {
  const BucketEncryption kms{SseKind::kms, "alias/mine", true, true};
  EXPECT_EQ(effective_sse({}, std::nullopt)->kind, SseKind::none);
  EXPECT_EQ(effective_sse({}, BucketEncryption())->kind, SseKind::s3);
  const auto chosen = effective_sse({}, kms);
  EXPECT_EQ(chosen->kind, SseKind::kms);
  EXPECT_EQ(chosen->kms_key, "alias/mine");
  EXPECT_TRUE(chosen->bucket_key);
  SseRequest asked;
  asked.kind = SseKind::kms;
  EXPECT_EQ(effective_sse(asked, kms)->kms_key, "") << "asked for without a name: the account's own key";
  asked.bucket_key_told = true;
  EXPECT_FALSE(effective_sse(asked, kms)->bucket_key);
  asked = {};
  asked.kind = SseKind::customer;
  EXPECT_EQ(effective_sse(asked, kms).error().code, ErrorCode::access_denied);
  EXPECT_TRUE(effective_sse(asked, BucketEncryption()).ok());
}

TEST(SseAnswerTest, Headers) {
  const auto text = [](const Envelope& envelope, SseAnswer answer = SseAnswer::read) {
    Fields headers;
    add_sse_headers(headers, envelope, answer);
    std::string all;
    for (const auto& [name, value] : headers) all += name + ": " + value + "\n";
    return all;
  };
  Envelope envelope;
  EXPECT_EQ(text(envelope), "");
  envelope.kind = SseKind::s3;
  EXPECT_EQ(text(envelope), "x-amz-server-side-encryption: AES256\n");
  envelope = {SseKind::kms, "arn:aws:kms:r:1:key/2", "", "", "e30=", true};
  EXPECT_EQ(text(envelope),
            "x-amz-server-side-encryption: aws:kms\n"
            "x-amz-server-side-encryption-aws-kms-key-id: arn:aws:kms:r:1:key/2\n"
            "x-amz-server-side-encryption-bucket-key-enabled: true\n");
  EXPECT_EQ(text(envelope, SseAnswer::write), text(envelope) + "x-amz-server-side-encryption-context: e30=\n");
  envelope = {SseKind::customer, "", "", "bWQ1", "", false};
  EXPECT_EQ(text(envelope),
            "x-amz-server-side-encryption-customer-algorithm: AES256\n"
            "x-amz-server-side-encryption-customer-key-MD5: bWQ1\n");
}

std::string configuration(std::string_view rule) {
  return "<ServerSideEncryptionConfiguration><Rule>" + std::string(rule) +
         "</Rule></ServerSideEncryptionConfiguration>";
}

TEST(BucketEncryptionTest, PrintedParsesBack) {
  for (const BucketEncryption& encryption :
       {BucketEncryption(), BucketEncryption{SseKind::kms, "", true, false},
        BucketEncryption{SseKind::kms, "alias/<a&b>", false, true}, BucketEncryption{SseKind::s3, "", true, true}}) {
    const auto parsed = parse_bucket_encryption(print_bucket_encryption(encryption));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, encryption);
  }
  EXPECT_EQ(print_bucket_encryption({}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServerSideEncryptionConfiguration "
            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>"
            "AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></"
            "Rule></ServerSideEncryptionConfiguration>");
}

TEST(BucketEncryptionTest, Refused) {
  const auto algorithm = [](std::string_view name, std::string_view more = "") {
    return configuration("<ApplyServerSideEncryptionByDefault><SSEAlgorithm>" + std::string(name) + "</SSEAlgorithm>" +
                         std::string(more) + "</ApplyServerSideEncryptionByDefault>");
  };
  EXPECT_TRUE(parse_bucket_encryption(algorithm("AES256")).ok());
  for (const std::string& text :
       {std::string(" "), std::string("<a/>"), configuration(""), configuration("<Other/>"), algorithm("AES128"),
        algorithm(""), std::string("<ServerSideEncryptionConfiguration/>"),
        configuration("<ApplyServerSideEncryptionByDefault/>"), configuration("<BucketKeyEnabled>1</BucketKeyEnabled>"),
        configuration("<BlockedEncryptionTypes><EncryptionType>KMS</EncryptionType></BlockedEncryptionTypes>")}) {
    const auto parsed = parse_bucket_encryption(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::malformed_xml) << text;
  }
  EXPECT_EQ(parse_bucket_encryption(algorithm("aws:kms:dsse")).error().code, ErrorCode::not_implemented);
  const auto named = parse_bucket_encryption(algorithm("AES256", "<KMSMasterKeyID>k</KMSMasterKeyID>"));
  ASSERT_FALSE(named.ok());
  EXPECT_EQ(named.error().message,
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
}

TEST(KmsKeyTest, RecordsAndNames) {
  KmsKey key{"2f9e6a4e-0000-4000-8000-000000000001", "000000000000", "alias/mine", 1'700'000'000'000'000, {}};
  EXPECT_FALSE(decode_kms_key(encode_kms_key(key)).ok()) << "a key without material";
  key.generations = {{1'700'000'000'000'000, "one"}, {1'800'000'000'000'000, "two"}};
  const Bytes stored = encode_kms_key(key);
  EXPECT_EQ(*decode_kms_key(stored), key);
  for (std::size_t size = 0; size < stored.size(); ++size) EXPECT_FALSE(decode_kms_key(stored.substr(0, size)).ok());
  EXPECT_FALSE(decode_kms_key(stored + "x").ok());
  EXPECT_EQ(
      codec::to_hex(stored),
      "012432663965366134652d303030302d343030302d383030302d3030303030303030303030310c3030303030303030303030300a616c"
      "6961732f6d696e658080f28183898506028080f28183898506036f6e658080c489e5c5b2060374776f")
      << "the format is frozen: docs/formats/keys-and-secrets.md";
  EXPECT_TRUE(decode_kms_key("\x02").error().is(Code::unsupported));

  EXPECT_TRUE(is_kms_key_id(key.id));
  EXPECT_FALSE(is_kms_key_id("2f9e6a4e-0000-4000-8000-00000000000g"));
  EXPECT_FALSE(is_kms_key_id(""));
  EXPECT_TRUE(is_kms_alias("alias/a/B-_9"));
  EXPECT_FALSE(is_kms_alias("alias/"));
  EXPECT_FALSE(is_kms_alias("alias/a b"));
  EXPECT_FALSE(is_kms_alias("mine"));
  const std::string arn = "arn:aws:kms:eu-west-1:000000000000:alias/a";
  ASSERT_TRUE(parse_kms_arn(arn));
  EXPECT_EQ(print_kms_arn(*parse_kms_arn(arn)), arn);
  for (const std::string_view bad :
       {"", "arn:aws:kms:", "arn:aws:kms:r:a:other", "arn:aws:iam:r:a:key/1", "arn:aws:kms::a:key/1"}) {
    EXPECT_FALSE(parse_kms_arn(bad)) << bad;
  }
}

}  // namespace
}  // namespace reprise::s3
