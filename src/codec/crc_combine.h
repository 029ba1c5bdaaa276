// The CRC of two texts put together, from the CRC of each and the length of the second: how a multipart upload gets the
// full-object checksum without reading its parts again. The cost grows with the logarithm of the length.
// Pure functions, thread-safe.
#pragma once

#include <cstdint>

namespace reprise::codec {

// crc32_combine(crc32(a), crc32(b), b.size()) == crc32(a + b)
[[nodiscard]] std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second,
                                          std::uint64_t second_bytes) noexcept;
[[nodiscard]] std::uint32_t crc32c_combine(std::uint32_t first, std::uint32_t second,
                                           std::uint64_t second_bytes) noexcept;
[[nodiscard]] std::uint64_t crc64nvme_combine(std::uint64_t first, std::uint64_t second,
                                              std::uint64_t second_bytes) noexcept;

}  // namespace reprise::codec
