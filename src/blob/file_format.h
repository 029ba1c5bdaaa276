// How a blob lies in its file. Written down in docs/formats/blob.md; a change needs a new version in the magic and a
// reader for the old one.
//
//   head     8 magic "RPRBLB01", 16 id, be64 payload bytes, be32 block bytes, be32 CRC-32C of these 36 bytes
//   block*   payload, block bytes of it (the last block has what is left, never nothing), be32 checksum
//
// The checksum of a block is the CRC-32C of the id, be64 number of the block, payload: so a block that is right, but of
// another blob or another place, is wrong. The file ends with the last block. Pure functions, thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "blob/blob_id.h"

namespace reprise::blob {

inline constexpr std::string_view blob_magic = "RPRBLB01";
inline constexpr std::size_t blob_head_bytes = 40;
inline constexpr std::size_t blob_sum_bytes = 4;
inline constexpr std::size_t blob_block_bytes_min = 512;
inline constexpr std::size_t blob_block_bytes_max = std::size_t{16} << 20;

// Where everything is, from the two numbers of the head.
struct BlobLayout {
  std::uint64_t bytes = 0;        // of the payload
  std::uint64_t block_bytes = 0;  // > 0

  [[nodiscard]] std::uint64_t blocks() const { return bytes / block_bytes + (bytes % block_bytes != 0 ? 1 : 0); }
  // Of payload, in a block that is there.
  [[nodiscard]] std::uint64_t bytes_of(std::uint64_t block) const {
    return std::min(block_bytes, bytes - block * block_bytes);
  }
  // Of a block in the file.
  [[nodiscard]] std::uint64_t position_of(std::uint64_t block) const {
    return blob_head_bytes + block * (block_bytes + blob_sum_bytes);
  }
  [[nodiscard]] std::uint64_t file_bytes() const { return blob_head_bytes + bytes + blocks() * blob_sum_bytes; }
};

void append_blob_head(Bytes& out, BlobId id, const BlobLayout& layout);
// Nothing when it is not the undamaged head of that blob.
[[nodiscard]] std::optional<BlobLayout> parse_blob_head(BytesView head, BlobId id);

// The checksum of what a block's payload comes behind: crc32c(payload, block_seed(id, block)) is the block's.
[[nodiscard]] std::uint32_t block_seed(BlobId id, std::uint64_t block) noexcept;

}  // namespace reprise::blob
