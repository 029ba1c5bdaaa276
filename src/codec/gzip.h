// gzip (RFC 1952): inflating a stream piece by piece under a bound on what comes out, and compressing.
//
// Threading: an object belongs to one thread at a time; the functions are pure.
#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::codec {

// Inflates one gzip stream, which may consist of several members, as RFC 1952 section 2.2 allows.
class GzipInflater {
 public:
  // More than `output_max` bytes of output in all is an error: a small body must not be able to fill the memory.
  explicit GzipInflater(std::size_t output_max);
  ~GzipInflater();
  GzipInflater(GzipInflater&&) noexcept;
  GzipInflater& operator=(GzipInflater&&) noexcept;

  // Takes all of `in` and appends what it inflates to. Fails with Code::invalid when the stream is no gzip or its
  // checksum is wrong, Code::exhausted when the output would pass the bound (`out` then holds what fitted). After a
  // failure the inflater is of no use.
  Status feed(BytesView in, Bytes& out);

  // Whether the stream may end here: at least one member, and the last one whole. Ask after the last feed().
  [[nodiscard]] bool complete() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A whole stream at once. Fails as feed() does, and with Code::invalid when the stream is cut short.
Result<Bytes> gunzip(BytesView stream, std::size_t output_max);

// Makes one gzip member piece by piece: append() any number of times, then finish() once. As gzip() below writes it, so
// equal input (in equal pieces) gives equal output.
class GzipDeflater {
 public:
  explicit GzipDeflater(int level);
  ~GzipDeflater();
  GzipDeflater(GzipDeflater&&) noexcept;
  GzipDeflater& operator=(GzipDeflater&&) noexcept;

  // Takes all of `in` and appends to `out` what is ready.
  void append(BytesView in, Bytes& out);
  // Appends the rest.
  void finish(Bytes& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One member; level 1 (fast) to 9 (small). The header carries no name and no time, so equal input gives equal output.
Bytes gzip(BytesView bytes, int level = 6);

}  // namespace reprise::codec
