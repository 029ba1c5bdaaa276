#include "codec/gzip.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "codec/hex.h"

namespace reprise::codec {
namespace {

Bytes noise(std::size_t size) {
  Rng rng(11);
  Bytes bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(rng.next());
  return bytes;
}

TEST(GzipTest, RoundTrips) {
  for (const Bytes& bytes : {Bytes(), Bytes("hello"), Bytes(1'000'000, 'a'), noise(300'000), noise(65'536)}) {
    for (const int level : {1, 6, 9}) {
      const Bytes packed = gzip(bytes, level);
      ASSERT_EQ(*gunzip(packed, bytes.size()), bytes) << "the bound itself is allowed";
      if (bytes.empty()) continue;
      EXPECT_TRUE(gunzip(packed, bytes.size() - 1).error().is(Code::exhausted));
    }
  }
  EXPECT_LT(gzip(Bytes(1'000'000, 'a')).size(), 2000u);
  EXPECT_EQ(gzip("same"), gzip("same"));
}

// What `printf hello | gzip -n` writes.
TEST(GzipTest, ReadsTheToolsOutput) {
  EXPECT_EQ(*gunzip(*from_hex("1f8b0800000000000003cb48cdc9c907"
                              "0086a6103605000000"),
                    100),
            "hello");
}

TEST(GzipTest, ByteByByte) {
  const Bytes bytes = noise(1000) + Bytes(1000, 'x');
  const Bytes packed = gzip(bytes) + gzip("second member");
  GzipInflater inflater(10'000);
  Bytes out;
  EXPECT_FALSE(inflater.complete());
  for (const char c : packed) ASSERT_TRUE(inflater.feed(BytesView(&c, 1), out).ok());
  EXPECT_TRUE(inflater.complete());
  EXPECT_EQ(out, bytes + "second member");
}

TEST(GzipTest, RefusesBrokenStreams) {
  const Bytes packed = gzip("some text to be packed");
  for (std::size_t size = 0; size < packed.size(); ++size) {
    auto result = gunzip(BytesView(packed).substr(0, size), 1000);
    EXPECT_TRUE(result.error().is(Code::invalid)) << size;
  }
  Bytes wrong_sum = packed;
  wrong_sum[packed.size() - 6] = static_cast<char>(wrong_sum[packed.size() - 6] ^ 1);
  EXPECT_TRUE(gunzip(wrong_sum, 1000).error().is(Code::invalid));
  EXPECT_TRUE(gunzip("plain text", 1000).error().is(Code::invalid));
  EXPECT_TRUE(gunzip(packed + "trailing", 1000).error().is(Code::invalid));
}

TEST(GzipTest, BombIsStoppedAtTheBound) {
  const Bytes bomb = gzip(Bytes(50'000'000, '\0'), 9);
  GzipInflater inflater(100'000);
  Bytes out;
  EXPECT_TRUE(inflater.feed(bomb, out).is(Code::exhausted));
  EXPECT_EQ(out.size(), 100'000u);
}

TEST(GzipDeflater, PiecesMakeOneMember) {
  Bytes text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919 % 10'007);
  for (const std::size_t piece : {std::size_t{1000}, text.size()}) {
    GzipDeflater deflater(1);
    Bytes packed;
    for (std::size_t i = 0; i < text.size(); i += piece) deflater.append(BytesView(text).substr(i, piece), packed);
    deflater.finish(packed);
    EXPECT_LT(packed.size(), text.size());
    EXPECT_EQ(gunzip(packed, text.size()).value(), text);
  }
  GzipDeflater nothing(1);
  Bytes empty;
  nothing.finish(empty);
  EXPECT_EQ(gunzip(empty, 1).value(), "");
}

}  // namespace
}  // namespace reprise::codec
