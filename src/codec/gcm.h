// AES-256-GCM itself, behind codec/aead.h: one key made ready, by whichever library is the fastest on this processor.
// Source: NIST SP 800-38D.
//
// Both ways give the same bytes; which one was taken shows in nothing but the speed.
#pragma once

#include <memory>

#include "base/bytes.h"

namespace reprise::codec {

// Nonces have aead_nonce_bytes, tags aead_tag_bytes (codec/aead.h). One thread at a time.
class GcmKey {
 public:
  virtual ~GcmKey() = default;
  // Writes the cipher text, as long as `plain`, and behind it the tag.
  virtual void seal(BytesView nonce, BytesView context, BytesView plain, char* out) = 0;
  // Writes the plain text, as long as `text`, perhaps to where that lies. False when `tag` does not hold: then what
  // stands in `out` is not to be seen by anybody.
  [[nodiscard]] virtual bool open(BytesView nonce, BytesView context, BytesView text, BytesView tag, char* out) = 0;
};

// Wide vector units (VAES, AVX-512): Intel's ipsec-mb, more than twice as fast there. Nothing when the processor has
// no AES instructions, or the library does not exist for this kind of processor.
[[nodiscard]] std::unique_ptr<GcmKey> make_ipsec_mb_gcm_key(BytesView key);
// OpenSSL, everywhere.
[[nodiscard]] std::unique_ptr<GcmKey> make_openssl_gcm_key(BytesView key);

}  // namespace reprise::codec
