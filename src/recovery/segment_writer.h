// Writes rows into an immutable segment: compressed, checksummed blocks in one object (recovery/segment_format.h).
//
//   TRY_ASSIGN(auto object, store.create(key));
//   SegmentWriter writer(std::move(object));
//   TRY(writer.add(key, value));  ...
//   TRY_ASSIGN(SegmentInfo info, writer.finish());  // durable now
//
// Rows are bytes and stay in the order given, which is the caller's to keep sorted. A writer that is destroyed before
// finish() leaves nothing behind. Calls block. Threading: one thread at a time.
// Errors: the object store's; invalid for a row that no block can hold; internal when the compressor fails.
#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/status.h"
#include "blob/object_store.h"
#include "codec/sha256.h"
#include "recovery/segment_format.h"

namespace reprise::recovery {

struct SegmentOptions {
  std::size_t block_bytes = 256 << 10;  // raw; the row that crosses it is still in
  int compression_level = 3;            // zstd's
};

class SegmentWriter {
 public:
  explicit SegmentWriter(std::unique_ptr<blob::ObjectWriter> object, SegmentOptions options = {});
  ~SegmentWriter();
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  Status add(BytesView key, BytesView value);
  // Of keys and values so far.
  [[nodiscard]] std::uint64_t raw_bytes() const { return info_.raw_bytes; }
  [[nodiscard]] std::uint64_t rows() const { return info_.rows; }
  // The last call.
  Result<SegmentInfo> finish();

 private:
  Status write(BytesView bytes);
  Status write_block();

  std::unique_ptr<blob::ObjectWriter> object_;
  const SegmentOptions options_;
  codec::Sha256 sha256_;
  SegmentInfo info_;
  Bytes block_;
  Bytes stored_;
  std::uint32_t block_rows_ = 0;
  std::uint32_t blocks_ = 0;
  struct Compressor;
  std::unique_ptr<Compressor> compressor_;
};

}  // namespace reprise::recovery
