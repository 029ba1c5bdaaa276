// What RocksDB keeps apart from its tables: the values of payload partitions, and that their garbage goes.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "base/task.h"
#include "kv/conformance_sets.h"
#include "kv/rocksdb/engine.h"
#include "kv/rocksdb/scratch.h"

namespace reprise::kv {
namespace {

using conformance::bucket_partition;
using conformance::put_set;

constexpr std::size_t value_bytes = 8'000;
const Partition payloads = bucket_partition(1, Kind::payload, 0);

class Payloads : public ::testing::Test {
 protected:
  Payloads() { open(); }
  void open() {
    engine_.reset();
    RocksDbOptions options;
    options.directory = directory_.path();
    options.memtable_bytes = 2 << 20;
    options.block_cache_bytes = 1 << 20;
    auto opened = open_rocksdb_engine(options);
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    engine_ = std::move(opened).value();
  }
  Bytes random_value() {
    Bytes value;
    while (value.size() < value_bytes) append_be64(value, rng_.next());
    return value;
  }
  void put(const Bytes& key, Bytes value) {
    const Status status = sync_wait(engine_->commit(put_set(payloads, key, std::move(value))));
    ASSERT_TRUE(status.ok()) << status.to_string();
  }
  Result<std::optional<Bytes>> get(const Bytes& key) { return sync_wait(engine_->get(payloads, key)); }
  [[nodiscard]] std::vector<std::filesystem::path> value_files() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      if (entry.path().extension() == ".blob") files.push_back(entry.path());
    }
    return files;
  }
  [[nodiscard]] std::uint64_t bytes_on_disk() const {
    std::uint64_t bytes = 0;
    for (const auto& file : value_files()) {
      std::error_code gone;
      const auto size = std::filesystem::file_size(file, gone);
      if (!gone) bytes += size;
    }
    return bytes;
  }

  ScratchDirectory directory_;
  std::unique_ptr<Engine> engine_;
  Rng rng_{7};
};

TEST_F(Payloads, GarbageOfOverwrittenValuesGoes) {
  constexpr std::uint64_t keys = 400;  // 3.2 MB
  std::vector<Bytes> latest(keys);
  for (int i = 0; i < 12'000; ++i) {  // 96 MB
    const auto key = rng_.below(keys);
    latest[key] = random_value();
    put(std::to_string(key), latest[key]);
  }
  // Half of what there is may be garbage, and some is still in memory or being merged.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const auto few = [this] { return bytes_on_disk() < 24'000'000; };
  for (int i = 0; !few() && std::chrono::steady_clock::now() < deadline; ++i) {
    latest[0] = random_value();
    put("0", latest[0]);
  }
  EXPECT_TRUE(few()) << bytes_on_disk();
  EXPECT_GE(engine_->stats().bytes[static_cast<std::size_t>(Kind::payload)], keys * value_bytes);
  open();
  for (std::uint64_t key = 0; key < keys; ++key) {
    const auto found = get(std::to_string(key));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(*found, latest[key]) << key;
  }
}

TEST_F(Payloads, DamageIsFoundAndNothingOfItIsHandedOut) {
  for (int i = 0; i < 600; ++i) put(std::to_string(i), random_value());
  open();
  engine_.reset();
  const auto files = value_files();
  ASSERT_FALSE(files.empty());
  for (const auto& path : files) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
    file.seekg(middle);
    const char byte = static_cast<char>(file.get());
    file.seekp(middle);
    file.put(static_cast<char>(byte ^ 0x10));
  }
  open();
  int damaged = 0;
  for (int i = 0; i < 600; ++i) {
    const auto found = get(std::to_string(i));
    if (found.ok()) continue;
    EXPECT_TRUE(found.error().is(Code::corruption)) << found.error().to_string();
    ++damaged;
  }
  EXPECT_EQ(damaged, static_cast<int>(files.size()));
}

}  // namespace
}  // namespace reprise::kv
