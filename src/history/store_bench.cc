// What the past costs: reads of items that were overwritten 100 times, over their whole window of 35 days, now and as
// of random moments; scans of both; and commits against the engine's own.
//
//   history_store_bench [--benchmark_filter=...]    (writes to the temporary directory)
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/rng.h"
#include "history/store.h"
#include "kv/memory/engine.h"
#include "kv/rocksdb/engine.h"

namespace reprise::history {
namespace {

constexpr std::uint64_t items = 2'000;
constexpr int rounds = 100;
constexpr std::uint64_t day_micros = 86'400'000'000;
constexpr auto retention = std::chrono::hours(24 * 35);

Bytes key_of(std::uint64_t number) {
  Bytes key;
  append_be64(key, number * 0x9e3779b97f4a7c15U);
  return key + "item";
}

void must(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.to_string().c_str());
  std::exit(1);
}

// Items overwritten 100 times in one space, written once in another.
class Filled {
 public:
  Filled() : directory_(std::filesystem::temp_directory_path() / ("reprise-bench-" + random_uuid())) {
    kv::RocksDbOptions options;
    options.directory = directory_.string();
    auto engine = kv::open_rocksdb_engine(options);
    must(engine.ok() ? Status() : engine.error());
    engine_ = std::move(*engine);
    store_ = std::move(*sync_wait(Store::open(*engine_, wall_, StoreOptions())));
    const auto made = *sync_wait(store_->create({retention, retention}));
    often_ = made[0];
    once_ = made[1];
    first_ = store_->now();
    for (int round = 0; round < rounds; ++round) {
      fill(often_);
      wall_.advance(34 * day_micros / rounds);
    }
    fill(once_);
  }
  ~Filled() {
    store_.reset();
    engine_.reset();
    std::filesystem::remove_all(directory_);
  }

  void fill(SpaceId space) {
    for (std::uint64_t i = 0; i < items;) {
      Commit commit;
      for (int batch = 0; batch < 500 && i < items; ++batch, ++i) {
        Bytes key = key_of(i);
        auto before = sync_wait(store_->get(space, key));
        Change change;
        change.space = space;
        change.key = std::move(key);
        change.value = Bytes(300, 'v');
        change.before = std::move(*before);
        commit.changes.push_back(std::move(change));
      }
      const auto done = sync_wait(store_->commit(std::move(commit)));
      must(done.ok() ? Status() : done.error());
      wall_.advance(1000);
    }
  }

  Timestamp random_time(Rng& rng) const {
    const Timestamp from = std::max(first_, store_->info(often_)->horizon.next());
    return Timestamp(from.bits() + rng.below(store_->closed().bits() - from.bits()));
  }

  std::filesystem::path directory_;
  ManualClock wall_{1'700'000'000'000'000};
  std::unique_ptr<kv::Engine> engine_;
  std::unique_ptr<Store> store_;
  SpaceId often_, once_;
  Timestamp first_;
};

Filled& filled() {
  static Filled all;
  return all;
}

void get_now(benchmark::State& state) {
  Filled& all = filled();
  Rng rng(1);
  for (auto _ : state) {
    const Bytes key = key_of(rng.below(items));
    benchmark::DoNotOptimize(sync_wait(all.store_->get(all.often_, key)));
  }
}
BENCHMARK(get_now);

void get_as_of(benchmark::State& state) {
  Filled& all = filled();
  Rng rng(1);
  std::vector<Timestamp> times;
  for (int i = 0; i < 1000; ++i) times.push_back(all.random_time(rng));
  for (auto _ : state) {
    const Bytes key = key_of(rng.below(items));
    benchmark::DoNotOptimize(sync_wait(all.store_->get(all.often_, key, times[rng.below(times.size())])));
  }
}
BENCHMARK(get_as_of);

// The worst case: the key did not exist yet, and every bucket from then on is asked.
void get_before_it_was_made(benchmark::State& state) {
  Filled& all = filled();
  Rng rng(1);
  const Timestamp early = std::max(all.first_, all.store_->info(all.often_)->horizon.next());
  for (auto _ : state) {
    Bytes key = key_of(rng.below(items));
    key.back() = 'x';
    benchmark::DoNotOptimize(sync_wait(all.store_->get(all.often_, key, early)));
  }
}
BENCHMARK(get_before_it_was_made);

void scan(benchmark::State& state, SpaceId space, std::optional<Timestamp> at) {
  Filled& all = filled();
  for (auto _ : state) {
    ScanRequest request;
    request.space = space;
    request.as_of = at;
    std::size_t rows = 0;
    for (;;) {
      const auto page = sync_wait(all.store_->scan(request));
      must(page.ok() ? Status() : page.error());
      rows += page->rows.size();
      if (!page->resume_after) break;
      request.range.lower = *page->resume_after + '\0';
    }
    if (rows != items) std::exit(1);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(items) * state.iterations());
}
void scan_now_written_once(benchmark::State& state) { scan(state, filled().once_, std::nullopt); }
void scan_now_written_often(benchmark::State& state) { scan(state, filled().often_, std::nullopt); }
void scan_as_of_half_way(benchmark::State& state) {
  const Filled& all = filled();
  scan(state, all.often_, Timestamp(all.first_.bits() / 2 + all.store_->closed().bits() / 2));
}
BENCHMARK(scan_now_written_once);
BENCHMARK(scan_now_written_often);
BENCHMARK(scan_as_of_half_way);

// What the store adds to a commit, over an engine that costs next to nothing.
void commit_to_engine(benchmark::State& state) {
  const auto engine = kv::make_memory_engine();
  const kv::Partition data{SpaceId(1), kv::Kind::data, ShardId(0), 0};
  std::uint64_t version = 0;
  for (auto _ : state) {
    kv::WriteSet set;
    std::optional<std::uint64_t> expected;
    if (version > 0) expected = version;
    set.guards.push_back({data, "key", expected});
    Bytes value;
    append_be64(value, ++version);
    value.append(300, 'v');
    set.atomic.push_back({data, "key", std::move(value)});
    must(sync_wait(engine->commit(std::move(set))));
  }
}
BENCHMARK(commit_to_engine);

void commit_to_store(benchmark::State& state, Retention kept) {
  const auto engine = kv::make_memory_engine();
  const auto store = std::move(*sync_wait(Store::open(*engine, WallClock::system(), StoreOptions())));
  const SpaceId space = sync_wait(store->create({kept}))->front();
  for (auto _ : state) {
    const auto lock = sync_wait(store->locks().lock(space, "key"));
    auto before = sync_wait(store->get(space, "key"));
    Change change{space, "key", Bytes(300, 'v'), std::move(*before)};
    Commit commit;
    commit.changes.push_back(std::move(change));
    const auto done = sync_wait(store->commit(std::move(commit)));
    must(done.ok() ? Status() : done.error());
  }
}
void commit_without_past(benchmark::State& state) { commit_to_store(state, Retention(0)); }
void commit_with_past(benchmark::State& state) { commit_to_store(state, retention); }
BENCHMARK(commit_without_past);
BENCHMARK(commit_with_past);

}  // namespace
}  // namespace reprise::history
