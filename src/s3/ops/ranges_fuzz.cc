// Any Range header, any size of object: a range that comes out lies in the object, and says the same when it is printed
// and read again.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "s3/ops/ranges.h"

using reprise::s3::ByteRange;

namespace {

std::string printed(const ByteRange& range) {
  return "bytes=" + std::to_string(range.first) + "-" + std::to_string(range.last());
}

void check(const ByteRange& range, std::uint64_t bytes) {
  ASSERT(range.length > 0 && range.first < bytes && range.length <= bytes - range.first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  std::uint64_t bytes = 0;
  for (int i = 0; i < 8; ++i) bytes = bytes << 8 | data[i];
  bytes >>= data[7] % 64;
  const std::string_view header(reinterpret_cast<const char*>(data) + 8, size - 8);
  if (const auto range = reprise::s3::parse_range(header, bytes); range.ok() && *range) {
    check(**range, bytes);
    const auto again = reprise::s3::parse_range(printed(**range), bytes);
    ASSERT(again.ok() && *again == **range);
  }
  if (const auto range = reprise::s3::parse_copy_range(header, bytes); range.ok()) {
    check(*range, bytes);
    const auto again = reprise::s3::parse_copy_range(printed(*range), bytes);
    ASSERT(again.ok() && *again == *range);
  }
  return 0;
}
