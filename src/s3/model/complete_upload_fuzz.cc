// Any bytes as the document of CompleteMultipartUpload. Oracle: what is read, printed and read again is the same; no
// bytes at all are a missing body, and every other refusal is one of the two that the document may get.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "s3/model/complete_upload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const reprise::BytesView text(reinterpret_cast<const char*>(data), size);
  const auto parts = reprise::s3::parse_complete_upload(text);
  if (!parts.ok()) {
    using reprise::s3::ErrorCode;
    const ErrorCode code = parts.error().code;
    ASSERT((code == ErrorCode::missing_request_body) == text.empty());
    ASSERT(text.empty() || code == ErrorCode::malformed_xml || code == ErrorCode::invalid_argument);
    return 0;
  }
  ASSERT(!parts->empty());
  const auto again = reprise::s3::parse_complete_upload(reprise::s3::print_complete_upload(*parts));
  ASSERT(again.ok());
  ASSERT(*again == *parts);
  return 0;
}
