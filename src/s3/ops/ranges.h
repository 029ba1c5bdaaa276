// The Range header: which bytes of an object a GET wants.
// Source: RFC 9110 section 14; facts measured on the service.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "s3/model/error.h"

namespace reprise::s3 {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
  [[nodiscard]] std::uint64_t last() const { return first + length - 1; }
  bool operator==(const ByteRange&) const = default;
};

// Of an object of `bytes`. Nothing: the whole object, for what is no single range of bytes is passed over, as S3 does.
// InvalidRange (416) when the range has no byte in the object.
[[nodiscard]] Outcome<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t bytes);

// x-amz-copy-source-range: "bytes=first-last", both there. InvalidArgument when it is no such range, InvalidArgument
// ("Range specified is not valid for source object of size: N") when the object is shorter.
[[nodiscard]] Outcome<ByteRange> parse_copy_range(std::string_view header, std::uint64_t bytes);

}  // namespace reprise::s3
