// Number: DynamoDB's exact decimals. 38 significant digits; magnitude 1E-130 to 9.99...E+125, both signs, and zero
// (developer guide, "Supported data types and naming rules").
//
// A Number *is* its encoding: one canonical, compact, order-preserving and self-delimiting byte string, so that
//   - equal numbers have equal bytes ("1", "1.0" and "1E0" are one number),
//   - memcmp order is numeric order, also when other bytes follow,
//   - items and keys hold the same bytes, and comparing two of them needs no decoding.
// The layout is written down in docs/formats/item.md. All functions are pure; a Number is a plain value.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "dynamo/model/error.h"

namespace reprise::dynamo {

class Number {
 public:
  static constexpr int digits_max = 38;
  static constexpr int exponent_max = 125;  // of d.ddd x 10^exponent
  static constexpr int exponent_min = -130;
  static constexpr std::size_t encoded_size_max = 21;

  Number() noexcept : Number(from_integer(0)) {}

  // Reads [+-]digits[.digits][E[+-]digits]; a digit is needed on one side of the point; no blanks. Zeros in front and
  // behind do not count as significant. Fails with ValidationException and AWS's text: not a number, overflow,
  // underflow, or more than 38 significant digits.
  static Outcome<Number> parse(std::string_view text);
  static Number from_integer(std::int64_t value) noexcept;
  // `encoded` is exactly one valid encoding (asserted by length only).
  static Number from_encoded(BytesView encoded) noexcept;

  // The encoding; valid while this Number lives and is not assigned to.
  [[nodiscard]] BytesView encoded() const noexcept { return {bytes_.data(), size_}; }
  [[nodiscard]] bool is_zero() const noexcept;
  [[nodiscard]] bool is_negative() const noexcept { return static_cast<unsigned char>(bytes_[0]) < 0x80; }
  // As DynamoDB prints it: plain decimal notation, never an exponent, no zeros that say nothing.
  [[nodiscard]] std::string to_string() const;
  // The value, when it is whole and fits.
  [[nodiscard]] std::optional<std::int64_t> to_integer() const noexcept;

  std::strong_ordering operator<=>(const Number& other) const noexcept {
    return encoded().compare(other.encoded()) <=> 0;
  }
  bool operator==(const Number& other) const noexcept { return encoded() == other.encoded(); }

 private:
  friend class NumberCodec;
  struct Uninitialized {};
  explicit Number(Uninitialized) noexcept {}

  std::array<char, encoded_size_max> bytes_{};
  std::uint8_t size_ = 0;
};

// The exact sum or difference. Fails as a store of that value would: more than 38 significant digits, or out of range.
Outcome<Number> add(const Number& left, const Number& right);
Outcome<Number> subtract(const Number& left, const Number& right);

// Appends the text of an encoded number, without a detour through Number. `encoded` must be valid.
void append_number_text(Bytes& out, BytesView encoded);

// How many bytes at the front of `in` are one encoded number; 0 when there is none. Checks the form fully, so that
// bytes that pass can be given to from_encoded and append_number_text.
std::size_t encoded_number_size(BytesView in) noexcept;

// The bytes DynamoDB charges for a number (size.h): one per two digits, one for the exponent, one for a sign.
std::size_t number_charged_size(BytesView encoded) noexcept;

}  // namespace reprise::dynamo
