#include "base/task.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace reprise {
namespace {

Task<int> ready(int n) { return Task<int>(n); }
Task<int> plus_one(int n) { co_return n + 1; }

Task<long> sum_inline(int count) {
  long sum = 0;
  for (int i = 0; i < count; ++i) {
    sum += co_await ready(1);
    sum += co_await plus_one(0);
  }
  co_return sum;
}

// A million inline completions: the stack would overflow if each one nested.
TEST(Task, InlineLoopsUseNoStack) { EXPECT_EQ(sync_wait(sum_inline(1'000'000)), 2'000'000); }

Task<std::string> await_completion(Completion<std::string>* completion) { co_return co_await *completion; }

TEST(Completion, DeliversBeforeOrAfterTheWait) {
  Completion<std::string> early;
  early.complete("early");
  EXPECT_EQ(sync_wait(await_completion(&early)), "early");

  Completion<std::string> late;
  std::thread producer([&late] { late.complete("late"); });
  EXPECT_EQ(sync_wait(await_completion(&late)), "late");
  producer.join();
}

Task<bool> resumes_on(Executor* executor, Completion<int>* completion) {
  co_await ResumeOn{*executor};
  const bool before = Executor::current() == executor;
  co_await *completion;
  co_return before&& Executor::current() == executor;
}

TEST(Completion, ResumesWhereItWasAwaited) {
  ThreadExecutor executor(2);
  for (int i = 0; i < 200; ++i) {
    Completion<int> completion;
    std::thread producer([&completion] { completion.complete(1); });
    EXPECT_TRUE(sync_wait(resumes_on(&executor, &completion)));
    producer.join();
  }
}

Task<void> hop(Executor* executor, std::atomic<int>* count) {
  co_await ResumeOn{*executor};
  co_await sleep_for(std::chrono::milliseconds(1));
  count->fetch_add(1);
}

Task<void> many_hops(Executor* executor, std::atomic<int>* count) {
  for (int i = 0; i < 50; ++i) co_await hop(executor, count);
}

TEST(ThreadExecutor, RunsTimersAndPosts) {
  ThreadExecutor executor(3);
  std::atomic<int> count{0};
  sync_wait(many_hops(&executor, &count));
  EXPECT_EQ(count.load(), 50);
}

Task<void> add(std::atomic<int>* count) {
  count->fetch_add(1);
  co_return;
}

TEST(ThreadExecutor, TheDestructorRunsWhatWasPosted) {
  std::atomic<int> count{0};
  {
    ThreadExecutor executor(2);
    for (int i = 0; i < 1000; ++i) spawn(executor, add(&count));
  }
  EXPECT_EQ(count.load(), 1000);
}

}  // namespace
}  // namespace reprise
