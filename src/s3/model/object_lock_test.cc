// The documents of object lock: what is taken and echoed, and what is refused.
#include "s3/model/object_lock.h"

#include <gtest/gtest.h>

namespace reprise::s3 {
namespace {

constexpr const char* head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr const char* name_space = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

std::string configuration(const std::string& inside) {
  return "<ObjectLockConfiguration" + std::string(name_space) + ">" + inside + "</ObjectLockConfiguration>";
}
std::string with_default(const std::string& inside) {
  return configuration("<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>" + inside +
                       "</DefaultRetention></Rule>");
}
template <class T>
std::string verdict(const Outcome<T>& outcome) {
  if (outcome.ok()) return "ok";
  return std::string(spelling_of(outcome.error().code).name) + ": " + outcome.error().message;
}
template <class T>
bool malformed(const Outcome<T>& outcome) {
  return verdict(outcome).starts_with("MalformedXML");
}

TEST(ObjectLockTest, ConfigurationsAreEchoed) {
  for (const std::string& sent : {configuration("<ObjectLockEnabled>Enabled</ObjectLockEnabled>"),
                                  with_default("<Mode>GOVERNANCE</Mode><Days>5</Days>"),
                                  with_default("<Mode>COMPLIANCE</Mode><Years>1</Years>")}) {
    const auto parsed = parse_object_lock(sent);
    ASSERT_TRUE(parsed.ok()) << sent;
    EXPECT_EQ(print_object_lock(*parsed), head + sent);
  }
}

TEST(ObjectLockTest, ConfigurationsThatBreakTheSchemaAreMalformed) {
  for (const std::string& sent :
       {configuration(""), configuration("<ObjectLockEnabled>Disabled</ObjectLockEnabled>"),
        configuration("<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule/>"), with_default(""),
        with_default("<Mode>GOVERNANCE</Mode>"), with_default("<Days>1</Days>"),
        with_default("<Mode>governance</Mode><Days>1</Days>"),
        with_default("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>"),
        with_default("<Mode>GOVERNANCE</Mode><Days>x</Days>"), std::string("<Other/>"), std::string()}) {
    EXPECT_TRUE(malformed(parse_object_lock(sent))) << sent;
  }
}

TEST(ObjectLockTest, DefaultPeriodsHaveBounds) {
  const auto days = [](const std::string& n) {
    return verdict(parse_object_lock(with_default("<Mode>GOVERNANCE</Mode><Days>" + n + "</Days>")));
  };
  EXPECT_EQ(days("0"), "InvalidArgument: Default retention period must be a positive integer value.");
  EXPECT_EQ(days("-1"), "InvalidArgument: Default retention period must be a positive integer value.");
  EXPECT_EQ(days("36500"), "ok");
  EXPECT_EQ(days("36501"), "InvalidArgument: Default retention period too large.");
  EXPECT_EQ(days("99999999999999999999"), "InvalidArgument: Default retention period too large.");
  EXPECT_EQ(verdict(parse_object_lock(with_default("<Mode>GOVERNANCE</Mode><Years>101</Years>"))),
            "InvalidArgument: Default retention period too large.");
}

TEST(ObjectLockTest, RetentionIsReadAndPrinted) {
  const std::string sent = "<Retention" + std::string(name_space) +
                           "><Mode>COMPLIANCE</Mode><RetainUntilDate>2030-01-01T00:00:00.123Z</RetainUntilDate>"
                           "</Retention>";
  const auto parsed = parse_retention(sent);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->mode, LockMode::compliance);
  EXPECT_EQ(parsed->until_micros, 1'893'456'000'123'000);
  EXPECT_EQ(print_retention(*parsed), head + sent);
  const auto none = parse_retention("<Retention/>");
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->mode, LockMode::none);
  for (const char* wrong :
       {"", "<Other/>", "<Retention><Mode>GOVERNANCE</Mode></Retention>",
        "<Retention><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>",
        "<Retention><Mode>X</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>",
        "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>1893456000</RetainUntilDate></Retention>",
        "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>soon</RetainUntilDate></Retention>"}) {
    EXPECT_TRUE(malformed(parse_retention(wrong))) << wrong;
  }
}

TEST(ObjectLockTest, EventHoldsAreNotSupported) {
  const std::string refusal = "NotImplemented: Reprise does not support event holds; see docs/compatibility.md";
  const std::string held = "<DefaultEventHold><Days>1</Days></DefaultEventHold>";
  EXPECT_EQ(verdict(parse_object_lock(with_default(held))), refusal);
  EXPECT_EQ(verdict(parse_object_lock(with_default("<Mode>GOVERNANCE</Mode><Days>1</Days>" + held))), refusal);
  EXPECT_EQ(verdict(parse_retention("<Retention><EventHold>ON</EventHold></Retention>")), refusal);
  EXPECT_EQ(verdict(parse_retention("<Retention><EventHoldDuration><Days>1</Days></EventHoldDuration></Retention>")),
            refusal);
}

TEST(ObjectLockTest, TimesAreCutToMilliseconds) {
  EXPECT_EQ(parse_lock_time("2030-01-01T00:00:00.123999Z"), 1'893'456'000'123'000);
  EXPECT_EQ(print_lock_time(1'893'456'000'123'000), "2030-01-01T00:00:00.123Z");
  EXPECT_EQ(parse_lock_time("1893456000"), std::nullopt);
}

TEST(ObjectLockTest, DaysThatHaveBegunRemain) {
  constexpr std::int64_t day = 86'400'000'000;
  EXPECT_EQ(remaining_retention_days(5 * day, 5 * day), 0);
  EXPECT_EQ(remaining_retention_days(4 * day, 5 * day), 0);
  EXPECT_EQ(remaining_retention_days(5 * day + 1, 5 * day), 1);
  EXPECT_EQ(remaining_retention_days(15 * day, 5 * day), 10);
  EXPECT_EQ(remaining_retention_days(15 * day + 1, 5 * day), 11);
}

TEST(ObjectLockTest, LegalHoldIsOnOrOff) {
  EXPECT_EQ(verdict(parse_legal_hold("<LegalHold><Status>ON</Status></LegalHold>")), "ok");
  EXPECT_TRUE(*parse_legal_hold("<LegalHold><Status>ON</Status></LegalHold>"));
  EXPECT_FALSE(*parse_legal_hold(print_legal_hold(false)));
  EXPECT_TRUE(malformed(parse_legal_hold("<LegalHold><Status>on</Status></LegalHold>")));
  EXPECT_TRUE(malformed(parse_legal_hold("<LegalHold/>")));
  EXPECT_TRUE(malformed(parse_legal_hold("")));
}

}  // namespace
}  // namespace reprise::s3
