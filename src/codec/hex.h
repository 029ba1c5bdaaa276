// Hexadecimal text: two lower-case digits a byte. Pure functions, thread-safe.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::codec {

// Writes 2 * bytes.size() digits to `out`, which the caller has made large enough. No terminator.
void encode_hex(BytesView bytes, char* out) noexcept;

void append_hex(Bytes& out, BytesView bytes);
[[nodiscard]] std::string to_hex(BytesView bytes);

// Reads digits of either case. Fails with Code::invalid for an odd length or anything that is no digit.
Result<Bytes> from_hex(std::string_view text);

// Of a digit of either case; -1 for anything else.
[[nodiscard]] int hex_digit_value(char c) noexcept;

}  // namespace reprise::codec
