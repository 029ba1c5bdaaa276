#include "codec/hex.h"

#include <array>
#include <cstring>

namespace reprise::codec {
namespace {

// Both digits of every byte: signatures are printed on the hot path, so one load and store a byte.
constexpr std::array<char, 512> make_pairs() {
  constexpr char digits[] = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = digits[i >> 4];
    pairs[2 * i + 1] = digits[i & 0xf];
  }
  return pairs;
}
constexpr std::array<char, 512> digit_pairs = make_pairs();

}  // namespace

int hex_digit_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void encode_hex(BytesView bytes, char* out) noexcept {
  for (const char c : bytes) {
    std::memcpy(out, &digit_pairs[std::size_t{2} * static_cast<unsigned char>(c)], 2);
    out += 2;
  }
}

void append_hex(Bytes& out, BytesView bytes) {
  const std::size_t start = out.size();
  out.resize(start + 2 * bytes.size());
  encode_hex(bytes, out.data() + start);
}

std::string to_hex(BytesView bytes) {
  std::string text;
  append_hex(text, bytes);
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return invalid("hexadecimal text has an odd number of digits");
  Bytes bytes(text.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_digit_value(text[2 * i]);
    const int low = hex_digit_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return invalid("not a hexadecimal digit at position " + std::to_string(2 * i));
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace reprise::codec
