#include "codec/ordered.h"

#include <cstring>

namespace reprise::codec {
namespace {

constexpr char escape = '\x00';
constexpr char escaped_zero = '\xff';
constexpr char terminator = '\x01';

// Where the first 0x00 of `in` at or after `from` is; npos when there is none.
std::size_t find_zero(BytesView in, std::size_t from) { return in.find(escape, from); }

// Checks the encoding that `in` begins with and returns its length, terminator included; 0 when it is none.
std::size_t encoded_length(BytesView in) {
  std::size_t from = 0;
  while (true) {
    const std::size_t zero = find_zero(in, from);
    if (zero == BytesView::npos || zero + 1 == in.size()) return 0;
    if (in[zero + 1] == terminator) return zero + 2;
    if (in[zero + 1] != escaped_zero) return 0;
    from = zero + 2;
  }
}

}  // namespace

void append_ordered_prefix(Bytes& out, BytesView component) {
  std::size_t from = 0;
  for (std::size_t zero; (zero = find_zero(component, from)) != BytesView::npos; from = zero + 1) {
    out.append(component, from, zero + 1 - from);
    out.push_back(escaped_zero);
  }
  out.append(component, from);
}

void append_ordered(Bytes& out, BytesView component) {
  append_ordered_prefix(out, component);
  out.push_back(escape);
  out.push_back(terminator);
}

BytesView take_ordered(BytesView& in) {
  const BytesView taken = in.substr(0, encoded_length(in));
  in.remove_prefix(taken.size());
  return taken;
}

bool read_ordered(BytesView& in, Bytes& out) {
  BytesView encoded = take_ordered(in);
  if (encoded.empty()) return false;
  encoded.remove_suffix(2);
  std::size_t from = 0;
  for (std::size_t zero; (zero = find_zero(encoded, from)) != BytesView::npos; from = zero + 2) {
    out.append(encoded, from, zero + 1 - from);
  }
  out.append(encoded, from);
  return true;
}

void append_varint(Bytes& out, std::uint64_t value) {
  char text[varint_size_max];
  std::size_t size = 0;
  while (value >= 0x80) {
    text[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  text[size++] = static_cast<char>(value);
  out.append(text, size);
}

bool read_varint(BytesView& in, std::uint64_t& value) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < in.size() && i < varint_size_max; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    if (i == varint_size_max - 1 && byte > 1) return false;  // the tenth byte holds the 64th bit alone
    sum |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte & 0x80) continue;
    if (byte == 0 && i != 0) return false;
    value = sum;
    in.remove_prefix(i + 1);
    return true;
  }
  return false;
}

void append_sized(Bytes& out, BytesView bytes) {
  append_varint(out, bytes.size());
  out.append(bytes);
}

bool read_sized(BytesView& in, BytesView& bytes) {
  BytesView rest = in;
  std::uint64_t size = 0;
  if (!read_varint(rest, size) || size > rest.size()) return false;
  bytes = rest.substr(0, size);
  rest.remove_prefix(size);
  in = rest;
  return true;
}

}  // namespace reprise::codec
