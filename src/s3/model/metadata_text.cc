// RFC 2047's encoded words, read and written. Invariant: decoded_metadata(metadata_header(text)) is the text for all
// UTF-8 that has something to encode, and a header never gets a byte that is not printable ASCII.
#include "s3/model/metadata_text.h"

#include <algorithm>
#include <optional>

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/utf8.h"

namespace reprise::s3 {

namespace {

constexpr std::string_view white = " \t\r\n";
constexpr std::string_view word_begin = "=?UTF-8?";
constexpr std::string_view word_end = "?=";
// RFC 2047, section 2: a word has at most 75 characters; "Q?" or "B?" comes between begin and end.
constexpr std::size_t encoded_bytes_max = 75 - word_begin.size() - 2 - word_end.size();

bool is_plain(char c) { return (c >= ' ' && c <= '~') || c == '\t'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

// ---- Reading -------------------------------------------------------------------------------------------------------

std::optional<std::string> decoded_quoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out.push_back(text[i] == '_' ? ' ' : text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? codec::hex_digit_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? codec::hex_digit_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::optional<std::string> in_utf8(std::string_view charset, std::string bytes) {
  charset = charset.substr(0, charset.find('*'));  // RFC 2231: a language may follow
  const bool ascii = std::ranges::all_of(bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (equal_ignoring_case(charset, "utf-8") && codec::is_utf8(bytes)) return bytes;
  if (equal_ignoring_case(charset, "us-ascii") && ascii) return bytes;
  if (equal_ignoring_case(charset, "iso-8859-1")) return metadata_of_header_bytes(bytes);
  return std::nullopt;
}

// "=?charset?B?text?=", or nothing when it is none that can be read.
std::optional<std::string> decoded_word(std::string_view word) {
  if (!word.starts_with("=?") || !word.ends_with(word_end) || word.size() < 8) return std::nullopt;
  word = word.substr(2, word.size() - 4);
  const auto mark = word.find('?');
  if (mark == word.npos || mark + 2 >= word.size() || word[mark + 2] != '?') return std::nullopt;
  const std::string_view text = word.substr(mark + 3);
  if (text.find('?') != text.npos) return std::nullopt;
  std::optional<std::string> bytes;
  if (lower(word[mark + 1]) == 'q') {
    bytes = decoded_quoted(text);
  } else if (lower(word[mark + 1]) == 'b') {
    if (auto decoded = codec::from_base64(text); decoded.ok()) bytes = std::move(decoded).value();
  }
  if (!bytes) return std::nullopt;
  return in_utf8(word.substr(0, mark), *std::move(bytes));
}

// ---- Writing -------------------------------------------------------------------------------------------------------

void append_quoted(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') {
      out.push_back('_');
    } else if (c > ' ' && c <= '~' && c != '=' && c != '?' && c != '_') {
      out.push_back(c);
    } else {
      out.append({'=', digits[byte >> 4], digits[byte & 15]});
    }
  }
}

std::string encoded(std::string_view text, bool quoted) {
  if (!quoted) return codec::to_base64(text);
  std::string out;
  append_quoted(out, text);
  return out;
}

// As many words as it takes, each of whole characters.
void append_words(std::string& out, std::string_view text, bool quoted) {
  while (!text.empty()) {
    // The most that can fit, then fewer characters until it does.
    std::size_t size = std::min(text.size(), encoded_bytes_max);
    std::string word;
    for (;;) {
      while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
      word = encoded(text.substr(0, size), quoted);
      if (word.size() <= encoded_bytes_max) break;
      --size;
    }
    if (!out.empty()) out.push_back(' ');
    out.append(word_begin).append(quoted ? "Q?" : "B?").append(word).append(word_end);
    text.remove_prefix(size);
  }
}

}  // namespace

std::string metadata_of_header_bytes(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) codec::append_utf8(out, static_cast<unsigned char>(c));
  return out;
}

std::string decoded_metadata(std::string_view text) {
  if (text.find("=?") == text.npos) return std::string(text);
  std::string out;
  bool after_word = false;
  while (!text.empty()) {
    const std::size_t blanks = std::min(text.find_first_not_of(white), text.size());
    const std::size_t end = std::min(text.find_first_of(white, blanks), text.size());
    const auto word = decoded_word(text.substr(blanks, end - blanks));
    if (!word || !after_word) out.append(text.substr(0, blanks));
    out.append(word ? std::string_view(*word) : text.substr(blanks, end - blanks));
    after_word = word.has_value();
    text.remove_prefix(end);
  }
  return out;
}

std::string metadata_header(std::string_view text) {
  if (std::ranges::all_of(text, is_plain)) return std::string(text);
  std::string widened;
  if (!codec::is_utf8(text)) {
    widened = metadata_of_header_bytes(text);
    text = widened;
  }
  const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto plain = std::ranges::count_if(text, is_plain);
  const auto characters = std::ranges::count_if(text, starts);
  std::string out;
  append_words(out, text, 2 * plain > characters);
  return out;
}

}  // namespace reprise::s3
