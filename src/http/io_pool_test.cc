#include "http/io_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/task.h"

namespace reprise::http {
namespace {

std::unique_ptr<IoPool> start(std::size_t threads) {
  IoPoolOptions options;
  options.threads = threads;
  auto pool = IoPool::start(options);
  EXPECT_TRUE(pool.ok());
  return std::move(pool).value();
}

Task<bool> hop(Executor& executor) {
  co_await ResumeOn{executor};
  co_return Executor::current() == &executor;
}

TEST(IoPool, EachThreadIsItsOwnExecutor) {
  const auto pool = start(3);
  ASSERT_EQ(pool->size(), 3u);
  EXPECT_EQ(Executor::current(), nullptr);
  for (std::size_t i = 0; i < pool->size(); ++i) EXPECT_TRUE(sync_wait(hop(pool->thread(i))));
  EXPECT_GE(start(0)->size(), 1u);
}

// Suspends until its batch is posted.
struct Parked {
  std::vector<std::coroutine_handle<>>& handles;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const { handles.push_back(handle); }
  void await_resume() const noexcept {}
};

Task<void> park(std::vector<std::coroutine_handle<>>& handles, std::vector<int>& order, int number,
                std::atomic<int>& done) {
  co_await Parked{handles};
  order.push_back(number);
  ++done;
}

TEST(IoPool, ABatchIsResumedInOrder) {
  const auto pool = start(1);
  std::vector<std::coroutine_handle<>> handles;
  std::vector<int> order;
  std::atomic<int> done{0};
  for (int i = 0; i < 100; ++i) spawn(pool->thread(0), park(handles, order, i, done));
  pool->thread(0).run_and_wait([] {});
  ASSERT_EQ(handles.size(), 100u);
  pool->thread(0).post(handles);
  pool->thread(0).run_and_wait([] {});
  ASSERT_EQ(done, 100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

Task<bool> nap(Executor& executor, std::chrono::milliseconds delay) {
  co_await ResumeOn{executor};
  const auto began = std::chrono::steady_clock::now();
  co_await sleep_for(delay);
  co_return std::chrono::steady_clock::now() - began >= delay&& Executor::current() == &executor;
}

TEST(IoPool, SleepsAtLeastAsLongAsAsked) {
  const auto pool = start(2);
  EXPECT_TRUE(sync_wait(nap(pool->thread(0), std::chrono::milliseconds(20))));
  EXPECT_TRUE(sync_wait(nap(pool->thread(1), std::chrono::milliseconds(0))));
}

TEST(IoPool, RunsWhatWasPostedBeforeItsEnd) {
  std::atomic<int> ran{0};
  {
    const auto pool = start(2);
    for (int i = 0; i < 1000; ++i) pool->thread(static_cast<std::size_t>(i % 2)).run_soon([&] { ++ran; });
  }
  EXPECT_EQ(ran, 1000);
}

TEST(PeriodicTimer, TicksUntilDestroyed) {
  const auto pool = start(1);
  IoThread& thread = pool->thread(0);
  std::atomic<int> ticks{0};
  std::unique_ptr<PeriodicTimer> timer;
  thread.run_and_wait(
      [&] { timer = std::make_unique<PeriodicTimer>(thread, std::chrono::milliseconds(2), [&] { ++ticks; }); });
  while (ticks < 5) std::this_thread::yield();
  thread.run_and_wait([&] { timer.reset(); });
  const int last = ticks;
  EXPECT_TRUE(sync_wait(nap(thread, std::chrono::milliseconds(20))));
  EXPECT_EQ(ticks, last);
}

}  // namespace
}  // namespace reprise::http
