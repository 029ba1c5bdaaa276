// Printing for people.
#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "base/assert.h"
#include "base/clock.h"

namespace reprise::cli {
namespace {

constexpr std::size_t bar_width = 24;

// Columns that a text takes: its characters, as far as UTF-8's continuation bytes tell.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool wants_colour(int descriptor) {
  const char* const none = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  const bool refused = none != nullptr && *none != '\0';
  return ::isatty(descriptor) == 1 && !refused && term != nullptr && std::string_view(term) != "dumb";
}

}  // namespace

Terminal::Terminal() : colours_(wants_colour(STDOUT_FILENO)), live_(::isatty(STDERR_FILENO) == 1) {}

std::string Terminal::paint(Colour colour, std::string_view text) const {
  constexpr std::array<std::string_view, 5> codes = {"0", "1", "31", "32", "2"};
  if (!colours_ || colour == Colour::plain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(colour)], text);
}

void Terminal::progress(std::string_view text) {
  if (!live_ || (text.empty() && !shown_)) return;
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
  shown_ = !text.empty();
}

std::string Table::text(const Terminal& terminal) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(width_of(columns_[i].name));
    for (const auto& row : rows_) {
      ASSERT(row.size() == columns_.size());
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string blanks(widths[i] - width_of(cells[i]), ' ');
      if (i > 0) out += "  ";
      out += columns_[i].align == Align::left ? cells[i] + blanks : blanks + cells[i];
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  };
  std::vector<std::string> names;
  for (const Column& column : columns_) names.push_back(column.name);
  std::string out = terminal.paint(Colour::bold, line(names)) + "\n";
  for (const auto& row : rows_) out += line(row) + "\n";
  return out;
}

std::string time_text(double epoch_seconds) {
  const auto seconds = static_cast<std::time_t>(epoch_seconds);
  std::string text = format_iso8601(static_cast<std::uint64_t>(seconds) * 1'000'000, 0);
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr || local.tm_gmtoff == 0) return text;
  std::tm utc{};
  const bool same_day = ::gmtime_r(&seconds, &utc) != nullptr && utc.tm_yday == local.tm_yday;
  std::array<char, 64> beside{};
  const char* const form = same_day ? " (%H:%M %Z)" : " (%Y-%m-%d %H:%M %Z)";
  const std::size_t size = std::strftime(beside.data(), beside.size(), form, &local);
  return text.append(beside.data(), size);
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> units = {"kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", value, value < 9.95 ? 1 : 0, units[unit]);
}

std::string bar_text(std::uint64_t done, std::uint64_t total) {
  if (total == 0) return {};
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(share * bar_width);
  return fmt::format("[{:#>{}}{:{}}] {:3.0f} %", "", filled, "", bar_width - filled, share * 100);
}

std::string shown(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters as well, and have two bytes.
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xe0) == 0x80;
    if (c1) ++i;
    out.push_back(c1 || byte < ' ' || byte == 0x7f ? '?' : text[i]);
  }
  return out;
}

}  // namespace reprise::cli
