// SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104), without an allocation anywhere.
//
// Threading: the functions and const members are thread-safe; a Sha256 belongs to one thread at a time.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"

namespace reprise::codec {

using Sha256Digest = std::array<unsigned char, 32>;

// The digest's bytes, for what takes views; valid as long as the digest.
[[nodiscard]] inline BytesView bytes_of(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

[[nodiscard]] Sha256Digest sha256(BytesView bytes) noexcept;

// Piece by piece: update() any number of times, then finish() once. Copying one forks the computation.
class Sha256 {
 public:
  Sha256() noexcept;
  void update(BytesView bytes) noexcept;
  // The digest of everything given; afterwards the object is as if new.
  Sha256Digest finish() noexcept;

 private:
  friend class HmacSha256Key;
  alignas(8) unsigned char state_[112];  // the library's own context
};

// A key whose two padded blocks are hashed already, which is half of the work for a short message. The key itself is
// not kept; what is kept is enough to sign with, and is wiped when destroyed.
class HmacSha256Key {
 public:
  explicit HmacSha256Key(BytesView key) noexcept;
  HmacSha256Key(const HmacSha256Key&) noexcept = default;
  HmacSha256Key& operator=(const HmacSha256Key&) noexcept = default;
  ~HmacSha256Key();

  [[nodiscard]] Sha256Digest sign(BytesView text) const noexcept;

 private:
  Sha256 inner_;
  Sha256 outer_;
};

// Whether both are equal, in a time that depends on the lengths alone.
[[nodiscard]] bool equal_in_constant_time(BytesView a, BytesView b) noexcept;

}  // namespace reprise::codec
