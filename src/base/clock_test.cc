#include "base/clock.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace reprise {
namespace {

TEST(Timestamp, KeepsMicrosAndOrder) {
  const auto t = Timestamp::from_micros(1'772'274'600'000'001);
  EXPECT_EQ(t.micros(), 1'772'274'600'000'001U);
  EXPECT_LT(t, t.next());
  EXPECT_EQ(t.next().previous(), t);
  EXPECT_EQ(Timestamp::last_of_micros(5).next(), Timestamp::from_micros(6));
}

TEST(HybridClock, FollowsTheWallAndNeverStepsBack) {
  ManualClock wall(1000);
  HybridClock clock(wall);
  const auto first = clock.now();
  EXPECT_EQ(first.micros(), 1000U);
  EXPECT_EQ(clock.now(), first.next());
  wall.set(500);
  EXPECT_GT(clock.now(), first.next());
  wall.set(2000);
  EXPECT_EQ(clock.now(), Timestamp::from_micros(2000));
}

TEST(HybridClock, ObservedTimesStayBehind) {
  ManualClock wall(1000);
  HybridClock clock(wall);
  clock.observe(Timestamp::from_micros(9000));
  EXPECT_GT(clock.now(), Timestamp::from_micros(9000));
  clock.observe(Timestamp::from_micros(1));
  EXPECT_GT(clock.now(), Timestamp::from_micros(9000));
}

TEST(HybridClock, IsUniqueAcrossThreads) {
  ManualClock wall(1000);
  HybridClock clock(wall);
  constexpr int each = 5000;
  std::vector<std::vector<std::uint64_t>> seen(4);
  std::vector<std::thread> threads;
  for (auto& mine : seen) {
    threads.emplace_back([&mine, &clock] {
      for (int i = 0; i < each; ++i) mine.push_back(clock.now().bits());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : seen) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 4U * each);
}

TEST(Iso8601, PrintsUtc) {
  EXPECT_EQ(format_iso8601(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_iso8601(1'772'274'600'000'000), "2026-02-28T10:30:00Z");
  EXPECT_EQ(format_iso8601(1'772'274'600'123'456), "2026-02-28T10:30:00.123456Z");
  EXPECT_EQ(format_iso8601(1'772'274'600'123'456, 3), "2026-02-28T10:30:00.123Z");
}

TEST(Iso8601, ParsesWhatPeopleWrite) {
  const std::uint64_t expected = 1'772'274'600'000'000;
  for (const char* text : {"2026-02-28T10:30:00Z", "2026-02-28T11:30:00+01:00", "2026-02-28T10:30Z",
                           "2026-02-28 10:30:00", "2026-02-28T05:30:00-0500", "1772274600", "1772274600.0"}) {
    const auto parsed = parse_time_micros(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*parsed, expected) << text;
  }
  EXPECT_EQ(parse_time_micros("2026-02-28T10:30:00.25Z").value(), expected + 250'000);
  EXPECT_EQ(parse_time_micros("1772274600.123456789").value(), expected + 123'456);
  EXPECT_EQ(parse_time_micros("2026-02-28").value(), expected - 37'800'000'000);
}

TEST(Iso8601, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "yesterday", "2026-13-01T00:00:00Z", "2026-02-30", "2026-02-28T25:00:00Z", "2026-02-28T10:30:00Zx",
        "1969-12-31T23:59:59Z", "-5", "12abc", "1.", "99999999999999999999"}) {
    EXPECT_TRUE(!parse_time_micros(text).ok()) << text;
  }
}

TEST(AsOf, IsTheLastMomentOfItsMicrosecond) {
  EXPECT_EQ(parse_as_of("1772274600").value(), Timestamp::last_of_micros(1'772'274'600'000'000));
  EXPECT_EQ(parse_as_of("2112-09-17T23:53:47Z").value().micros(), 4'503'599'627'000'000u);
}

TEST(AsOf, RefusesWhatATimestampCannotHold) {
  for (const char* text : {"2112-09-17T23:53:48Z", "2113-01-01", "9999-12-31T23:59:59Z", "1000000000000", "soon"}) {
    const auto parsed = parse_as_of(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_TRUE(parsed.error().is(Code::invalid)) << text;
  }
  // Wherever such a time comes from, it never becomes an early one.
  EXPECT_EQ(Timestamp::last_of_micros(Timestamp::micros_max), Timestamp::max());
  EXPECT_EQ(Timestamp::last_of_micros(~std::uint64_t{0}), Timestamp::max());
  EXPECT_EQ(Timestamp::last_of_micros(Timestamp::micros_max - 1).micros(), Timestamp::micros_max - 1);
}

TEST(Iso8601, RoundTrips) {
  for (std::uint64_t micros = 1; micros < 4'000'000'000'000'000; micros = micros * 3 + 7) {
    EXPECT_EQ(parse_time_micros(format_iso8601(micros)).value(), micros);
  }
}

}  // namespace
}  // namespace reprise
