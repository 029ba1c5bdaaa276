// Sizes are checked before anything of that size is read or made; a segment may hold anything at all.
#include "recovery/segment_reader.h"

#include <zstd.h>

#include <utility>

#include "codec/crc32.h"
#include "codec/hex.h"

namespace reprise::recovery {

namespace {

constexpr std::size_t verify_piece_bytes = 1 << 20;

Status not_there(const SegmentInfo& expected) { return corruption("segment " + expected.key + " is missing"); }

}  // namespace

struct SegmentReader::Decompressor {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  Decompressor() = default;
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  ~Decompressor() { ZSTD_freeDCtx(context); }
};

SegmentReader::SegmentReader(std::unique_ptr<blob::ObjectReader> object, SegmentInfo expected)
    : object_(std::move(object)), expected_(std::move(expected)), decompressor_(std::make_unique<Decompressor>()) {}
SegmentReader::~SegmentReader() = default;

Status SegmentReader::damaged(const std::string& what) const {
  return corruption("segment " + expected_.key + " is damaged: " + what);
}

// Exactly `size` bytes.
Result<Bytes> SegmentReader::take(std::size_t size) {
  Bytes bytes;
  while (bytes.size() < size) {
    TRY_ASSIGN(Bytes piece, object_->read(size - bytes.size()));
    if (piece.empty()) return damaged("it ends within block " + std::to_string(blocks_ + 1));
    if (bytes.empty()) {
      bytes = std::move(piece);
    } else {
      bytes.append(piece);
    }
  }
  sha256_.update(bytes);
  bytes_ += bytes.size();
  return bytes;
}

Status SegmentReader::begin() {
  TRY_ASSIGN(const Bytes magic, take(segment_magic.size()));
  if (magic.substr(0, 6) != segment_magic.substr(0, 6)) return damaged("it is no segment");
  if (magic != segment_magic) return unsupported("segment " + expected_.key + " is of a newer version");
  return {};
}

Result<bool> SegmentReader::next(SegmentRows& into) {
  into.rows.clear();
  if (ended_) return false;
  if (bytes_ == 0) TRY(begin());
  TRY_ASSIGN(const Bytes head, take(segment_block_head_bytes));
  if (read_be32(head) == 0) {
    TRY(read_end(head));
    ended_ = true;
    return false;
  }
  TRY(read_block(head, into));
  ++blocks_;
  return true;
}

Status SegmentReader::read_block(BytesView head, SegmentRows& into) {
  const std::string name = "block " + std::to_string(blocks_ + 1);
  const std::size_t stored_bytes = read_be32(head);
  const std::size_t raw_bytes = read_be32(head.substr(4));
  const std::uint32_t rows = read_be32(head.substr(8));
  if (stored_bytes > segment_block_bytes_max || raw_bytes > segment_block_bytes_max) {
    return damaged(name + " has an impossible size");
  }
  TRY_ASSIGN(const Bytes stored, take(stored_bytes));
  if (codec::crc32c(stored, codec::crc32c(head.substr(0, 12))) != read_be32(head.substr(12))) {
    return damaged(name + " has a wrong checksum");
  }
  into.raw.resize(raw_bytes);
  const std::size_t size =
      ZSTD_decompressDCtx(decompressor_->context, into.raw.data(), raw_bytes, stored.data(), stored.size());
  if (ZSTD_isError(size) != 0 || size != raw_bytes) return damaged(name + " cannot be unpacked");
  if (!parse_rows(rows, into).ok()) return damaged(name + " holds something else than rows");
  return {};
}

Status SegmentReader::parse_rows(std::uint32_t count, SegmentRows& into) {
  BytesView rest(into.raw);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (rest.size() < segment_row_head_bytes) return corruption("a row is cut");
    const std::size_t key_size = read_be32(rest);
    const std::size_t value_size = read_be32(rest.substr(4));
    rest.remove_prefix(segment_row_head_bytes);
    if (rest.size() < key_size || rest.size() - key_size < value_size) return corruption("a row is cut");
    into.rows.push_back({rest.substr(0, key_size), rest.substr(key_size, value_size)});
    rest.remove_prefix(key_size + value_size);
    raw_bytes_ += key_size + value_size;
  }
  rows_ += count;
  return rest.empty() && count > 0 ? Status() : corruption("there is more than the rows");
}

Status SegmentReader::read_end(BytesView first) {
  TRY_ASSIGN(const Bytes rest, take(segment_end_bytes - segment_block_head_bytes));
  const Bytes end = Bytes(first) + rest;
  const BytesView view(end);
  if (codec::crc32c(view.substr(0, segment_end_bytes - 4)) != read_be32(view.substr(segment_end_bytes - 4))) {
    return damaged("its end has a wrong checksum");
  }
  const bool whole = read_be32(view.substr(4)) == blocks_ && read_be64(view.substr(8)) == rows_ &&
                     read_be64(view.substr(16)) == raw_bytes_;
  if (!whole) return damaged("a part of it is missing");
  TRY_ASSIGN(const Bytes more, object_->read(1));
  if (!more.empty()) return damaged("there is something behind its end");
  if (expected_.sha256.empty()) return {};
  const bool same = bytes_ == expected_.bytes && rows_ == expected_.rows &&
                    codec::to_hex(codec::bytes_of(sha256_.finish())) == expected_.sha256;
  return same ? Status() : damaged("it is not the one that was written");
}

Result<std::unique_ptr<SegmentReader>> open_segment(blob::ObjectStore& store, const SegmentInfo& expected) {
  auto object = store.open(expected.key);
  if (!object.ok()) return object.error().is(Code::not_found) ? not_there(expected) : object.error();
  return std::make_unique<SegmentReader>(std::move(object).value(), expected);
}

Status verify_segment(blob::ObjectStore& store, const SegmentInfo& expected) {
  auto object = store.open(expected.key);
  if (!object.ok()) return object.error().is(Code::not_found) ? not_there(expected) : object.error();
  codec::Sha256 sha256;
  std::uint64_t bytes = 0;
  for (;;) {
    TRY_ASSIGN(const Bytes piece, (*object)->read(verify_piece_bytes));
    if (piece.empty()) break;
    sha256.update(piece);
    bytes += piece.size();
  }
  if (bytes != expected.bytes) {
    return corruption("segment " + expected.key + " is damaged: it has " + std::to_string(bytes) +
                      " bytes instead of " + std::to_string(expected.bytes));
  }
  if (codec::to_hex(codec::bytes_of(sha256.finish())) == expected.sha256) return {};
  return corruption("segment " + expected.key + " is damaged: its SHA-256 is wrong");
}

}  // namespace reprise::recovery
