// What people see, to the letter.
#include "cli/terminal.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace reprise::cli {
namespace {

TEST(TableTest, ColumnsAreAsWideAsTheirWidestCell) {
  const Terminal terminal(Terminal::None{});
  Table table({{"ALIAS"}, {"N", Align::right}, {"CREATED"}});
  EXPECT_EQ(table.text(terminal), "ALIAS  N  CREATED\n");
  table.add({"alias/été", "1", ""});
  table.add({"-", "10", "now"});
  EXPECT_EQ(table.text(terminal),
            "ALIAS       N  CREATED\n"
            "alias/été   1\n"
            "-          10  now\n");
}

TEST(TextTest, Sizes) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(1000), "1.0 kB");
  EXPECT_EQ(size_text(9'949), "9.9 kB");
  EXPECT_EQ(size_text(9'960), "10 kB");
  EXPECT_EQ(size_text(999'499), "999 kB");
  EXPECT_EQ(size_text(999'500), "1.0 MB");
  EXPECT_EQ(size_text(5'368'709'120), "5.4 GB");
  EXPECT_EQ(size_text(~std::uint64_t{0}), "18 EB");
}

TEST(TextTest, Bars) {
  EXPECT_EQ(bar_text(1, 0), "");
  EXPECT_EQ(bar_text(0, 8), "[                        ]   0 %");
  EXPECT_EQ(bar_text(2, 8), "[######                  ]  25 %");
  EXPECT_EQ(bar_text(9, 8), "[########################] 100 %");
}

TEST(TextTest, TimesAreUtcWithTheLocalTimeBeside) {
  const char* const before = ::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
  EXPECT_EQ(time_text(1'700'000'000.75), "2023-11-14T22:13:20Z");
  ::setenv("TZ", "CET-1", 1);
  ::tzset();
  EXPECT_EQ(time_text(1'700'000'000), "2023-11-14T22:13:20Z (23:13 CET)");
  EXPECT_EQ(time_text(1'700'006'400), "2023-11-15T00:00:00Z (01:00 CET)");
  EXPECT_EQ(time_text(1'700'003'600), "2023-11-14T23:13:20Z (2023-11-15 00:13 CET)");
  ::setenv("TZ", "PST8", 1);
  ::tzset();
  EXPECT_EQ(time_text(1'704'067'200), "2024-01-01T00:00:00Z (2023-12-31 16:00 PST)");
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
  ::tzset();
}

TEST(TextTest, ControlCharactersOfOthersDoNotReachTheTerminal) {
  EXPECT_EQ(shown("a\x1b[31m\nb\x7f é"), "a?[31m?b? é");
  // U+009B is an escape sequence's beginning in one character.
  EXPECT_EQ(shown("a\u009b31m\u0085\u00a0b\xc2"), "a?31m?\u00a0b\xc2");
}

TEST(TerminalTest, NothingIsPaintedWhereThereIsNoTerminal) {
  const Terminal terminal(Terminal::None{});
  EXPECT_EQ(terminal.paint(Colour::red, "x"), "x");
}

}  // namespace
}  // namespace reprise::cli
