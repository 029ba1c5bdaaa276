// MD5 (RFC 1321), as the checksum that S3 and DynamoDB's exports ask for. Not for anything an attacker may touch.
//
// Threading: the function is thread-safe; an Md5 belongs to one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "base/bytes.h"

namespace reprise::codec {

using Md5Digest = std::array<unsigned char, 16>;

[[nodiscard]] inline BytesView bytes_of(const Md5Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

[[nodiscard]] Md5Digest md5(BytesView bytes);

// Piece by piece: update() any number of times, then finish() once.
class Md5 {
 public:
  Md5();
  ~Md5();
  Md5(Md5&&) noexcept;
  Md5& operator=(Md5&&) noexcept;
  void update(BytesView bytes);
  [[nodiscard]] Md5Digest finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reprise::codec
