// BlobId: the name of a payload in the live store. 16 random bytes, never reused; 32 hexadecimal digits as text.
// A value; thread-safe.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace reprise::blob {

class BlobId {
 public:
  static constexpr std::size_t size = 16;

  // All zero: no blob has this one.
  BlobId() = default;
  // A new one, from the operating system's entropy.
  [[nodiscard]] static BlobId random();
  // From size bytes, as records keep it.
  [[nodiscard]] static std::optional<BlobId> from_bytes(BytesView bytes);
  // From 32 digits in lower case.
  [[nodiscard]] static std::optional<BlobId> from_text(std::string_view text);

  // Valid as long as the id.
  [[nodiscard]] BytesView bytes() const { return {bytes_.data(), bytes_.size()}; }
  [[nodiscard]] std::string text() const;

  bool operator==(const BlobId&) const = default;
  // In the order of bytes(), and of text().
  [[nodiscard]] bool operator<(const BlobId& other) const { return bytes() < other.bytes(); }

 private:
  std::array<char, size> bytes_{};
};

}  // namespace reprise::blob

template <>
struct std::hash<reprise::blob::BlobId> {
  std::size_t operator()(const reprise::blob::BlobId& id) const noexcept {
    std::size_t value;  // they are random
    std::memcpy(&value, id.bytes().data(), sizeof value);
    return value;
  }
};
