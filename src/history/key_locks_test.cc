#include "history/key_locks.h"

#include <gtest/gtest.h>

#include <latch>

namespace reprise::history {
namespace {

constexpr SpaceId space(1);

detail::Detached take(KeyLocks& locks, Bytes key, int who, std::vector<int>& order,
                      std::vector<KeyLocks::Guard>& held) {
  auto guard = co_await locks.lock(space, key);
  order.push_back(who);
  held.push_back(std::move(guard));
}

TEST(KeyLocks, AFreeLockIsTakenInline) {
  KeyLocks locks;
  auto task = locks.lock(space, "key");
  EXPECT_TRUE(task.await_ready());
  std::vector<KeyLocks::LockKey> keys{{space, "a"}, {space, "b"}, {space, "a"}};
  auto guard = task.await_resume();
  guard.release();
  auto several = locks.lock(keys);
  EXPECT_TRUE(several.await_ready()) << "one key twice is one lock";
  EXPECT_TRUE(locks.lock(std::vector<KeyLocks::LockKey>()).await_ready());
}

TEST(KeyLocks, WaitersComeInOrderOfArrival) {
  KeyLocks locks;
  std::vector<int> order;
  std::vector<KeyLocks::Guard> held;
  held.reserve(16);
  for (int who = 0; who < 5; ++who) take(locks, "key", who, order, held);
  EXPECT_EQ(order, std::vector<int>{0});
  for (std::size_t i = 0; i < 4; ++i) held[i].release();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
  held[4].release();
  take(locks, "key", 5, order, held);
  EXPECT_EQ(order.back(), 5) << "free again";
}

TEST(KeyLocks, OtherSpacesAndKeysDoNotWait) {
  KeyLocks locks;
  const auto first = sync_wait(locks.lock(SpaceId(1), "key"));
  EXPECT_TRUE(locks.lock(SpaceId(2), "key").await_ready());
  EXPECT_TRUE(locks.lock(SpaceId(1), "other").await_ready());
}

detail::Detached take_all(KeyLocks& locks, std::vector<KeyLocks::LockKey> keys, bool& done) {
  const auto guard = co_await locks.lock(std::move(keys));
  done = true;
}

TEST(KeyLocks, SeveralAreTakenAfterWaitingForSome) {
  KeyLocks locks;
  auto a = sync_wait(locks.lock(space, "a"));
  auto b = sync_wait(locks.lock(space, "b"));
  bool done = false;
  take_all(locks, {{space, "b"}, {space, "c"}, {space, "a"}}, done);
  EXPECT_FALSE(done);
  b.release();
  EXPECT_FALSE(done);
  a.release();
  EXPECT_TRUE(done);
  EXPECT_TRUE(locks.lock(space, "c").await_ready()) << "all released";
}

Task<void> add_often(KeyLocks& locks, std::vector<KeyLocks::LockKey> keys, long& counter, std::latch& done) {
  for (int i = 0; i < 2000; ++i) {
    const auto guard = co_await locks.lock(keys);
    ++counter;
    co_await ResumeOn{*Executor::current()};  // held over a suspension
  }
  done.count_down();
}

TEST(KeyLocks, ExcludeEachOtherAcrossThreads) {
  KeyLocks locks(2);  // so few that keys share
  long counter = 0;
  std::latch done(4);
  {
    ThreadExecutor executor(3);
    for (int i = 0; i < 4; ++i) {
      std::vector<KeyLocks::LockKey> keys{{space, "a"}, {space, "b"}, {space, "c"}, {space, "d"}};
      if (i % 2 == 0) std::swap(keys[0], keys[3]);
      spawn(executor, add_often(locks, std::move(keys), counter, done));
    }
    done.wait();
  }
  EXPECT_EQ(counter, 8000);
}

}  // namespace
}  // namespace reprise::history
