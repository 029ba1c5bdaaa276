// Any x-amz-copy-source: what is taken has a bucket and a key, and a strictly escaped form of it is read as the same.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "s3/ops/copy_source.h"

namespace {

std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  const auto name = reprise::s3::parse_copy_source(header);
  if (!name.ok()) return 0;
  ASSERT(!name->bucket.empty() && !name->key.empty());
  std::string strict = escaped(name->bucket) + "/" + escaped(name->key);
  if (name->version) strict += "?versionId=" + name->version->text();
  const auto again = reprise::s3::parse_copy_source(strict);
  ASSERT(again.ok() && again->bucket == name->bucket && again->key == name->key && again->version == name->version);
  return 0;
}
