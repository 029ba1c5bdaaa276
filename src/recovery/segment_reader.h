// Reads a segment back, block by block (recovery/segment_format.h).
//
// Nothing damaged is passed on: a block is handed out only after its checksum, its sizes and its rows have been found
// right; the end of the segment only when every byte of the object was what the manifest says of it. Whatever is wrong
// is Code::corruption with a message that names the object and the block.
//
// Calls block. Threading: one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "blob/object_store.h"
#include "codec/sha256.h"
#include "recovery/segment_format.h"

namespace reprise::recovery {

// The rows of one block; views into it, valid while it is.
struct SegmentRows {
  struct Row {
    BytesView key;
    BytesView value;
  };
  Bytes raw;
  std::vector<Row> rows;
};

class SegmentReader {
 public:
  // `expected`: what the object has to be; its key names it in errors. Without sums (an empty sha256) only what the
  // segment says of itself is checked.
  SegmentReader(std::unique_ptr<blob::ObjectReader> object, SegmentInfo expected);
  ~SegmentReader();
  SegmentReader(const SegmentReader&) = delete;
  SegmentReader& operator=(const SegmentReader&) = delete;

  // The next block's rows; false behind the last one.
  Result<bool> next(SegmentRows& into);

 private:
  [[nodiscard]] Status damaged(const std::string& what) const;
  Result<Bytes> take(std::size_t size);
  Status begin();
  Status read_block(BytesView head, SegmentRows& into);
  Status read_end(BytesView first);
  Status parse_rows(std::uint32_t count, SegmentRows& into);

  std::unique_ptr<blob::ObjectReader> object_;
  const SegmentInfo expected_;
  codec::Sha256 sha256_;
  std::uint64_t bytes_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t raw_bytes_ = 0;
  std::uint32_t blocks_ = 0;
  bool ended_ = false;
  struct Decompressor;
  std::unique_ptr<Decompressor> decompressor_;
};

// Opens a segment for reading. An object that is not there is corruption, too: the manifest says it is.
Result<std::unique_ptr<SegmentReader>> open_segment(blob::ObjectStore& store, const SegmentInfo& expected);

// Reads the object through and compares size and SHA-256, without unpacking it.
Status verify_segment(blob::ObjectStore& store, const SegmentInfo& expected);

}  // namespace reprise::recovery
