// CRC-32, CRC-32C and hash64: published check values, chaining, and golden values that freeze what is on disk.
#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "base/rng.h"
#include "codec/crc32.h"
#include "codec/hash64.h"

namespace reprise::codec {
namespace {

constexpr std::string_view check_text = "123456789";  // the text the catalogue of CRC algorithms gives check values for

TEST(Crc32Test, CheckValues) {
  EXPECT_EQ(crc32(check_text), 0xcbf43926u);
  EXPECT_EQ(crc32(""), 0u);
  EXPECT_EQ(crc32("{}"), 2745614147u);  // the x-amz-crc32 of an empty JSON answer
  EXPECT_EQ(crc32c(check_text), 0xe3069283u);
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);  // RFC 3720 appendix B.4
}

TEST(Crc32Test, ChainsAtEverySplit) {
  Rng rng(7);
  Bytes bytes(300, '\0');
  for (char& c : bytes) c = static_cast<char>(rng.next());
  const BytesView view = bytes;
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    ASSERT_EQ(crc32(view.substr(split), crc32(view.substr(0, split))), crc32(view));
    ASSERT_EQ(crc32c(view.substr(split), crc32c(view.substr(0, split))), crc32c(view));
  }
}

TEST(Crc32Test, EverySingleBitMatters) {
  Bytes bytes(64, 'x');
  const auto whole = crc32c(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(crc32c(bytes), whole);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
}

// Published XXH64 values. Item keys on disk begin with this hash: a change here is a change of format.
TEST(Hash64Test, GoldenValues) {
  EXPECT_EQ(hash64(""), 0xef46db3751d8e999u);
  EXPECT_EQ(hash64("a"), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(hash64("abc"), 0x44bc2cf5ad770999u);
  EXPECT_EQ(hash64("Nobody inspects the spammish repetition"), 0xfbcea83c8a378bf1u);
}

// Every path through the tail: all lengths from 0 to 100, folded into one number.
TEST(Hash64Test, GoldenFoldOfLengths) {
  std::uint64_t fold = 0;
  for (std::size_t length = 0; length <= 100; ++length) {
    Bytes bytes;
    for (std::size_t i = 0; i < length; ++i) bytes.push_back(static_cast<char>(i * 7 + length));
    fold = std::rotl(fold, 5) ^ hash64(bytes) ^ hash64(bytes, 0x9e3779b97f4a7c15u);
  }
  EXPECT_EQ(fold, 0x7127724778f5d404u);
}

TEST(Hash64Test, Avalanche) {
  Rng rng(3);
  double flips = 0;
  int trials = 0;
  for (int i = 0; i < 200; ++i) {
    Bytes bytes(1 + rng.below(40), '\0');
    for (char& c : bytes) c = static_cast<char>(rng.next());
    const std::uint64_t before = hash64(bytes);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit, ++trials) {
      Bytes changed = bytes;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      flips += std::popcount(before ^ hash64(changed));
    }
  }
  EXPECT_NEAR(flips / trials, 32.0, 0.2);
}

}  // namespace
}  // namespace reprise::codec
