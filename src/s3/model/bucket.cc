// The rules of bucket names, and the canonical ids of accounts.
#include "s3/model/bucket.h"

#include <algorithm>
#include <array>

#include "codec/hex.h"
#include "codec/sha256.h"

namespace reprise::s3 {

namespace {

constexpr std::size_t name_size_min = 3;
constexpr std::size_t name_size_max = 63;
constexpr std::array<std::string_view, 3> reserved_prefixes{"xn--", "sthree-", "amzn-s3-demo-"};
constexpr std::array<std::string_view, 5> reserved_suffixes{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); }

// Four numbers of one to three digits between dots.
bool looks_like_ipv4(std::string_view name) {
  int parts = 0;
  for (;;) {
    const auto dot = name.find('.');
    const std::string_view part = name.substr(0, dot);
    if (part.empty() || part.size() > 3 || !std::all_of(part.begin(), part.end(), is_digit)) return false;
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    name = name.substr(dot + 1);
  }
}

bool is_valid(std::string_view name) {
  if (name.size() < name_size_min || name.size() > name_size_max) return false;
  if (!is_alphanumeric(name.front()) || !is_alphanumeric(name.back())) return false;
  const bool allowed =
      std::all_of(name.begin(), name.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
  if (!allowed || name.find("..") != std::string_view::npos || looks_like_ipv4(name)) return false;
  return std::none_of(reserved_prefixes.begin(), reserved_prefixes.end(),
                      [&](std::string_view prefix) { return name.starts_with(prefix); }) &&
         std::none_of(reserved_suffixes.begin(), reserved_suffixes.end(),
                      [&](std::string_view suffix) { return name.ends_with(suffix); });
}

}  // namespace

Check check_bucket_name(std::string_view name) {
  if (is_valid(name)) return Passed{};
  S3Error error = s3_error(ErrorCode::invalid_bucket_name);
  error.details.emplace_back("BucketName", std::string(name));
  return error;
}

std::string canonical_id_of(std::string_view account) {
  Bytes text("reprise canonical user ");
  text.append(account);
  return codec::to_hex(codec::bytes_of(codec::sha256(text)));
}

}  // namespace reprise::s3
