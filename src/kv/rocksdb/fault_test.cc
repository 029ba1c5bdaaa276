// Failed fsyncs and full disks: writes stop with the right code, reads go on, and what was acknowledged is there after
// a restart. After a failed fsync writes stop for good; after a full disk they go on by themselves when there is room.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/task.h"
#include "kv/conformance_sets.h"
#include "kv/rocksdb/failing_disk.h"
#include "kv/rocksdb/open.h"
#include "kv/rocksdb/scratch.h"

namespace reprise::kv {
namespace {

using conformance::data_partition;
using conformance::guarded_set;
using conformance::put_set;
using conformance::versioned;

class FaultyDisk : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    RocksDbOptions options;
    options.directory = directory_.path() / "store";
    options.memtable_bytes = memtable_bytes_;
    auto engine = open_rocksdb_engine(
        options,
        {.env = disk_.env(), .room = [this] { return room(); }, .look_interval = std::chrono::milliseconds(10)});
    ASSERT_TRUE(engine.ok()) << engine.error().to_string();
    engine_ = std::move(engine).value();
  }
  void restart() {
    engine_.reset();
    make_room();
    open();
  }
  Status put(const Bytes& key, Bytes value) { return sync_wait(engine_->commit(put_set(p_, key, std::move(value)))); }
  std::optional<Bytes> get(const Bytes& key) {
    auto value = sync_wait(engine_->get(p_, key));
    EXPECT_TRUE(value.ok()) << value.error().to_string();
    return value.ok() ? *value : std::nullopt;
  }
  void expect_stopped(Code code, const std::string& text) {
    for (int i = 0; i < 3; ++i) {
      const Status status = put("later", "v");
      EXPECT_EQ(status.code(), code);
      EXPECT_NE(status.message().find(text), std::string::npos) << status.to_string();
      EXPECT_EQ(status.message().find('\n'), std::string::npos);
    }
    EXPECT_EQ(sync_wait(engine_->drop(p_)).code(), code);
    EXPECT_EQ(sync_wait(engine_->commit_transaction({put_set(p_, "later", "v")})).code(), code);
    EXPECT_EQ(get("later"), std::nullopt);
    EXPECT_TRUE(engine_->stats().writes_stopped);
    EXPECT_NE(engine_->stats().writes_stopped_reason.find(text), std::string::npos);
  }

  // From the first write on that fails the file system says that it is full, and not before: no write is refused early
  // (that is room_test.cc's).
  void fill_disk(std::atomic<bool> FailingDisk::Switches::*what) {
    refused_before_ = disk_.switches().refused.load();
    full_ = true;
    disk_.switches().*what = true;
  }
  void make_room() {
    disk_.heal();
    full_ = false;
  }
  template <class Condition>
  void wait_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(condition());
  }
  void expect_goes_on() {
    wait_until([this] { return !engine_->stats().writes_stopped; });
    const Status status = put("goes on", "1");
    EXPECT_TRUE(status.ok()) << status.to_string();
  }
  [[nodiscard]] DiskRoom room() {
    const bool full = full_ && disk_.switches().refused > refused_before_;
    return {full ? 0 : plenty, plenty};
  }

  static constexpr std::uint64_t plenty = std::uint64_t{1} << 40;
  ScratchDirectory directory_;
  FailingDisk disk_;
  std::atomic<bool> full_{false};
  std::atomic<std::uint64_t> refused_before_{0};
  std::size_t memtable_bytes_ = 48u << 20;
  std::unique_ptr<Engine> engine_;
  const Partition p_ = data_partition(1);
};

