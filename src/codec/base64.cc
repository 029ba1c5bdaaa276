#include "codec/base64.h"

#include <array>

namespace reprise::codec {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t bad = 0x80000000;

using Table = std::array<std::uint32_t, 256>;

// The value of a character, shifted to its place among four, so that decoding a group is three ORs and one test.
constexpr Table make_table(int shift) {
  Table table{};
  for (auto& entry : table) entry = bad;
  for (std::uint32_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(alphabet[i])] = i << shift;
  return table;
}
constexpr Table places[4] = {make_table(18), make_table(12), make_table(6), make_table(0)};

std::uint32_t byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

std::uint32_t group_at(std::string_view text, std::size_t i) {
  return places[0][byte_at(text, i)] | places[1][byte_at(text, i + 1)] | places[2][byte_at(text, i + 2)] |
         places[3][byte_at(text, i + 3)];
}

// The first character from `i` on that is outside the alphabet.
std::size_t bad_position(std::string_view text, std::size_t i) {
  while (i < text.size() && places[3][byte_at(text, i)] != bad) ++i;
  return i;
}

std::size_t padding_of(std::string_view text) {
  if (text.empty() || text.back() != '=') return 0;
  return text.size() >= 2 && text[text.size() - 2] == '=' ? 2 : 1;
}

// Decodes the last group, which has `padding` (1 or 2) padding characters.
Base64Check decode_tail(std::string_view text, std::size_t padding, char* out) {
  const std::size_t i = text.size() - 4;
  const std::uint32_t third = padding == 1 ? places[2][byte_at(text, i + 2)] : 0;
  const std::uint32_t group = places[0][byte_at(text, i)] | places[1][byte_at(text, i + 1)] | third;
  if (group & bad) return {Base64Fault::character, bad_position(text, i)};
  const std::uint32_t unused = padding == 1 ? 0xff : 0xffff;
  if (group & unused) return {Base64Fault::last_bits, text.size() - padding - 1};
  out[0] = static_cast<char>(group >> 16);
  if (padding == 1) out[1] = static_cast<char>(group >> 8);
  return {};
}

}  // namespace

void append_base64(Bytes& out, BytesView bytes) {
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4);
  char* to = out.data() + start;
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3, to += 4) {
    const std::uint32_t group = byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    to[0] = alphabet[group >> 18];
    to[1] = alphabet[(group >> 12) & 63];
    to[2] = alphabet[(group >> 6) & 63];
    to[3] = alphabet[group & 63];
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return;
  const std::uint32_t group = byte_at(bytes, i) << 16 | (left == 2 ? byte_at(bytes, i + 1) << 8 : 0);
  to[0] = alphabet[group >> 18];
  to[1] = alphabet[(group >> 12) & 63];
  to[2] = left == 2 ? alphabet[(group >> 6) & 63] : '=';
  to[3] = '=';
}

std::string to_base64(BytesView bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

std::size_t decoded_base64_size(std::string_view text) noexcept { return text.size() / 4 * 3 - padding_of(text); }

Base64Check append_decoded_base64(Bytes& out, std::string_view text) {
  if (text.size() % 4 != 0) return {Base64Fault::length, text.size()};
  if (text.empty()) return {};
  const std::size_t start = out.size();
  const std::size_t padding = padding_of(text);
  out.resize(start + decoded_base64_size(text));
  char* to = out.data() + start;
  const std::size_t whole = padding == 0 ? text.size() : text.size() - 4;
  Base64Check check;
  for (std::size_t i = 0; i < whole; i += 4, to += 3) {
    const std::uint32_t group = group_at(text, i);
    if (group & bad) {
      check = {Base64Fault::character, bad_position(text, i)};
      break;
    }
    to[0] = static_cast<char>(group >> 16);
    to[1] = static_cast<char>(group >> 8);
    to[2] = static_cast<char>(group);
  }
  if (check.ok() && padding != 0) check = decode_tail(text, padding, to);
  if (!check.ok()) out.resize(start);
  return check;
}

Result<Bytes> from_base64(std::string_view text) {
  Bytes bytes;
  const Base64Check check = append_decoded_base64(bytes, text);
  switch (check.fault) {
    case Base64Fault::none: return bytes;
    case Base64Fault::length:
      return invalid("base64 text must have a multiple of 4 characters, this has " + std::to_string(text.size()));
    case Base64Fault::character: return invalid("not a base64 character at position " + std::to_string(check.position));
    case Base64Fault::last_bits: break;
  }
  return invalid("the last base64 character before the padding has unused bits set");
}

}  // namespace reprise::codec
