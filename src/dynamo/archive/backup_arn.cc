// What is looked at, in this order: the shape of the whole; partition, service and region; the account.
#include "dynamo/archive/backup_arn.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace reprise::dynamo {

namespace {

constexpr std::size_t id_time_digits = 14;
constexpr std::size_t id_bytes = id_time_digits + 1 + 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

bool is_id(std::string_view text) {
  return text.size() == id_bytes && text[id_time_digits] == '-' &&
         std::all_of(text.begin(), text.begin() + id_time_digits, is_digit) &&
         std::all_of(text.begin() + id_time_digits + 1, text.end(), is_hex);
}

// "table/NAME/backup/ID"
bool read_resource(std::string_view resource, BackupArn& arn) {
  constexpr std::string_view front = "table/";
  constexpr std::string_view middle = "/backup/";
  if (!resource.starts_with(front)) return false;
  resource.remove_prefix(front.size());
  const auto at = resource.find(middle);
  if (at == std::string_view::npos) return false;
  arn.table = resource.substr(0, at);
  arn.id = resource.substr(at + middle.size());
  return arn.table.size() >= 3 && arn.table.size() <= 255 && arn.table.find('/') == std::string::npos && is_id(arn.id);
}

// Whether a region of that name can exist: "eu-west-1", "us-gov-east-1".
bool is_region(std::string_view text) {
  constexpr std::string_view areas[] = {"us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx", "cn"};
  constexpr std::string_view directions[] = {"east",      "west",      "north",     "south",    "central",
                                             "northeast", "southeast", "northwest", "southwest"};
  const auto first = text.find('-');
  const auto last = text.rfind('-');
  if (first == std::string_view::npos || first == last || last + 2 != text.size() || !is_digit(text.back()))
    return false;
  std::string_view middle = text.substr(first + 1, last - first - 1);
  if (const auto dash = middle.rfind('-'); dash != std::string_view::npos) middle.remove_prefix(dash + 1);
  return std::find(std::begin(areas), std::end(areas), text.substr(0, first)) != std::end(areas) &&
         std::find(std::begin(directions), std::end(directions), middle) != std::end(directions);
}

// The six parts of an ARN, the last one with whatever colons it has; false when there are fewer.
bool split(std::string_view text, std::array<std::string_view, 6>& parts) {
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    parts[i] = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  parts.back() = text;
  return parts[0] == "arn";
}

}  // namespace

Outcome<BackupArn> parse_backup_arn(const Services& services, const Caller& caller, std::string_view text) {
  std::array<std::string_view, 6> parts;
  BackupArn arn;
  if (!split(text, parts) || !read_resource(parts[5], arn)) return validation("Invalid Backup ARN");
  const std::string_view region = parts[3];
  if (region.empty()) return api_error(ErrorKind::access_denied, "Access is denied");
  if (parts[1] != "aws" || parts[2] != "dynamodb" || (region != services.settings.region && !is_region(region))) {
    return validation("BackupArn is not valid");
  }
  if (parts[4] != caller.account) return api_error(ErrorKind::access_denied, "Access is denied");
  return arn;
}

std::string_view region_of_arn(std::string_view arn) {
  std::array<std::string_view, 6> parts;
  return split(arn, parts) ? parts[3] : std::string_view();
}

std::string backup_arn(std::string_view table_arn, std::string_view id) {
  return std::string(table_arn).append("/backup/").append(id);
}

std::string backup_id(std::uint64_t created_micros, std::uint32_t distinguisher) {
  char text[40];
  std::snprintf(text, sizeof text, "%014llu-%08x", static_cast<unsigned long long>(created_micros / 1000),
                static_cast<unsigned>(distinguisher));
  return text;
}

}  // namespace reprise::dynamo
