// SHA-1 over OpenSSL's low-level functions, deprecated in favour of EVP, for the reason given in sha256.cc.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "codec/sha1.h"

#include <openssl/sha.h>

namespace reprise::codec {
namespace {

SHA_CTX* context(unsigned char* state) { return reinterpret_cast<SHA_CTX*>(state); }

}  // namespace

Sha1Digest sha1(BytesView bytes) noexcept {
  Sha1 hash;
  hash.update(bytes);
  return hash.finish();
}

Sha1::Sha1() noexcept {
  static_assert(sizeof(SHA_CTX) == sizeof state_);
  SHA1_Init(context(state_));
}

void Sha1::update(BytesView bytes) noexcept { SHA1_Update(context(state_), bytes.data(), bytes.size()); }

Sha1Digest Sha1::finish() noexcept {
  Sha1Digest digest;
  SHA1_Final(digest.data(), context(state_));
  SHA1_Init(context(state_));
  return digest;
}

}  // namespace reprise::codec
