#include "http/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace reprise::http {
namespace {

Bytes gzip(BytesView plain) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Bytes out(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Gunzip, GivesBackWhatWasCompressed) {
  for (const std::size_t size : {0u, 1u, 4095u, 4096u, 4097u, 300'000u}) {
    const Bytes plain(size, 'r');
    const auto inflated = gunzip(gzip(plain), 1'000'000);
    ASSERT_TRUE(inflated.ok()) << inflated.error().to_string();
    EXPECT_EQ(*inflated, plain);
  }
}

TEST(Gunzip, JoinsMembers) {
  const auto inflated = gunzip(gzip("one,") + gzip("two"), 100);
  ASSERT_TRUE(inflated.ok());
  EXPECT_EQ(*inflated, "one,two");
}

TEST(Gunzip, HoldsItsLimitOnBothSides) {
  const Bytes bomb = gzip(Bytes(10'000'000, '\0'));
  ASSERT_LT(bomb.size(), 20'000u);
  EXPECT_TRUE(gunzip(bomb, 10'000'000).ok());
  for (const std::size_t limit : {0u, 1u, 4096u, 9'999'999u}) {
    const auto inflated = gunzip(bomb, limit);
    ASSERT_FALSE(inflated.ok());
    EXPECT_TRUE(inflated.error().is(Code::exhausted));
  }
  EXPECT_TRUE(gunzip(gzip("x"), static_cast<std::size_t>(-1)).ok());
}

TEST(Gunzip, RefusesDamage) {
  const Bytes good = gzip("a body of some length, a body of some length");
  for (std::size_t kept = 0; kept < good.size(); ++kept) {
    const auto cut = gunzip(BytesView(good).substr(0, kept), 1000);
    ASSERT_FALSE(cut.ok()) << kept;
    EXPECT_TRUE(cut.error().is(Code::invalid)) << kept;
  }
  Bytes flipped = good;
  flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1);  // in the CRC
  const auto wrong = gunzip(flipped, 1000);
  ASSERT_FALSE(wrong.ok());
  EXPECT_TRUE(wrong.error().is(Code::invalid));
  const auto trailing = gunzip(good + "x", 1000);
  ASSERT_FALSE(trailing.ok());
  EXPECT_TRUE(trailing.error().is(Code::invalid));
  const auto plain = gunzip("{\"TableName\":\"x\"}", 1000);
  ASSERT_FALSE(plain.ok());
  EXPECT_TRUE(plain.error().is(Code::invalid));
}

}  // namespace
}  // namespace reprise::http
