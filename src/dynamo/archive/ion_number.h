// The numbers of Ion's text form (the Ion specification, "Text encoding"): integers in base 10, 16 and 2, decimals,
// floats. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reprise::dynamo {

// The text that DynamoDB's JSON has for it: 0xff is "255", 1_000d-3 is "1000E-3". Nothing when `literal` is no number.
std::optional<std::string> plain_ion_number(std::string_view literal);

// Whether what is no number is a timestamp: 2026T, 2026-11-23T...
bool is_ion_timestamp(std::string_view literal);

}  // namespace reprise::dynamo
