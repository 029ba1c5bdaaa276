// AES-256-GCM over OpenSSL's EVP. Invariant: a key is expanded once for each direction, on first use; every call after
// that sets a nonce alone, so that a block of 64 KiB costs what the hardware's AES costs.
#include <openssl/evp.h>

#include <array>

#include "base/assert.h"
#include "codec/aead.h"
#include "codec/gcm.h"

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

class OpensslGcmKey final : public GcmKey {
 public:
  explicit OpensslGcmKey(BytesView key) : key_(key) {}
  ~OpensslGcmKey() override { wipe(key_); }

  void seal(BytesView nonce, BytesView context, BytesView plain, char* out) override {
    if (!sealing_) sealing_ = make_context(key_, 1);
    transform(sealing_.get(), nonce, context, plain, out);
    std::array<unsigned char, aead_tag_bytes> none{};
    int size = 0;
    ASSERT(EVP_CipherFinal_ex(sealing_.get(), none.data(), &size) == 1);
    ASSERT(EVP_CIPHER_CTX_ctrl(sealing_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(aead_tag_bytes),
                               out + plain.size()) == 1);
  }
  bool open(BytesView nonce, BytesView context, BytesView text, BytesView tag, char* out) override {
    if (!opening_) opening_ = make_context(key_, 0);
    std::array<char, aead_tag_bytes> expected{};
    tag.copy(expected.data(), expected.size());
    transform(opening_.get(), nonce, context, text, out);
    ASSERT(EVP_CIPHER_CTX_ctrl(opening_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(expected.size()),
                               expected.data()) == 1);
    std::array<unsigned char, aead_tag_bytes> none{};
    int size = 0;
    return EVP_CipherFinal_ex(opening_.get(), none.data(), &size) == 1;
  }

 private:
  Bytes key_;
  Context sealing_;
  Context opening_;
};

}  // namespace

std::unique_ptr<GcmKey> make_openssl_gcm_key(BytesView key) { return std::make_unique<OpensslGcmKey>(key); }

}  // namespace reprise::codec
