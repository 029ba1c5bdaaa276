// Byte strings. Keys and values are plain octets; they are compared as unsigned bytes, which is what
// std::string's char_traits<char> does, so `<` on Bytes is the order of every engine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise {

using Bytes = std::string;
using BytesView = std::string_view;

// Appends `value` big-endian, so that the byte order of the result is the numeric order.
inline void append_be64(Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xff));
}
inline void append_be32(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xff));
}
inline void append_be16(Bytes& out, std::uint16_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value & 0xff));
}

// Reads the first bytes of `in`, which must be long enough.
inline std::uint64_t read_be64(BytesView in) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | static_cast<unsigned char>(in[static_cast<std::size_t>(i)]);
  return value;
}
inline std::uint32_t read_be32(BytesView in) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(in[static_cast<std::size_t>(i)]);
  return value;
}

// The smallest key greater than every key that starts with `prefix`; empty when there is none (all 0xff),
// which ranges read as "no upper bound".
inline Bytes prefix_end(BytesView prefix) {
  Bytes end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace reprise
