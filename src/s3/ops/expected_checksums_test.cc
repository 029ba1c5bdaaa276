// What a request announces of its payload, and what is said when it is wrong.
#include <gtest/gtest.h>

#include <initializer_list>

#include "s3/ops/payload.h"

namespace reprise::s3 {
namespace {

using codec::ChecksumAlgorithm;

constexpr const char* text = "hello";
constexpr const char* md5_of_text = "XUFAKrxLKna5cZ2REBfFkg==";
constexpr const char* crc32_of_text = "NhCmhg==";

Fields fields(std::initializer_list<std::pair<const char*, const char*>> list) {
  Fields fields;
  for (const auto& [name, value] : list) fields.add(name, value);
  return fields;
}

WrittenPayload written(ChecksumAlgorithm algorithm) {
  WrittenPayload payload;
  payload.bytes = 5;
  payload.md5 = codec::md5(text);
  payload.checksums = {codec::checksum_of(algorithm, text)};
  return payload;
}

// "ALGORITHM", or the error's code and message.
std::string announced(std::initializer_list<std::pair<const char*, const char*>> headers) {
  const auto expected = expected_checksums(fields(headers));
  if (expected.ok())
    return std::string(codec::checksum_name(expected->algorithm)) + (expected->asked ? "" : " unasked");
  return std::string(spelling_of(expected.error().code).name) + ": " + expected.error().message;
}

// "ok", or the error's code and message, of a body "hello".
std::string verified(std::initializer_list<std::pair<const char*, const char*>> headers,
                     std::initializer_list<std::pair<const char*, const char*>> trailers = {}) {
  const auto expected = expected_checksums(fields(headers));
  if (!expected.ok()) return "(" + expected.error().message + ")";
  const Check check = verify_checksums(*expected, written(expected->algorithm), fields(trailers));
  if (check.ok()) return "ok";
  return std::string(spelling_of(check.error().code).name) + ": " + check.error().message;
}

TEST(ExpectedChecksumsTest, WhichIsComputed) {
  EXPECT_EQ(announced({}), "CRC64NVME unasked");
  EXPECT_EQ(announced({{"content-md5", md5_of_text}}), "CRC64NVME unasked");
  EXPECT_EQ(announced({{"x-amz-checksum-crc32", crc32_of_text}}), "CRC32");
  EXPECT_EQ(announced({{"x-amz-trailer", "x-amz-checksum-sha256"}}), "SHA256");
  EXPECT_EQ(announced({{"x-amz-checksum-crc32", crc32_of_text}, {"x-amz-sdk-checksum-algorithm", "crc32"}}), "CRC32");
  EXPECT_EQ(announced({{"x-amz-checksum-algorithm", "SHA1"}, {"x-amz-checksum-type", "FULL_OBJECT"}}),
            "CRC64NVME unasked")
      << "those are no values";
}

TEST(ExpectedChecksumsTest, WhatIsRefused) {
  EXPECT_EQ(announced({{"content-md5", "abc"}}), "InvalidDigest: The Content-MD5 you specified was invalid.");
  EXPECT_EQ(announced({{"content-md5", "NhCmhg=="}}), "InvalidDigest: The Content-MD5 you specified was invalid.");
  EXPECT_EQ(announced({{"x-amz-checksum-crc32", "abc"}}),
            "InvalidRequest: Value for x-amz-checksum-crc32 header is invalid.");
  EXPECT_EQ(announced({{"x-amz-checksum-sha256", crc32_of_text}}),
            "InvalidRequest: Value for x-amz-checksum-sha256 header is invalid.");
  EXPECT_EQ(announced({{"x-amz-checksum-sha256a", "abc"}}),
            "InvalidRequest: The algorithm type you specified in x-amz-checksum- header is invalid.");
  const std::string single =
      "InvalidRequest: Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
  EXPECT_EQ(announced({{"x-amz-checksum-crc32", crc32_of_text}, {"x-amz-checksum-crc32c", crc32_of_text}}), single);
  EXPECT_EQ(announced({{"x-amz-checksum-crc32", crc32_of_text}, {"x-amz-trailer", "x-amz-checksum-crc32"}}), single);
  EXPECT_EQ(announced({{"x-amz-trailer", "x-amz-meta-a"}}),
            "InvalidRequest: The value specified in the x-amz-trailer header is not supported");
  EXPECT_EQ(announced({{"x-amz-checksum-crc32c", crc32_of_text}, {"x-amz-sdk-checksum-algorithm", "CRC32"}}),
            "InvalidRequest: Value for x-amz-sdk-checksum-algorithm header is invalid.");
  EXPECT_EQ(announced({{"x-amz-sdk-checksum-algorithm", "CRC32"}}),
            "InvalidRequest: x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
            "x-amz-trailer headers were found.");
  EXPECT_EQ(announced({{"x-amz-sdk-checksum-algorithm", "CRC99"}}),
            "InvalidRequest: Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
}

TEST(ExpectedChecksumsTest, WhatIsVerified) {
  EXPECT_EQ(verified({}), "ok");
  EXPECT_EQ(verified({{"content-md5", md5_of_text}}), "ok");
  EXPECT_EQ(verified({{"content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}),
            "BadDigest: The Content-MD5 you specified did not match what we received.");
  EXPECT_EQ(verified({{"x-amz-checksum-crc32", crc32_of_text}}), "ok");
  EXPECT_EQ(verified({{"x-amz-checksum-crc32", "AAAAAA=="}}),
            "BadDigest: The CRC32 you specified did not match the calculated checksum.");
  EXPECT_EQ(verified({{"x-amz-checksum-crc32", crc32_of_text}, {"content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}),
            "BadDigest: The Content-MD5 you specified did not match what we received.");
}

TEST(ExpectedChecksumsTest, Trailers) {
  EXPECT_EQ(verified({{"x-amz-trailer", "x-amz-checksum-crc32"}}, {{"x-amz-checksum-crc32", crc32_of_text}}), "ok");
  EXPECT_EQ(verified({{"x-amz-trailer", "x-amz-checksum-crc32"}}, {{"x-amz-checksum-crc32", "AAAAAA=="}}),
            "BadDigest: The CRC32 you specified did not match the calculated checksum.");
  EXPECT_EQ(verified({{"x-amz-trailer", "x-amz-checksum-crc32"}}, {{"x-amz-checksum-crc32", "AAA"}}),
            "InvalidRequest: Value for x-amz-checksum-crc32 trailing header is invalid.");
  EXPECT_TRUE(verified({{"x-amz-trailer", "x-amz-checksum-crc32"}}).starts_with("MalformedTrailerError"));
}

}  // namespace
}  // namespace reprise::s3
