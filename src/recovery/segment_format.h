// How rows lie in a segment file. Written down in docs/formats/backup.md; a change needs a new version byte and a
// reader for the old one.
//
//   magic "RPRSEG" version     8 bytes, the last two "01"
//   block*                     be32 stored bytes, be32 raw bytes, be32 rows, be32 CRC-32C of these three and the stored
//                              bytes; then the stored bytes: one zstd frame
//   end                        be32 0 (no block is empty), be32 blocks, be64 rows, be64 raw bytes, be32 CRC-32C of
//   these
//
// A block's raw bytes are its rows: be32 key bytes, be32 value bytes, key, value. Keys are in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace reprise::recovery {

inline constexpr std::string_view segment_magic = "RPRSEG01";
inline constexpr std::size_t segment_block_head_bytes = 16;
inline constexpr std::size_t segment_end_bytes = 28;
inline constexpr std::size_t segment_row_head_bytes = 8;
// No block is larger, raw or stored, than this; a reader refuses what claims to be.
inline constexpr std::size_t segment_block_bytes_max = std::size_t{64} << 20;

// What is known of a finished segment: what a manifest says of it, and what a reader holds it against.
struct SegmentInfo {
  std::string key;          // of the object
  std::uint64_t bytes = 0;  // of the object
  std::uint64_t rows = 0;
  std::uint64_t raw_bytes = 0;  // of keys and values
  std::string sha256;           // of the object, in hex
  bool operator==(const SegmentInfo&) const = default;
};

}  // namespace reprise::recovery
