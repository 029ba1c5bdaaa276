// Group commit against raw RocksDB, in one run on one disk: the engine's commits by N coroutines, and DB::Put with sync
// by N threads. Then scans of items written once against items overwritten many times.
//
//   engine_bench DIRECTORY [SECONDS]     (SECONDS 0: the scans alone)
#include <rocksdb/db.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/executor.h"
#include "base/rng.h"
#include "base/task.h"
#include "kv/rocksdb/engine.h"

namespace reprise::kv {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

Bytes random_key(Rng& rng) {
  Bytes key;
  append_be64(key, rng.next());
  append_be64(key, rng.next());
  return key;
}

struct Load {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> done{0};
};

// What a PutItem commits: a guarded write, with history and change log beside it when `past` is kept.
Task<void> writer(Engine& engine, Load& load, std::uint64_t seed, bool past, std::latch& finished) {
  Rng rng(seed);
  const Partition data{SpaceId(1), Kind::data, ShardId(0), 0};
  const Partition history{SpaceId(1), Kind::history, ShardId(0), 1};
  const Partition log{SpaceId(1), Kind::log, ShardId(0), 1};
  while (!load.stop.load(std::memory_order_relaxed)) {
    const Bytes key = random_key(rng);
    WriteSet set;
    set.guards.push_back({data, key, std::nullopt});
    set.atomic.push_back({data, key, Bytes(300, 'v')});
    if (past) {
      set.preceding.push_back({history, key, Bytes(300, 'h')});
      set.preceding.push_back({log, key, Bytes(20, 'l')});
    }
    const Status status = co_await engine.commit(std::move(set));
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", status.to_string().c_str());
      std::exit(1);
    }
    load.done.fetch_add(1, std::memory_order_relaxed);
  }
  finished.count_down();
}

double engine_rate(const std::string& directory, int concurrency, double seconds, bool past, int threads) {
  RocksDbOptions options;
  options.directory = directory;
  auto engine = open_rocksdb_engine(options);
  if (!engine.ok()) {
    std::fprintf(stderr, "%s\n", engine.error().to_string().c_str());
    std::exit(1);
  }
  Load load;
  std::latch finished(concurrency);
  double rate = 0;
  {
    ThreadExecutor executor(static_cast<std::size_t>(threads));
    const auto begin = SteadyClock::now();
    for (int i = 0; i < concurrency; ++i) {
      spawn(executor, writer(**engine, load, static_cast<std::uint64_t>(i) + 1, past, finished));
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    rate = static_cast<double>(load.done) / seconds_since(begin);
    load.stop = true;
    finished.wait();
  }
  const auto stats = (*engine)->stats();
  std::printf("    batches %.1f sets, %.0f us a write\n",
              static_cast<double>(stats.commits) / static_cast<double>(stats.commit_batches),
              static_cast<double>(stats.fsync_micros) / static_cast<double>(stats.commit_batches));
  return rate;
}

double raw_rate(const std::string& directory, int concurrency, double seconds) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, directory, &opened).ok()) std::exit(1);
  const std::unique_ptr<rocksdb::DB> database(opened);
  Load load;
  std::vector<std::jthread> threads;
  const auto begin = SteadyClock::now();
  for (int i = 0; i < concurrency; ++i) {
    threads.emplace_back([&, i] {
      Rng rng(static_cast<std::uint64_t>(i) + 1);
      rocksdb::WriteOptions sync;
      sync.sync = true;
      while (!load.stop.load(std::memory_order_relaxed)) {
        if (!database->Put(sync, random_key(rng), Bytes(300, 'v')).ok()) std::exit(1);
        load.done.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const double rate = static_cast<double>(load.done) / seconds_since(begin);
  load.stop = true;
  threads.clear();
  return rate;
}

double scan_seconds(Engine& engine, const Partition& partition) {
  const auto begin = SteadyClock::now();
  Range range;
  for (;;) {
    auto page = sync_wait(engine.scan(partition, range, Direction::forward, {}));
    if (!page.ok()) std::exit(1);
    if (!page->more) return seconds_since(begin);
    range.lower = Bytes(page->rows[page->rows.size() - 1].key) + Bytes(1, '\0');
  }
}

void fill(Engine& engine, const Partition& partition, std::uint64_t items, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    WriteSet set;
    const std::optional<std::uint64_t> previous =
        round == 0 ? std::nullopt
                   : std::optional<std::uint64_t>(read_be64(Bytes(8, static_cast<char>('a' + (round - 1) % 20))));
    for (std::uint64_t i = 0; i < items; ++i) {
      Bytes key;
      append_be64(key, i * 0x9e3779b97f4a7c15u);
      set.guards.push_back({partition, key, previous});
      set.atomic.push_back({partition, std::move(key), Bytes(300, static_cast<char>('a' + round % 20))});
      if (set.atomic.size() < 1000 && i + 1 < items) continue;
      if (!sync_wait(engine.commit(std::move(set))).ok()) std::exit(1);
      set = WriteSet();
    }
  }
}

void scans(const std::string& directory) {
  for (const std::uint64_t items : {2000u, 20000u, 50000u}) {
    double best[2] = {1e9, 1e9};
    for (const int rounds : {1, 100}) {
      RocksDbOptions options;
      options.directory = directory + "-" + std::to_string(items) + "-" + std::to_string(rounds);
      auto engine = open_rocksdb_engine(options);
      const Partition partition{SpaceId(1), Kind::data, ShardId(0), 0};
      const auto begin = SteadyClock::now();
      fill(**engine, partition, items, rounds);
      const double filled = seconds_since(begin);
      double first = 0;
      for (int i = 0; i < 20; ++i) {
        const double took = scan_seconds(**engine, partition);
        if (i == 0) first = took;
        best[rounds != 1] = std::min(best[rounds != 1], took);
        if (i == 10) std::this_thread::sleep_for(std::chrono::seconds(2));
      }
      std::printf("scan of %lu items written %3d times: first %.2f ms, best %.2f ms (filled in %.1f s)\n",
                  static_cast<unsigned long>(items), rounds, 1e3 * first, 1e3 * best[rounds != 1], filled);
    }
    std::printf("  ratio %.2f\n", best[0] / best[1]);
  }
}

int run(const std::string& directory, double seconds) {
  std::filesystem::create_directories(directory);
  int number = 0;
  const auto fresh = [&] { return directory + "/" + std::to_string(++number); };
  for (const int concurrency : {1, 8, 64, 256}) {
    if (seconds <= 0) break;
    const double raw = raw_rate(fresh(), concurrency, seconds);
    const double engine = engine_rate(fresh(), concurrency, seconds, false, 2);
    const double past = engine_rate(fresh(), concurrency, seconds, true, 2);
    std::printf("%3d writers: raw %.0f/s, engine %.0f/s (%.2f), with past %.0f/s (%.2f)\n", concurrency, raw, engine,
                engine / raw, past, past / raw);
    std::fflush(stdout);
  }
  scans(fresh());
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace reprise::kv

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: engine_bench DIRECTORY [SECONDS]\n");
    return 2;
  }
  return reprise::kv::run(argv[1], argc > 2 ? std::atof(argv[2]) : 3.0);
}
