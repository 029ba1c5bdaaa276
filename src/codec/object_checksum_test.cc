// The checksums of objects: published check values, every split, and the combination of parts.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/rng.h"
#include "codec/checksum.h"
#include "codec/crc32.h"
#include "codec/crc64nvme.h"
#include "codec/crc_combine.h"
#include "codec/hex.h"

namespace reprise::codec {
namespace {

constexpr std::string_view check_text = "123456789";

Bytes random_bytes(Rng& rng, std::size_t size) {
  Bytes bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(rng.next());
  return bytes;
}

std::string hex_of(ChecksumAlgorithm algorithm, BytesView bytes) {
  return to_hex(checksum_of(algorithm, bytes).bytes());
}

TEST(ObjectChecksum, CheckValues) {
  EXPECT_EQ(hex_of(ChecksumAlgorithm::crc32, check_text), "cbf43926");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::crc32c, check_text), "e3069283");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::crc64nvme, check_text), "ae8b14860a799888");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::sha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // NVM Express base specification, "64b CRC test cases": 4096 bytes of zeros and of ones.
  EXPECT_EQ(crc64nvme(Bytes(4096, '\0')), 0x6482D367EB22B64Eu);
  EXPECT_EQ(crc64nvme(Bytes(4096, '\xff')), 0xC0DDBA7302ECA3ACu);
  // AWS's example of a trailing checksum: 66560 times 'a'.
  EXPECT_EQ(checksum_of(ChecksumAlgorithm::crc32c, Bytes(66560, 'a')).base64(), "sOO8/Q==");
}

TEST(ObjectChecksum, EmptyAndBase64) {
  EXPECT_EQ(checksum_of(ChecksumAlgorithm::crc32, "").base64(), "AAAAAA==");
  EXPECT_EQ(checksum_of(ChecksumAlgorithm::crc64nvme, "").base64(), "AAAAAAAAAAA=");
  EXPECT_EQ(checksum_of(ChecksumAlgorithm::sha1, "").base64(), "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
  for (const ChecksumAlgorithm algorithm : checksum_algorithms) {
    const ChecksumValue value = checksum_of(algorithm, check_text);
    EXPECT_EQ(ChecksumValue::from_base64(algorithm, value.base64()), value);
    EXPECT_EQ(ChecksumValue::from_base64(algorithm, ""), std::nullopt);
    EXPECT_EQ(ChecksumValue::from_base64(algorithm, "AAAA"), std::nullopt);
    EXPECT_EQ(ChecksumValue::from_base64(algorithm, value.base64() + "AAAA"), std::nullopt);
    std::string bad = value.base64();
    bad[1] = '*';
    EXPECT_EQ(ChecksumValue::from_base64(algorithm, bad), std::nullopt);
    EXPECT_EQ(checksum_named(checksum_name(algorithm)), algorithm);
    EXPECT_EQ(checksum_of_header(checksum_header(algorithm)), algorithm);
  }
  EXPECT_EQ(checksum_named("crc64nvme"), ChecksumAlgorithm::crc64nvme);
  EXPECT_EQ(checksum_named("MD5"), std::nullopt);
  EXPECT_EQ(checksum_of_header("X-Amz-Checksum-Sha1"), ChecksumAlgorithm::sha1);
  EXPECT_EQ(checksum_of_header("x-amz-checksum-mode"), std::nullopt);
}

// All lengths around the steps of the fast path, at every alignment, against the tables.
TEST(ObjectChecksum, FoldingIsWhatTheTablesSay) {
  Rng rng(11);
  const Bytes bytes = random_bytes(rng, 1200);
  for (std::size_t size = 0; size <= 1100; ++size) {
    const BytesView view = BytesView(bytes).substr(size % 17, size);
    const std::uint64_t before = rng.next();
    ASSERT_EQ(crc64nvme(view, before), crc64nvme_portable(view, before)) << size;
  }
}

TEST(ObjectChecksum, AnySplitGivesTheSame) {
  Rng rng(12);
  for (const ChecksumAlgorithm algorithm : checksum_algorithms) {
    const Bytes bytes = random_bytes(rng, 3000);
    const ChecksumValue whole = checksum_of(algorithm, bytes);
    Checksum checksum(algorithm);
    for (int round = 0; round < 20; ++round) {
      for (BytesView rest = bytes; !rest.empty();) {
        const std::size_t size = std::min<std::size_t>(rest.size(), rng.below(400));
        checksum.update(rest.substr(0, size));
        rest.remove_prefix(size);
      }
      ASSERT_EQ(checksum.finish(), whole);
    }
  }
}

TEST(ObjectChecksum, PartsCombineToTheWhole) {
  Rng rng(13);
  for (const ChecksumAlgorithm algorithm : checksum_algorithms) {
    ASSERT_EQ(checksum_combines(algorithm), checksum_size(algorithm) <= 8);
    if (!checksum_combines(algorithm)) continue;
    for (int round = 0; round < 50; ++round) {
      Bytes whole;
      ChecksumValue sum = checksum_of(algorithm, "");
      for (int part = 0; part < 4; ++part) {
        const Bytes bytes = random_bytes(rng, rng.below(3) == 0 ? 0 : rng.below(5000));
        sum = combine(sum, checksum_of(algorithm, bytes), bytes.size());
        whole += bytes;
      }
      ASSERT_EQ(sum, checksum_of(algorithm, whole));
    }
  }
}

// Lengths that no test can read through: x^(8n) has period 2^32 - 1 or less, and combining is associative.
TEST(ObjectChecksum, CombiningIsAssociativeForLongParts) {
  const std::uint64_t long_bytes = std::uint64_t{5} << 40;
  const std::uint64_t a = crc64nvme("a");
  const std::uint64_t b = crc64nvme("b");
  const std::uint64_t c = crc64nvme("c");
  EXPECT_EQ(crc64nvme_combine(crc64nvme_combine(a, b, long_bytes), c, 7 * long_bytes),
            crc64nvme_combine(a, crc64nvme_combine(b, c, 7 * long_bytes), 8 * long_bytes));
  EXPECT_EQ(crc32c_combine(crc32c_combine(1, 2, long_bytes), 3, 9),
            crc32c_combine(1, crc32c_combine(2, 3, 9), long_bytes + 9));
  EXPECT_EQ(crc32_combine(crc32_combine(1, 2, long_bytes), 3, 9),
            crc32_combine(1, crc32_combine(2, 3, 9), long_bytes + 9));
}

TEST(ObjectChecksum, CompositeIsOverTheDigests) {
  const std::vector<ChecksumValue> parts = {checksum_of(ChecksumAlgorithm::sha256, "a"),
                                            checksum_of(ChecksumAlgorithm::sha256, "b")};
  Bytes digests;
  for (const ChecksumValue& part : parts) digests += part.bytes();
  EXPECT_EQ(digests.size(), 64U);
  EXPECT_EQ(composite(parts), checksum_of(ChecksumAlgorithm::sha256, digests));
}

}  // namespace
}  // namespace reprise::codec
