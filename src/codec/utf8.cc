#include "codec/utf8.h"

#include "base/assert.h"

namespace reprise::codec {
namespace {

bool is_surrogate(char32_t value) { return value >= 0xD800 && value <= 0xDFFF; }

}  // namespace

Utf8Character first_utf8(BytesView text) noexcept {
  if (text.empty()) return {};
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  char32_t value = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return {};
    value = (value << 6) | (byte & 0x3FU);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};  // what fewer bytes cannot say
  if (value < least[size] || value > 0x10FFFF || is_surrogate(value)) return {};
  return {value, size};
}

bool is_utf8(BytesView text) noexcept {
  while (!text.empty()) {
    const Utf8Character character = first_utf8(text);
    if (character.size == 0) return false;
    text.remove_prefix(character.size);
  }
  return true;
}

void append_utf8(Bytes& out, char32_t value) {
  ASSERT(value <= 0x10FFFF && !is_surrogate(value));
  const auto tail = [&](int shift) { out.push_back(static_cast<char>(0x80 | ((value >> shift) & 0x3F))); };
  if (value < 0x80) {
    out.push_back(static_cast<char>(value));
  } else if (value < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (value >> 6)));
    tail(0);
  } else if (value < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (value >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | (value >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace reprise::codec
