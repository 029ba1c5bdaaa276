#include "auth/sigv4/amz_date.h"

#include <algorithm>
#include <chrono>

namespace reprise::auth::sigv4 {
namespace {

constexpr std::int64_t seconds_per_day = 86400;

// The digits of `text`; -1 when there is anything else.
int number(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<std::int64_t> seconds_of(int year, int month, int day, std::string_view clock) {
  const int hour = number(clock.substr(0, 2)), minute = number(clock.substr(2, 2)), second = number(clock.substr(4, 2));
  if (year < 1970 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * seconds_per_day + hour * 3600 + minute * 60 + second;
}

void print(char* out, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

AmzDate::AmzDate(std::int64_t seconds) noexcept {
  constexpr std::int64_t last = 253402300799;  // 9999-12-31T23:59:59Z
  seconds = std::clamp<std::int64_t>(seconds, 0, last);
  const std::chrono::sys_days days{std::chrono::days(seconds / seconds_per_day)};
  const std::chrono::year_month_day date{days};
  const auto clock = static_cast<unsigned>(seconds % seconds_per_day);
  print(&text_[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  print(&text_[4], static_cast<unsigned>(date.month()), 2);
  print(&text_[6], static_cast<unsigned>(date.day()), 2);
  text_[8] = 'T';
  print(&text_[9], clock / 3600, 2);
  print(&text_[11], clock / 60 % 60, 2);
  print(&text_[13], clock % 60, 2);
  text_[15] = 'Z';
}

std::optional<std::int64_t> parse_amz_date(std::string_view text) noexcept {
  if (text.size() != amz_date_size || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  return seconds_of(number(text.substr(0, 4)), number(text.substr(4, 2)), number(text.substr(6, 2)), text.substr(9, 6));
}

std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept {
  // "Sun, 30 Aug 2015 12:36:00 GMT"
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
      text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto month = months.find(text.substr(8, 3));
  if (month == months.npos || month % 3 != 0) return std::nullopt;
  const char clock[6] = {text[17], text[18], text[20], text[21], text[23], text[24]};
  return seconds_of(number(text.substr(12, 4)), static_cast<int>(month / 3) + 1, number(text.substr(5, 2)),
                    std::string_view(clock, sizeof clock));
}

}  // namespace reprise::auth::sigv4
