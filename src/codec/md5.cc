// The library's own MD5 behind our interface.
#include "codec/md5.h"

#include <openssl/evp.h>

#include "base/assert.h"

namespace reprise::codec {

struct Md5::Impl {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  Impl() { ASSERT(context != nullptr && EVP_DigestInit_ex(context, EVP_md5(), nullptr) == 1); }
  ~Impl() { EVP_MD_CTX_free(context); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

Md5::Md5() : impl_(std::make_unique<Impl>()) {}
Md5::~Md5() = default;
Md5::Md5(Md5&&) noexcept = default;
Md5& Md5::operator=(Md5&&) noexcept = default;

void Md5::update(BytesView bytes) { ASSERT(EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()) == 1); }

Md5Digest Md5::finish() {
  Md5Digest digest;
  unsigned size = 0;
  ASSERT(EVP_DigestFinal_ex(impl_->context, digest.data(), &size) == 1 && size == digest.size());
  return digest;
}

Md5Digest md5(BytesView bytes) {
  Md5 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace reprise::codec