TEST_F(FaultyDisk, AFailedFsyncStopsWritesForGood) {
  ASSERT_TRUE(put("a", "1").ok());
  disk_.switches().sync_fails = true;
  EXPECT_EQ(put("b", "1").code(), Code::io_error);
  EXPECT_EQ(get("b"), std::nullopt);
  disk_.heal();  // the next fsync would succeed, and prove nothing
  expect_stopped(Code::io_error, "writes are stopped: the device failed");
  EXPECT_EQ(get("a"), "1");
  restart();
  EXPECT_EQ(get("a"), "1");
  EXPECT_TRUE(put("c", "1").ok());
  EXPECT_FALSE(engine_->stats().writes_stopped);
}

TEST_F(FaultyDisk, AFullDiskStopsWritesUntilThereIsRoom) {
  ASSERT_TRUE(put("a", "1").ok());
  fill_disk(&FailingDisk::Switches::log_full);
  EXPECT_EQ(put("b", "1").code(), Code::exhausted);
  expect_stopped(Code::exhausted, "writes are stopped: no space left on device");
  expect_stopped(Code::exhausted, "they go on by themselves");
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("b"), std::nullopt);
  make_room();
  expect_goes_on();
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("b"), std::nullopt);
  EXPECT_TRUE(put("b", "2").ok());
  restart();
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("b"), "2");
}

