#include "base/status.h"

#include <gtest/gtest.h>

namespace reprise {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return invalid("odd");
  return n / 2;
}

Result<int> quarter(int n) {
  TRY_ASSIGN(const int once, half(n));
  TRY_ASSIGN(const int twice, half(once));
  return twice;
}

Status check(int n) {
  TRY(quarter(n));
  return {};
}

TEST(Status, OkHasNoMessage) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.to_string(), "ok");
}

TEST(Status, CopiesAndContextKeepTheCode) {
  const Status status = not_found("no such table");
  const Status copy = status;  // NOLINT(performance-unnecessary-copy-initialization): the copy is the subject
  EXPECT_EQ(copy.to_string(), "not_found: no such table");
  EXPECT_EQ(status.with_context("restore").to_string(), "not_found: restore: no such table");
  EXPECT_TRUE(Status().with_context("x").ok());
}

TEST(Result, TryPassesValuesAndErrorsOn) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message(), "odd");
  EXPECT_TRUE(check(4).ok());
  EXPECT_TRUE(check(2).is(Code::invalid));
}

TEST(Result, EveryCodeHasAName) {
  for (int code = 0; code <= static_cast<int>(Code::internal); ++code) {
    EXPECT_NE(code_name(static_cast<Code>(code)), "unknown") << code;
  }
}

TEST(ResultDeathTest, TheValueOfAnErrorIsABug) {
  const Result<int> failed = half(1);
  ASSERT_TRUE(failed.error().is(Code::invalid));
  EXPECT_DEATH((void)failed.value(), "assertion");
}

}  // namespace
}  // namespace reprise
