#include "codec/zstd.h"

#include <gtest/gtest.h>

namespace reprise::codec {
namespace {

TEST(Zstd, InflatesWhatItCompressedInPiecesOfAnySize) {
  Bytes text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i % 1000);
  const Bytes packed = zstd(text) + zstd("the end");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, packed.size()}) {
    ZstdInflater inflater;
    Bytes out;
    for (std::size_t i = 0; i < packed.size(); i += piece) {
      ASSERT_TRUE(inflater.feed(BytesView(packed).substr(i, piece), out).ok());
    }
    EXPECT_TRUE(inflater.complete());
    EXPECT_TRUE(out == text + "the end");
  }
}

TEST(Zstd, TellsACutStreamAndRubbish) {
  ZstdInflater cut;
  Bytes out;
  ASSERT_TRUE(cut.feed(zstd("hello").substr(0, 10), out).ok());
  EXPECT_FALSE(cut.complete());
  ZstdInflater rubbish;
  EXPECT_TRUE(rubbish.feed("this is no zstd stream", out).is(Code::invalid));
}

TEST(Zstd, NothingIsWhole) { EXPECT_TRUE(ZstdInflater().complete()); }

}  // namespace
}  // namespace reprise::codec