// A log has its room reserved, so this is how it usually ends: with a table write just asked for.
TEST_F(FaultyDisk, ALogThatCannotBeBegunStopsWritesUntilThereIsRoom) {
  memtable_bytes_ = 512 << 10;
  restart();
  std::vector<Bytes> acknowledged;
  for (int round = 0; round < 5; ++round) {
    // As the clock's ceiling is, all the time.
    const Partition meta{SpaceId(1), Kind::meta, ShardId(0), 0};
    ASSERT_TRUE(sync_wait(engine_->commit(put_set(meta, "clock", versioned(1)))).ok());
    fill_disk(&FailingDisk::Switches::new_log_full);
    Status refused;
    for (int i = 0; refused.ok() && i < 10'000; ++i) {
      const Bytes key = std::to_string(round) + "/" + std::to_string(i);
      refused = put(key, Bytes(10'000, 'v'));
      if (refused.ok()) acknowledged.push_back(key);
    }
    ASSERT_EQ(refused.code(), Code::exhausted) << refused.to_string();
    make_room();
    expect_goes_on();
    for (const auto& key : acknowledged) ASSERT_EQ(get(key), Bytes(10'000, 'v')) << key;
  }
  restart();
  for (const auto& key : acknowledged) ASSERT_EQ(get(key), Bytes(10'000, 'v')) << key;
}

TEST_F(FaultyDisk, ADiskThatFillsUpAgainAndAgainLosesNothing) {
  std::vector<Bytes> acknowledged;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 20; ++i) {
      acknowledged.push_back(std::to_string(round) + "/" + std::to_string(i));
      ASSERT_TRUE(put(acknowledged.back(), Bytes(1000, 'v')).ok());
    }
    fill_disk(round % 2 == 0 ? &FailingDisk::Switches::log_full : &FailingDisk::Switches::log_tears);
    EXPECT_EQ(put("refused" + std::to_string(round), Bytes(100'000, 'r')).code(), Code::exhausted);
    make_room();
    expect_goes_on();
    for (const auto& key : acknowledged) ASSERT_EQ(get(key), Bytes(1000, 'v')) << key;
    if (round % 2 != 0) restart();
    for (const auto& key : acknowledged) ASSERT_EQ(get(key), Bytes(1000, 'v')) << key;
    for (int i = 0; i <= round; ++i) EXPECT_EQ(get("refused" + std::to_string(i)), std::nullopt);
  }
}

TEST_F(FaultyDisk, ADiskThatIsFullAgainAtTheNextWriteHasWritesGoOnAllTheSame) {
  ASSERT_TRUE(put("a", "1").ok());
  for (int round = 0; round < 3; ++round) {
    fill_disk(&FailingDisk::Switches::log_full);
    EXPECT_EQ(put("refused", "1").code(), Code::exhausted);
    make_room();
    wait_until([this] { return !engine_->stats().writes_stopped; });
  }
  expect_goes_on();
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("refused"), std::nullopt);
}

TEST_F(FaultyDisk, ACrashRightAfterTheDiskWasFullFindsTheLogReadable) {
  ASSERT_TRUE(put("a", "1").ok());
  fill_disk(&FailingDisk::Switches::log_tears);
  disk_.switches().tables_full = true;  // so that resuming fails after it has given up the torn log
  EXPECT_EQ(put("b", Bytes(100'000, 'b')).code(), Code::exhausted);
  disk_.switches().log_tears = false;
  full_ = false;
  const std::uint64_t refused = disk_.switches().refused;
  wait_until([&] { return disk_.switches().refused > refused; });
  restart();
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("b"), std::nullopt);
  EXPECT_TRUE(put("b", "2").ok());
}

TEST_F(FaultyDisk, WithNothingInMemoryAFullLogNeedsARestart) {
  fill_disk(&FailingDisk::Switches::log_full);
  EXPECT_EQ(put("first", "1").code(), Code::exhausted);
  make_room();
  wait_until([&] {
    const auto reason = engine_->stats().writes_stopped_reason;
    return reason.empty() || reason.find("make room and restart") != std::string::npos;
  });
  expect_stopped(Code::exhausted, "make room and restart");
  restart();
  EXPECT_EQ(get("first"), std::nullopt);
  EXPECT_TRUE(put("first", "1").ok());
}

TEST_F(FaultyDisk, ATornLogRecordIsNotHalfApplied) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(put("key" + std::to_string(i), Bytes(1000, 'v')).ok());
  fill_disk(&FailingDisk::Switches::log_tears);
  WriteSet set;
  for (int i = 0; i < 100; ++i) set.atomic.push_back({p_, "torn" + std::to_string(i), Bytes(1000, 't')});
  EXPECT_EQ(sync_wait(engine_->commit(std::move(set))).code(), Code::exhausted);
  restart();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get("key" + std::to_string(i)), Bytes(1000, 'v'));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(get("torn" + std::to_string(i)), std::nullopt);
  ASSERT_TRUE(put("after", "1").ok());
  restart();
  EXPECT_EQ(get("after"), "1");
}

TEST_F(FaultyDisk, AFullDiskUnderTablesLosesNothing) {
  memtable_bytes_ = 256 << 10;
  restart();
  ASSERT_TRUE(put("first", "1").ok());
  fill_disk(&FailingDisk::Switches::tables_full);
  std::vector<Bytes> acknowledged;
  Status failed;
  for (int i = 0; i < 20000 && failed.ok(); ++i) {
    const Bytes key = "key" + std::to_string(i);
    failed = put(key, Bytes(10000, 'v'));
    if (failed.ok()) acknowledged.push_back(key);
  }
  ASSERT_EQ(failed.code(), Code::exhausted) << acknowledged.size();
  expect_stopped(Code::exhausted, "they go on by themselves");
  for (const auto& key : acknowledged) ASSERT_EQ(get(key), Bytes(10000, 'v')) << key;
  make_room();
  expect_goes_on();
  for (const auto& key : acknowledged) ASSERT_EQ(get(key), Bytes(10000, 'v')) << key;
  restart();
  EXPECT_EQ(get("first"), "1");
  for (const auto& key : acknowledged) ASSERT_EQ(get(key), Bytes(10000, 'v')) << key;
  EXPECT_TRUE(put("later", "1").ok());
}

TEST_F(FaultyDisk, AConflictIsNotAFault) {
  ASSERT_TRUE(put("a", versioned(1)).ok());
  EXPECT_EQ(sync_wait(engine_->commit(guarded_set(p_, "a", 2, versioned(3)))).code(), Code::conflict);
  EXPECT_TRUE(put("b", "1").ok());
  EXPECT_FALSE(engine_->stats().writes_stopped);
}

}  // namespace
}  // namespace reprise::kv
