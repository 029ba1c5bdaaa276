#include "base/log.h"

#include <atomic>
#include <cstdio>

#include "base/clock.h"

namespace reprise {

namespace {
std::atomic<LogLevel> current_level{LogLevel::info};

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
  }
  return "?";
}
}  // namespace

void set_log_level(LogLevel level) noexcept { current_level.store(level, std::memory_order_relaxed); }
bool log_enabled(LogLevel level) noexcept { return level >= current_level.load(std::memory_order_relaxed); }

std::string log_field(std::string_view name, std::string_view value) {
  bool plain = !value.empty();
  for (const char c : value) plain = plain && c > ' ' && c != '"' && c != '\\' && c != 0x7f;
  std::string text = " ";
  text.append(name).push_back('=');
  if (plain) return text.append(value);
  text.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      text.push_back('\\');
      text.push_back(c);
    } else if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      text.append(escaped);
    } else {
      text.push_back(c);
    }
  }
  text.push_back('"');
  return text;
}

void log_line(LogLevel level, std::string_view room, std::string_view message, std::string_view fields) {
  std::string line = format_iso8601(WallClock::system().now_micros(), 3);
  line.append(" ").append(level_name(level)).append(" ").append(room).append(": ").append(message).append(fields);
  line.push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace reprise
