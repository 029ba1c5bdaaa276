// AES-256-GCM, and keys made from keys (HKDF-SHA-256): what stored secrets and payloads are sealed with.
// Sources: NIST SP 800-38D; RFC 5869.
//
// Pure functions and values, thread-safe. A nonce must never seal two texts under one key: callers that count (blocks
// of one blob) use a key of their own; the others take random nonces (random_bytes).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace reprise::codec {

inline constexpr std::size_t aead_key_bytes = 32;
inline constexpr std::size_t aead_nonce_bytes = 12;
inline constexpr std::size_t aead_tag_bytes = 16;

class GcmKey;

// A key made ready, for many calls. Movable; one thread at a time.
class Aead {
 public:
  // `key` has aead_key_bytes.
  explicit Aead(BytesView key);
  ~Aead();
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;

  // Appends the cipher text and its tag: plain.size() + aead_tag_bytes. `nonce` has aead_nonce_bytes.
  void seal(BytesView nonce, BytesView context, BytesView plain, Bytes& out);
  // Appends the plain text; false (and nothing appended) when the tag does not hold.
  [[nodiscard]] bool open(BytesView nonce, BytesView context, BytesView sealed, Bytes& out);
  // The same where the cipher text lies, its tag being elsewhere; all zero when the tag does not hold.
  [[nodiscard]] bool open_in_place(BytesView nonce, BytesView context, std::span<char> text, BytesView tag);

 private:
  std::unique_ptr<GcmKey> key_;
};

// Short secrets (keys): a random nonce, the cipher text and its tag, under a key used now and then. What is sealed with
// one `context` opens with no other.
[[nodiscard]] Bytes seal_secret(BytesView key, BytesView context, BytesView plain);
// Nothing when it was changed, or sealed under another key or context.
[[nodiscard]] std::optional<Bytes> open_secret(BytesView key, BytesView context, BytesView sealed);

// 32 bytes from a key, a salt and a purpose.
[[nodiscard]] Bytes derive_key(BytesView key, BytesView salt, BytesView purpose);
// From the operating system's entropy.
[[nodiscard]] Bytes random_bytes(std::size_t count);
// Overwrites key material before its memory goes.
void wipe(Bytes& secret) noexcept;

}  // namespace reprise::codec
