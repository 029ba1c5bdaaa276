// The check before each commit, and the engine over a file system that says how full it is.
#include "kv/rocksdb/room.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <limits>
#include <string>
#include <thread>

#include "base/task.h"
#include "kv/conformance_sets.h"
#include "kv/rocksdb/ballast.h"
#include "kv/rocksdb/open.h"
#include "kv/rocksdb/scratch.h"

namespace reprise::kv {
namespace {

using conformance::data_partition;
using conformance::put_set;

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

// A file system of 1 TiB, of which 64 MiB are kept back and 16 of those for what makes room.
struct Disk {
  std::atomic<std::uint64_t> free_bytes{1000 * mib};
  std::atomic<std::uint64_t> unwritten{0};
  std::atomic<int> asked{0};
  RoomProbes probes() {
    return {[this]() -> std::optional<DiskRoom> {
              ++asked;
              return DiskRoom{free_bytes, mib * mib};
            },
            [this] { return unwritten.load(); }};
  }
};

TEST(Room, RefusesBelowTheReserveAndTakesWhatMakesRoomBelowIt) {
  Disk disk;
  disk.free_bytes = 65 * mib;
  Room room(disk.probes());
  EXPECT_TRUE(room.admit(1000, false));
  EXPECT_FALSE(room.refuses());
  disk.free_bytes = 63 * mib;
  room.measure();
  EXPECT_FALSE(room.admit(1000, false));
  EXPECT_TRUE(room.admit(1000, true));
  EXPECT_TRUE(room.refuses());
  EXPECT_TRUE(room.refusal().is(Code::exhausted));
  EXPECT_NE(room.refusal().message().find("63 MiB left"), std::string::npos) << room.refusal().to_string();
  disk.free_bytes = 15 * mib;
  room.measure();
  EXPECT_FALSE(room.admit(1000, true));
}

TEST(Room, CountsWhatIsInMemoryAsTaken) {
  Disk disk;
  disk.free_bytes = 100 * mib;
  disk.unwritten = 40 * mib;
  Room room(disk.probes());
  EXPECT_FALSE(room.admit(1000, false));
  EXPECT_TRUE(room.admit(1000, true));
  disk.unwritten = 0;
  room.measure();
  EXPECT_TRUE(room.admit(1000, false));
}

TEST(Room, CountsEachCommitTwiceUntilItAsksAgain) {
  Disk disk;
  disk.free_bytes = 74 * mib;
  Room room(disk.probes());
  const int asked = disk.asked;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(room.admit(mib, false)) << i;
    room.write_begins(mib);
    room.write_ends();
  }
  EXPECT_EQ(disk.asked, asked) << "no system call while there is enough for sure";
  disk.free_bytes = 69 * mib;
  EXPECT_TRUE(room.admit(mib, false)) << "asks, and sees that there is more than was counted";
  EXPECT_EQ(disk.asked, asked + 1);
  EXPECT_FALSE(room.admit(3 * mib, false));
}

TEST(Room, AsksAgainAfterSomeBytesThoughThereIsPlenty) {
  Disk disk;
  Room room(disk.probes());
  const int asked = disk.asked;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(room.admit(mib / 4, false));
    room.write_begins(mib / 4);
    room.write_ends();
  }
  EXPECT_GE(disk.asked, asked + 2);
  EXPECT_LE(disk.asked, asked + 10);
}

TEST(Room, TakesACommitOfAnySizeThatFits) {
  Disk disk;
  Room room(disk.probes());
  EXPECT_TRUE(room.admit(400 * mib, false));
  EXPECT_FALSE(room.admit(500 * mib, false));
  EXPECT_TRUE(room.admit(400 * mib, false));
}

TEST(Room, AStoreAtTheEdgeWaitsForALittleMore) {
  Disk disk;
  disk.free_bytes = 63 * mib;
  Room room(disk.probes());
  disk.free_bytes = 65 * mib;
  room.measure();
  EXPECT_FALSE(room.admit(1, false));
  disk.free_bytes = 81 * mib;
  room.measure();
  EXPECT_TRUE(room.admit(1, false));
  EXPECT_FALSE(room.refuses());
}

