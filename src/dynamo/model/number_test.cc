// Proves that numbers read, print, order, add and subtract exactly as decimals do, against tables of AWS's answers
// and against 128-bit integer arithmetic.
#include "dynamo/model/number.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/rng.h"

namespace reprise::dynamo {
namespace {

std::string canonical(std::string_view text) {
  auto number = Number::parse(text);
  return number.ok() ? number->to_string() : "error: " + number.error().message;
}

constexpr std::string_view overflow =
    "error: Number overflow. Attempting to store a number with magnitude larger than supported range";
constexpr std::string_view underflow =
    "error: Number underflow. Attempting to store a number with magnitude smaller than supported range";
constexpr std::string_view too_many_digits = "error: Attempting to store more than 38 significant digits in a Number";

TEST(NumberTest, PrintsTheNormalizedForm) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0", "0"},
      {"-0", "0"},
      {"+0", "0"},
      {"0.000", "0"},
      {"0E500", "0"},
      {"00042", "42"},
      {"1.0", "1"},
      {"1.50", "1.5"},
      {"+5", "5"},
      {"+1e2", "100"},
      {"1.5E+3", "1500"},
      {"1.5E2", "150"},
      {"-7", "-7"},
      {".5", "0.5"},
      {"5.", "5"},
      {"-.5", "-0.5"},
      {"1e-5", "0.00001"},
      {"0.00001", "0.00001"},
      {"100", "100"},
      {"1200", "1200"},
      {"123.456", "123.456"},
      {"-12.3400", "-12.34"},
      {"1E125", "1" + std::string(125, '0')},
      {"1E-130", "0." + std::string(129, '0') + "1"},
      {"-1E-130", "-0." + std::string(129, '0') + "1"},
      {std::string(38, '9'), std::string(38, '9')},
      {std::string(38, '9') + std::string(88, '0'), std::string(38, '9') + std::string(88, '0')},
      {"0." + std::string(38, '9'), "0." + std::string(38, '9')},
      {"9.9999999999999999999999999999999999999E+125", std::string(38, '9') + std::string(88, '0')},
      {std::string(500, '0') + "7", "7"},
      {"7." + std::string(500, '0'), "7"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(canonical(text), expected) << text;
}

TEST(NumberTest, RefusesWhatIsNoNumber) {
  for (const std::string text :
       {"a",     "1a",  "a1",  " 5", "5 ", "1 2", "1.2.3", "1+2",      "+e2",       "e2",   "1e",    "1e+",
        "1e1.5", "--1", "+-1", ".",  "-",  "+",   "NaN",   "Infinity", "-Infinity", "0x10", "1_000", "1,5"}) {
    EXPECT_EQ(canonical(text), "error: The parameter cannot be converted to a numeric value: " + text);
  }
  EXPECT_EQ(canonical(""), "error: The parameter cannot be converted to a numeric value");
}

TEST(NumberTest, RefusesWhatIsOutOfRange) {
  EXPECT_EQ(canonical("1E126"), overflow);
  EXPECT_EQ(canonical("-1E126"), overflow);
  EXPECT_EQ(canonical("10E125"), overflow);
  EXPECT_EQ(canonical("1" + std::string(126, '0')), overflow);
  EXPECT_EQ(canonical("1E99999999999999999999"), overflow);
  EXPECT_EQ(canonical("1E-131"), underflow);
  EXPECT_EQ(canonical("0.1E-130"), underflow);
  EXPECT_EQ(canonical("-1E-99999999999999999999"), underflow);
  EXPECT_EQ(canonical("0." + std::string(130, '0') + "1"), underflow);
}

TEST(NumberTest, CountsSignificantDigits) {
  EXPECT_EQ(canonical("1" + std::string(36, '0') + "1"), "1" + std::string(36, '0') + "1");
  EXPECT_EQ(canonical("1" + std::string(37, '0') + "1"), too_many_digits);
  EXPECT_EQ(canonical(std::string(39, '1')), too_many_digits);
  EXPECT_EQ(canonical("1." + std::string(37, '1')), "1." + std::string(37, '1'));
  EXPECT_EQ(canonical("1." + std::string(38, '1')), too_many_digits);
  EXPECT_EQ(canonical("0.000" + std::string(38, '1') + "000"), "0.000" + std::string(38, '1'));
}

TEST(NumberTest, EncodingIsSmallAndStable) {
  EXPECT_EQ(Number::from_integer(0).encoded(), BytesView("\x80\x00", 2));
  EXPECT_EQ(Number::from_integer(1).encoded(), BytesView("\xc1\x02", 2));
  EXPECT_EQ(Number::from_integer(-1).encoded(), BytesView("\x3e\xfd", 2));
  EXPECT_EQ(Number::from_integer(100).encoded(), BytesView("\xc2\x02", 2));
  EXPECT_EQ(Number::from_integer(1234).encoded(), BytesView("\xc2\x19\x44", 3));
  EXPECT_EQ(Number::parse(std::string(38, '9'))->encoded().size(), 20U);
  EXPECT_EQ(Number::parse(std::string(37, '9') + ".9")->encoded().size(), 21U);
}

TEST(NumberTest, ReadsIntegers) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{10}, std::int64_t{99}, std::int64_t{100},
        std::int64_t{1000000007}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(Number::from_integer(value).to_integer(), value);
    EXPECT_EQ(Number::from_integer(value).to_string(), std::to_string(value));
    EXPECT_EQ(Number::parse(std::to_string(value))->encoded(), Number::from_integer(value).encoded());
  }
  EXPECT_FALSE(Number::parse("1.5")->to_integer());
  EXPECT_FALSE(Number::parse("9223372036854775808")->to_integer());
  EXPECT_FALSE(Number::parse("-9223372036854775809")->to_integer());
  EXPECT_FALSE(Number::parse("1E30")->to_integer());
}

