// Due times of lifecycle rules; the job (lifecycle_job.cc) and the headers of answers share them, so that what a client
// was told is what happens.
#include "s3/ops/expiration.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace reprise::s3 {
namespace {

constexpr std::int64_t micros_per_second = 1'000'000;

// "Fri, 02 Nov 2018 00:00:00 GMT": not strftime, whose names depend on the locale.
std::string http_date(std::int64_t micros) {
  constexpr std::array week_days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = micros / micros_per_second;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   week_days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                                   months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                                   parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text.data(), static_cast<std::size_t>(length)};
}

// What a client chose, in a header's value: nothing in it may end the value or the line.
std::string header_text(std::string_view id) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"') {
      text += c;
    } else {
      text += {'%', digits[byte >> 4], digits[byte & 0xf]};
    }
  }
  return text;
}

// The rule that comes first, of those for which `due_of` has a time.
template <class DueOf>
std::optional<Due> first_due(const Bucket& bucket, DueOf due_of) {
  std::optional<Due> first;
  if (!bucket.lifecycle) return first;
  for (const LifecycleRule& rule : bucket.lifecycle->rules) {
    if (!rule.enabled) continue;
    const std::optional<std::int64_t> at = due_of(rule);
    if (at && (!first || *at < first->at_micros)) first = Due{*at, &rule};
  }
  return first;
}

}  // namespace

std::int64_t due_micros(std::int64_t base_micros, std::int64_t days, std::chrono::seconds day) {
  // Days go up to 2^31 and a day has less than 2^37 microseconds: anything beyond the year 9999 is that year's end.
  constexpr std::int64_t never = 253'402'300'800 * micros_per_second;
  const std::int64_t day_micros = day.count() * micros_per_second;
  if (days > (never - base_micros) / day_micros) return never;
  const std::int64_t exact = base_micros + days * day_micros;
  return (exact + day_micros - 1) / day_micros * day_micros;
}

std::optional<Due> expiration_of(const Bucket& bucket, std::string_view key, const ObjectVersion& version,
                                 std::chrono::seconds day) {
  return first_due(bucket, [&](const LifecycleRule& rule) -> std::optional<std::int64_t> {
    if (!rule.expiration_days && !rule.expiration_date_micros) return std::nullopt;
    if (!rule.filter.matches(key, version.tags, version.bytes)) return std::nullopt;
    if (rule.expiration_date_micros) return *rule.expiration_date_micros;
    return due_micros(version.modified_micros, *rule.expiration_days, day);
  });
}

std::optional<std::string> expiration_header(const Bucket& bucket, std::string_view key, const ObjectVersion& version,
                                             std::chrono::seconds day) {
  if (version.delete_marker) return std::nullopt;
  const auto due = expiration_of(bucket, key, version, day);
  if (!due) return std::nullopt;
  return "expiry-date=\"" + http_date(due->at_micros) + "\", rule-id=\"" + header_text(due->rule->id) + "\"";
}

bool noncurrent_is_due(const Bucket& bucket, std::string_view key, const ObjectVersion& version,
                       std::uint64_t newer_kept, std::chrono::seconds day, std::int64_t now_micros) {
  if (!bucket.lifecycle) return false;
  return std::ranges::any_of(bucket.lifecycle->rules, [&](const LifecycleRule& rule) {
    return rule.enabled && rule.noncurrent_days &&
           newer_kept >= static_cast<std::uint64_t>(rule.newer_noncurrent_versions.value_or(0)) &&
           rule.filter.matches(key, version.tags, version.bytes) &&
           due_micros(version.noncurrent_since_micros, *rule.noncurrent_days, day) <= now_micros;
  });
}

bool lone_marker_is_due(const Bucket& bucket, std::string_view key, const ObjectVersion& marker,
                        std::chrono::seconds day, std::int64_t now_micros) {
  if (!bucket.lifecycle) return false;
  const auto expiration = expiration_of(bucket, key, marker, day);
  if (expiration && expiration->at_micros <= now_micros) return true;
  return std::ranges::any_of(bucket.lifecycle->rules, [&](const LifecycleRule& rule) {
    return rule.enabled && rule.expired_object_delete_marker && rule.filter.matches(key, marker.tags, marker.bytes);
  });
}

std::optional<Due> abort_of(const Bucket& bucket, std::string_view key, std::int64_t initiated_micros,
                            std::chrono::seconds day) {
  return first_due(bucket, [&](const LifecycleRule& rule) -> std::optional<std::int64_t> {
    if (!rule.abort_multipart_days || !rule.filter.matches(key, {}, 0)) return std::nullopt;
    return due_micros(initiated_micros, *rule.abort_multipart_days, day);
  });
}

std::optional<AbortHeaders> abort_headers(const Bucket& bucket, std::string_view key, std::int64_t initiated_micros,
                                          std::chrono::seconds day) {
  const auto due = abort_of(bucket, key, initiated_micros, day);
  if (!due) return std::nullopt;
  return AbortHeaders{http_date(due->at_micros), header_text(due->rule->id)};
}

}  // namespace reprise::s3
