#include "codec/aead.h"

#include <gtest/gtest.h>

#include "codec/gcm.h"
#include "codec/hex.h"

namespace reprise::codec {
namespace {

Bytes from(std::string_view hex) { return from_hex(hex).value(); }

struct Vector {
  std::string_view key, nonce, context, plain, sealed;
};

// Test cases 13 to 16 of "The Galois/Counter Mode of Operation" (the 256-bit keys with a nonce of 96 bits), which
// NIST SP 800-38D's validation uses as well.
constexpr Vector vectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

TEST(AeadTest, Vectors) {
  for (const Vector& vector : vectors) {
    Aead aead(from(vector.key));
    Bytes sealed = "before";
    aead.seal(from(vector.nonce), from(vector.context), from(vector.plain), sealed);
    EXPECT_EQ(to_hex(sealed.substr(6)), vector.sealed);
    Bytes plain = "before";
    ASSERT_TRUE(aead.open(from(vector.nonce), from(vector.context), from(vector.sealed), plain));
    EXPECT_EQ(to_hex(plain.substr(6)), vector.plain);
  }
}

// Whichever library serves: the same bytes at every length around the widths that their loops step in, and each takes
// what the other one sealed, and notices a bit that is not as it was.
TEST(AeadTest, TheLibrariesAgree) {
  const Bytes key = random_bytes(aead_key_bytes);
  const auto openssl = make_openssl_gcm_key(key);
  const auto vectors = make_ipsec_mb_gcm_key(key);
  if (!vectors) GTEST_SKIP() << "this processor has OpenSSL's alone";
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size < 1100; ++size) sizes.push_back(size);
  for (const std::size_t size : {4096, 65'519, 65'520, 65'521, 1'000'003}) sizes.push_back(size);
  for (const std::size_t size : sizes) {
    SCOPED_TRACE(size);
    const Bytes plain = random_bytes(size), nonce = random_bytes(aead_nonce_bytes), context = random_bytes(size % 70);
    Bytes one(size + aead_tag_bytes, '\0'), other(size + aead_tag_bytes, '\0'), back(size, '\0');
    openssl->seal(nonce, context, plain, one.data());
    vectors->seal(nonce, context, plain, other.data());
    ASSERT_EQ(one, other);
    const BytesView text = BytesView(one).substr(0, size), tag = BytesView(one).substr(size);
    ASSERT_TRUE(vectors->open(nonce, context, text, tag, back.data()));
    ASSERT_EQ(back, plain);
    one[size / 2] = static_cast<char>(one[size / 2] ^ 4);
    ASSERT_FALSE(vectors->open(nonce, context, text, tag, back.data()));
    ASSERT_FALSE(openssl->open(nonce, context, text, tag, back.data()));
  }
}

// One ready key does many texts in both directions, and moving it changes nothing.
TEST(AeadTest, ManyCallsOfOneKey) {
  Aead first(Bytes(32, 'k'));
  Bytes sealed[3];
  for (int i = 0; i < 3; ++i) first.seal(Bytes(12, char(i)), "", Bytes(70'000, char(i)), sealed[i]);
  Aead second(std::move(first));
  second.seal(Bytes(12, '\7'), "x", "y", sealed[0] = "");
  for (int i = 1; i < 3; ++i) {
    Bytes plain;
    ASSERT_TRUE(second.open(Bytes(12, char(i)), "", sealed[i], plain));
    EXPECT_EQ(plain, Bytes(70'000, char(i)));
  }
}

// Every single bit counts, of the text, the tag, the nonce and the context; nothing is given out when it fails.
TEST(AeadTest, EveryChangeIsSeen) {
  Aead aead(Bytes(32, 'k'));
  const Bytes nonce(12, 'n'), context = "what for", text = "a short text";
  Bytes sealed;
  aead.seal(nonce, context, text, sealed);
  const auto opens = [&](const Bytes& with_nonce, const Bytes& with_context, const Bytes& what) {
    Bytes plain = "kept";
    const bool opened = aead.open(with_nonce, with_context, what, plain);
    EXPECT_EQ(plain, opened ? "kept" + text : "kept");
    return opened;
  };
  ASSERT_TRUE(opens(nonce, context, sealed));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(opens(nonce, context, changed)) << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) EXPECT_FALSE(opens(nonce, context, sealed.substr(0, size)));
  EXPECT_FALSE(opens(Bytes(12, 'm'), context, sealed));
  EXPECT_FALSE(opens(nonce, "what else", sealed));
  EXPECT_FALSE(opens(nonce, context, sealed + '\0'));
}

TEST(AeadTest, Secrets) {
  const Bytes key(32, 'k');
  const Bytes once = seal_secret(key, "users", "a secret"), again = seal_secret(key, "users", "a secret");
  EXPECT_NE(once, again) << "the nonce is random";
  EXPECT_EQ(open_secret(key, "users", once), "a secret");
  EXPECT_EQ(open_secret(key, "users", again), "a secret");
  EXPECT_FALSE(open_secret(key, "keys", once));
  EXPECT_FALSE(open_secret(Bytes(32, 'l'), "users", once));
  EXPECT_FALSE(open_secret(key, "users", once.substr(1)));
  EXPECT_FALSE(open_secret(key, "users", ""));
}

// RFC 5869, test cases 1 to 3: the first block of their output.
TEST(DeriveKeyTest, Vectors) {
  EXPECT_EQ(to_hex(derive_key(Bytes(22, '\x0b'), from("000102030405060708090a0b0c"), from("f0f1f2f3f4f5f6f7f8f9"))),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  Bytes key, salt, purpose;
  for (int i = 0; i < 80; ++i) {
    key.push_back(static_cast<char>(i));
    salt.push_back(static_cast<char>(0x60 + i));
    purpose.push_back(static_cast<char>(0xb0 + i));
  }
  EXPECT_EQ(to_hex(derive_key(key, salt, purpose)), "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c");
  EXPECT_EQ(to_hex(derive_key(Bytes(22, '\x0b'), "", "")),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(RandomBytesTest, SizeAndChange) {
  EXPECT_EQ(random_bytes(0), "");
  EXPECT_EQ(random_bytes(33).size(), 33u);
  EXPECT_NE(random_bytes(32), random_bytes(32));
}

}  // namespace
}  // namespace reprise::codec
