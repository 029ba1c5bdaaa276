// The clocks, and times as text.
//
// Invariant: HybridClock::now() returns more than every Timestamp it returned or observed before, whatever the wall
// clock does.
#include "base/clock.h"

#include <charconv>
#include <chrono>
#include <cstdio>

namespace reprise {

namespace {

class SystemClock final : public WallClock {
 public:
  [[nodiscard]] std::uint64_t now_micros() const override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count());
  }
};

constexpr std::uint64_t micros_per_second = 1'000'000;

// A cursor over the text; every step says whether it matched.
class TimeParser {
 public:
  explicit TimeParser(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool digits(std::size_t count, int& value) {
    if (rest_.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }
  // ".123456789": keeps microseconds.
  bool fraction(std::uint64_t& micros) {
    std::uint64_t scale = micros_per_second / 10;
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return false;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
      micros += static_cast<std::uint64_t>(rest_.front() - '0') * scale;
      scale /= 10;
    }
    return true;
  }

 private:
  std::string_view rest_;
};

Status bad_time(std::string_view text) {
  return invalid("'" + std::string(text) +
                 "' is not a time; write ISO 8601 in UTC (2026-02-28T10:30:00Z) or seconds since the epoch");
}

bool parse_offset(TimeParser& in, int& offset_minutes) {
  if (in.literal('Z') || in.literal('z')) return in.at_end();
  int sign = 0;
  if (in.literal('+'))
    sign = 1;
  else if (in.literal('-'))
    sign = -1;
  else
    return in.at_end();
  int hours = 0;
  int minutes = 0;
  if (!in.digits(2, hours)) return false;
  in.literal(':');
  if (!in.at_end() && !in.digits(2, minutes)) return false;
  offset_minutes = sign * (hours * 60 + minutes);
  return in.at_end() && hours <= 23 && minutes <= 59;
}

bool parse_iso(std::string_view text, std::uint64_t& result) {
  TimeParser in(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset_minutes = 0;
  std::uint64_t micros = 0;
  if (!in.digits(4, year) || !in.literal('-') || !in.digits(2, month) || !in.literal('-') || !in.digits(2, day))
    return false;
  if (!in.at_end()) {
    if (!in.literal('T') && !in.literal('t') && !in.literal(' ')) return false;
    if (!in.digits(2, hour) || !in.literal(':') || !in.digits(2, minute)) return false;
    if (in.literal(':') && !in.digits(2, second)) return false;
    if (in.literal('.') && !in.fraction(micros)) return false;
    if (!parse_offset(in, offset_minutes)) return false;
  }
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return false;
  const auto moment = sys_days(date) + hours(hour) + minutes(minute - offset_minutes) + seconds(second);
  const auto since_epoch = duration_cast<seconds>(moment.time_since_epoch()).count();
  if (since_epoch < 0) return false;
  result = static_cast<std::uint64_t>(since_epoch) * micros_per_second + micros;
  return true;
}

}  // namespace

WallClock& WallClock::system() {
  static SystemClock clock;
  return clock;
}

Timestamp HybridClock::now() {
  const std::uint64_t wall = Timestamp::from_micros(wall_.now_micros()).bits();
  std::uint64_t last = last_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    next = wall > last ? wall : last + 1;
  } while (!last_.compare_exchange_weak(last, next, std::memory_order_acq_rel));
  return Timestamp(next);
}

void HybridClock::observe(Timestamp seen) {
  std::uint64_t last = last_.load(std::memory_order_relaxed);
  while (last < seen.bits() && !last_.compare_exchange_weak(last, seen.bits(), std::memory_order_acq_rel)) {
  }
}

std::string format_iso8601(std::uint64_t micros) {
  return format_iso8601(micros, micros % micros_per_second == 0 ? 0 : 6);
}

std::string format_iso8601(std::uint64_t micros, int fraction_digits) {
  using namespace std::chrono;
  const sys_seconds moment{seconds(micros / micros_per_second)};
  const auto day_start = floor<days>(moment);
  const year_month_day date(day_start);
  const hh_mm_ss time(moment - day_start);
  char text[48];
  int length = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02ld:%02ld:%02ld", static_cast<int>(date.year()),
                             static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                             time.hours().count(), time.minutes().count(), time.seconds().count());
  std::string result(text, static_cast<std::size_t>(length));
  if (fraction_digits > 0) {
    length = std::snprintf(text, sizeof text, ".%06lu", static_cast<unsigned long>(micros % micros_per_second));
    result.append(text, static_cast<std::size_t>(length))
        .resize(result.size() - static_cast<std::size_t>(6 - fraction_digits));
  }
  return result + "Z";
}

Result<std::uint64_t> parse_time_micros(std::string_view text) {
  std::uint64_t result = 0;
  if (parse_iso(text, result)) return result;
  std::uint64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || seconds > (std::uint64_t{1} << 40)) return bad_time(text);
  TimeParser in(text.substr(static_cast<std::size_t>(end - text.data())));
  std::uint64_t micros = 0;
  if (!in.at_end() && (!in.literal('.') || !in.fraction(micros) || !in.at_end())) return bad_time(text);
  return seconds * micros_per_second + micros;
}

Result<Timestamp> parse_as_of(std::string_view text) {
  TRY_ASSIGN(const std::uint64_t micros, parse_time_micros(text));
  if (micros > Timestamp::micros_max) {
    return invalid("'" + std::string(text) + "' is beyond " + format_iso8601(Timestamp::micros_max, 0) +
                   ", the last time there is here");
  }
  return Timestamp::last_of_micros(micros);
}

}  // namespace reprise
