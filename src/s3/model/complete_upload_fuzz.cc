// Any bytes as the document of CompleteMultipartUpload. Oracle: what is read, printed and read again is the same, and
// every refusal is one of the two that the document may get.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "s3/model/complete_upload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const reprise::BytesView text(reinterpret_cast<const char*>(data), size);
  const auto parts = reprise::s3::parse_complete_upload(text);
  if (!parts.ok()) {
    ASSERT(parts.error().code == reprise::s3::ErrorCode::malformed_xml ||
           parts.error().code == reprise::s3::ErrorCode::invalid_argument);
    return 0;
  }
  ASSERT(!parts->empty());
  const auto again = reprise::s3::parse_complete_upload(reprise::s3::print_complete_upload(*parts));
  ASSERT(again.ok());
  ASSERT(*again == *parts);
  return 0;
}
