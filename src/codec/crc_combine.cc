// A CRC is a remainder modulo P, so putting n bytes behind a text multiplies its remainder by x^(8n); the inversions at
// both ends cancel out. Polynomials are reflected: x^0 is the highest bit.
#include "codec/crc_combine.h"

namespace reprise::codec {
namespace {

template <class Word, Word Polynomial>
struct Field {
  static constexpr Word one = Word{1} << (sizeof(Word) * 8 - 1);

  static Word times_x(Word value) { return (value >> 1) ^ ((value & 1) != 0 ? Polynomial : 0); }

  static Word product(Word a, Word b) {
    Word sum = 0;
    for (Word bit = one; bit != 0; bit >>= 1, b = times_x(b)) {
      if ((a & bit) != 0) sum ^= b;
    }
    return sum;
  }

  static Word combine(Word first, Word second, std::uint64_t second_bytes) {
    Word power = one >> 8;  // x^8, squared for each bit of the length
    Word shift = one;
    for (std::uint64_t bytes = second_bytes; bytes != 0; bytes >>= 1, power = product(power, power)) {
      if ((bytes & 1) != 0) shift = product(shift, power);
    }
    return product(first, shift) ^ second;
  }
};

}  // namespace

std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes) noexcept {
  return Field<std::uint32_t, 0xedb88320>::combine(first, second, second_bytes);
}

std::uint32_t crc32c_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes) noexcept {
  return Field<std::uint32_t, 0x82f63b78>::combine(first, second, second_bytes);
}

std::uint64_t crc64nvme_combine(std::uint64_t first, std::uint64_t second, std::uint64_t second_bytes) noexcept {
  return Field<std::uint64_t, 0x9a6c9329ac4bc9b5>::combine(first, second, second_bytes);
}

}  // namespace reprise::codec
