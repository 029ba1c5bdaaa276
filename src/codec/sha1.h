// SHA-1 (FIPS 180-4), as the checksum that S3 offers. Not for anything an attacker may touch.
//
// Threading: the function is thread-safe; a Sha1 belongs to one thread at a time.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"

namespace reprise::codec {

using Sha1Digest = std::array<unsigned char, 20>;

[[nodiscard]] inline BytesView bytes_of(const Sha1Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

[[nodiscard]] Sha1Digest sha1(BytesView bytes) noexcept;

// Piece by piece: update() any number of times, then finish() once. Copying one forks the computation.
class Sha1 {
 public:
  Sha1() noexcept;
  void update(BytesView bytes) noexcept;
  // The digest of everything given; afterwards the object is as if new.
  Sha1Digest finish() noexcept;

 private:
  alignas(8) unsigned char state_[96];  // the library's own context
};

}  // namespace reprise::codec
