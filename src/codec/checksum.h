// The checksums of objects that S3's clients choose from: computed piece by piece, printed and read as base64, combined
// from those of parts. Source: S3 user guide, "Checking object integrity".
//
// Threading: the functions and ChecksumValue are values; a Checksum belongs to one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "codec/sha1.h"
#include "codec/sha256.h"

namespace reprise::codec {

enum class ChecksumAlgorithm : unsigned char { crc32, crc32c, crc64nvme, sha1, sha256 };

inline constexpr std::array<ChecksumAlgorithm, 5> checksum_algorithms = {
    ChecksumAlgorithm::crc32, ChecksumAlgorithm::crc32c, ChecksumAlgorithm::crc64nvme, ChecksumAlgorithm::sha1,
    ChecksumAlgorithm::sha256};

// "CRC64NVME", as ChecksumAlgorithm has it in documents and headers.
[[nodiscard]] std::string_view checksum_name(ChecksumAlgorithm algorithm) noexcept;
// "x-amz-checksum-crc64nvme".
[[nodiscard]] std::string_view checksum_header(ChecksumAlgorithm algorithm) noexcept;
// By name, in any case; nothing when there is none such.
[[nodiscard]] std::optional<ChecksumAlgorithm> checksum_named(std::string_view name) noexcept;
// By the name of its header, in any case.
[[nodiscard]] std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view header) noexcept;
// How many bytes a value has.
[[nodiscard]] std::size_t checksum_size(ChecksumAlgorithm algorithm) noexcept;
// Whether the checksum of a whole can be had from those of its parts: the CRCs.
[[nodiscard]] bool checksum_combines(ChecksumAlgorithm algorithm) noexcept;

// A finished checksum. CRCs are big-endian, as S3 has them.
class ChecksumValue {
 public:
  // `bytes` has checksum_size(algorithm) of them.
  ChecksumValue(ChecksumAlgorithm algorithm, BytesView bytes) noexcept;

  // From base64; nothing when `text` is none, or has not the right length.
  [[nodiscard]] static std::optional<ChecksumValue> from_base64(ChecksumAlgorithm algorithm, std::string_view text);

  [[nodiscard]] ChecksumAlgorithm algorithm() const noexcept { return algorithm_; }
  // Valid as long as the value.
  [[nodiscard]] BytesView bytes() const noexcept { return {bytes_.data(), checksum_size(algorithm_)}; }
  [[nodiscard]] std::string base64() const;
  bool operator==(const ChecksumValue&) const = default;

 private:
  ChecksumAlgorithm algorithm_;
  std::array<char, 32> bytes_{};  // zero behind the value
};

// Piece by piece: update() any number of times, then finish() once. Copying one forks the computation.
class Checksum {
 public:
  explicit Checksum(ChecksumAlgorithm algorithm) noexcept;
  [[nodiscard]] ChecksumAlgorithm algorithm() const noexcept { return algorithm_; }
  void update(BytesView bytes) noexcept;
  // The checksum of everything given; afterwards the object is as if new.
  [[nodiscard]] ChecksumValue finish() noexcept;

 private:
  ChecksumAlgorithm algorithm_;
  std::variant<std::uint32_t, std::uint64_t, Sha1, Sha256> state_;
};

[[nodiscard]] ChecksumValue checksum_of(ChecksumAlgorithm algorithm, BytesView bytes) noexcept;

// The checksum of two texts put together (FULL_OBJECT of a multipart upload). Both are of one algorithm, and it
// combines.
[[nodiscard]] ChecksumValue combine(const ChecksumValue& first, const ChecksumValue& second,
                                    std::uint64_t second_bytes) noexcept;

// The checksum of the parts' checksums, one behind the other (COMPOSITE), without the "-N" that S3 shows behind it. All
// are of one algorithm; there is at least one.
[[nodiscard]] ChecksumValue composite(std::span<const ChecksumValue> parts) noexcept;

}  // namespace reprise::codec