TEST(Room, WhatIsNotKnownRefusesNothing) {
  Room room({[] { return std::optional<DiskRoom>(); }});
  EXPECT_EQ(room.measure(), std::numeric_limits<std::int64_t>::max());
  EXPECT_TRUE(room.admit(10'000 * mib, false));
  EXPECT_FALSE(room.refuses());
}

TEST(Room, ASmallDiskKeepsASixteenth) {
  Room room({[] { return std::optional<DiskRoom>({10 * mib, 160 * mib}); }});
  EXPECT_EQ(room.reserve(), static_cast<std::int64_t>(10 * mib));
  EXPECT_TRUE(room.admit(0, false));
  EXPECT_FALSE(room.admit(1, false));
}

class NearlyFull : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    RocksDbOptions options;
    options.directory = directory_.path() / "store";
    auto engine = open_rocksdb_engine(options, {.room =
                                                    [this] {
                                                      return std::optional<DiskRoom>({free_, total});
                                                    },
                                                .look_interval = std::chrono::milliseconds(10)});
    ASSERT_TRUE(engine.ok()) << engine.error().to_string();
    engine_ = std::move(engine).value();
  }
  Status put(const Bytes& key) { return sync_wait(engine_->commit(put_set(p_, key, "v"))); }
  Status erase(const Bytes& key) {
    WriteSet set;
    set.atomic.push_back({p_, key, std::nullopt});
    set.frees_room = true;
    return sync_wait(engine_->commit(std::move(set)));
  }
  std::optional<Bytes> get(const Bytes& key) {
    auto value = sync_wait(engine_->get(p_, key));
    EXPECT_TRUE(value.ok()) << value.error().to_string();
    return value.ok() ? *value : std::nullopt;
  }
  void expect_refusing(bool refusing) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (engine_->stats().writes_stopped != refusing && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    ASSERT_EQ(engine_->stats().writes_stopped, refusing);
  }

  static constexpr std::uint64_t total = mib * mib;
  ScratchDirectory directory_;
  std::atomic<std::uint64_t> free_{1000 * mib};
  std::unique_ptr<Engine> engine_;
  const Partition p_ = data_partition(1);
};

TEST_F(NearlyFull, WritesAreRefusedDeletesAreNotAndAllGoesOnWithRoom) {
  ASSERT_TRUE(put("a").ok());
  ASSERT_TRUE(put("b").ok());
  free_ = 50 * mib;
  expect_refusing(true);
  const Status refused = put("c");
  EXPECT_EQ(refused.code(), Code::exhausted);
  EXPECT_NE(refused.message().find("make room"), std::string::npos) << refused.to_string();
  EXPECT_EQ(engine_->stats().writes_stopped_reason, refused.message());
  EXPECT_EQ(get("c"), std::nullopt);
  EXPECT_EQ(get("a"), "v");
  EXPECT_TRUE(erase("a").ok());
  EXPECT_EQ(get("a"), std::nullopt);
  free_ = 1000 * mib;
  expect_refusing(false);
  EXPECT_TRUE(put("c").ok());
}

TEST_F(NearlyFull, ATransactionFreesRoomWhenAllOfItDoes) {
  free_ = 50 * mib;
  expect_refusing(true);
  WriteSet frees;
  frees.atomic.push_back({p_, "a", std::nullopt});
  frees.frees_room = true;
  EXPECT_EQ(sync_wait(engine_->commit_transaction({frees, put_set(p_, "b", "v")})).code(), Code::exhausted);
  EXPECT_TRUE(sync_wait(engine_->commit_transaction({frees, frees})).ok());
}

TEST_F(NearlyFull, APartitionIsDroppedAllTheSame) {
  ASSERT_TRUE(put("a").ok());
  free_ = 50 * mib;
  expect_refusing(true);
  EXPECT_TRUE(sync_wait(engine_->drop(p_)).ok());
  EXPECT_EQ(get("a"), std::nullopt);
}

TEST_F(NearlyFull, WithNextToNothingLeftNothingIsWritten) {
  ASSERT_TRUE(put("a").ok());
  free_ = 1 * mib;
  expect_refusing(true);
  EXPECT_EQ(erase("a").code(), Code::exhausted);
  EXPECT_EQ(get("a"), "v");
  free_ = 1000 * mib;
  expect_refusing(false);
  EXPECT_TRUE(erase("a").ok());
}

TEST_F(NearlyFull, OpensOnAFullDiskAndServesWhatItHolds) {
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(sync_wait(engine_->commit(put_set(p_, "key" + std::to_string(i), Bytes(mib, 'v')))).ok());
  }
  engine_.reset();
  free_ = 0;
  open();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(get("key" + std::to_string(i)), Bytes(mib, 'v'));
  EXPECT_EQ(put("later").code(), Code::exhausted);
  free_ = 1000 * mib;
  expect_refusing(false);
  const Status later = put("later");
  EXPECT_TRUE(later.ok()) << later.to_string();
}

TEST_F(NearlyFull, TheBallastIsTakenWithRoomAndGivenUpAtAStartWithout) {
  const auto ballast = directory_.path() / "store" / "ballast";
  const auto wait_for = [&](bool there) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (Ballast((directory_.path() / "store").string()).holds({free_, total}) != there &&
           std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_EQ(std::filesystem::exists(ballast), there);
  };
  wait_for(true);
  EXPECT_EQ(std::filesystem::file_size(ballast), 4 * mib);
  engine_.reset();
  free_ = 0;
  open();
  wait_for(false);
  free_ = 1000 * mib;
  wait_for(true);
}

}  // namespace
}  // namespace reprise::kv
