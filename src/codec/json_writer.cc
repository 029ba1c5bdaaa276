// JsonWriter's conversions. Invariant: what is appended is valid JSON whatever the arguments, given UTF-8 strings.
#include <charconv>
#include <cmath>
#include <cstring>

#include "codec/json.h"

namespace reprise::codec {
namespace {

constexpr std::uint64_t repeat(unsigned char byte) { return 0x0101010101010101ULL * byte; }

// Non-zero when one of the eight bytes must be escaped: '"', '\\' or below 0x20. (Bit tricks: a byte is zero exactly
// when (x - 1) & ~x has its high bit; borrows can only add hits above a real one, which costs a closer look.)
std::uint64_t needs_escape(std::uint64_t word) {
  const std::uint64_t quote = word ^ repeat('"');
  const std::uint64_t backslash = word ^ repeat('\\');
  const std::uint64_t hits =
      ((word - repeat(0x20)) & ~word) | ((quote - repeat(1)) & ~quote) | ((backslash - repeat(1)) & ~backslash);
  return hits & repeat(0x80);
}

bool needs_escape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

// The first byte at or after `from` that must be escaped, or `end`.
const char* find_escape(const char* from, const char* end) {
  while (end - from >= 8) {
    std::uint64_t word;
    std::memcpy(&word, from, 8);
    if (needs_escape(word) != 0) break;
    from += 8;
  }
  while (from != end && !needs_escape(static_cast<unsigned char>(*from))) ++from;
  return from;
}

void append_escape(Bytes& out, char c) {
  switch (c) {
    case '"': out.append("\\\""); return;
    case '\\': out.append("\\\\"); return;
    case '\b': out.append("\\b"); return;
    case '\f': out.append("\\f"); return;
    case '\n': out.append("\\n"); return;
    case '\r': out.append("\\r"); return;
    case '\t': out.append("\\t"); return;
    default: break;
  }
  constexpr char digits[] = "0123456789abcdef";
  const char text[6] = {'\\', 'u', '0', '0', digits[(c >> 4) & 0xf], digits[c & 0xf]};
  out.append(text, sizeof text);
}

template <class Number>
void append_number(Bytes& out, Number value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, static_cast<std::size_t>(end - text));
}

}  // namespace

void JsonWriter::integer(std::int64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::unsigned_integer(std::uint64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::number(double value) {
  ASSERT(std::isfinite(value));  // JSON has no other numbers
  separate();
  const std::size_t start = out_.size();
  append_number(out_, value);
  if (out_.find_first_of(".e", start) == Bytes::npos) out_.append(".0");
}

void JsonWriter::epoch_seconds(std::uint64_t micros, int fraction_digits) {
  ASSERT(fraction_digits == 0 || fraction_digits == 3 || fraction_digits == 6);
  separate();
  append_number(out_, micros / 1'000'000);
  if (fraction_digits == 0) return;
  auto fraction = static_cast<unsigned>(micros % 1'000'000);
  if (fraction_digits == 3) fraction /= 1000;
  char text[7] = {'.'};
  for (int i = fraction_digits; i > 0; --i, fraction /= 10) text[i] = static_cast<char>('0' + fraction % 10);
  out_.append(text, static_cast<std::size_t>(fraction_digits) + 1);
}

void JsonWriter::append_quoted(Bytes& out, std::string_view text) {
  out.push_back('"');
  const char* const end = text.data() + text.size();
  for (const char* from = text.data(); from != end;) {
    const char* const stop = find_escape(from, end);
    out.append(from, static_cast<std::size_t>(stop - from));
    if (stop == end) break;
    append_escape(out, *stop);
    from = stop + 1;
  }
  out.push_back('"');
}

}  // namespace reprise::codec
