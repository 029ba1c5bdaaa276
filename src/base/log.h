// The log: one line an event, `2026-11-22T21:00:00.123Z warn server: message key=value ...` on standard error.
//
// error: the operator must act. warn: the operator should know. info: start, stop, jobs. debug: one line a request.
// Thread-safe. The level is the process's only mutable global.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace reprise {

enum class LogLevel : unsigned char { debug, info, warn, error };

void set_log_level(LogLevel level) noexcept;
bool log_enabled(LogLevel level) noexcept;

// " name=value", quoted where the value has blanks, quotes or control characters (so no input forges a line).
std::string log_field(std::string_view name, std::string_view value);
template <std::integral N>
std::string log_field(std::string_view name, N value) {
  return log_field(name, std::string_view(std::to_string(value)));
}

// `room` says who speaks; `fields` is a concatenation of log_field results.
void log_line(LogLevel level, std::string_view room, std::string_view message, std::string_view fields = {});

}  // namespace reprise

// Builds its fields only when the level is on.
#define REPRISE_LOG(level, room, message, ...)                                                               \
  do {                                                                                                       \
    if (::reprise::log_enabled(level)) ::reprise::log_line(level, room, message __VA_OPT__(, ) __VA_ARGS__); \
  } while (false)
