// Version records, their keys and version ids from any bytes. Oracle: what decodes encodes to something that decodes to
// the same, and what is a key or an id prints as itself.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "s3/model/object.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reprise;
  const BytesView input(reinterpret_cast<const char*>(data), size);

  if (const auto decoded = s3::decode_version(input); decoded.ok()) {
    const auto again = s3::decode_version(s3::encode_version(*decoded));
    ASSERT(again.ok());
    ASSERT(*again == *decoded);
  }
  if (const auto key = s3::parse_versions_key(input); key.ok()) {
    ASSERT(s3::versions_key(key->object_key, key->sequence) == input);
  }
  if (const auto id = s3::VersionId::parse(input)) ASSERT(id->text() == input);
  return 0;
}
