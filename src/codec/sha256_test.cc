#include "codec/sha256.h"

#include <gtest/gtest.h>

#include "codec/hex.h"

namespace reprise::codec {
namespace {

std::string hex(const Sha256Digest& digest) { return to_hex(bytes_of(digest)); }

// FIPS 180-4's examples.
TEST(Sha256Test, Vectors) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, PiecesAndForks) {
  const std::string text(200, 'q');
  for (std::size_t split = 0; split <= text.size(); ++split) {
    Sha256 hash;
    hash.update(std::string_view(text).substr(0, split));
    Sha256 fork = hash;
    hash.update(std::string_view(text).substr(split));
    ASSERT_EQ(hash.finish(), sha256(text));
    ASSERT_EQ(hash.finish(), sha256("")) << "finish() starts anew";
    ASSERT_EQ(fork.finish(), sha256(std::string_view(text).substr(0, split)));
  }
}

// RFC 4231's test cases 1, 2, 6 and 7 (keys shorter and longer than a block).
TEST(HmacSha256Test, Vectors) {
  EXPECT_EQ(hex(HmacSha256Key(std::string(20, '\x0b')).sign("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(HmacSha256Key("Jefe").sign("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const HmacSha256Key long_key(std::string(131, '\xaa'));
  EXPECT_EQ(hex(long_key.sign("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(
      hex(long_key.sign("This is a test using a larger than block-size key and a larger than block-size data. The "
                        "key needs to be hashed before being used by the HMAC algorithm.")),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(HmacSha256Test, EmptyKeyAndReuse) {
  const HmacSha256Key key("");
  EXPECT_EQ(hex(key.sign("")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  EXPECT_EQ(key.sign("a"), HmacSha256Key(key).sign("a"));
  EXPECT_NE(key.sign("a"), key.sign("b"));
}

TEST(ConstantTimeTest, Equality) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace reprise::codec