TEST(NumberTest, ArithmeticKeepsToTheLimits) {
  const auto text = [](Outcome<Number> result) {
    return result.ok() ? result->to_string() : "error: " + result.error().message;
  };
  const auto number = [](std::string_view digits) { return *Number::parse(digits); };
  EXPECT_EQ(text(add(number("9.9999999999999999999999999999999999999E+125"), number("1E+125"))), overflow);
  EXPECT_EQ(text(subtract(number("-9.9999999999999999999999999999999999999E+125"), number("1E+125"))), overflow);
  EXPECT_EQ(text(add(number("1E100"), number("1"))), too_many_digits);
  EXPECT_EQ(text(add(number("1E37"), number("1"))), "1" + std::string(36, '0') + "1");
  EXPECT_EQ(text(add(number("1E38"), number("1"))), too_many_digits);
  EXPECT_EQ(text(subtract(number("1.1E-130"), number("1E-130"))), underflow);
  EXPECT_EQ(text(subtract(number("1E-130"), number("1E-130"))), "0");
  EXPECT_EQ(text(add(number("9007199254740993"), number("1"))), "9007199254740994");
  EXPECT_EQ(text(add(number("0.1"), number("0.2"))), "0.3");
  EXPECT_EQ(text(add(number(std::string(38, '9')), number("1"))), "1" + std::string(38, '0'));
  EXPECT_EQ(text(subtract(number("0"), number("5"))), "-5");
}

// A random number within 10^-9 ... 10^27, with its value in units of 10^-9.
__extension__ using Wide = __int128;
struct Sample {
  std::string text;
  Wide value = 0;
};

Sample random_sample(Rng& rng) {
  Sample sample;
  const auto digits = rng.below(19);
  std::uint64_t significand = 0;
  for (std::uint64_t i = 0; i < digits; ++i) significand = significand * 10 + rng.below(10);
  const int exponent = static_cast<int>(rng.below(19)) - 9;
  const bool negative = rng.chance(1, 2);
  sample.value = significand;
  for (int i = -9; i < exponent; ++i) sample.value *= 10;
  if (negative) sample.value = -sample.value;
  sample.text = (negative ? "-" : "") + std::to_string(significand) + "E" + std::to_string(exponent);
  return sample;
}

std::string text_of(Wide value) {
  const bool negative = value < 0;
  if (negative) value = -value;
  std::string digits;
  for (; value > 0; value /= 10) digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
  while (digits.size() < 10) digits.push_back('0');
  std::reverse(digits.begin(), digits.end());
  digits.insert(digits.size() - 9, ".");
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return (negative && digits != "0" ? "-" : "") + digits;
}

