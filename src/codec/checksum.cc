#include "codec/checksum.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "codec/base64.h"
#include "codec/crc32.h"
#include "codec/crc64nvme.h"
#include "codec/crc_combine.h"

namespace reprise::codec {
namespace {

struct Traits {
  std::string_view name;
  std::string_view header;
  std::size_t size;
  bool combines;
};

// In the order of the enumeration.
constexpr std::array<Traits, 5> traits = {{{"CRC32", "x-amz-checksum-crc32", 4, true},
                                           {"CRC32C", "x-amz-checksum-crc32c", 4, true},
                                           {"CRC64NVME", "x-amz-checksum-crc64nvme", 8, true},
                                           {"SHA1", "x-amz-checksum-sha1", 20, false},
                                           {"SHA256", "x-amz-checksum-sha256", 32, false}}};

const Traits& traits_of(ChecksumAlgorithm algorithm) { return traits[static_cast<std::size_t>(algorithm)]; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<ChecksumAlgorithm> find(std::string_view Traits::*member, std::string_view text) {
  for (const ChecksumAlgorithm algorithm : checksum_algorithms) {
    if (equal_ignoring_case(traits_of(algorithm).*member, text)) return algorithm;
  }
  return std::nullopt;
}

ChecksumValue value_of(ChecksumAlgorithm algorithm, std::uint64_t crc) {
  Bytes bytes;
  if (checksum_size(algorithm) == 4) {
    append_be32(bytes, static_cast<std::uint32_t>(crc));
  } else {
    append_be64(bytes, crc);
  }
  return {algorithm, bytes};
}

}  // namespace

std::string_view checksum_name(ChecksumAlgorithm algorithm) noexcept { return traits_of(algorithm).name; }
std::string_view checksum_header(ChecksumAlgorithm algorithm) noexcept { return traits_of(algorithm).header; }
std::size_t checksum_size(ChecksumAlgorithm algorithm) noexcept { return traits_of(algorithm).size; }
bool checksum_combines(ChecksumAlgorithm algorithm) noexcept { return traits_of(algorithm).combines; }

std::optional<ChecksumAlgorithm> checksum_named(std::string_view name) noexcept { return find(&Traits::name, name); }
std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view header) noexcept {
  return find(&Traits::header, header);
}

ChecksumValue::ChecksumValue(ChecksumAlgorithm algorithm, BytesView bytes) noexcept : algorithm_(algorithm) {
  ASSERT(bytes.size() == checksum_size(algorithm));
  std::memcpy(bytes_.data(), bytes.data(), bytes.size());
}

std::optional<ChecksumValue> ChecksumValue::from_base64(ChecksumAlgorithm algorithm, std::string_view text) {
  if (decoded_base64_size(text) != checksum_size(algorithm)) return std::nullopt;
  Bytes bytes;
  if (!append_decoded_base64(bytes, text).ok() || bytes.size() != checksum_size(algorithm)) return std::nullopt;
  return ChecksumValue(algorithm, bytes);
}

std::string ChecksumValue::base64() const { return to_base64(bytes()); }

Checksum::Checksum(ChecksumAlgorithm algorithm) noexcept : algorithm_(algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::crc32:
    case ChecksumAlgorithm::crc32c: state_.emplace<std::uint32_t>(0); break;
    case ChecksumAlgorithm::crc64nvme: state_.emplace<std::uint64_t>(0); break;
    case ChecksumAlgorithm::sha1: state_.emplace<Sha1>(); break;
    case ChecksumAlgorithm::sha256: state_.emplace<Sha256>(); break;
  }
}

void Checksum::update(BytesView bytes) noexcept {
  if (bytes.empty()) return;
  switch (algorithm_) {
    case ChecksumAlgorithm::crc32: std::get<0>(state_) = crc32(bytes, std::get<0>(state_)); break;
    case ChecksumAlgorithm::crc32c: std::get<0>(state_) = crc32c(bytes, std::get<0>(state_)); break;
    case ChecksumAlgorithm::crc64nvme: std::get<1>(state_) = crc64nvme(bytes, std::get<1>(state_)); break;
    case ChecksumAlgorithm::sha1: std::get<Sha1>(state_).update(bytes); break;
    case ChecksumAlgorithm::sha256: std::get<Sha256>(state_).update(bytes); break;
  }
}

ChecksumValue Checksum::finish() noexcept {
  switch (algorithm_) {
    case ChecksumAlgorithm::crc32:
    case ChecksumAlgorithm::crc32c: return value_of(algorithm_, std::exchange(std::get<0>(state_), 0));
    case ChecksumAlgorithm::crc64nvme: return value_of(algorithm_, std::exchange(std::get<1>(state_), 0));
    case ChecksumAlgorithm::sha1: return {algorithm_, bytes_of(std::get<Sha1>(state_).finish())};
    case ChecksumAlgorithm::sha256: break;
  }
  return {algorithm_, bytes_of(std::get<Sha256>(state_).finish())};
}

ChecksumValue checksum_of(ChecksumAlgorithm algorithm, BytesView bytes) noexcept {
  Checksum checksum(algorithm);
  checksum.update(bytes);
  return checksum.finish();
}

ChecksumValue combine(const ChecksumValue& first, const ChecksumValue& second, std::uint64_t second_bytes) noexcept {
  const ChecksumAlgorithm algorithm = first.algorithm();
  ASSERT(second.algorithm() == algorithm && checksum_combines(algorithm));
  if (algorithm == ChecksumAlgorithm::crc64nvme) {
    return value_of(algorithm, crc64nvme_combine(read_be64(first.bytes()), read_be64(second.bytes()), second_bytes));
  }
  const auto combine_crc = algorithm == ChecksumAlgorithm::crc32 ? crc32_combine : crc32c_combine;
  return value_of(algorithm, combine_crc(read_be32(first.bytes()), read_be32(second.bytes()), second_bytes));
}

ChecksumValue composite(std::span<const ChecksumValue> parts) noexcept {
  ASSERT(!parts.empty());
  Checksum checksum(parts.front().algorithm());
  for (const ChecksumValue& part : parts) {
    ASSERT(part.algorithm() == checksum.algorithm());
    checksum.update(part.bytes());
  }
  return checksum.finish();
}

}  // namespace reprise::codec
