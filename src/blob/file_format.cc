#include "blob/file_format.h"

#include "codec/crc32.h"

namespace reprise::blob {

void append_blob_head(Bytes& out, BlobId id, const BlobLayout& layout) {
  const std::size_t from = out.size();
  out.append(blob_magic).append(id.bytes());
  append_be64(out, layout.bytes);
  append_be32(out, static_cast<std::uint32_t>(layout.block_bytes));
  append_be32(out, codec::crc32c(BytesView(out).substr(from)));
}

std::optional<BlobLayout> parse_blob_head(BytesView head, BlobId id) {
  if (head.size() != blob_head_bytes || !head.starts_with(blob_magic)) return std::nullopt;
  if (read_be32(head.substr(36)) != codec::crc32c(head.substr(0, 36))) return std::nullopt;
  const BlobLayout layout{read_be64(head.substr(24)), read_be32(head.substr(32))};
  constexpr std::uint64_t bytes_max = std::uint64_t{1} << 60;
  const bool good = head.substr(8, BlobId::size) == id.bytes() && layout.bytes <= bytes_max &&
                    layout.block_bytes >= blob_block_bytes_min && layout.block_bytes <= blob_block_bytes_max;
  if (!good) return std::nullopt;
  return layout;
}

std::uint32_t block_seed(BlobId id, std::uint64_t block) noexcept {
  Bytes number;
  append_be64(number, block);
  return codec::crc32c(number, codec::crc32c(id.bytes()));
}

}  // namespace reprise::blob
