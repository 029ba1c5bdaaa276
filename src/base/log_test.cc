#include "base/log.h"

#include <gtest/gtest.h>

namespace reprise {
namespace {

TEST(Log, FieldsQuoteWhatCouldForgeALine) {
  EXPECT_EQ(log_field("table", "Sound-x"), " table=Sound-x");
  EXPECT_EQ(log_field("n", 42), " n=42");
  EXPECT_EQ(log_field("m", ""), " m=\"\"");
  EXPECT_EQ(log_field("m", "a b\"c\\d\ne"), " m=\"a b\\\"c\\\\d\\x0ae\"");
}

TEST(Log, LevelsAreOrdered) {
  set_log_level(LogLevel::warn);
  EXPECT_FALSE(log_enabled(LogLevel::info));
  EXPECT_TRUE(log_enabled(LogLevel::error));
  set_log_level(LogLevel::info);
}

}  // namespace
}  // namespace reprise
