// Fuzzes both forms of tags. Oracle: what is taken keeps the rules (number, unique keys, lengths) and comes back the
// same from the document that is printed of it; what a header holds, a document could hold.
#include <cstddef>
#include <cstdint>
#include <set>

#include "base/assert.h"
#include "s3/model/tag.h"

namespace reprise::s3 {
namespace {

void check_tags(const Tags& tags, std::size_t tags_max) {
  ASSERT(tags.size() <= tags_max);
  std::set<std::string> keys;
  for (const Tag& tag : tags) {
    ASSERT(keys.insert(tag.key).second);
    ASSERT(!tag.key.empty() && tag.key.size() <= 4 * 128 && tag.value.size() <= 4 * 256);
    ASSERT(!tag.key.starts_with("aws:"));
  }
  const auto again = parse_tagging(print_tagging(tags), tags_max);
  ASSERT(again.ok() && *again == tags);
}

void check(BytesView input) {
  for (const std::size_t tags_max : {object_tags_max, bucket_tags_max}) {
    const auto tags = parse_tagging(input, tags_max);
    if (tags.ok()) check_tags(*tags, tags_max);
  }
  const auto of_header = parse_tagging_header(input);
  if (of_header.ok()) check_tags(*of_header, object_tags_max);
}

}  // namespace
}  // namespace reprise::s3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::s3::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
