// The engine contract as a test suite, the same for every engine. What it does not test is not promised.
//
// A test program of an engine says:
//   #include "kv/conformance.h"
//   INSTANTIATE_TEST_SUITE_P(Memory, Conformance, ::testing::Values(EngineCase{"plain", [] { ... }}), case_name);
// What must survive the death of the process is tested by each durable engine itself.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/task.h"
#include "kv/conformance_sets.h"
#include "kv/engine.h"

namespace reprise::kv::conformance {

// How to make an empty engine. Whatever belongs to it (a directory) goes with its last owner.
struct EngineCase {
  std::string name;
  std::function<std::shared_ptr<Engine>()> make;
  friend void PrintTo(const EngineCase& engine, std::ostream* out) { *out << engine.name; }
};

inline std::string case_name(const ::testing::TestParamInfo<EngineCase>& info) { return info.param.name; }

class Conformance : public ::testing::TestWithParam<EngineCase> {
 protected:
  using Pairs = std::vector<std::pair<Bytes, Bytes>>;

  void SetUp() override { engine_ = GetParam().make(); }

  Engine& engine() { return *engine_; }

  void put(const Partition& partition, Bytes key, Bytes value) {
    const Status status = sync_wait(engine().commit(put_set(partition, std::move(key), std::move(value))));
    ASSERT_TRUE(status.ok()) << status.to_string();
  }
  Code commit(WriteSet set) { return sync_wait(engine().commit(std::move(set))).code(); }

  std::optional<Bytes> get(const Partition& partition, BytesView key) {
    auto value = sync_wait(engine().get(partition, key));
    EXPECT_TRUE(value.ok()) << value.error().to_string();
    return value.ok() ? *std::move(value) : std::nullopt;
  }

  Page scan_page(const Partition& partition, Range range, Direction direction, PageLimit limit) {
    auto page = sync_wait(engine().scan(partition, range, direction, limit));
    EXPECT_TRUE(page.ok()) << page.error().to_string();
    return page.ok() ? *std::move(page) : Page{};
  }

  static Pairs pairs_of(const Page& page) {
    Pairs pairs;
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
      pairs.emplace_back(Bytes(page.rows[i].key), Bytes(page.rows[i].value));
    }
    return pairs;
  }
  static std::vector<Bytes> keys_of(const Page& page) {
    std::vector<Bytes> keys;
    for (std::size_t i = 0; i < page.rows.size(); ++i) keys.emplace_back(page.rows[i].key);
    return keys;
  }

  std::vector<Bytes> keys(const Partition& partition, Range range = {}, Direction direction = Direction::forward) {
    const Page page = scan_page(partition, std::move(range), direction, {});
    EXPECT_FALSE(page.more);
    return keys_of(page);
  }

  std::vector<std::uint64_t> buckets(std::uint64_t space, Kind kind, std::uint16_t shard = 0) {
    auto found = sync_wait(engine().buckets(SpaceId(space), kind, ShardId(shard)));
    EXPECT_TRUE(found.ok()) << found.error().to_string();
    return found.ok() ? *std::move(found) : std::vector<std::uint64_t>{};
  }

 private:
  std::shared_ptr<Engine> engine_;
};

}  // namespace reprise::kv::conformance

#include "kv/conformance_commits.h"      // IWYU pragma: export
#include "kv/conformance_concurrency.h"  // IWYU pragma: export
#include "kv/conformance_partitions.h"   // IWYU pragma: export
#include "kv/conformance_reads.h"        // IWYU pragma: export
