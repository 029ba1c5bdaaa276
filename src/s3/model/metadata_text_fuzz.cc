// Fuzzes user metadata's forms. Oracle: any bytes become a header of printable ASCII; a text in UTF-8 that has to be
// encoded comes back from it, one that has not is its own header; and reading never makes anything longer than twice
// its input.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "codec/utf8.h"
#include "s3/model/metadata_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reprise;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto plain = [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; };
  const std::string header = s3::metadata_header(input);
  ASSERT(std::ranges::all_of(header, plain));
  if (std::ranges::all_of(input, plain)) {
    ASSERT(header == input);
  } else {
    const bool utf8 = codec::is_utf8(input);
    ASSERT(s3::decoded_metadata(header) == (utf8 ? std::string(input) : s3::metadata_of_header_bytes(input)));
  }
  ASSERT(s3::decoded_metadata(input).size() <= 2 * size);
  const std::string widened = s3::metadata_of_header_bytes(input);
  ASSERT(codec::is_utf8(widened) && codec::is_utf8(s3::decoded_metadata(widened)));
  return 0;
}
