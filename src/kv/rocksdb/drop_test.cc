// What a drop costs: it grows with the keys that are deleted one by one, and no faster.
#include <gtest/gtest.h>
#include <rocksdb/perf_context.h>

#include <cstdint>

#include "base/executor.h"
#include "base/task.h"
#include "kv/conformance_sets.h"
#include "kv/rocksdb/engine.h"
#include "kv/rocksdb/scratch.h"

namespace reprise::kv {
namespace {

using conformance::bucket_partition;

constexpr std::uint64_t keys = 60'000;                             // several commits of deletes
const Partition payloads = bucket_partition(1, Kind::payload, 0);  // all go key by key

void fill(Engine& engine) {
  WriteSet set;
  for (std::uint64_t i = 0; i < keys; ++i) {
    Bytes key;
    append_be64(key, i);
    set.atomic.push_back({payloads, std::move(key), Bytes("v")});
  }
  const Status status = sync_wait(engine.commit(std::move(set)));
  ASSERT_TRUE(status.ok()) << status.to_string();
}

struct Cost {
  Status status;
  std::uint64_t deleted_met = 0;  // entries that had been deleted already, and were stepped over
};

// On the one thread of `executor`, whose counters RocksDB keeps.
Task<Cost> drop_and_count(Executor* executor, Engine* engine) {
  co_await ResumeOn{*executor};
  const auto& counter = rocksdb::get_perf_context()->internal_delete_skipped_count;
  const std::uint64_t before = counter;
  Cost cost;
  cost.status = co_await engine->drop(payloads);
  cost.deleted_met = counter - before;
  co_return cost;
}

TEST(Drop, DoesNotMeetItsOwnDeletesAgain) {
  const ScratchDirectory scratch;
  RocksDbOptions options;
  options.directory = scratch.path();
  auto opened = open_rocksdb_engine(options);
  ASSERT_TRUE(opened.ok());
  Engine& engine = **opened;
  fill(engine);
  ThreadExecutor one(1);
  const Cost cost = sync_wait(drop_and_count(&one, &engine));
  EXPECT_TRUE(cost.status.ok()) << cost.status.to_string();
  EXPECT_LT(cost.deleted_met, keys / 10);
  const Range everything;
  const auto left = sync_wait(engine.scan(payloads, everything, Direction::forward, {.rows = 1}));
  ASSERT_TRUE(left.ok());
  EXPECT_TRUE(left->rows.empty());
}

}  // namespace
}  // namespace reprise::kv
