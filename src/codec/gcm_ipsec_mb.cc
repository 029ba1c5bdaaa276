// AES-256-GCM over Intel's ipsec-mb, whose code for this processor is chosen once, at the first key.
//
// Only its direct functions are used: they read the manager and write to their arguments alone, so that threads share
// one manager.
#include "codec/gcm.h"

#if defined(REPRISE_HAVE_IPSEC_MB)
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

#include <array>

#include "base/assert.h"
#include "codec/aead.h"
#endif

namespace reprise::codec {

#if defined(REPRISE_HAVE_IPSEC_MB)
namespace {

const std::uint8_t* in(BytesView bytes) {
  static constexpr std::uint8_t nothing = 0;  // the library refuses null, even with a length of 0
  return bytes.empty() ? &nothing : reinterpret_cast<const std::uint8_t*>(bytes.data());
}

// Lives as long as the process; null when this processor has nothing that would be faster than OpenSSL.
const IMB_MGR* manager() {
  static const IMB_MGR* const made = []() -> const IMB_MGR* {
    IMB_MGR* const manager = alloc_mb_mgr(0);
    if (manager == nullptr) return nullptr;
    IMB_ARCH chosen = IMB_ARCH_NONE;
    init_mb_mgr_auto(manager, &chosen);
    const bool hardware =
        (manager->features & IMB_FEATURE_AESNI) != 0 && (manager->features & IMB_FEATURE_PCLMULQDQ) != 0;
    if (imb_get_errno(manager) == 0 && hardware && chosen != IMB_ARCH_NOAESNI) return manager;
    free_mb_mgr(manager);
    return nullptr;
  }();
  return made;
}

class IpsecMbGcmKey final : public GcmKey {
 public:
  IpsecMbGcmKey(const IMB_MGR& manager, BytesView key) : manager_(manager) {
    IMB_AES256_GCM_PRE(&manager_, in(key), &key_);
  }
  ~IpsecMbGcmKey() override { OPENSSL_cleanse(&key_, sizeof key_); }

  void seal(BytesView nonce, BytesView context, BytesView plain, char* out) override {
    auto* const to = reinterpret_cast<std::uint8_t*>(out);
    gcm_context_data state;
    IMB_AES256_GCM_ENC(&manager_, &key_, &state, to, in(plain), plain.size(), in(nonce), in(context), context.size(),
                       to + plain.size(), aead_tag_bytes);
  }
  bool open(BytesView nonce, BytesView context, BytesView text, BytesView tag, char* out) override {
    std::uint8_t none = 0;
    auto* const to = text.empty() ? &none : reinterpret_cast<std::uint8_t*>(out);
    gcm_context_data state;
    std::array<std::uint8_t, aead_tag_bytes> computed{};
    IMB_AES256_GCM_DEC(&manager_, &key_, &state, to, in(text), text.size(), in(nonce), in(context), context.size(),
                       computed.data(), computed.size());
    return CRYPTO_memcmp(computed.data(), tag.data(), computed.size()) == 0;
  }

 private:
  const IMB_MGR& manager_;
  gcm_key_data key_;
};

}  // namespace

std::unique_ptr<GcmKey> make_ipsec_mb_gcm_key(BytesView key) {
  const IMB_MGR* const shared = manager();
  if (shared == nullptr) return nullptr;
  return std::make_unique<IpsecMbGcmKey>(*shared, key);
}
#else
std::unique_ptr<GcmKey> make_ipsec_mb_gcm_key(BytesView /*key*/) { return nullptr; }
#endif

}  // namespace reprise::codec
