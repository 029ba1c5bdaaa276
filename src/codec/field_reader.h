// Reading the fields of a stored record one after the other: the other direction of the append functions of ordered.h.
//
// After the first field that is cut short, or that require() or fail() refuses, every answer is empty and ok() is
// false: a reader of records checks once, at the end, with finished().
//
// Threading: one thread at a time. Views that it hands out point into the bytes it was given.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "codec/ordered.h"

namespace reprise::codec {

class FieldReader {
 public:
  explicit FieldReader(BytesView in) : in_(in) {}

  [[nodiscard]] bool ok() const { return ok_; }
  // Every field was there, and nothing is left.
  [[nodiscard]] bool finished() const { return ok_ && in_.empty(); }

  void fail() { ok_ = false; }
  void require(bool condition) { ok_ = ok_ && condition; }

  // A varint.
  std::uint64_t number() {
    std::uint64_t value = 0;
    if (!ok_ || !read_varint(in_, value)) fail();
    return ok_ ? value : 0;
  }
  // A signed one, zigzag: microseconds since the epoch as a rule.
  std::int64_t time() { return unzigzag(number()); }
  bool flag() { return number() != 0; }
  // How many things follow, of which each takes at least `each` bytes: so that a damaged count cannot ask for memory.
  std::size_t count(std::size_t each) {
    const std::uint64_t value = number();
    require(value <= in_.size() / each);
    return ok_ ? static_cast<std::size_t>(value) : 0;
  }
  // Bytes with their length in front.
  BytesView text() {
    BytesView value;
    if (!ok_ || !read_sized(in_, value)) fail();
    return ok_ ? value : BytesView();
  }
  BytesView raw(std::size_t size) {
    require(in_.size() >= size);
    if (!ok_) return {};
    const BytesView value = in_.substr(0, size);
    in_.remove_prefix(size);
    return value;
  }
  // Eight bytes, big-endian.
  std::uint64_t fixed() {
    const BytesView value = raw(8);
    return ok_ ? read_be64(value) : 0;
  }

 private:
  BytesView in_;
  bool ok_ = true;
};

}  // namespace reprise::codec
