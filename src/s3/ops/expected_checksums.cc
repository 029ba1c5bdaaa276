// What a request says of its payload's checksums, and whether it was right.
#include <algorithm>
#include <string>

#include "codec/base64.h"
#include "codec/hex.h"
#include "s3/ops/payload.h"

namespace reprise::s3 {
namespace {

using codec::ChecksumAlgorithm;
using codec::ChecksumValue;

constexpr std::string_view value_prefix = "x-amz-checksum-";

S3Error refused(std::string message) { return s3_error(ErrorCode::invalid_request, std::move(message)); }
S3Error single_wanted() {
  return refused("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
}

Outcome<std::optional<codec::Md5Digest>> content_md5(const Fields& headers) {
  const auto text = headers.get("content-md5");
  if (!text) return std::optional<codec::Md5Digest>();
  const auto bytes = codec::from_base64(*text);
  codec::Md5Digest digest;
  if (!bytes.ok() || bytes->size() != digest.size()) {
    S3Error error = s3_error(ErrorCode::invalid_digest);
    error.details = {{"Content-MD5", std::string(*text)}};
    return error;
  }
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return std::optional(digest);
}

// The one x-amz-checksum-ALGORITHM header.
Outcome<std::optional<ChecksumValue>> checksum_value(const Fields& headers) {
  std::optional<ChecksumValue> found;
  for (const auto& [name, text] : headers) {
    if (!name.starts_with(value_prefix)) continue;
    const std::string_view rest = std::string_view(name).substr(value_prefix.size());
    if (rest == "algorithm" || rest == "type" || rest == "mode") continue;
    const auto algorithm = codec::checksum_of_header(name);
    if (!algorithm) return refused("The algorithm type you specified in x-amz-checksum- header is invalid.");
    if (found) return single_wanted();
    found = ChecksumValue::from_base64(*algorithm, text);
    if (!found) return refused("Value for " + name + " header is invalid.");
  }
  return found;
}

Outcome<std::optional<ChecksumAlgorithm>> announced_trailer(const Fields& headers) {
  const auto text = headers.get("x-amz-trailer");
  if (!text) return std::optional<ChecksumAlgorithm>();
  const auto algorithm = codec::checksum_of_header(*text);
  if (!algorithm) return refused("The value specified in the x-amz-trailer header is not supported");
  return algorithm;
}

Check check_sdk_algorithm(const Fields& headers, const ExpectedChecksums& expected) {
  const auto text = headers.get("x-amz-sdk-checksum-algorithm");
  if (!text) return Passed();
  const auto algorithm = codec::checksum_named(*text);
  if (!algorithm) {
    return refused(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, "
        "CRC64NVME, SHA1, SHA256]");
  }
  if (!expected.asked) {
    return refused(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were "
        "found.");
  }
  if (*algorithm != expected.algorithm) return refused("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  return Passed();
}

S3Error wrong_md5(const codec::Md5Digest& expected, const codec::Md5Digest& computed) {
  S3Error error = s3_error(ErrorCode::bad_digest);
  error.details = {{"ExpectedDigest", codec::to_hex(codec::bytes_of(expected))},
                   {"CalculatedDigest", codec::to_base64(codec::bytes_of(computed))}};
  return error;
}

}  // namespace

Outcome<ExpectedChecksums> expected_checksums(const Fields& headers) {
  ExpectedChecksums expected;
  TRY_ASSIGN(expected.content_md5, content_md5(headers));
  TRY_ASSIGN(expected.value, checksum_value(headers));
  TRY_ASSIGN(expected.in_trailer, announced_trailer(headers));
  if (expected.value && expected.in_trailer) return single_wanted();
  if (expected.value) expected.algorithm = expected.value->algorithm();
  if (expected.in_trailer) expected.algorithm = *expected.in_trailer;
  expected.asked = expected.value || expected.in_trailer;
  TRY(check_sdk_algorithm(headers, expected));
  return expected;
}

Check verify_checksums(const ExpectedChecksums& expected, const WrittenPayload& written, const Fields& trailers) {
  if (expected.content_md5 && *expected.content_md5 != written.md5) {
    return wrong_md5(*expected.content_md5, written.md5);
  }
  std::optional<ChecksumValue> value = expected.value;
  if (expected.in_trailer) {
    const std::string name(codec::checksum_header(*expected.in_trailer));
    const auto text = trailers.get(name);
    if (!text) return s3_error(ErrorCode::malformed_trailer);
    value = ChecksumValue::from_base64(*expected.in_trailer, *text);
    if (!value) return refused("Value for " + name + " trailing header is invalid.");
  }
  if (!value) return Passed();
  for (const ChecksumValue& computed : written.checksums) {
    if (computed == *value) return Passed();
  }
  return s3_error(ErrorCode::bad_digest, "The " + std::string(codec::checksum_name(value->algorithm())) +
                                             " you specified did not match the calculated checksum.");
}

}  // namespace reprise::s3
