// Zstandard (RFC 8878): inflating a stream piece by piece, and compressing.
//
// Threading: an object belongs to one thread at a time; the function is pure.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::codec {

// Inflates a stream of frames.
class ZstdInflater {
 public:
  ZstdInflater();
  ~ZstdInflater();
  ZstdInflater(ZstdInflater&&) noexcept;
  ZstdInflater& operator=(ZstdInflater&&) noexcept;

  // Takes all of `in` and appends what it inflates to, which may be much: give it small pieces. Fails with
  // Code::invalid when the stream is none or damaged; after that the inflater is of no use.
  Status feed(BytesView in, Bytes& out);

  // Whether the stream may end here: nothing was fed, or the last frame is whole.
  [[nodiscard]] bool complete() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One frame.
Bytes zstd(BytesView bytes, int level = 3);

}  // namespace reprise::codec
