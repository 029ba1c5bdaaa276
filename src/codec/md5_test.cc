// The test suite of RFC 1321, appendix A.5.
#include "codec/md5.h"

#include <gtest/gtest.h>

#include "codec/hex.h"

namespace reprise::codec {
namespace {

TEST(Md5, AgreesWithTheRfc) {
  EXPECT_EQ(to_hex(bytes_of(md5(""))), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(to_hex(bytes_of(md5("abc"))), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(bytes_of(md5("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Md5, PiecesMakeTheSameDigestAsTheWhole) {
  const Bytes text(100'000, 'x');
  Md5 hash;
  for (std::size_t i = 0; i < text.size(); i += 777) hash.update(BytesView(text).substr(i, 777));
  EXPECT_EQ(hash.finish(), md5(text));
}

}  // namespace
}  // namespace reprise::codec
