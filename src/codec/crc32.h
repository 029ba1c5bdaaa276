// CRC checksums, over the processor's own instructions where it has them. Pure functions, thread-safe.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace reprise::codec {

// CRC-32 as zlib, gzip and the x-amz-crc32 header have it (polynomial 0xedb88320, reflected, inverted at both ends).
// `before` is the checksum of what came earlier: crc32(b, crc32(a)) == crc32(a + b).
[[nodiscard]] std::uint32_t crc32(BytesView bytes, std::uint32_t before = 0) noexcept;

// CRC-32C (Castagnoli, RFC 3720 section 12.1), the checksum of our own files. Chains the same way.
[[nodiscard]] std::uint32_t crc32c(BytesView bytes, std::uint32_t before = 0) noexcept;

}  // namespace reprise::codec
