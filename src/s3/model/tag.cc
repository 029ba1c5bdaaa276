// Tags: their rules, and their two forms. Invariant: whatever comes out of a parser here keeps every rule of S3
// (number, lengths, characters, no key twice, nothing of AWS's own), so that nobody has to look again.
#include "s3/model/tag.h"

#include <optional>
#include <set>
#include <utility>

#include "codec/form.h"
#include "codec/utf8.h"
#include "codec/xml.h"
#include "s3/model/document.h"

namespace reprise::s3 {

namespace {

constexpr std::size_t key_characters_max = 128;
constexpr std::size_t value_characters_max = 256;
constexpr std::string_view reserved_prefix = "aws:";

// Letters, numbers and spaces of any script, and _ . : / = + - @: of what is not ASCII everything but control
// characters is taken for a letter.
bool may_stand(char32_t c) {
  if (c >= 0x80) return c >= 0xa0;
  if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return true;
  if (c == ' ' || (c >= '\t' && c <= '\r')) return true;
  return std::string_view("_.:/=+-@").find(static_cast<char>(c)) != std::string_view::npos;
}

// Whether `text` is UTF-8 of at most that many characters, each of which may stand in a tag.
bool is_tag_text(std::string_view text, std::size_t characters_max) {
  std::size_t characters = 0;
  while (!text.empty()) {
    const codec::Utf8Character next = codec::first_utf8(text);
    if (next.size == 0 || !may_stand(next.value) || ++characters > characters_max) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

S3Error invalid_tag(std::string message, const Tag& tag, bool with_value) {
  S3Error error = s3_error(ErrorCode::invalid_tag, std::move(message));
  error.details.emplace_back("TagKey", tag.key);
  if (with_value) error.details.emplace_back("TagValue", tag.value);
  return error;
}

Check check_tag(const Tag& tag, bool of_object) {
  if (tag.key.starts_with(reserved_prefix)) {
    return invalid_tag(
        of_object ? "Your TagKey cannot be prefixed with aws:" : "System tags cannot be added/updated by requester",
        tag, false);
  }
  if (tag.key.empty() || !is_tag_text(tag.key, key_characters_max)) {
    return invalid_tag("The TagKey you have provided is invalid", tag, false);
  }
  if (!is_tag_text(tag.value, value_characters_max)) {
    return invalid_tag("The TagValue you have provided is invalid", tag, true);
  }
  return Passed{};
}

Check check_tags(const Tags& tags, std::size_t tags_max) {
  const bool of_object = tags_max == object_tags_max;
  if (tags.size() > tags_max) {
    return s3_error(ErrorCode::bad_request,
                    of_object ? "Object tags cannot be greater than 10" : "Bucket tag count cannot be greater than 50");
  }
  std::set<std::string_view> seen;
  for (const Tag& tag : tags) {
    if (!seen.insert(tag.key).second) {
      return invalid_tag("Cannot provide multiple Tags with the same key", tag, false);
    }
    TRY(check_tag(tag, of_object));
  }
  return Passed{};
}

// As forms encode, in UTF-8. Nothing for what is not encoded so.
std::optional<std::string> decoded(std::string_view text) {
  auto out = codec::form_decoded(text);
  if (out && !codec::is_utf8(*out)) return std::nullopt;
  return out;
}

S3Error invalid_header(std::string_view value) {
  return invalid_argument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name "
      "duplicates.",
      "x-amz-tagging", std::string(value));
}

}  // namespace

Outcome<Tags> parse_tag_set(const codec::XmlElement& set, std::size_t tags_max) {
  Tags tags;
  if (!has_only(set, {"Tag"})) return s3_error(ErrorCode::malformed_xml);
  for (const codec::XmlElement& child : set.children) {
    if (!has_only(child, {"Key", "Value"}) || count_of(child, "Key") != 1 || count_of(child, "Value") != 1) {
      return s3_error(ErrorCode::malformed_xml);
    }
    tags.push_back({std::string(child.text_of("Key")), std::string(child.text_of("Value"))});
  }
  TRY(check_tags(tags, tags_max));
  return tags;
}

Outcome<Tags> parse_tagging(BytesView xml, std::size_t tags_max) {
  TRY_ASSIGN(const codec::XmlElement root, parse_document(xml, "Tagging"));
  if (!has_only(root, {"TagSet"}) || count_of(root, "TagSet") != 1) return s3_error(ErrorCode::malformed_xml);
  return parse_tag_set(*root.child("TagSet"), tags_max);
}

Bytes print_tagging(const Tags& tags) {
  Bytes out;
  codec::XmlWriter xml(out);
  xml.declaration();
  xml.open("Tagging", codec::s3_namespace);
  xml.open("TagSet");
  for (const Tag& tag : tags) {
    xml.open("Tag");
    xml.element("Key", tag.key);
    xml.element("Value", tag.value);
    xml.close();
  }
  xml.close();
  xml.close();
  return out;
}

Outcome<Tags> parse_tagging_header(std::string_view value) {
  Tags tags;
  std::set<std::string> seen;
  for (std::string_view rest = value; !rest.empty();) {
    const auto end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = decoded(pair.substr(0, equals));
    auto said = decoded(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!name || !said || name->empty() || !seen.insert(*name).second) return invalid_header(value);
    tags.push_back({*std::move(name), *std::move(said)});
  }
  TRY(check_tags(tags, object_tags_max));
  return tags;
}

}  // namespace reprise::s3
