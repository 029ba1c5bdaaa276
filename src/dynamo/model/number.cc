// Numbers between text, decimal digits and the ordered encoding.
//
// A non-zero number is 0.P1P2...Pk x 100^E with pairs of digits P, P1 and Pk not zero. Its encoding is a header byte
// 0x80 + (E + 64), then each pair as 2P + 1, but the last one as 2P: the low bit says whether more follow, so a longer
// number sorts behind its prefix and the end needs no terminator. Zero is 0x80 0x00. A negative number is the bitwise
// complement of its magnitude. E runs from -64 to 63, which is exactly what the supported range needs.
#include "dynamo/model/number.h"

#include <algorithm>
#include <cstring>

namespace reprise::dynamo {

namespace {

constexpr int exponent_bias = 64;
constexpr int pairs_max = 20;

// 0.d1d2...dn x 10^exponent; d1 and dn are not zero. No digits: zero.
struct Decimal {
  bool negative = false;
  int exponent = 0;
  int count = 0;
  char digits[2 * pairs_max] = {};  // 0..9
};

ApiError not_a_number(std::string_view text) {
  std::string message = "The parameter cannot be converted to a numeric value";
  if (!text.empty()) message.append(": ").append(text);
  return validation(std::move(message));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits of a number as they are read: leading zeros are dropped, trailing ones counted but not kept.
struct DigitCollector {
  Decimal decimal;
  bool any_digit = false;
  bool too_many = false;
  int pending_zeros = 0;

  void add(char c, bool behind_point) {
    any_digit = true;
    const bool leading = decimal.count == 0 && !too_many;
    if (c == '0' && leading) {
      if (behind_point) --decimal.exponent;
      return;
    }
    if (!behind_point) ++decimal.exponent;
    if (c == '0') {
      if (pending_zeros < Number::digits_max) ++pending_zeros;
      return;
    }
    if (decimal.count + pending_zeros >= Number::digits_max) {
      too_many = true;
      return;
    }
    for (; pending_zeros > 0; --pending_zeros) decimal.digits[decimal.count++] = 0;
    decimal.digits[decimal.count++] = static_cast<char>(c - '0');
  }
};

// Reads what follows E; nothing when it is no exponent. Beyond a million the size no longer matters.
std::optional<int> parse_exponent(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  int value = 0;
  for (char c : text) {
    if (!is_digit(c)) return std::nullopt;
    if (value < 1'000'000) value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

Outcome<Decimal> check_range(Decimal decimal, bool too_many_digits) {
  if (decimal.count == 0) return Decimal{};
  const int magnitude = decimal.exponent - 1;
  if (magnitude > Number::exponent_max) {
    return validation("Number overflow. Attempting to store a number with magnitude larger than supported range");
  }
  if (magnitude < Number::exponent_min) {
    return validation("Number underflow. Attempting to store a number with magnitude smaller than supported range");
  }
  if (too_many_digits) return validation("Attempting to store more than 38 significant digits in a Number");
  return decimal;
}

Outcome<Decimal> parse_decimal(std::string_view text) {
  std::string_view rest = text;
  DigitCollector collector;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '+' || rest[0] == '-')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  bool behind_point = false;
  std::size_t i = 0;
  for (; i < rest.size(); ++i) {
    const char c = rest[i];
    if (is_digit(c)) {
      if (collector.decimal.exponent > 1'000'000 || collector.decimal.exponent < -1'000'000) continue;
      collector.add(c, behind_point);
    } else if (c == '.' && !behind_point) {
      behind_point = true;
    } else {
      break;
    }
  }
  if (!collector.any_digit) return not_a_number(text);
  if (i < rest.size()) {
    if (rest[i] != 'e' && rest[i] != 'E') return not_a_number(text);
    const auto exponent = parse_exponent(rest.substr(i + 1));
    if (!exponent) return not_a_number(text);
    collector.decimal.exponent += *exponent;
  }
  collector.decimal.negative = negative;
  return check_range(collector.decimal, collector.too_many);
}

int encode(const Decimal& decimal, char* out) {
  if (decimal.count == 0) {
    out[0] = static_cast<char>(0x80);
    out[1] = 0;
    return 2;
  }
  const int pair_exponent = (decimal.exponent + 1) >> 1;
  const unsigned char flip = decimal.negative ? 0xff : 0;
  int size = 0;
  out[size++] = static_cast<char>((0x80 + pair_exponent + exponent_bias) ^ flip);
  // An odd exponent puts a zero in front of the first digit.
  int i = (decimal.exponent & 1) != 0 ? -1 : 0;
  for (; i < decimal.count; i += 2) {
    const int high = i < 0 ? 0 : decimal.digits[i];
    const int low = i + 1 < decimal.count ? decimal.digits[i + 1] : 0;
    const int more = i + 2 < decimal.count ? 1 : 0;
    out[size++] = static_cast<char>((2 * (10 * high + low) + more) ^ flip);
  }
  return size;
}

// `encoded` is valid.
Decimal decode(BytesView encoded) {
  Decimal decimal;
  const auto* bytes = reinterpret_cast<const unsigned char*>(encoded.data());
  decimal.negative = bytes[0] < 0x80;
  const unsigned char flip = decimal.negative ? 0xff : 0;
  decimal.exponent = 2 * ((bytes[0] ^ flip) - 0x80 - exponent_bias);
  for (std::size_t i = 1; i < encoded.size(); ++i) {
    const int pair = (bytes[i] ^ flip) >> 1;
    if (i == 1 && pair < 10) {
      --decimal.exponent;  // the zero in front of the first digit
    } else {
      decimal.digits[decimal.count++] = static_cast<char>(pair / 10);
    }
    decimal.digits[decimal.count++] = static_cast<char>(pair % 10);
  }
  while (decimal.count > 0 && decimal.digits[decimal.count - 1] == 0) --decimal.count;
  return decimal;
}

// Fixed-point digits of every position that a number can have, with one to spare at the top for a carry:
// position p stands for 10^(126 - p).
constexpr int top_exponent = Number::exponent_max + 1;
constexpr int positions = top_exponent - (Number::exponent_min - Number::digits_max) + 2;
using FixedPoint = std::array<signed char, positions>;

void spread(const Decimal& decimal, FixedPoint& out) {
  out.fill(0);
  const auto first = static_cast<std::size_t>(top_exponent - (decimal.exponent - 1));
  const auto count = static_cast<std::size_t>(decimal.count);
  for (std::size_t i = 0; i < count; ++i) out[first + i] = decimal.digits[i];
}

// -1, 0, 1 for the magnitudes.
int compare_magnitudes(const FixedPoint& a, const FixedPoint& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

void add_magnitudes(FixedPoint& a, const FixedPoint& b) {
  int carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    int digit = a[i] + b[i] + carry;
    carry = digit >= 10 ? 1 : 0;
    a[i] = static_cast<signed char>(digit - 10 * carry);
  }
}

// a must not be smaller than b.
void subtract_magnitudes(FixedPoint& a, const FixedPoint& b) {
  int borrow = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    int digit = a[i] - b[i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    a[i] = static_cast<signed char>(digit + 10 * borrow);
  }
}

Outcome<Decimal> collect(const FixedPoint& value, bool negative) {
  std::size_t first = 0;
  while (first < value.size() && value[first] == 0) ++first;
  if (first == value.size()) return Decimal{};
  std::size_t last = value.size() - 1;
  while (value[last] == 0) --last;
  Decimal decimal;
  decimal.negative = negative;
  decimal.exponent = top_exponent - static_cast<int>(first) + 1;
  const std::size_t digits = last - first + 1;
  decimal.count = static_cast<int>(std::min<std::size_t>(digits, Number::digits_max));
  for (int i = 0; i < decimal.count; ++i) decimal.digits[i] = value[first + static_cast<std::size_t>(i)];
  return check_range(decimal, digits > static_cast<std::size_t>(Number::digits_max));
}

Outcome<Decimal> sum(const Decimal& left, const Decimal& right) {
  FixedPoint a;
  FixedPoint b;
  spread(left, a);
  spread(right, b);
  if (left.negative == right.negative) {
    add_magnitudes(a, b);
    return collect(a, left.negative);
  }
  if (compare_magnitudes(a, b) >= 0) {
    subtract_magnitudes(a, b);
    return collect(a, left.negative);
  }
  subtract_magnitudes(b, a);
  return collect(b, right.negative);
}

}  // namespace

// The one place that writes a Number's bytes.
class NumberCodec {
 public:
  static Number make(const Decimal& decimal) noexcept {
    Number number{Number::Uninitialized{}};
    number.size_ = static_cast<std::uint8_t>(encode(decimal, number.bytes_.data()));
    return number;
  }
};

Outcome<Number> Number::parse(std::string_view text) {
  TRY_ASSIGN(const Decimal decimal, parse_decimal(text));
  return NumberCodec::make(decimal);
}

Number Number::from_integer(std::int64_t value) noexcept {
  Decimal decimal;
  decimal.negative = value < 0;
  std::uint64_t magnitude = value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  char reversed[20];
  int count = 0;
  for (; magnitude > 0; magnitude /= 10) reversed[count++] = static_cast<char>(magnitude % 10);
  decimal.exponent = count;
  for (int i = 0; i < count; ++i) decimal.digits[i] = reversed[count - 1 - i];
  decimal.count = count;
  while (decimal.count > 0 && decimal.digits[decimal.count - 1] == 0) --decimal.count;
  return NumberCodec::make(decimal);
}

Number Number::from_encoded(BytesView encoded) noexcept {
  ASSERT(encoded.size() >= 2 && encoded.size() <= encoded_size_max);
  Number number{Uninitialized{}};
  std::memcpy(number.bytes_.data(), encoded.data(), encoded.size());
  number.size_ = static_cast<std::uint8_t>(encoded.size());
  return number;
}

bool Number::is_zero() const noexcept { return size_ == 2 && bytes_[1] == 0; }

std::string Number::to_string() const {
  Bytes text;
  append_number_text(text, encoded());
  return text;
}

std::optional<std::int64_t> Number::to_integer() const noexcept {
  const Decimal decimal = decode(encoded());
  if (decimal.count == 0) return 0;
  if (decimal.count > decimal.exponent || decimal.exponent > 19) return std::nullopt;
  std::uint64_t magnitude = 0;
  for (int i = 0; i < decimal.exponent; ++i) {
    const unsigned digit = i < decimal.count ? static_cast<unsigned>(decimal.digits[i]) : 0;
    magnitude = magnitude * 10 + digit;  // 19 digits fit
  }
  const std::uint64_t limit = static_cast<std::uint64_t>(INT64_MAX) + (decimal.negative ? 1 : 0);
  if (magnitude > limit) return std::nullopt;
  return decimal.negative ? static_cast<std::int64_t>(~magnitude + 1) : static_cast<std::int64_t>(magnitude);
}

Outcome<Number> add(const Number& left, const Number& right) {
  TRY_ASSIGN(const Decimal decimal, sum(decode(left.encoded()), decode(right.encoded())));
  return NumberCodec::make(decimal);
}

Outcome<Number> subtract(const Number& left, const Number& right) {
  Decimal negated = decode(right.encoded());
  negated.negative = !negated.negative;
  TRY_ASSIGN(const Decimal decimal, sum(decode(left.encoded()), negated));
  return NumberCodec::make(decimal);
}

void append_number_text(Bytes& out, BytesView encoded) {
  const Decimal decimal = decode(encoded);
  if (decimal.count == 0) {
    out.push_back('0');
    return;
  }
  if (decimal.negative) out.push_back('-');
  if (decimal.exponent <= 0) {
    out.append("0.");
    out.append(static_cast<std::size_t>(-decimal.exponent), '0');
  }
  for (int i = 0; i < decimal.count; ++i) {
    if (i > 0 && i == decimal.exponent) out.push_back('.');
    out.push_back(static_cast<char>('0' + decimal.digits[i]));
  }
  if (decimal.exponent > decimal.count) out.append(static_cast<std::size_t>(decimal.exponent - decimal.count), '0');
}

std::size_t encoded_number_size(BytesView in) noexcept {
  if (in.size() < 2) return 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(in.data());
  const unsigned char flip = bytes[0] < 0x80 ? 0xff : 0;
  const std::size_t end = std::min(in.size(), Number::encoded_size_max);
  int digits = 0;
  for (std::size_t i = 1; i < end; ++i) {
    const unsigned char byte = bytes[i] ^ flip;
    const int pair = byte >> 1;
    if (pair > 99) return 0;
    if (i == 1 && pair == 0) return bytes[0] == 0x80 && byte == 0 ? 2 : 0;
    digits += i == 1 && pair < 10 ? 1 : 2;
    if ((byte & 1) == 0) {
      if (pair == 0) return 0;
      if (pair % 10 == 0) --digits;
      return digits <= Number::digits_max ? i + 1 : 0;
    }
  }
  return 0;
}

std::size_t number_charged_size(BytesView encoded) noexcept {
  const bool negative = static_cast<unsigned char>(encoded[0]) < 0x80;
  if (!negative && encoded[1] == 0) return 1;
  return std::min<std::size_t>(encoded.size() + (negative ? 1 : 0), Number::encoded_size_max);
}

}  // namespace reprise::dynamo