TEST(NumberTest, AgreesWithIntegerArithmetic) {
  Rng rng(20240601);
  for (int round = 0; round < 20'000; ++round) {
    const Sample a = random_sample(rng);
    const Sample b = random_sample(rng);
    const Number left = *Number::parse(a.text);
    const Number right = *Number::parse(b.text);
    ASSERT_EQ(left.to_string(), text_of(a.value)) << a.text;
    ASSERT_EQ(left < right, a.value < b.value) << a.text << " " << b.text;
    ASSERT_EQ(left == right, a.value == b.value) << a.text << " " << b.text;
    const auto sum = add(left, right);
    const auto difference = subtract(left, right);
    ASSERT_TRUE(sum.ok() && difference.ok()) << a.text << " " << b.text;
    ASSERT_EQ(sum->to_string(), text_of(a.value + b.value)) << a.text << " " << b.text;
    ASSERT_EQ(difference->to_string(), text_of(a.value - b.value)) << a.text << " " << b.text;
  }
}

TEST(NumberTest, EncodingsDelimitThemselvesWhateverFollows) {
  Rng rng(7);
  for (int round = 0; round < 20'000; ++round) {
    const Number a = *Number::parse(random_sample(rng).text);
    const Number b = *Number::parse(random_sample(rng).text);
    Bytes first(a.encoded());
    Bytes second(b.encoded());
    for (int i = 0; i < 3; ++i) {
      first.push_back(static_cast<char>(rng.below(256)));
      second.push_back(static_cast<char>(rng.below(256)));
    }
    ASSERT_EQ(encoded_number_size(first), a.encoded().size());
    if (a != b) {
      ASSERT_EQ(first < second, a < b) << a.to_string() << " " << b.to_string();
    }
  }
}

TEST(NumberTest, ReadsBackWhatItPrintsOverTheWholeRange) {
  Rng rng(99);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = rng.chance(1, 2) ? "-" : "";
    text.push_back(static_cast<char>('1' + rng.below(9)));
    text.push_back('.');
    const auto digits = 1 + rng.below(37);
    for (std::uint64_t i = 0; i < digits; ++i) text.push_back(static_cast<char>('0' + rng.below(10)));
    text += "E" + std::to_string(static_cast<int>(rng.below(256)) - 130);
    const Number number = *Number::parse(text);
    ASSERT_EQ(Number::parse(number.to_string())->encoded(), number.encoded()) << text;
    ASSERT_EQ(encoded_number_size(number.encoded()), number.encoded().size()) << text;
    ASSERT_LE(number.encoded().size(), Number::encoded_size_max);
    ASSERT_TRUE(subtract(number, number)->is_zero());
  }
}

TEST(NumberTest, RefusesBytesThatAreNoEncoding) {
  EXPECT_EQ(encoded_number_size(""), 0U);
  EXPECT_EQ(encoded_number_size("\xc1"), 0U);
  EXPECT_EQ(encoded_number_size(BytesView("\xc1\x00", 2)), 0U);      // a zero with an exponent
  EXPECT_EQ(encoded_number_size(BytesView("\xc1\x03\x00", 3)), 0U);  // ends with a zero pair
  EXPECT_EQ(encoded_number_size("\xc1\x03"), 0U);                    // more is promised
  EXPECT_EQ(encoded_number_size("\xc1\xc8"), 0U);                    // the pair 100
  EXPECT_EQ(
      encoded_number_size("\xc1\x03\x05\x07\x09\x0b\x0d\x0f\x11\x13\x15\x17\x19\x1b\x1d\x1f\x21\x23\x25\x27\x29\x2a"),
      0U);  // too many digits
}

TEST(NumberTest, ChargesLikeTheService) {
  const auto size = [](std::string_view text) { return number_charged_size(Number::parse(text)->encoded()); };
  EXPECT_EQ(size("0"), 1U);
  EXPECT_EQ(size("1"), 2U);
  EXPECT_EQ(size("-1"), 3U);
  EXPECT_EQ(size("100"), 2U);
  EXPECT_EQ(size("1E125"), 2U);
  EXPECT_EQ(size("1234"), 3U);
  EXPECT_EQ(size("123.456"), 5U);
  EXPECT_EQ(size(std::string(38, '9')), 20U);
  EXPECT_EQ(size("-" + std::string(38, '9')), 21U);
  EXPECT_EQ(size("-" + std::string(37, '9') + ".9"), 21U);
}

}  // namespace
}  // namespace reprise::dynamo
