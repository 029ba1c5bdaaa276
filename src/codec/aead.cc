// The parts around AES-256-GCM: where texts and tags lie, and keys from keys.
#include "codec/aead.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/assert.h"
#include "codec/gcm.h"
#include "codec/sha256.h"

namespace reprise::codec {

Aead::Aead(BytesView key) {
  ASSERT(key.size() == aead_key_bytes);
  key_ = make_ipsec_mb_gcm_key(key);
  if (!key_) key_ = make_openssl_gcm_key(key);
}
Aead::~Aead() = default;
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;

void Aead::seal(BytesView nonce, BytesView context, BytesView plain, Bytes& out) {
  ASSERT(nonce.size() == aead_nonce_bytes);
  const std::size_t start = out.size();
  out.resize(start + plain.size() + aead_tag_bytes);
  key_->seal(nonce, context, plain, out.data() + start);
}

bool Aead::open_in_place(BytesView nonce, BytesView context, std::span<char> text, BytesView tag) {
  ASSERT(nonce.size() == aead_nonce_bytes && tag.size() == aead_tag_bytes);
  if (key_->open(nonce, context, {text.data(), text.size()}, tag, text.data())) return true;
  if (!text.empty()) OPENSSL_cleanse(text.data(), text.size());  // what no tag vouches for is not to be seen
  return false;
}

bool Aead::open(BytesView nonce, BytesView context, BytesView sealed, Bytes& out) {
  if (sealed.size() < aead_tag_bytes) return false;
  const std::size_t start = out.size();
  const std::size_t size = sealed.size() - aead_tag_bytes;
  out.append(sealed.substr(0, size));
  if (open_in_place(nonce, context, std::span(out).subspan(start), sealed.substr(size))) return true;
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
