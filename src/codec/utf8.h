// UTF-8 (RFC 3629), one character at a time. Pure, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace reprise::codec {

struct Utf8Character {
  char32_t value = 0;
  std::size_t size = 0;  // in bytes; 0: the text does not begin with a whole, valid character
};

// The first character of `text`. Overlong forms, surrogates and values above U+10FFFF are not valid.
[[nodiscard]] Utf8Character first_utf8(BytesView text) noexcept;

// Whether all of it is.
[[nodiscard]] bool is_utf8(BytesView text) noexcept;

// `value` is a character: at most U+10FFFF and no surrogate.
void append_utf8(Bytes& out, char32_t value);

}  // namespace reprise::codec
