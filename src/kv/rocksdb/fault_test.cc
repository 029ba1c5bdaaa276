// Failed fsyncs and full disks: writes stop for good with the right code, reads go on, and what was acknowledged is
// there after a restart.
#include <gtest/gtest.h>

#include <string>
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
    auto engine = open_rocksdb_engine(options, disk_.env());
    ASSERT_TRUE(engine.ok()) << engine.error().to_string();
    engine_ = std::move(engine).value();
  }
  void restart() {
    engine_.reset();
    disk_.heal();
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

  ScratchDirectory directory_;
  FailingDisk disk_;
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

TEST_F(FaultyDisk, AFullDiskStopsWritesWithAdvice) {
  ASSERT_TRUE(put("a", "1").ok());
  disk_.switches().log_full = true;
  EXPECT_EQ(put("b", "1").code(), Code::exhausted);
  disk_.heal();
  expect_stopped(Code::exhausted, "writes are stopped: no space left on device");
  expect_stopped(Code::exhausted, "free some space and restart");
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("b"), std::nullopt);
  restart();
  EXPECT_EQ(get("a"), "1");
  EXPECT_TRUE(put("b", "2").ok());
  EXPECT_EQ(get("b"), "2");
}

TEST_F(FaultyDisk, ATornLogRecordIsNotHalfApplied) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(put("key" + std::to_string(i), Bytes(1000, 'v')).ok());
  disk_.switches().log_tears = true;
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
  disk_.switches().tables_full = true;
  std::vector<Bytes> acknowledged;
  Status failed;
  for (int i = 0; i < 20000 && failed.ok(); ++i) {
    const Bytes key = "key" + std::to_string(i);
    failed = put(key, Bytes(10000, 'v'));
    if (failed.ok()) acknowledged.push_back(key);
  }
  ASSERT_EQ(failed.code(), Code::exhausted) << acknowledged.size();
  disk_.heal();
  expect_stopped(Code::exhausted, "free some space and restart");
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
