// Reserved words of expressions. Pure and thread-safe.
#pragma once

#include <string_view>

namespace reprise::dynamo {

// Whether an attribute name, whatever its case, must be written through ExpressionAttributeNames.
[[nodiscard]] bool is_reserved_word(std::string_view word) noexcept;

}  // namespace reprise::dynamo
