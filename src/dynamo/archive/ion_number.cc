// A number that is read here is digits, at most one point and an exponent: model/number.h judges what they amount to.
#include "dynamo/archive/ion_number.h"

#include <algorithm>

#include "codec/hex.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t integer_digits_max = 200;  // of 0x and 0b literals; a DynamoDB number has 38 significant digits

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The decimal digits of a number given in base 2 or 16.
std::string decimal_of(std::string_view digits, unsigned base) {
  std::string decimal = "0";  // least digit first
  for (const char c : digits) {
    auto carry = static_cast<unsigned>(codec::hex_digit_value(c));
    for (char& d : decimal) {
      carry += static_cast<unsigned>(d - '0') * base;
      d = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    for (; carry != 0; carry /= 10) decimal.push_back(static_cast<char>('0' + carry % 10));
  }
  std::reverse(decimal.begin(), decimal.end());
  return decimal;
}

bool based_integer(std::string_view literal, std::string& plain) {
  const unsigned base = literal[1] == 'x' || literal[1] == 'X' ? 16 : 2;
  std::string digits;
  for (const char c : literal.substr(2)) {
    if (c == '_') continue;
    const int digit = codec::hex_digit_value(c);
    if (digit < 0 || static_cast<unsigned>(digit) >= base) return false;
    digits.push_back(c);
  }
  if (digits.empty() || digits.size() > integer_digits_max) return false;
  plain.append(decimal_of(digits, base));
  return true;
}

// Digits with underscores between them, a point, and an exponent behind d, D, e or E.
bool decimal(std::string_view literal, std::string& plain) {
  bool digits = false;
  bool point = false;
  std::size_t i = 0;
  for (; i < literal.size(); ++i) {
    const char c = literal[i];
    if (is_digit(c)) {
      digits = true;
      plain.push_back(c);
    } else if (c == '_' && i > 0 && is_digit(literal[i - 1]) && i + 1 < literal.size() && is_digit(literal[i + 1])) {
      continue;
    } else if (c == '.' && !point && digits) {
      point = true;
      if (i + 1 < literal.size() && is_digit(literal[i + 1])) plain.push_back('.');
    } else {
      break;
    }
  }
  if (!digits) return false;
  if (i == literal.size()) return true;
  if (literal[i] != 'd' && literal[i] != 'D' && literal[i] != 'e' && literal[i] != 'E') return false;
  std::string_view exponent = literal.substr(i + 1);
  plain.push_back('E');
  if (exponent.starts_with('-') || exponent.starts_with('+')) {
    plain.push_back(exponent[0]);
    exponent.remove_prefix(1);
  }
  plain.append(exponent);
  return !exponent.empty() && std::all_of(exponent.begin(), exponent.end(), is_digit);
}

}  // namespace

std::optional<std::string> plain_ion_number(std::string_view literal) {
  std::string plain;
  if (literal.starts_with('-')) {
    plain.push_back('-');
    literal.remove_prefix(1);
  }
  const bool based =
      literal.starts_with("0x") || literal.starts_with("0X") || literal.starts_with("0b") || literal.starts_with("0B");
  const bool read = based ? based_integer(literal, plain) : decimal(literal, plain);
  if (!read) return std::nullopt;
  return plain;
}

bool is_ion_timestamp(std::string_view literal) {
  if (literal.starts_with('-')) literal.remove_prefix(1);
  return literal.size() >= 5 && std::all_of(literal.begin(), literal.begin() + 4, is_digit) &&
         (literal[4] == 'T' || literal[4] == '-');
}

}  // namespace reprise::dynamo
