// What people see: aligned tables, times, sizes, a progress line. Colour and the progress line appear on a terminal
// only, and not when NO_COLOR is set or TERM is "dumb".
//
// Threading: one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::cli {

enum class Colour : std::uint8_t { plain, bold, red, green, dim };

class Terminal {
 public:
  // Looks at the process's standard output and error.
  Terminal();
  // For tests: neither is a terminal.
  struct None {};
  explicit Terminal(None) {}

  // `text` in a colour, if standard output shows colours.
  [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;
  // Replaces the progress line on standard error; an empty text takes it away.
  void progress(std::string_view text);
  ~Terminal() { progress({}); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

 private:
  bool colours_ = false;
  bool live_ = false;   // standard error is a terminal
  bool shown_ = false;  // a progress line stands there
};

enum class Align : std::uint8_t { left, right };

// Rows of texts, each column as wide as its widest cell, two blanks between; no blanks at the end of a line.
class Table {
 public:
  struct Column {
    std::string name;
    Align align = Align::left;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // As many cells as columns.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // With a heading in bold.
  [[nodiscard]] std::string text(const Terminal& terminal) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// "2026-11-23T04:12:00Z", with the local time beside it where that differs: " (05:12 CET)", and its date on another
// day.
[[nodiscard]] std::string time_text(double epoch_seconds);
// "1.5 GB": powers of 1000, at most three digits.
[[nodiscard]] std::string size_text(std::uint64_t bytes);
// "[#########           ]  45 %"
[[nodiscard]] std::string bar_text(std::uint64_t done, std::uint64_t total);
// Text of others that goes to a terminal: control characters as '?', so that no name moves the cursor.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace reprise::cli
