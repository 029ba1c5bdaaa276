// The stored form of named keys, and their names.
#include "s3/model/kms_key.h"

#include <algorithm>

#include "codec/ordered.h"

namespace reprise::s3 {
namespace {

constexpr char record_version = 1;
constexpr std::string_view arn_prefix = "arn:aws:kms:";
constexpr std::size_t alias_bytes_max = 256;

bool read_text(BytesView& in, std::string& out) {
  BytesView text;
  if (!codec::read_sized(in, text)) return false;
  out = text;
  return true;
}

bool read_time(BytesView& in, std::int64_t& out) {
  std::uint64_t value = 0;
  if (!codec::read_varint(in, value)) return false;
  out = codec::unzigzag(value);
  return true;
}

bool read_key(BytesView in, KmsKey& key) {
  std::uint64_t count = 0;
  if (!read_text(in, key.id) || !read_text(in, key.account) || !read_text(in, key.alias) ||
      !read_time(in, key.created_micros) || !codec::read_varint(in, count)) {
    return false;
  }
  for (; count > 0; --count) {
    KmsKey::Generation generation;
    if (!read_time(in, generation.created_micros) || !read_text(in, generation.material)) return false;
    key.generations.push_back(std::move(generation));
  }
  return in.empty() && !key.generations.empty();
}

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

Bytes encode_kms_key(const KmsKey& key) {
  Bytes out(1, record_version);
  codec::append_sized(out, key.id);
  codec::append_sized(out, key.account);
  codec::append_sized(out, key.alias);
  codec::append_varint(out, codec::zigzag(key.created_micros));
  codec::append_varint(out, key.generations.size());
  for (const KmsKey::Generation& generation : key.generations) {
    codec::append_varint(out, codec::zigzag(generation.created_micros));
    codec::append_sized(out, generation.material);
  }
  return out;
}

Result<KmsKey> decode_kms_key(BytesView stored) {
  if (stored.empty()) return corruption("the record of a key is empty");
  if (stored.front() > record_version) {
    return Status(Code::unsupported, "the record of a key was written by a newer version");
  }
  KmsKey key;
  if (stored.front() != record_version || !read_key(stored.substr(1), key)) {
    return corruption("the record of a key is damaged");
  }
  return key;
}

std::string print_kms_arn(const KmsArn& arn) {
  return std::string(arn_prefix) + arn.region + ":" + arn.account + ":" + arn.resource;
}

std::optional<KmsArn> parse_kms_arn(std::string_view text) {
  if (!text.starts_with(arn_prefix)) return std::nullopt;
  text.remove_prefix(arn_prefix.size());
  const auto first = text.find(':');
  const auto second = first == text.npos ? text.npos : text.find(':', first + 1);
  if (second == text.npos) return std::nullopt;
  KmsArn arn{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
             std::string(text.substr(second + 1))};
  const bool named = arn.resource.starts_with("key/") || arn.resource.starts_with("alias/");
  if (arn.region.empty() || arn.account.empty() || !named) return std::nullopt;
  return arn;
}

bool is_kms_key_id(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !digit) return false;
  }
  return true;
}

bool is_kms_alias(std::string_view text) {
  constexpr std::string_view prefix = "alias/";
  return text.starts_with(prefix) && text.size() > prefix.size() && text.size() <= alias_bytes_max &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '/' || c == '_' || c == '-'; });
}

}  // namespace reprise::s3
