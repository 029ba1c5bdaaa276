// reprise-baseline-rocksdb: what RocksDB alone does, for the ratios in RESULTS.md: durable puts (sync) of random keys
// from N threads, with RocksDB's own group commit and default options. One line of JSON.
//
//   reprise-baseline-rocksdb DIR THREADS SECONDS VALUE_BYTES [random]
//
// `random`: values that do not compress, as those do not that are encrypted.
#include <rocksdb/db.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/rng.h"

namespace {

void fill(std::string& value, reprise::Rng& rng) {
  for (std::size_t at = 0; at + sizeof(std::uint64_t) <= value.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t word = rng.next();
    std::memcpy(value.data() + at, &word, sizeof word);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool random = argc == 6 && std::string_view(argv[5]) == "random";
  if (argc != 5 && !random) {
    std::fprintf(stderr, "usage: reprise-baseline-rocksdb DIR THREADS SECONDS VALUE_BYTES [random]\n");
    return 2;
  }
  const int threads = std::atoi(argv[2]);
  const std::chrono::duration<double> duration(std::atof(argv[3]));
  const auto value_bytes = static_cast<std::size_t>(std::atoi(argv[4]));
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (const auto status = rocksdb::DB::Open(options, argv[1], &opened); !status.ok()) {
    std::fprintf(stderr, "reprise-baseline-rocksdb: %s\n", status.ToString().c_str());
    return 1;
  }
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::atomic<std::uint64_t> operations{0};
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] {
      reprise::Rng rng(static_cast<std::uint64_t>(i) + 1);
      rocksdb::WriteOptions write;
      write.sync = true;
      std::string value(value_bytes, 'x');
      char key[32];
      while (std::chrono::steady_clock::now() - start < duration) {
        const int length =
            std::snprintf(key, sizeof key, "item-%012lu", static_cast<unsigned long>(rng.below(100'000)));
        value[rng.below(value.size())] = static_cast<char>('a' + rng.below(26));
        if (random) fill(value, rng);
        if (!db->Put(write, rocksdb::Slice(key, static_cast<std::size_t>(length)), value).ok()) std::abort();
        operations.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  for (auto& worker : workers) worker.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("{\"operations\": %lu, \"seconds\": %.3f, \"rate\": %.1f}\n", operations.load(), seconds,
              static_cast<double>(operations.load()) / seconds);
  return 0;
}
