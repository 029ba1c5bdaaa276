// Part of kv/conformance.h: drop and buckets.
#pragma once

#include <limits>

#include "kv/conformance.h"

namespace reprise::kv::conformance {

TEST_P(Conformance, DropRemovesOnePartitionAndLeavesItsNeighbours) {
  const auto dropped = bucket_partition(5, Kind::history, 100);
  const Partition kept[] = {bucket_partition(5, Kind::history, 99),  bucket_partition(5, Kind::history, 101),
                            bucket_partition(5, Kind::log, 100),     bucket_partition(4, Kind::history, 100),
                            bucket_partition(6, Kind::history, 100), bucket_partition(5, Kind::history, 100, 1),
                            bucket_partition(5, Kind::data, 0)};
  const std::vector<Bytes> all = {"", Bytes(1, '\0'), "m", Bytes(30, '\xff')};
  for (const auto& key : all) {
    put(dropped, key, "v");
    for (const auto& p : kept) put(p, key, "v");
  }
  EXPECT_TRUE(sync_wait(engine().drop(dropped)).ok());
  EXPECT_TRUE(keys(dropped).empty());
  for (const auto& key : all) EXPECT_EQ(get(dropped, key), std::nullopt);
  for (const auto& p : kept) EXPECT_EQ(keys(p), all);
}

TEST_P(Conformance, DropOfAnAbsentPartitionIsOkAndADroppedOneCanBeWrittenAgain) {
  const auto p = data_partition(3);
  EXPECT_TRUE(sync_wait(engine().drop(p)).ok());
  put(p, "a", "old");
  put(p, "b", "old");
  EXPECT_TRUE(sync_wait(engine().drop(p)).ok());
  put(p, "a", "new");
  EXPECT_EQ(keys(p), std::vector<Bytes>{"a"});
  EXPECT_EQ(get(p, "a"), "new");
  EXPECT_TRUE(sync_wait(engine().drop(p)).ok());
  EXPECT_TRUE(sync_wait(engine().drop(p)).ok());
  EXPECT_TRUE(keys(p).empty());
}

TEST_P(Conformance, DropOfManyKeys) {
  for (const Kind kind : {Kind::log, Kind::payload}) {
    const auto p = bucket_partition(1, kind, 0, 7);
    const auto next = bucket_partition(1, kind, 0, 8);
    const std::size_t value_bytes = kind == Kind::payload ? 1'500 : 100;
    WriteSet set;
    for (int i = 0; i < 5000; ++i) {
      Bytes key;
      append_be32(key, static_cast<std::uint32_t>(i));
      set.preceding.push_back({p, key, Bytes(value_bytes, 'v')});
      if (i % 1000 == 0) set.preceding.push_back({next, key, Bytes(value_bytes, 'v')});
    }
    ASSERT_EQ(commit(std::move(set)), Code::ok);
    EXPECT_TRUE(sync_wait(engine().drop(p)).ok());
    EXPECT_TRUE(keys(p).empty());
    EXPECT_EQ(keys(next).size(), 5u);
  }
}

TEST_P(Conformance, BucketsAreListedInOrder) {
  const std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_TRUE(buckets(1, Kind::history).empty());
  for (const std::uint64_t bucket :
       {std::uint64_t{70}, std::uint64_t{0}, std::uint64_t{256}, std::uint64_t{255}, greatest}) {
    for (const char* key : {"a", "b", "c"}) put(bucket_partition(1, Kind::history, bucket), key, "v");
  }
  put(bucket_partition(1, Kind::log, 1), "a", "v");
  put(bucket_partition(1, Kind::history, 2, 1), "a", "v");
  put(bucket_partition(2, Kind::history, 3), "a", "v");
  put(bucket_partition(0, Kind::history, 4), "a", "v");
  EXPECT_EQ(buckets(1, Kind::history), (std::vector<std::uint64_t>{0, 70, 255, 256, greatest}));
  EXPECT_EQ(buckets(1, Kind::log), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(buckets(1, Kind::history, 1), (std::vector<std::uint64_t>{2}));
  EXPECT_TRUE(sync_wait(engine().drop(bucket_partition(1, Kind::history, 70))).ok());
  EXPECT_TRUE(sync_wait(engine().drop(bucket_partition(1, Kind::history, greatest))).ok());
  EXPECT_EQ(buckets(1, Kind::history), (std::vector<std::uint64_t>{0, 255, 256}));
  for (const char* key : {"a", "b", "c"}) {
    EXPECT_EQ(commit(delete_set(bucket_partition(1, Kind::history, 0), key)), Code::ok);
  }
  EXPECT_EQ(buckets(1, Kind::history), (std::vector<std::uint64_t>{255, 256}));
}

}  // namespace reprise::kv::conformance
