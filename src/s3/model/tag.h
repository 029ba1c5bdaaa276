// Tags of objects and buckets: the rules of their names, their XML and header forms.
// Source: S3 user guide, "Categorizing your storage using tags": objects 10 tags, key 128, value 256 characters;
// buckets 50.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "s3/model/error.h"

namespace reprise::codec {
struct XmlElement;
}

namespace reprise::s3 {

struct Tag {
  std::string key;
  std::string value;
  bool operator==(const Tag&) const = default;
};
using Tags = std::vector<Tag>;

inline constexpr std::size_t object_tags_max = 10;
inline constexpr std::size_t bucket_tags_max = 50;

// <Tagging><TagSet><Tag><Key/><Value/></Tag>...; MalformedXML, InvalidTag and the like with AWS's texts.
[[nodiscard]] Outcome<Tags> parse_tagging(BytesView xml, std::size_t tags_max);
// The same of an element whose children are <Tag>: the <Tags> of a bucket that is to be made.
[[nodiscard]] Outcome<Tags> parse_tag_set(const codec::XmlElement& set, std::size_t tags_max);
[[nodiscard]] Bytes print_tagging(const Tags& tags);
// The x-amz-tagging header and the POST form's field hold other forms: "a=1&b=2" URL-encoded, and XML.
[[nodiscard]] Outcome<Tags> parse_tagging_header(std::string_view value);

}  // namespace reprise::s3
