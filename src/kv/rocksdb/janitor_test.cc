#include <gtest/gtest.h>
#include <rocksdb/perf_context.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "base/task.h"
#include "kv/conformance_sets.h"
#include "kv/rocksdb/engine.h"
#include "kv/rocksdb/scratch.h"

namespace reprise::kv {
namespace {

using conformance::data_partition;
using conformance::versioned;

constexpr std::uint64_t items = 1000;

void write_round(Engine& engine, std::uint64_t round) {
  WriteSet set;
  const auto p = data_partition(1);
  for (std::uint64_t i = 0; i < items; ++i) {
    const Bytes key = versioned(i);
    if (round > 0) set.guards.push_back({p, key, round - 1});
    set.atomic.push_back({p, key, versioned(round, Bytes(100, 'v'))});
  }
  const Status status = sync_wait(engine.commit(std::move(set)));
  ASSERT_TRUE(status.ok()) << status.to_string();
}

// Entries that a scan of everything stepped over.
std::uint64_t dead_entries(Engine& engine, Direction direction) {
  const auto& counter = rocksdb::get_perf_context()->internal_key_skipped_count;
  const std::uint64_t before = counter;
  const Range range;
  auto page = sync_wait(engine.scan(data_partition(1), range, direction, {.rows = 2 * items}));
  EXPECT_TRUE(page.ok());
  if (page.ok()) {
    EXPECT_EQ(page->rows.size(), items);
  }
  const std::uint64_t stepped_over = counter - before;  // each live one too
  return stepped_over - std::min(stepped_over, items);
}

class Janitor : public ::testing::TestWithParam<Direction> {};

TEST_P(Janitor, ScansOfOverwrittenItemsBecomeCheapAgain) {
  const ScratchDirectory scratch;
  RocksDbOptions options;
  options.directory = scratch.path();
  auto opened = open_rocksdb_engine(options);
  ASSERT_TRUE(opened.ok());
  Engine& engine = **opened;
  for (std::uint64_t round = 0; round < 20; ++round) write_round(engine, round);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::uint64_t dead = dead_entries(engine, GetParam());
  while (dead > items / 4 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    dead = dead_entries(engine, GetParam());
  }
  EXPECT_LE(dead, items / 4);
  write_round(engine, 20);  // and nothing was merged away that is still there
}

INSTANTIATE_TEST_SUITE_P(BothWays, Janitor, ::testing::Values(Direction::forward, Direction::backward));

}  // namespace
}  // namespace reprise::kv
