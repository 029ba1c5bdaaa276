// One block at a time is held in memory, raw and compressed.
#include "recovery/segment_writer.h"

#include <zstd.h>

#include <utility>

#include "codec/crc32.h"
#include "codec/hex.h"

namespace reprise::recovery {

struct SegmentWriter::Compressor {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ~Compressor() { ZSTD_freeCCtx(context); }
};

SegmentWriter::SegmentWriter(std::unique_ptr<blob::ObjectWriter> object, SegmentOptions options)
    : object_(std::move(object)), options_(options), compressor_(std::make_unique<Compressor>()) {}
SegmentWriter::~SegmentWriter() = default;

Status SegmentWriter::write(BytesView bytes) {
  sha256_.update(bytes);
  info_.bytes += bytes.size();
  return object_->append(bytes);
}

Status SegmentWriter::add(BytesView key, BytesView value) {
  if (segment_row_head_bytes + key.size() + value.size() > segment_block_bytes_max / 2) {
    return invalid("a row is too large for a segment");
  }
  append_be32(block_, static_cast<std::uint32_t>(key.size()));
  append_be32(block_, static_cast<std::uint32_t>(value.size()));
  block_.append(key).append(value);
  ++block_rows_;
  ++info_.rows;
  info_.raw_bytes += key.size() + value.size();
  return block_.size() >= options_.block_bytes ? write_block() : Status();
}

Status SegmentWriter::write_block() {
  if (info_.bytes == 0) TRY(write(segment_magic));
  stored_.resize(ZSTD_compressBound(block_.size()));
  const std::size_t size = ZSTD_compressCCtx(compressor_->context, stored_.data(), stored_.size(), block_.data(),
                                             block_.size(), options_.compression_level);
  if (ZSTD_isError(size) != 0) return internal_error(std::string("zstd: ") + ZSTD_getErrorName(size));
  stored_.resize(size);
  Bytes head;
  append_be32(head, static_cast<std::uint32_t>(stored_.size()));
  append_be32(head, static_cast<std::uint32_t>(block_.size()));
  append_be32(head, block_rows_);
  append_be32(head, codec::crc32c(stored_, codec::crc32c(head)));
  block_.clear();
  block_rows_ = 0;
  ++blocks_;
  TRY(write(head));
  return write(stored_);
}

Result<SegmentInfo> SegmentWriter::finish() {
  if (block_rows_ > 0) TRY(write_block());
  if (info_.bytes == 0) TRY(write(segment_magic));
  Bytes end;
  append_be32(end, 0);
  append_be32(end, blocks_);
  append_be64(end, info_.rows);
  append_be64(end, info_.raw_bytes);
  append_be32(end, codec::crc32c(end));
  TRY(write(end));
  info_.sha256 = codec::to_hex(codec::bytes_of(sha256_.finish()));
  TRY_ASSIGN(const blob::ObjectInfo object, object_->commit());
  info_.key = object.key;
  return info_;
}

}  // namespace reprise::recovery
