// Fuzzes numbers both ways. Oracles: what parses prints to a text that parses to the same bytes and is a well-formed
// encoding; bytes that pass as an encoding are the encoding of their own text; x + 0 = x, x - x = 0, and doubling keeps
// the order.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "dynamo/model/number.h"

using reprise::BytesView;
using reprise::dynamo::Number;

namespace {

void check_number(const Number& number) {
  const BytesView encoded = number.encoded();
  ASSERT(reprise::dynamo::encoded_number_size(encoded) == encoded.size());
  const auto again = Number::parse(number.to_string());
  ASSERT(again.ok() && again->encoded() == encoded);
  const Number zero;
  const auto same = add(number, zero);
  ASSERT(same.ok() && *same == number);
  const auto nothing = subtract(number, number);
  ASSERT(nothing.ok() && nothing->is_zero());
  ASSERT((number < zero) == number.is_negative());
  if (const auto twice = add(number, number); twice.ok() && !number.is_zero()) {
    ASSERT((number < *twice) != number.is_negative());
    const auto half = subtract(*twice, number);
    ASSERT(half.ok() && *half == number);
  }
  if (const auto integer = number.to_integer()) ASSERT(Number::from_integer(*integer) == number);
  ASSERT(reprise::dynamo::number_charged_size(encoded) <= Number::encoded_size_max);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto number = Number::parse(input); number.ok()) check_number(*number);
  const std::size_t encoded = reprise::dynamo::encoded_number_size(input);
  if (encoded > 0) check_number(Number::from_encoded(input.substr(0, encoded)));
  return 0;
}
