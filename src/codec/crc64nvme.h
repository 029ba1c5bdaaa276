// CRC-64/NVME, S3's default checksum (NVM Express NVM command set specification, section 5.2.1.3.4; polynomial
// 0xad93d23594c93659, reflected, inverted at both ends). Pure functions, thread-safe.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace reprise::codec {

// `before` is the checksum of what came earlier: crc64nvme(b, crc64nvme(a)) == crc64nvme(a + b). Several bytes a cycle
// with carry-less multiplication, where the processor has it; otherwise eight bytes a step by tables.
[[nodiscard]] std::uint64_t crc64nvme(BytesView bytes, std::uint64_t before = 0) noexcept;

// The same by tables alone: what crc64nvme() is held against.
[[nodiscard]] std::uint64_t crc64nvme_portable(BytesView bytes, std::uint64_t before = 0) noexcept;

}  // namespace reprise::codec
