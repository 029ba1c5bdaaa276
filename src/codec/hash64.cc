// XXH64, written from its specification. Reads are little-endian whatever the machine.
#include "codec/hash64.h"

#include <bit>
#include <cstring>

namespace reprise::codec {
namespace {

constexpr std::uint64_t prime1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t prime2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t prime3 = 0x165667B19E3779F9;
constexpr std::uint64_t prime4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t prime5 = 0x27D4EB2F165667C5;

std::uint64_t read64(const char* from) {
  std::uint64_t value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  return value;
}

std::uint32_t read32(const char* from) {
  std::uint32_t value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap32(value);
  return value;
}

std::uint64_t round(std::uint64_t lane, std::uint64_t input) { return std::rotl(lane + input * prime2, 31) * prime1; }

std::uint64_t merge(std::uint64_t sum, std::uint64_t lane) { return (sum ^ round(0, lane)) * prime1 + prime4; }

// Consumes the whole 32-byte stripes and converges the four lanes.
std::uint64_t hash_stripes(const char*& from, const char* end, std::uint64_t seed) {
  std::uint64_t lane1 = seed + prime1 + prime2;
  std::uint64_t lane2 = seed + prime2;
  std::uint64_t lane3 = seed;
  std::uint64_t lane4 = seed - prime1;
  for (; end - from >= 32; from += 32) {
    lane1 = round(lane1, read64(from));
    lane2 = round(lane2, read64(from + 8));
    lane3 = round(lane3, read64(from + 16));
    lane4 = round(lane4, read64(from + 24));
  }
  std::uint64_t sum = std::rotl(lane1, 1) + std::rotl(lane2, 7) + std::rotl(lane3, 12) + std::rotl(lane4, 18);
  sum = merge(sum, lane1);
  sum = merge(sum, lane2);
  sum = merge(sum, lane3);
  return merge(sum, lane4);
}

std::uint64_t avalanche(std::uint64_t sum) {
  sum = (sum ^ (sum >> 33)) * prime2;
  sum = (sum ^ (sum >> 29)) * prime3;
  return sum ^ (sum >> 32);
}

}  // namespace

std::uint64_t hash64(BytesView bytes, std::uint64_t seed) noexcept {
  const char* from = bytes.data();
  const char* const end = from + bytes.size();
  std::uint64_t sum = bytes.size() >= 32 ? hash_stripes(from, end, seed) : seed + prime5;
  sum += bytes.size();
  for (; end - from >= 8; from += 8) sum = std::rotl(sum ^ round(0, read64(from)), 27) * prime1 + prime4;
  if (end - from >= 4) {
    sum = std::rotl(sum ^ read32(from) * prime1, 23) * prime2 + prime3;
    from += 4;
  }
  for (; from != end; ++from) sum = std::rotl(sum ^ static_cast<unsigned char>(*from) * prime5, 11) * prime1;
  return avalanche(sum);
}

}  // namespace reprise::codec
