#include "codec/crc32.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <limits>

namespace reprise::codec {

std::uint32_t crc32(BytesView bytes, std::uint32_t before) noexcept {
  // ISA-L's "gzip_refl" is zlib's crc32, inversions included.
  return crc32_gzip_refl(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::uint32_t crc32c(BytesView bytes, std::uint32_t before) noexcept {
  // ISA-L leaves the inversions to the caller, wants an int for the length, and forgot a const: it only reads.
  constexpr auto piece_max = static_cast<std::size_t>(std::numeric_limits<int>::max());
  std::uint32_t state = ~before;
  while (!bytes.empty()) {
    const std::size_t piece = std::min(bytes.size(), piece_max);
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    state = crc32_iscsi(data, static_cast<int>(piece), state);
    bytes.remove_prefix(piece);
  }
  return ~state;
}

}  // namespace reprise::codec
