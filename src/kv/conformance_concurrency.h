// Part of kv/conformance.h: what many callers at once may rely on.
#pragma once

#include <atomic>
#include <latch>
#include <thread>

#include "base/executor.h"
#include "kv/conformance.h"

namespace reprise::kv::conformance {

// Adds one to the counter under "counter", `rounds` times, reading again after each conflict.
inline Task<void> increment(Engine& engine, Partition partition, int rounds, std::atomic<int>& failures) {
  const Bytes key = "counter";
  while (rounds > 0) {
    auto value = co_await engine.get(partition, key);
    if (!value.ok()) {
      ++failures;
      co_return;
    }
    std::optional<std::uint64_t> version;
    if (value->has_value()) version = read_be64(**value);
    WriteSet set = guarded_set(partition, key, version, versioned(version.value_or(0) + 1));
    const Status status = co_await engine.commit(std::move(set));
    if (status.ok()) {
      --rounds;
    } else if (!status.is(Code::conflict)) {
      ++failures;
      co_return;
    }
  }
}

inline Task<void> counted_down(Task<void> task, std::latch& done) {
  co_await std::move(task);
  done.count_down();
}

TEST_P(Conformance, NoIncrementIsLostBetweenThreads) {
  constexpr int thread_count = 4;
  constexpr int rounds = 50;
  std::atomic<int> failures{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < thread_count; ++i) {
      threads.emplace_back([&] { sync_wait(increment(engine(), data_partition(1), rounds, failures)); });
    }
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(get(data_partition(1), "counter"), versioned(thread_count * rounds));
}

TEST_P(Conformance, NoIncrementIsLostBetweenCoroutines) {
  constexpr int tasks = 16;
  constexpr int rounds = 20;
  std::atomic<int> failures{0};
  std::latch done(2 * tasks);
  ThreadExecutor executor(2);
  for (int i = 0; i < tasks; ++i) {
    for (const std::uint64_t space : {1, 2}) {
      spawn(executor, counted_down(increment(engine(), data_partition(space), rounds, failures), done));
    }
  }
  done.wait();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(get(data_partition(1), "counter"), versioned(tasks * rounds));
  EXPECT_EQ(get(data_partition(2), "counter"), versioned(tasks * rounds));
}

inline Task<void> put_one(Engine& engine, Partition partition, std::uint64_t value, std::atomic<int>& failures) {
  WriteSet set = put_set(partition, "k", versioned(value));
  const Status status = co_await engine.commit(std::move(set));
  if (!status.ok()) ++failures;
}

inline Task<void> claim(Engine& engine, Partition partition, Bytes key, std::atomic<int>& won, std::atomic<int>& lost) {
  WriteSet set = guarded_set(partition, key, std::nullopt, versioned(1));
  const Status status = co_await engine.commit(std::move(set));
  if (status.ok()) ++won;
  if (status.is(Code::conflict)) ++lost;
}

TEST_P(Conformance, OfManyThatClaimAnAbsentKeyOneWins) {
  constexpr int keys = 50;
  constexpr int rivals = 8;
  std::atomic<int> won{0};
  std::atomic<int> lost{0};
  std::latch done(keys * rivals);
  ThreadExecutor executor(2);
  for (int i = 0; i < keys * rivals; ++i) {
    spawn(executor, counted_down(claim(engine(), data_partition(1), std::to_string(i / rivals), won, lost), done));
  }
  done.wait();
  EXPECT_EQ(won, keys);
  EXPECT_EQ(lost, keys * (rivals - 1));
}

TEST_P(Conformance, CommitsOnOneKeyAreAppliedInCallOrder) {
  constexpr int commits = 500;
  std::atomic<int> failures{0};
  std::latch done(commits);
  ThreadExecutor executor(1);  // one thread: the calls are made in the order of the spawns
  for (std::uint64_t i = 1; i <= commits; ++i) {
    spawn(executor, counted_down(put_one(engine(), data_partition(1), i, failures), done));
  }
  done.wait();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(get(data_partition(1), "k"), versioned(commits));
}

TEST_P(Conformance, AnAcknowledgedCommitIsSeenByEveryLaterRead) {
  std::atomic<std::uint64_t> acknowledged{0};
  std::atomic<bool> stale{false};
  std::atomic<bool> finished{false};
  const auto p = data_partition(1);
  put(p, "k", versioned(0));
  std::jthread reader([&] {
    while (!finished) {
      const std::uint64_t expected = acknowledged;
      auto value = sync_wait(engine().get(p, "k"));
      if (!value.ok() || !value->has_value() || read_be64(**value) < expected) stale = true;
    }
  });
  for (std::uint64_t i = 1; i <= 200; ++i) {
    put(p, "k", versioned(i));
    acknowledged = i;
  }
  finished = true;
  reader.join();
  EXPECT_FALSE(stale);
}

TEST_P(Conformance, APageIsOneSnapshot) {
  const auto p = data_partition(1);
  std::atomic<bool> finished{false};
  std::atomic<bool> torn{false};
  const auto write_all = [&](std::uint64_t version) {
    WriteSet set;
    for (const char* key : {"a", "m", "z"}) set.atomic.push_back({p, key, versioned(version)});
    return commit(std::move(set));
  };
  ASSERT_EQ(write_all(0), Code::ok);
  std::jthread reader([&] {
    while (!finished) {
      const Page page = scan_page(p, {}, Direction::forward, {});
      const bool whole =
          page.rows.size() == 3 && page.rows[0].value == page.rows[1].value && page.rows[1].value == page.rows[2].value;
      if (!whole) torn = true;
    }
  });
  for (std::uint64_t i = 1; i <= 200; ++i) ASSERT_EQ(write_all(i), Code::ok);
  finished = true;
  reader.join();
  EXPECT_FALSE(torn);
}

}  // namespace reprise::kv::conformance
