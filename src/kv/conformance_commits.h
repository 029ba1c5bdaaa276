// Part of kv/conformance.h: guards, atomicity and the parts of a write set.
#pragma once

#include "kv/conformance.h"

namespace reprise::kv::conformance {

TEST_P(Conformance, GuardOnAbsence) {
  const auto p = data_partition(1);
  EXPECT_EQ(commit(guarded_set(p, "k", std::nullopt, versioned(1, "one"))), Code::ok);
  EXPECT_EQ(commit(guarded_set(p, "k", std::nullopt, versioned(2, "two"))), Code::conflict);
  EXPECT_EQ(get(p, "k"), versioned(1, "one"));
  EXPECT_EQ(commit(delete_set(p, "k")), Code::ok);
  EXPECT_EQ(commit(guarded_set(p, "k", std::nullopt, versioned(3, "three"))), Code::ok);
  EXPECT_EQ(get(p, "k"), versioned(3, "three"));
}

TEST_P(Conformance, GuardOnAVersion) {
  const auto p = data_partition(1);
  EXPECT_EQ(commit(guarded_set(p, "k", 5, versioned(6))), Code::conflict);  // absent
  put(p, "k", versioned(5, "five"));
  EXPECT_EQ(commit(guarded_set(p, "k", 4, versioned(6))), Code::conflict);
  EXPECT_EQ(commit(guarded_set(p, "k", 6, versioned(6))), Code::conflict);
  EXPECT_EQ(commit(guarded_set(p, "k", 0, versioned(6))), Code::conflict);
  EXPECT_EQ(get(p, "k"), versioned(5, "five"));
  EXPECT_EQ(commit(guarded_set(p, "k", 5, versioned(6, "six"))), Code::ok);
  EXPECT_EQ(get(p, "k"), versioned(6, "six"));
  const std::uint64_t greatest = ~std::uint64_t{0};
  for (const std::uint64_t version : {std::uint64_t{0}, std::uint64_t{0x80}, std::uint64_t{0xff00}, greatest}) {
    put(p, "edge", versioned(version));
    EXPECT_EQ(commit(guarded_set(p, "edge", version + 1, versioned(9))), Code::conflict);
    EXPECT_EQ(commit(guarded_set(p, "edge", version, versioned(9))), Code::ok);
  }
}

TEST_P(Conformance, GuardsLookAtMetaAndPayloadPartitionsToo) {
  for (const Kind kind : {Kind::meta, Kind::payload}) {
    const auto p = bucket_partition(1, kind, 0);
    const Bytes text(5'000, 'v');
    EXPECT_EQ(commit(guarded_set(p, "k", std::nullopt, versioned(1, text))), Code::ok);
    EXPECT_EQ(commit(guarded_set(p, "k", 2, versioned(3))), Code::conflict);
    EXPECT_EQ(get(p, "k"), versioned(1, text));
    EXPECT_EQ(commit(guarded_set(p, "k", 1, versioned(3))), Code::ok);
  }
}

TEST_P(Conformance, OneFailingGuardStopsTheWholeSet) {
  const auto p = data_partition(1);
  put(p, "a", versioned(1));
  put(p, "b", versioned(2));
  WriteSet set;
  set.guards = {{p, "a", 1}, {p, "b", 1}, {p, "c", std::nullopt}};
  set.preceding.push_back({bucket_partition(1, Kind::history, 10), "h", "history"});
  set.atomic = {{p, "a", versioned(9)}, {p, "c", versioned(9)}, {p, "b", std::nullopt}};
  set.following.push_back({data_partition(2), "i", versioned(9)});
  EXPECT_EQ(commit(set), Code::conflict);
  EXPECT_EQ(get(p, "a"), versioned(1));
  EXPECT_EQ(get(p, "b"), versioned(2));
  EXPECT_EQ(get(p, "c"), std::nullopt);
  EXPECT_EQ(get(data_partition(2), "i"), std::nullopt);
  set.guards[1].version = 2;
  EXPECT_EQ(commit(set), Code::ok);
  EXPECT_EQ(get(p, "a"), versioned(9));
  EXPECT_EQ(get(p, "b"), std::nullopt);
  EXPECT_EQ(get(p, "c"), versioned(9));
}

TEST_P(Conformance, AllPartsAreVisibleAfterTheCommit) {
  const auto p = data_partition(1);
  const auto history = bucket_partition(1, Kind::history, 10);
  const auto log = bucket_partition(1, Kind::log, 10);
  WriteSet set;
  set.preceding = {{history, "k", "ended"}, {log, "t", "changed"}};
  set.atomic = {{p, "k", versioned(1)}};
  set.following = {{data_partition(2), "index", versioned(1)}, {data_partition(3, 4), "index", versioned(1)}};
  EXPECT_EQ(commit(std::move(set)), Code::ok);
  EXPECT_EQ(get(history, "k"), "ended");
  EXPECT_EQ(get(log, "t"), "changed");
  EXPECT_EQ(get(p, "k"), versioned(1));
  EXPECT_EQ(get(data_partition(2), "index"), versioned(1));
  EXPECT_EQ(get(data_partition(3, 4), "index"), versioned(1));
}

TEST_P(Conformance, TheLastWriteToAKeyWins) {
  const auto p = data_partition(1);
  WriteSet set;
  set.preceding = {{p, "a", "preceding"}, {p, "b", "preceding"}};
  set.atomic = {{p, "a", "atomic"}, {p, "c", "first"}, {p, "c", "second"}, {p, "d", "put"}, {p, "d", std::nullopt}};
  set.following = {{p, "b", "following"}};
  EXPECT_EQ(commit(std::move(set)), Code::ok);
  EXPECT_EQ(get(p, "a"), "atomic");
  EXPECT_EQ(get(p, "b"), "following");
  EXPECT_EQ(get(p, "c"), "second");
  EXPECT_EQ(get(p, "d"), std::nullopt);
}

TEST_P(Conformance, GuardsAreCheckedBeforeTheSetsOwnWrites) {
  const auto p = data_partition(1);
  WriteSet set;
  set.guards = {{p, "a", std::nullopt}, {p, "a", std::nullopt}};
  set.preceding = {{p, "a", versioned(1)}};
  set.atomic = {{p, "a", versioned(2)}};
  EXPECT_EQ(commit(std::move(set)), Code::ok);
  EXPECT_EQ(get(p, "a"), versioned(2));
}

TEST_P(Conformance, ASetWithoutWritesChecksItsGuards) {
  const auto p = data_partition(1);
  put(p, "k", versioned(1));
  WriteSet set;
  EXPECT_EQ(commit(set), Code::ok);
  set.guards = {{p, "k", 1}};
  EXPECT_EQ(commit(set), Code::ok);
  set.guards = {{p, "k", 2}};
  EXPECT_EQ(commit(set), Code::conflict);
}

TEST_P(Conformance, SetsThatAreNotOfOneShardAreRefused) {
  const auto p = data_partition(1);
  WriteSet two_partitions = put_set(p, "a", "v");
  two_partitions.atomic.push_back({data_partition(1, 1), "a", "v"});
  EXPECT_EQ(commit(std::move(two_partitions)), Code::internal);
  WriteSet far_guard = put_set(p, "a", "v");
  far_guard.guards.push_back({data_partition(2), "a", std::nullopt});
  EXPECT_EQ(commit(std::move(far_guard)), Code::internal);
  const auto history = bucket_partition(1, Kind::history, 3);
  EXPECT_EQ(commit(guarded_set(history, "a", std::nullopt, "v")), Code::internal);
  EXPECT_EQ(get(p, "a"), std::nullopt);
  EXPECT_EQ(get(history, "a"), std::nullopt);
}

TEST_P(Conformance, ATransactionIsAllOrNothing) {
  const auto transaction = [](std::uint64_t last_version) {
    std::vector<WriteSet> sets;
    for (std::uint16_t shard = 0; shard < 4; ++shard) {
      const auto p = data_partition(1, shard);
      sets.push_back(guarded_set(p, "k", shard == 3 ? last_version : 1, versioned(2)));
      sets.back().preceding.push_back({bucket_partition(1, Kind::history, 5, shard), "k", "ended"});
      sets.back().following.push_back({data_partition(2, shard), "index", versioned(2)});
    }
    return sets;
  };
  for (std::uint16_t shard = 0; shard < 4; ++shard) put(data_partition(1, shard), "k", versioned(1));
  EXPECT_EQ(sync_wait(engine().commit_transaction(transaction(7))).code(), Code::conflict);
  for (std::uint16_t shard = 0; shard < 4; ++shard) {
    EXPECT_EQ(get(data_partition(1, shard), "k"), versioned(1));
    EXPECT_EQ(get(data_partition(2, shard), "index"), std::nullopt);
  }
  EXPECT_EQ(sync_wait(engine().commit_transaction(transaction(1))).code(), Code::ok);
  for (std::uint16_t shard = 0; shard < 4; ++shard) {
    EXPECT_EQ(get(data_partition(1, shard), "k"), versioned(2));
    EXPECT_EQ(get(data_partition(2, shard), "index"), versioned(2));
    EXPECT_EQ(get(bucket_partition(1, Kind::history, 5, shard), "k"), "ended");
  }
  EXPECT_EQ(sync_wait(engine().commit_transaction({})).code(), Code::ok);
}

TEST_P(Conformance, StatsCountCommits) {
  const EngineStats before = engine().stats();
  put(data_partition(1), "k", Bytes(100, 'v'));
  put(data_partition(1), "l", Bytes(100, 'v'));
  const EngineStats after = engine().stats();
  EXPECT_EQ(after.commits, before.commits + 2);
  EXPECT_GT(after.commit_batches, before.commit_batches);
  EXPECT_GE(after.bytes[static_cast<std::size_t>(Kind::data)], 200u);
  EXPECT_FALSE(after.writes_stopped);
}

TEST_P(Conformance, AfterCloseEverythingIsUnavailable) {
  const auto p = data_partition(1);
  put(p, "k", "v");
  EXPECT_TRUE(engine().close().ok());
  EXPECT_EQ(commit(put_set(p, "k", "w")), Code::unavailable);
  EXPECT_EQ(sync_wait(engine().commit_transaction({})).code(), Code::unavailable);
  EXPECT_EQ(sync_wait(engine().drop(p)).code(), Code::unavailable);
  EXPECT_EQ(sync_wait(engine().get(p, "k")).error().code(), Code::unavailable);
  EXPECT_EQ(sync_wait(engine().multi_get(p, {"k"})).error().code(), Code::unavailable);
  const Range range;
  EXPECT_EQ(sync_wait(engine().scan(p, range, Direction::forward, {})).error().code(), Code::unavailable);
  EXPECT_EQ(sync_wait(engine().buckets(p.space, p.kind, p.shard)).error().code(), Code::unavailable);
  EXPECT_TRUE(engine().close().ok());
}

}  // namespace reprise::kv::conformance
