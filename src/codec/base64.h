// Base64, the standard alphabet of RFC 4648 section 4, as AWS's JSON protocols carry binary values.
// Pure functions, thread-safe.
//
// Decoding is strict, because AWS's is: the length is a multiple of four, padding is present and only at the end,
// there is no white space, and the bits that the last character does not use are zero. So every text that decodes is
// the encoding of what it decodes to.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::codec {

void append_base64(Bytes& out, BytesView bytes);
[[nodiscard]] std::string to_base64(BytesView bytes);

enum class Base64Fault : unsigned char {
  none,
  length,     // not a multiple of four characters
  character,  // outside the alphabet, or padding before the end
  last_bits,  // the last character before the padding has bits that no encoder writes
};

// What is wrong with a text, for callers that word their own errors.
struct Base64Check {
  Base64Fault fault = Base64Fault::none;
  std::size_t position = 0;  // of the offending character

  [[nodiscard]] bool ok() const { return fault == Base64Fault::none; }
};

// Appends the decoded bytes to `out`. On a fault `out` is as it was.
[[nodiscard]] Base64Check append_decoded_base64(Bytes& out, std::string_view text);

// The same as a Result; fails with Code::invalid.
Result<Bytes> from_base64(std::string_view text);

// How many bytes a valid text decodes to.
[[nodiscard]] std::size_t decoded_base64_size(std::string_view text) noexcept;

}  // namespace reprise::codec
