// AES-256-GCM over OpenSSL's EVP. Invariant: a key is expanded once for each direction, on first use; every call after
// that sets a nonce alone, so that a block of 64 KiB costs what the hardware's AES costs.
#include "codec/aead.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/assert.h"
#include "codec/sha256.h"

namespace reprise::codec {
namespace {

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

const unsigned char* in(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// Fails only when memory does.
Context make_context(BytesView key, int sealing) {
  Context context(EVP_CIPHER_CTX_new());
  ASSERT(context != nullptr);
  ASSERT(EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key), nullptr, sealing) == 1);
  return context;
}

// Runs `text` through the cipher into `out`, which is as long.
void transform(EVP_CIPHER_CTX* context, BytesView nonce, BytesView associated, BytesView text, char* out) {
  // EVP counts in int.
  ASSERT(text.size() <= (std::size_t{1} << 30) && associated.size() <= (std::size_t{1} << 30));
  int size = 0;
  ASSERT(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, in(nonce), -1) == 1);
  if (!associated.empty()) {
    ASSERT(EVP_CipherUpdate(context, nullptr, &size, in(associated), static_cast<int>(associated.size())) == 1);
  }
  if (text.empty()) return;
  ASSERT(EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out), &size, in(text),
                          static_cast<int>(text.size())) == 1);
  ASSERT(static_cast<std::size_t>(size) == text.size());
}

}  // namespace

struct Aead::Impl {
  Bytes key;
  Context sealing;
  Context opening;
};

Aead::Aead(BytesView key) : impl_(std::make_unique<Impl>()) {
  ASSERT(key.size() == aead_key_bytes);
  impl_->key = key;
}
Aead::~Aead() {
  if (impl_) wipe(impl_->key);
}
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&& other) noexcept {
  if (this == &other) return *this;
  if (impl_) wipe(impl_->key);
  impl_ = std::move(other.impl_);
  return *this;
}

void Aead::seal(BytesView nonce, BytesView context, BytesView plain, Bytes& out) {
  ASSERT(nonce.size() == aead_nonce_bytes);
  if (!impl_->sealing) impl_->sealing = make_context(impl_->key, 1);
  EVP_CIPHER_CTX* cipher = impl_->sealing.get();
  const std::size_t start = out.size();
  out.resize(start + plain.size() + aead_tag_bytes);
  transform(cipher, nonce, context, plain, out.data() + start);
  unsigned char none[aead_tag_bytes];
  int size = 0;
  ASSERT(EVP_CipherFinal_ex(cipher, none, &size) == 1);
  ASSERT(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(aead_tag_bytes),
                             out.data() + start + plain.size()) == 1);
}

bool Aead::open_to(BytesView nonce, BytesView context, BytesView sealed, char* out) {
  ASSERT(nonce.size() == aead_nonce_bytes);
  if (sealed.size() < aead_tag_bytes) return false;
  if (!impl_->opening) impl_->opening = make_context(impl_->key, 0);
  EVP_CIPHER_CTX* cipher = impl_->opening.get();
  const BytesView text = sealed.substr(0, sealed.size() - aead_tag_bytes);
  std::array<char, aead_tag_bytes> tag{};
  sealed.copy(tag.data(), tag.size(), text.size());
  transform(cipher, nonce, context, text, out);
  ASSERT(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1);
  unsigned char none[aead_tag_bytes];
  int size = 0;
  if (EVP_CipherFinal_ex(cipher, none, &size) == 1) return true;
  OPENSSL_cleanse(out, text.size());  // what the tag does not vouch for is not to be seen
  return false;
}

bool Aead::open(BytesView nonce, BytesView context, BytesView sealed, Bytes& out) {
  if (sealed.size() < aead_tag_bytes) return false;
  const std::size_t start = out.size();
  out.resize(start + sealed.size() - aead_tag_bytes);
  if (open_to(nonce, context, sealed, out.data() + start)) return true;
  out.resize(start);
  return false;
}

Bytes seal_secret(BytesView key, BytesView context, BytesView plain) {
  Bytes sealed = random_bytes(aead_nonce_bytes);
  const Bytes nonce = sealed;
  Aead(key).seal(nonce, context, plain, sealed);
  return sealed;
}

std::optional<Bytes> open_secret(BytesView key, BytesView context, BytesView sealed) {
  if (sealed.size() < aead_nonce_bytes + aead_tag_bytes) return std::nullopt;
  Bytes plain;
  if (!Aead(key).open(sealed.substr(0, aead_nonce_bytes), context, sealed.substr(aead_nonce_bytes), plain)) {
    return std::nullopt;
  }
  return plain;
}

// HKDF with one block of output: extract, then expand with the counter 1.
Bytes derive_key(BytesView key, BytesView salt, BytesView purpose) {
  const Sha256Digest extracted = HmacSha256Key(salt).sign(key);
  Bytes info(purpose);
  info.push_back('\x01');
  const Sha256Digest expanded = HmacSha256Key(bytes_of(extracted)).sign(info);
  return Bytes(bytes_of(expanded));
}

Bytes random_bytes(std::size_t count) {
  Bytes bytes(count, '\0');
  if (count == 0) return bytes;
  // Without entropy nothing may be sealed: there is no weaker way to go on.
  ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
  return bytes;
}

void wipe(Bytes& secret) noexcept {
  if (!secret.empty()) OPENSSL_cleanse(secret.data(), secret.size());
}

}  // namespace reprise::codec
