// Order-preserving encoding of byte strings, so that the concatenation of several compares as the tuple does; and
// variable-length integers for where order does not matter. Both are parts of the on-disk format.
//
// Encoding of a string: every 0x00 becomes 0x00 0xff, and 0x00 0x01 ends it. Hence
//   encode(a) < encode(b)  exactly when  a < b   (compared as unsigned bytes),
//   no encoding is a prefix of another, so encode(a1) encode(a2) < encode(b1) encode(b2) exactly when
//   (a1, a2) < (b1, b2), and whatever bytes may follow the last one.
// All strings whose encoding starts with the bytes of ordered_prefix(p) are those that start with p.
//
// Pure functions, thread-safe. Readers take a view and move its start behind what they read; on failure neither the
// view nor the output has changed.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace reprise::codec {

void append_ordered(Bytes& out, BytesView component);

// The encoding of `component` without its end: for scans over all strings that start with `component`.
void append_ordered_prefix(Bytes& out, BytesView component);

// Reads one component and appends it, decoded, to `out`. False when `in` does not begin with a whole encoding.
[[nodiscard]] bool read_ordered(BytesView& in, Bytes& out);

// The bytes of the encoding that `in` begins with, still encoded; empty when there is none. `in` moves behind it.
[[nodiscard]] BytesView take_ordered(BytesView& in);

// LEB128: seven bits a byte, the low ones first, 1 to 10 bytes.
inline constexpr std::size_t varint_size_max = 10;
void append_varint(Bytes& out, std::uint64_t value);
// False when `in` is cut short, does not fit in 64 bits, or is longer than it needs to be.
[[nodiscard]] bool read_varint(BytesView& in, std::uint64_t& value);

// A varint length and the bytes themselves.
void append_sized(Bytes& out, BytesView bytes);
// `bytes` becomes a view into what `in` viewed.
[[nodiscard]] bool read_sized(BytesView& in, BytesView& bytes);

// Signed integers so that small magnitudes of either sign are short varints.
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

}  // namespace reprise::codec
