// How the fast path works (Gopal et al., "Fast CRC Computation Using PCLMULQDQ Instruction", for reflected
// polynomials): 128 bits of the message, as a polynomial, stand for themselves modulo P when they are moved d bits back
// and multiplied by x^d. So four accumulators walk over the message 64 bytes a step, are folded into one, and what is
// left of the message, 16 bytes that have the remainder of all before, goes through the tables.
//
// Reflected, a polynomial's x^i is bit 63 - i of a word, and the product of two words is that of their polynomials
// times x; hence the "- 1" in the exponents below.
#include "codec/crc64nvme.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace reprise::codec {
namespace {

constexpr std::uint64_t polynomial = 0x9a6c9329ac4bc9b5;  // reflected

constexpr std::uint64_t times_x(std::uint64_t value) { return (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0); }

// tables[n][b]: what the byte b does to the remainder when n more bytes follow it.
constexpr auto make_tables() {
  std::array<std::array<std::uint64_t, 256>, 8> tables{};
  for (std::size_t b = 0; b < 256; ++b) {
    std::uint64_t value = b;
    for (int bit = 0; bit < 8; ++bit) value = times_x(value);
    tables[0][b] = value;
  }
  for (std::size_t n = 1; n < 8; ++n) {
    for (std::size_t b = 0; b < 256; ++b) {
      tables[n][b] = (tables[n - 1][b] >> 8) ^ tables[0][tables[n - 1][b] & 0xff];
    }
  }
  return tables;
}
constexpr auto tables = make_tables();

std::uint64_t read_le64(const char* from) {
  std::uint64_t value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  return value;
}

// Without the inversions.
std::uint64_t by_tables(const char* from, std::size_t size, std::uint64_t state) {
  for (; size >= 8; from += 8, size -= 8) {
    state ^= read_le64(from);
    std::uint64_t next = 0;
    for (unsigned i = 0; i < 8; ++i) next ^= tables[7 - i][(state >> (8 * i)) & 0xff];
    state = next;
  }
  for (; size > 0; ++from, --size) state = (state >> 8) ^ tables[0][(state ^ static_cast<unsigned char>(*from)) & 0xff];
  return state;
}

#if defined(__x86_64__)

constexpr std::size_t fold_bytes_min = 128;

constexpr std::uint64_t power_of_x(unsigned exponent) {
  std::uint64_t value = std::uint64_t{1} << 63;  // 1
  for (unsigned i = 0; i < exponent; ++i) value = times_x(value);
  return value;
}

// The factors for moving 16 bytes back by `bytes`: for the half that comes first, and for the other.
struct Factors {
  std::uint64_t first, second;
};
constexpr Factors factors(unsigned bytes) { return {power_of_x(8 * bytes + 63), power_of_x(8 * bytes - 1)}; }
constexpr Factors by64 = factors(64);
constexpr Factors by16 = factors(16);

__attribute__((target("pclmul,sse4.1"))) inline __m128i fold(__m128i value, __m128i by, __m128i onto) {
  return _mm_xor_si128(onto,
                       _mm_xor_si128(_mm_clmulepi64_si128(value, by, 0x00), _mm_clmulepi64_si128(value, by, 0x11)));
}

inline __m128i load(const char* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }

inline __m128i pair(Factors by) {
  return _mm_set_epi64x(static_cast<long long>(by.second), static_cast<long long>(by.first));
}

__attribute__((target("pclmul,sse4.1"))) std::uint64_t by_folding(const char* from, std::size_t size,
                                                                  std::uint64_t state) {
  __m128i a = _mm_xor_si128(load(from), _mm_cvtsi64_si128(static_cast<long long>(state)));
  __m128i b = load(from + 16);
  __m128i c = load(from + 32);
  __m128i d = load(from + 48);
  from += 64;
  size -= 64;
  const __m128i far = pair(by64);
  for (; size >= 64; from += 64, size -= 64) {
    a = fold(a, far, load(from));
    b = fold(b, far, load(from + 16));
    c = fold(c, far, load(from + 32));
    d = fold(d, far, load(from + 48));
  }
  const __m128i near = pair(by16);
  a = fold(fold(fold(a, near, b), near, c), near, d);
  for (; size >= 16; from += 16, size -= 16) a = fold(a, near, load(from));
  char rest[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(rest), a);
  return by_tables(from, size, by_tables(rest, sizeof rest, 0));
}

bool can_fold() {
  static const bool can = __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("sse4.1") != 0;
  return can;
}

#endif

}  // namespace

std::uint64_t crc64nvme(BytesView bytes, std::uint64_t before) noexcept {
#if defined(__x86_64__)
  if (bytes.size() >= fold_bytes_min && can_fold()) return ~by_folding(bytes.data(), bytes.size(), ~before);
#endif
  return crc64nvme_portable(bytes, before);
}

std::uint64_t crc64nvme_portable(BytesView bytes, std::uint64_t before) noexcept {
  return ~by_tables(bytes.data(), bytes.size(), ~before);
}

}  // namespace reprise::codec
