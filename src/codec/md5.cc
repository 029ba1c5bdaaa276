// MD5 over OpenSSL's low-level functions, deprecated in favour of EVP, for the reason given in sha256.cc.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "codec/md5.h"

#include <openssl/md5.h>

namespace reprise::codec {

struct Md5::Impl {
  MD5_CTX context;
};

Md5::Md5() : impl_(std::make_unique<Impl>()) { MD5_Init(&impl_->context); }
Md5::~Md5() = default;
Md5::Md5(Md5&&) noexcept = default;
Md5& Md5::operator=(Md5&&) noexcept = default;

void Md5::update(BytesView bytes) { MD5_Update(&impl_->context, bytes.data(), bytes.size()); }

Md5Digest Md5::finish() {
  Md5Digest digest;
  MD5_Final(digest.data(), &impl_->context);
  return digest;
}

Md5Digest md5(BytesView bytes) {
  Md5 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace reprise::codec
