// SHA-256 over OpenSSL's low-level functions. They are deprecated in favour of EVP, whose contexts are allocated and
// fetched for each digest; for the 100-byte texts of signatures that costs more than the hashing.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "codec/sha256.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>

namespace reprise::codec {
namespace {

constexpr std::size_t block_size = 64;

SHA256_CTX* context(unsigned char* state) { return reinterpret_cast<SHA256_CTX*>(state); }

}  // namespace

Sha256Digest sha256(BytesView bytes) noexcept {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

Sha256::Sha256() noexcept {
  static_assert(sizeof(SHA256_CTX) == sizeof state_);
  SHA256_Init(context(state_));
}

void Sha256::update(BytesView bytes) noexcept { SHA256_Update(context(state_), bytes.data(), bytes.size()); }

Sha256Digest Sha256::finish() noexcept {
  Sha256Digest digest;
  SHA256_Final(digest.data(), context(state_));
  SHA256_Init(context(state_));
  return digest;
}

HmacSha256Key::HmacSha256Key(BytesView key) noexcept {
  unsigned char block[block_size] = {};
  if (key.size() > block_size) {
    const Sha256Digest short_key = sha256(key);
    std::memcpy(block, short_key.data(), short_key.size());
  } else if (!key.empty()) {
    std::memcpy(block, key.data(), key.size());
  }
  for (unsigned char& byte : block) byte ^= 0x36;
  inner_.update({reinterpret_cast<const char*>(block), block_size});
  for (unsigned char& byte : block) byte ^= 0x36 ^ 0x5c;
  outer_.update({reinterpret_cast<const char*>(block), block_size});
  OPENSSL_cleanse(block, sizeof block);
}

HmacSha256Key::~HmacSha256Key() {
  OPENSSL_cleanse(inner_.state_, sizeof inner_.state_);
  OPENSSL_cleanse(outer_.state_, sizeof outer_.state_);
}

Sha256Digest HmacSha256Key::sign(BytesView text) const noexcept {
  Sha256 inner = inner_;
  inner.update(text);
  const Sha256Digest inner_digest = inner.finish();
  Sha256 outer = outer_;
  outer.update(bytes_of(inner_digest));
  return outer.finish();
}

bool equal_in_constant_time(BytesView a, BytesView b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace reprise::codec
