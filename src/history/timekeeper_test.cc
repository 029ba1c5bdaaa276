#include "history/timekeeper.h"

#include <gtest/gtest.h>

namespace reprise::history {
namespace {

using std::chrono::milliseconds;
constexpr std::uint64_t start = 1'000'000'000;

class TimekeeperTest : public ::testing::Test {
 protected:
  ManualClock wall_{start};
  Timekeeper keeper_{wall_, Timestamp(), milliseconds(200)};
  ThreadExecutor executor_{1};
};

Task<void> note_when_closed(Timekeeper& keeper, Timestamp t, std::atomic<int>& done) {
  const auto status = co_await keeper.wait_closed(t);
  EXPECT_TRUE(status.ok());
  EXPECT_GE(keeper.closed(), t);
  ++done;
}

TEST_F(TimekeeperTest, ClosedAdvancesWithTheWallWhenIdle) {
  EXPECT_EQ(keeper_.closed().micros(), start);
  wall_.advance(500);
  EXPECT_EQ(keeper_.closed().micros(), start + 500);
  EXPECT_TRUE(sync_wait(keeper_.wait_closed(keeper_.now())).ok());
}

TEST_F(TimekeeperTest, ClosedStaysBehindTheOldestCommitUnderWay) {
  Timekeeper::InFlight first(keeper_, Timestamp());
  Timekeeper::InFlight second(keeper_, Timestamp());
  EXPECT_LT(first.at(), second.at());
  EXPECT_EQ(keeper_.closed(), first.at().previous());
  second.end();
  EXPECT_EQ(keeper_.closed(), first.at().previous());
  first.end();
  EXPECT_GT(keeper_.closed(), second.at());
}

TEST_F(TimekeeperTest, TimestampsExceedWhatTheyReplace) {
  const Timestamp seen = Timestamp::from_micros(start + 1'000'000);
  Timekeeper::InFlight commit(keeper_, seen);
  EXPECT_GT(commit.at(), seen);
}

TEST_F(TimekeeperTest, WaitersGoOnWhenTheCommitsBeforeThemAreDone) {
  std::atomic<int> early{0}, late{0};
  Timekeeper::InFlight first(keeper_, Timestamp());
  const Timestamp between = keeper_.now();
  Timekeeper::InFlight second(keeper_, Timestamp());
  const Timestamp after = keeper_.now();
  // On this thread, which is no executor's: waiters resume inside end().
  auto run = [](Task<void> task) -> detail::Detached { co_await task; };
  run(note_when_closed(keeper_, between, early));
  run(note_when_closed(keeper_, after, late));
  EXPECT_EQ(early + late, 0);
  first.end();
  EXPECT_EQ(early, 1);
  EXPECT_EQ(late, 0);
  second.end();
  EXPECT_EQ(late, 1);
}

TEST_F(TimekeeperTest, TheFutureCannotBeWaitedFor) {
  EXPECT_EQ(sync_wait(keeper_.wait_closed(Timestamp::from_micros(start + 1))).code(), Code::invalid);
  // But all of the microsecond that has begun can; later commits go beyond it.
  const Timestamp t = Timestamp::last_of_micros(start);
  EXPECT_TRUE(sync_wait(keeper_.wait_closed(t)).ok());
  EXPECT_GT(keeper_.now(), t);
}

TEST_F(TimekeeperTest, OneCommitInAWhileCarriesTheCeiling) {
  const auto ceiling = sync_wait(keeper_.claim_ceiling(keeper_.now()));
  ASSERT_TRUE(ceiling.has_value());
  EXPECT_EQ(ceiling->micros(), start + 200'000);
  keeper_.ceiling_written(*ceiling, true);
  wall_.advance(99'000);
  EXPECT_FALSE(sync_wait(keeper_.claim_ceiling(keeper_.now())));
  wall_.advance(2'000);
  const auto next = sync_wait(keeper_.claim_ceiling(keeper_.now()));
  ASSERT_TRUE(next.has_value()) << "half of the reserve is used up";
  // Somebody is writing it: who is still below the old one need not wait.
  EXPECT_FALSE(sync_wait(keeper_.claim_ceiling(keeper_.now())));
  keeper_.ceiling_written(*next, true);
}

TEST_F(TimekeeperTest, AboveTheDurableCeilingEverybodyWaitsForTheWrite) {
  const auto mine = sync_wait(keeper_.claim_ceiling(keeper_.now()));
  ASSERT_TRUE(mine.has_value());
  std::optional<Timestamp> theirs;
  bool done = false;
  auto run = [](Timekeeper& keeper, std::optional<Timestamp>& result, bool& finished) -> detail::Detached {
    result = co_await keeper.claim_ceiling(keeper.now());
    finished = true;
  };
  run(keeper_, theirs, done);
  EXPECT_FALSE(done);
  keeper_.ceiling_written(*mine, false);  // it failed
  EXPECT_TRUE(done);
  ASSERT_TRUE(theirs.has_value()) << "the waiter has to write it itself";
  keeper_.ceiling_written(*theirs, true);
}

TEST_F(TimekeeperTest, StartsAboveTheCeiling) {
  const Timestamp ceiling = Timestamp::from_micros(start + 5'000'000);
  Timekeeper restarted(wall_, ceiling, milliseconds(200));
  EXPECT_GT(restarted.now(), ceiling);
  EXPECT_TRUE(sync_wait(restarted.claim_ceiling(restarted.now())).has_value());
}

}  // namespace
}  // namespace reprise::history
