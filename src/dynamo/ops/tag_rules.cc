// Beyond ASCII the alphabet is "letters, numbers and separators" of Unicode. The table below lists what is none of the
// three, by blocks: punctuation, symbols, arrows, box drawings, dingbats, emoji, marks, private use.
#include "dynamo/ops/tag_rules.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>

namespace reprise::dynamo {

namespace {

constexpr std::size_t key_length_max = 128;
constexpr std::size_t value_length_max = 256;

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};
constexpr Range no_letters[] = {
    {0x80, 0x9f},       {0xa1, 0xa9},       {0xab, 0xb1},        {0xb4, 0xb4},     {0xb6, 0xb8},     {0xbb, 0xbb},
    {0xbf, 0xbf},       {0xd7, 0xd7},       {0xf7, 0xf7},        {0x2c2, 0x2c5},   {0x2d2, 0x2df},   {0x2ff, 0x36f},
    {0x37e, 0x37e},     {0x482, 0x489},     {0x55a, 0x55f},      {0x589, 0x5c7},   {0x600, 0x61f},   {0x64b, 0x65f},
    {0x66a, 0x66d},     {0x6d4, 0x6d4},     {0x200b, 0x2027},    {0x202a, 0x202e}, {0x2030, 0x205e}, {0x2060, 0x206f},
    {0x207a, 0x207e},   {0x208a, 0x208e},   {0x20a0, 0x20ff},    {0x2100, 0x2101}, {0x2103, 0x2106}, {0x2108, 0x2109},
    {0x2114, 0x2114},   {0x2116, 0x2118},   {0x211e, 0x2123},    {0x2125, 0x2125}, {0x2127, 0x2127}, {0x2129, 0x2129},
    {0x212e, 0x212e},   {0x213a, 0x213b},   {0x2140, 0x2144},    {0x214a, 0x214d}, {0x214f, 0x214f}, {0x2190, 0x245f},
    {0x249c, 0x24e9},   {0x2500, 0x2775},   {0x2794, 0x2bff},    {0x2e00, 0x2e2e}, {0x2e30, 0x2fff}, {0x3001, 0x3004},
    {0x3008, 0x3020},   {0x302a, 0x3030},   {0x303d, 0x303f},    {0x3099, 0x309c}, {0x30fb, 0x30fb}, {0xd800, 0xf8ff},
    {0xfe00, 0xfe6f},   {0xfeff, 0xff0f},   {0xff1a, 0xff20},    {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xffe0, 0xffff},
    {0x1d000, 0x1d37f}, {0x1f000, 0x1faff}, {0xe0000, 0x10ffff},
};

bool is_ascii_allowed(unsigned char c) {
  constexpr std::string_view signs = " +-=._:/@";
  const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return word || signs.find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_allowed(std::uint32_t point) {
  if (point < 0x80) return is_ascii_allowed(static_cast<unsigned char>(point));
  return std::none_of(std::begin(no_letters), std::end(no_letters),
                      [point](const Range& range) { return point >= range.first && point <= range.last; });
}

// The next code point of valid UTF-8.
std::uint32_t take_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::uint32_t point = length == 1 ? lead : lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length && i < text.size(); ++i) {
    point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  text.remove_prefix(std::min(length, text.size()));
  return point;
}

std::size_t utf16_length(std::string_view text) {
  std::size_t length = 0;
  while (!text.empty()) length += take_point(text) > 0xffff ? 2 : 1;
  return length;
}

bool is_reserved(std::string_view key) {
  constexpr std::string_view prefix = "aws:";
  return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

Check check_key(const std::string* key) {
  if (key == nullptr || key->empty() || utf16_length(*key) > key_length_max || !is_tag_text(*key)) {
    return validation("The Tag Key provided is invalid, Key: " + (key == nullptr ? std::string("null") : *key));
  }
  if (is_reserved(*key)) return validation("Tag Key cannot be prefixed with aws:, Key: " + *key);
  return Passed{};
}

}  // namespace

Check check_tags(const std::vector<TagSpec>& tags) {
  if (tags.size() > tags_max) return too_many_tags();
  std::set<std::string> keys;
  for (const TagSpec& tag : tags) {
    TRY(check_key(tag.key ? &*tag.key : nullptr));
    if (!tag.value || utf16_length(*tag.value) > value_length_max || !is_tag_text(*tag.value)) {
      return validation("The Tag Value provided is invalid, Value: " + tag.value.value_or("null"));
    }
    if (!keys.insert(*tag.key).second) {
      return validation("Duplicate Tag Keys provided as input: Duplicate Tag Key found " + *tag.key);
    }
  }
  return Passed{};
}

Check check_tag_keys(const std::vector<std::string>& keys) {
  if (keys.size() > tags_max) return too_many_tags();
  for (const std::string& key : keys) TRY(check_key(&key));
  return Passed{};
}

ApiError too_many_tags() { return validation("Number of Tags exceed the current limit for the provided ResourceArn"); }

bool is_tag_text(std::string_view text) {
  while (!text.empty()) {
    if (!is_allowed(take_point(text))) return false;
  }
  return true;
}

}  // namespace reprise::dynamo
