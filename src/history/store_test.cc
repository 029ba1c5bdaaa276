// The store's behaviours one by one; store_oracle_test.cc mixes them.
#include "history/store.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/log.h"
#include "kv/faulty/engine.h"
#include "kv/memory/engine.h"

namespace reprise::history {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::uint64_t start = 1'700'000'000'000'000;

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { open(); }

  void open() {
    store_.reset();
    set_log_level(LogLevel::error);
    auto opened = sync_wait(Store::open(*engine_, wall_, options_));
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    store_ = std::move(*opened);
  }
  // As after kill -9, a second later.
  void crash() {
    wall_.advance(1'000'000);
    open();
  }

  SpaceId make(Retention retention) { return sync_wait(store_->create({retention}))->front(); }

  Version get(SpaceId space, BytesView key) {
    auto found = sync_wait(store_->get(space, key));
    EXPECT_TRUE(found.ok()) << found.error().to_string();
    return found.ok() ? std::move(*found) : Version();
  }
  std::string value(SpaceId space, BytesView key) {
    const auto version = get(space, key);
    return version ? std::string(version.value()) : "(none)";
  }
  std::string value(SpaceId space, BytesView key, Timestamp at) {
    const auto found = sync_wait(store_->get(space, key, at));
    if (!found.ok()) return std::string(code_name(found.error().code()));
    return *found ? std::string(found->value()) : "(none)";
  }

  Change change(SpaceId space, Bytes key, std::optional<Bytes> value) {
    Change made;
    made.before = get(space, key);
    made.space = space;
    made.key = std::move(key);
    made.value = std::move(value);
    return made;
  }
  Result<Timestamp> commit(std::vector<Change> changes) {
    Commit commit;
    commit.changes = std::move(changes);
    return sync_wait(store_->commit(std::move(commit)));
  }
  Timestamp put(SpaceId space, Bytes key, std::optional<Bytes> value) {
    std::vector<Change> changes;
    changes.push_back(change(space, std::move(key), std::move(value)));
    const auto done = commit(std::move(changes));
    EXPECT_TRUE(done.ok()) << done.error().to_string();
    wall_.advance(10);
    return done.ok() ? *done : Timestamp();
  }

  std::string list(SpaceId space, std::optional<Timestamp> at, Direction direction = Direction::forward) {
    ScanRequest request;
    request.space = space;
    request.direction = direction;
    request.as_of = at;
    const auto page = sync_wait(store_->scan(std::move(request)));
    if (!page.ok()) return std::string(code_name(page.error().code()));
    std::string text;
    for (std::size_t i = 0; i < page->rows.size(); ++i) {
      text.append(page->rows[i].key).append("=").append(page->rows[i].value).append(" ");
    }
    return text;
  }
  SpaceId clone(SpaceId base, Timestamp at, Retention retention = Retention(0)) {
    std::vector<CloneRequest> requests{{base, at, retention}};
    const auto made = sync_wait(store_->clone(std::move(requests)));
    EXPECT_TRUE(made.ok()) << made.error().to_string();
    return made.ok() ? made->front() : SpaceId();
  }
  void finish_copy(SpaceId space) {
    for (int i = 0; i < 1000; ++i) {
      const auto progress = sync_wait(store_->copy_from_base(space, 1 << 20));
      ASSERT_TRUE(progress.ok()) << progress.error().to_string();
      if (progress->finished) return;
    }
    FAIL() << "the copy does not end";
  }
  std::size_t rows_in(SpaceId space, kv::Kind kind) {
    std::size_t rows = 0;
    const auto buckets = sync_wait(engine_->buckets(space, kind, ShardId(0)));
    for (const auto bucket : *buckets) {
      const kv::Partition partition{space, kind, ShardId(0), bucket};
      rows +=
          sync_wait(engine_->scan(partition, Range(), Direction::forward, kv::PageLimit{100000, 1 << 30}))->rows.size();
    }
    return rows;
  }
  void ok(const Status& status) { EXPECT_TRUE(status.ok()) << status.to_string(); }

  ManualClock wall_{start};
  StoreOptions options_;
  std::unique_ptr<kv::Engine> engine_ = kv::make_memory_engine();
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, KeepsThePast) {
  const SpaceId space = make(hours(1));
  const Timestamp none = store_->now();
  const Timestamp one = put(space, "k", "one");
  const Timestamp two = put(space, "k", "two");
  const Timestamp gone = put(space, "k", std::nullopt);
  const Timestamp three = put(space, "k", "three");
  EXPECT_EQ(value(space, "k"), "three");
  EXPECT_EQ(value(space, "k", none), "(none)");
  EXPECT_EQ(value(space, "k", one), "one");
  EXPECT_EQ(value(space, "k", two.previous()), "one");
  EXPECT_EQ(value(space, "k", two), "two");
  EXPECT_EQ(value(space, "k", gone), "(none)");
  EXPECT_EQ(value(space, "k", three.previous()), "(none)");
  EXPECT_EQ(value(space, "k", three), "three");
  EXPECT_EQ(list(space, two), "k=two ");
  EXPECT_EQ(list(space, gone, Direction::backward), "");
}

TEST_F(StoreTest, ACommitHasOneTimestampInAllItsSpaces) {
  const SpaceId items = make(hours(1)), index = make(hours(1));
  Commit both;
  both.changes.push_back(change(items, "item", "1"));
  both.derived.push_back(change(index, "entry", "1"));
  const auto at = sync_wait(store_->commit(std::move(both)));
  ASSERT_TRUE(at.ok());
  EXPECT_EQ(value(items, "item", *at) + value(index, "entry", *at), "11");
  EXPECT_EQ(value(items, "item", at->previous()) + value(index, "entry", at->previous()), "(none)(none)");
  std::vector<Change> several;
  several.push_back(change(items, "item", "2"));
  several.push_back(change(index, "entry", std::nullopt));
  const auto later = commit(std::move(several));
  ASSERT_TRUE(later.ok());
  EXPECT_EQ(value(items, "item", *later) + value(index, "entry", *later), "2(none)");
}

TEST_F(StoreTest, SpacesOfLargeValuesAreLikeOthersAndSoAreTheirClones) {
  const SpaceId space = sync_wait(store_->create({NewSpace(hours(1), true)}))->front();
  const Bytes first(3'000, '1'), second(4'000, '2');
  const Timestamp one = put(space, "k", first);
  put(space, "gone", first);
  const SpaceId made = clone(space, store_->now());
  put(space, "k", second);
  put(made, "gone", std::nullopt);
  crash();
  EXPECT_EQ(value(space, "k"), second);
  EXPECT_EQ(value(space, "k", one), first);
  EXPECT_EQ(value(made, "k") + value(made, "gone"), first + "(none)");
  finish_copy(made);
  EXPECT_EQ(value(made, "k") + value(made, "gone"), first + "(none)");
  EXPECT_EQ(store_->info(made)->bytes, first.size());
  sync_wait(store_->drop({made}, Timestamp())).ignore();
  EXPECT_TRUE(sync_wait(store_->collect()).ok());
  EXPECT_EQ(value(space, "k") + value(space, "gone"), second + first);
}

TEST_F(StoreTest, WhatWasNotReadCanBeDeletedWhereNoPastIsKept) {
  const SpaceId items = make(Retention(0)), plain = make(Retention(0)), kept = make(hours(1));
  put(items, "k", "1");
  put(plain, "v", "value");
  put(kept, "v", "value");
  const auto deleting = [&](SpaceId space) {
    Commit made;
    made.changes.push_back(change(items, "k", "2"));
    made.derived.push_back({space, "v", std::nullopt, Version::unread(5)});
    return made;
  };
  EXPECT_EQ(sync_wait(store_->commit(deleting(kept))).error().code(), Code::conflict);
  EXPECT_EQ(value(items, "k") + value(kept, "v"), "1value");
  Commit wrong;
  wrong.changes.push_back({plain, "v", std::nullopt, Version::unread(5)});
  EXPECT_EQ(sync_wait(store_->commit(std::move(wrong))).error().code(), Code::invalid);

  ASSERT_TRUE(sync_wait(store_->pin_present("pin", {plain})).ok());
  EXPECT_EQ(sync_wait(store_->commit(deleting(plain))).error().code(), Code::conflict) << "the pin keeps a past";
  EXPECT_EQ(value(plain, "v"), "value");
  ASSERT_TRUE(sync_wait(store_->unpin("pin")).ok());
  EXPECT_TRUE(sync_wait(store_->commit(deleting(plain))).ok());
  EXPECT_EQ(value(items, "k") + value(plain, "v"), "2(none)");
  EXPECT_EQ(store_->info(plain)->keys, 0U);
  EXPECT_EQ(store_->info(plain)->bytes, 0U);
}

TEST_F(StoreTest, AStaleBeforeConflictsAndChangesNothing) {
  const SpaceId space = make(hours(1)), other = make(hours(1));
  put(space, "k", "old");
  std::vector<Change> changes;
  changes.push_back(change(other, "x", "new"));
  changes.push_back(change(space, "k", "mine"));
  std::vector<Change> insertion;
  insertion.push_back(change(space, "fresh", "mine"));
  put(space, "k", "theirs");
  put(space, "fresh", "theirs");
  EXPECT_EQ(commit(std::move(changes)).error().code(), Code::conflict);
  EXPECT_EQ(commit(std::move(insertion)).error().code(), Code::conflict);
  EXPECT_EQ(value(space, "k") + value(space, "fresh") + value(other, "x"), "theirstheirs(none)");
  EXPECT_EQ(store_->info(space)->keys, 2U);
}

TEST_F(StoreTest, AChangeCanOnlyCheck) {
  const SpaceId space = make(hours(1));
  const Timestamp made = put(space, "checked", "v");
  std::vector<Change> good, bad;
  for (auto* const changes : {&good, &bad}) {
    changes->push_back(change(space, "checked", "ignored"));
    changes->back().only_check = true;
    changes->push_back(change(space, changes == &good ? "a" : "b", "new"));
  }
  ASSERT_TRUE(commit(std::move(good)).ok());
  EXPECT_EQ(get(space, "checked").begin(), made) << "checking is not writing";
  put(space, "checked", "w");
  EXPECT_EQ(commit(std::move(bad)).error().code(), Code::conflict);
  EXPECT_EQ(value(space, "a") + value(space, "b"), "new(none)");
}

TEST_F(StoreTest, RefusesWhatMakesNoSense) {
  const SpaceId space = make(hours(1));
  EXPECT_EQ(commit({}).error().code(), Code::invalid);
  const Timestamp at = put(space, "k", "v");
  put(space, "k", "w");
  std::vector<Change> from_the_past;
  from_the_past.push_back(change(space, "k", "x"));
  from_the_past.back().before = std::move(*sync_wait(store_->get(space, "k", at)));
  EXPECT_EQ(commit(std::move(from_the_past)).error().code(), Code::invalid);
  EXPECT_EQ(sync_wait(store_->get(SpaceId(99), "k")).error().code(), Code::not_found);
  EXPECT_EQ(value(space, "k", Timestamp::from_micros(wall_.now_micros() + 5)), "invalid");
  EXPECT_EQ(value(space, "k", Timestamp(1)), "invalid");
  EXPECT_EQ(value(make(Retention(0)), "k", store_->now()), "invalid") << "no past is kept";
  EXPECT_EQ(sync_wait(store_->create({Retention(-1)})).error().code(), Code::invalid);
}

TEST_F(StoreTest, AMicrosecondIncludesAllThatIsCommittedInIt) {
  const SpaceId space = make(hours(1));
  const Timestamp made = put(space, "k", "v");
  wall_.set(made.micros());
  EXPECT_EQ(value(space, "k", Timestamp::last_of_micros(made.micros())), "v");
  EXPECT_GT(put(space, "k", "w"), Timestamp::last_of_micros(made.micros()));
  EXPECT_EQ(value(space, "k", Timestamp::last_of_micros(made.micros())), "v") << "for ever the same";
}

// --- Clock ----------------------------------------------------------------------------------------------------------

TEST_F(StoreTest, TimeGoesOnAfterACrashEvenIfTheWallClockWasSetBack) {
  const SpaceId space = make(hours(1));
  const Timestamp last = put(space, "k", "v");
  wall_.set(start - 3'600'000'000);
  open();
  const Timestamp next = put(space, "k", "w");
  EXPECT_GT(next, last);
  EXPECT_EQ(value(space, "k", last), "v");
  EXPECT_EQ(value(space, "k", next), "w");
}

TEST_F(StoreTest, ACrashJustNowIsWaitedOut) {
  options_.clock_reserve = milliseconds(30);
  crash();
  const SpaceId space = make(hours(1));
  const Timestamp last = put(space, "k", "v");
  const auto before = std::chrono::steady_clock::now();
  open();
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(20)) << "the reserve beyond the last commit";
  EXPECT_GT(store_->now(), last);
}

TEST_F(StoreTest, AfterACleanStopThereIsNothingToWaitFor) {
  const SpaceId space = make(hours(1));
  put(space, "k", "v");
  wall_.advance(1);
  ok(sync_wait(store_->close()));
  wall_.advance(1);
  open();
  EXPECT_EQ(store_->now().micros(), wall_.now_micros()) << "the ceiling is what was used, without the reserve";
}

// --- Retention ------------------------------------------------------------------------------------------------------

TEST_F(StoreTest, TheHorizonFollowsTheRetention) {
  const SpaceId space = make(hours(1));
  const Timestamp created = store_->info(space)->created;
  EXPECT_EQ(store_->info(space)->horizon, created);
  wall_.advance(2 * 3'600'000'000);
  EXPECT_EQ(store_->info(space)->horizon.micros(), wall_.now_micros() - 3'600'000'000);
  ok(sync_wait(store_->set_retention({space}, hours(5))));
  EXPECT_GE(store_->info(space)->horizon.micros(), wall_.now_micros() - 3'600'000'000) << "what is gone stays gone";
  ok(sync_wait(store_->set_retention({space}, minutes(10))));
  EXPECT_EQ(store_->info(space)->horizon.micros(), wall_.now_micros() - 600'000'000);
  ok(sync_wait(store_->set_retention({space}, Retention(0))));
  crash();
  ok(sync_wait(store_->set_retention({space}, hours(5))));
  EXPECT_EQ(store_->info(space)->horizon.micros(), wall_.now_micros()) << "the past begins when it is switched on";
}

TEST_F(StoreTest, CollectDropsBucketsBehindTheHorizonOnly) {
  const SpaceId space = make(hours(1));
  for (int i = 0; i < 100; ++i) {
    put(space, "k", std::to_string(i));
    wall_.advance(60'000'000);
  }
  const std::size_t before = rows_in(space, kv::Kind::history);
  EXPECT_EQ(before, 99U);
  const Timestamp edge = Timestamp::from_micros(store_->info(space)->horizon.micros() + 1000);
  const std::string then = value(space, "k", edge);
  ok(sync_wait(store_->collect()));
  EXPECT_LT(rows_in(space, kv::Kind::history), 65U);
  EXPECT_GT(rows_in(space, kv::Kind::history), 58U);
  EXPECT_LT(rows_in(space, kv::Kind::log), 66U);
  EXPECT_EQ(value(space, "k"), "99");
  EXPECT_EQ(value(space, "k", edge), then);
  const auto left = sync_wait(engine_->buckets(space, kv::Kind::history, ShardId(0)));
  EXPECT_LE(left->size(), 33U);
  EXPECT_GE(left->size(), 32U);
}

TEST_F(StoreTest, PinsHoldThePastAndSwitchItOn) {
  const SpaceId plain = make(Retention(0)), kept = make(minutes(10));
  put(plain, "k", "v");
  put(kept, "k", "v");
  const auto at = sync_wait(store_->pin_present("backup", {plain, kept}));
  ASSERT_TRUE(at.ok());
  EXPECT_EQ(sync_wait(store_->pin("backup", {kept}, *at)).code(), Code::already_exists);
  put(plain, "k", "w");
  put(kept, "k", std::nullopt);
  wall_.advance(100 * 3'600'000'000ULL);
  ok(sync_wait(store_->collect()));
  crash();
  EXPECT_EQ(value(plain, "k", *at) + value(kept, "k", *at), "vv");
  EXPECT_EQ(value(kept, "k", at->previous()), "invalid");
  ok(sync_wait(store_->unpin("backup")));
  ok(sync_wait(store_->unpin("backup")));
  EXPECT_EQ(value(plain, "k", *at) + value(kept, "k", *at), "invalidinvalid");
  ok(sync_wait(store_->collect()));
  EXPECT_EQ(rows_in(plain, kv::Kind::history) + rows_in(kept, kv::Kind::history), 0U);
  put(plain, "k", "x");
  EXPECT_EQ(rows_in(plain, kv::Kind::history), 0U) << "switched off again";
}

TEST_F(StoreTest, ForgettingIsForGood) {
  const SpaceId space = make(hours(1));
  const Timestamp one = put(space, "k", "one");
  const Timestamp two = put(space, "k", "two");
  ok(sync_wait(store_->forget_before({space}, two)));
  EXPECT_EQ(value(space, "k", one), "invalid");
  EXPECT_EQ(value(space, "k", two), "two");
  crash();
  EXPECT_EQ(value(space, "k", one), "invalid");
  EXPECT_EQ(sync_wait(store_->pin("late", {space}, one)).code(), Code::invalid);
  EXPECT_FALSE(sync_wait(store_->forget_before({space}, Timestamp::max())).ok());
}

TEST_F(StoreTest, ADroppedSpaceKeepsItsPastForAWhile) {
  const SpaceId space = make(hours(1)), brief = make(Retention(0));
  const Timestamp made = put(space, "k", "v");
  put(brief, "k", "v");
  const Timestamp keep = Timestamp::from_micros(wall_.now_micros() + 3'600'000'000);
  ok(sync_wait(store_->drop({space}, keep)));
  ok(sync_wait(store_->drop({space, brief}, Timestamp())));
  EXPECT_EQ(sync_wait(store_->get(space, "k")).error().code(), Code::not_found);
  EXPECT_EQ(list(space, std::nullopt), "not_found");
  const auto info = store_->info(space);
  EXPECT_TRUE(info->dropped);
  EXPECT_EQ(value(space, "k", info->dropped_at.previous()), "v");
  EXPECT_EQ(value(space, "k", info->dropped_at), "not_found");
  ok(sync_wait(store_->collect()));
  EXPECT_EQ(store_->info(brief).error().code(), Code::not_found);
  EXPECT_EQ(rows_in(brief, kv::Kind::data), 0U);
  crash();
  EXPECT_EQ(value(space, "k", made), "v");
  EXPECT_EQ(value(clone(space, made), "k"), "v") << "a deleted table can be restored";
  wall_.advance(2 * 3'600'000'000ULL);
  ok(sync_wait(store_->collect()));
  EXPECT_TRUE(store_->info(space).ok()) << "the clone still reads through it";
}

// --- Clones ---------------------------------------------------------------------------------------------------------

TEST_F(StoreTest, AClonesPresentIsItsBasesPast) {
  const SpaceId base = make(hours(1));
  put(base, "a", "1");
  put(base, "b", "1");
  const Timestamp at = put(base, "c", "1");
  put(base, "a", "2");
  put(base, "b", std::nullopt);
  put(base, "d", "2");
  const SpaceId copy = clone(base, at, hours(1));
  EXPECT_EQ(list(copy, std::nullopt), "a=1 b=1 c=1 ");
  EXPECT_EQ(get(copy, "a").origin(), Version::Origin::base);
  const Timestamp created = store_->info(copy)->created;
  EXPECT_EQ(get(copy, "a").begin(), created);
  put(copy, "a", std::nullopt);
  put(copy, "e", "3");
  const Timestamp between = store_->now();
  put(copy, "a", "3");
  EXPECT_EQ(list(copy, std::nullopt, Direction::backward), "e=3 c=1 b=1 a=3 ");
  EXPECT_EQ(list(copy, between), "b=1 c=1 e=3 ") << "the whiteout is part of the past";
  EXPECT_EQ(value(copy, "a", between), "(none)");
  EXPECT_EQ(list(copy, created), "a=1 b=1 c=1 ");
  EXPECT_EQ(list(copy, created.previous()), "invalid");
  EXPECT_EQ(list(base, std::nullopt), "a=2 c=1 d=2 ") << "the base is untouched";
  finish_copy(copy);
  EXPECT_EQ(list(copy, between), "b=1 c=1 e=3 ");
  EXPECT_EQ(list(copy, std::nullopt), "a=3 b=1 c=1 e=3 ");
}

// A derived write whose key is copied between its read and its commit would be counted twice.
TEST_F(StoreTest, ADerivedWriteThatACopyOvertookConflicts) {
  const auto items = make(Retention(0));
  const auto base = make(hours(1));
  put(base, "a", "1");
  put(base, "b", "1");
  const auto space = clone(base, store_->now());
  Commit stale;
  stale.changes.push_back(change(items, "item", "1"));
  stale.derived.push_back(change(space, "a", "2"));
  const auto copied = sync_wait(store_->copy_from_base(space, 1));
  ASSERT_TRUE(copied.ok());
  ASSERT_EQ(copied->keys_copied, 1U);
  ASSERT_FALSE(copied->finished);
  const auto refused = sync_wait(store_->commit(std::move(stale)));
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(Code::conflict));
  EXPECT_EQ(value(items, "item"), "(none)");

  Commit fresh;
  fresh.changes.push_back(change(items, "item", "1"));
  fresh.derived.push_back(change(space, "a", "2"));
  fresh.derived.push_back(change(space, "b", "2"));
  EXPECT_TRUE(sync_wait(store_->commit(std::move(fresh))).ok());
  finish_copy(space);
  EXPECT_EQ(list(space, std::nullopt), "a=2 b=2 ");
  EXPECT_EQ(store_->info(space)->keys, 2U);
  EXPECT_EQ(store_->info(space)->bytes, 2U);
}

TEST_F(StoreTest, WhatIsLeftOfAFinishedCloneIsCleanedUp) {
  const SpaceId base = make(hours(1));
  for (int i = 0; i < 500; ++i) put(base, "key" + std::to_string(i), "v");
  const SpaceId copy = clone(base, store_->closed());
  for (int i = 0; i < 500; i += 2) put(copy, "key" + std::to_string(i), std::nullopt);
  ok(sync_wait(store_->drop({base}, Timestamp())));
  ok(sync_wait(store_->collect()));
  EXPECT_EQ(rows_in(base, kv::Kind::data), 500U) << "needed";
  EXPECT_EQ(store_->info(copy)->keys, 250U) << "the estimate: the base's and what changed";
  finish_copy(copy);
  EXPECT_EQ(rows_in(copy, kv::Kind::data), 500U);
  ok(sync_wait(store_->collect()));
  EXPECT_EQ(rows_in(copy, kv::Kind::data), 250U) << "the whiteouts have gone";
  EXPECT_EQ(store_->info(base).error().code(), Code::not_found);
  EXPECT_EQ(rows_in(base, kv::Kind::data), 0U);
  EXPECT_EQ(store_->info(copy)->keys, 250U);
  EXPECT_EQ(store_->info(copy)->bytes, 250U);
}

TEST_F(StoreTest, ThePresentOfASpaceWithoutPastCanBeCloned) {
  const SpaceId a = make(Retention(0)), b = make(Retention(0));
  put(a, "k", "1");
  put(b, "k", "1");
  std::vector<CloneRequest> requests{{a, Timestamp::max(), Retention(0)}, {b, Timestamp::max(), hours(1)}};
  const auto made = sync_wait(store_->clone(requests));
  ASSERT_TRUE(made.ok()) << made.error().to_string();
  EXPECT_EQ(store_->info((*made)[0])->base_at, store_->info((*made)[1])->base_at);
  put(a, "k", "2");
  put(b, "k", std::nullopt);
  crash();
  EXPECT_EQ(value((*made)[0], "k") + value((*made)[1], "k"), "11");
  const SpaceId second = clone((*made)[1], store_->closed());
  EXPECT_EQ(value(second, "k"), "1") << "through two bases";
  for (const auto id : {(*made)[0], (*made)[1], second}) finish_copy(id);
  put(a, "k", "3");
  ok(sync_wait(store_->collect()));
  EXPECT_EQ(rows_in(a, kv::Kind::history), 0U) << "nobody needs the base's past any more";
}

TEST_F(StoreTest, CloneRefusesWhatIsOutsideTheWindow) {
  const SpaceId space = make(hours(1));
  std::vector<CloneRequest> early{{space, Timestamp(5), Retention(0)}};
  EXPECT_EQ(sync_wait(store_->clone(early)).error().code(), Code::invalid);
  std::vector<CloneRequest> late{{space, Timestamp::from_micros(wall_.now_micros() + 1000), Retention(0)}};
  EXPECT_EQ(sync_wait(store_->clone(late)).error().code(), Code::invalid);
  std::vector<CloneRequest> unknown{{SpaceId(77), store_->now(), Retention(0)}};
  EXPECT_EQ(sync_wait(store_->clone(unknown)).error().code(), Code::not_found);
  EXPECT_EQ(store_->spaces().size(), 1U);
}

// --- Scans ----------------------------------------------------------------------------------------------------------

TEST_F(StoreTest, AScanDoesABoundedAmountOfWork) {
  const SpaceId space = make(hours(1));
  constexpr int items = 120'000;
  Commit commit;
  for (int i = 0; i < items; ++i) {
    Change made;
    made.space = space;
    made.key = "key" + std::to_string(1'000'000 + i);
    made.value = "v";
    commit.changes.push_back(std::move(made));
  }
  const Timestamp nothing = store_->now();
  ASSERT_TRUE(sync_wait(store_->commit(std::move(commit))).ok());
  // None of these existed then: pages come back empty, and go on.
  ScanRequest request;
  request.space = space;
  request.as_of = nothing;
  request.max_rows = 10;
  int pages = 0;
  for (;; ++pages) {
    const auto page = sync_wait(store_->scan(request));
    ASSERT_TRUE(page.ok());
    ASSERT_TRUE(page->rows.empty());
    if (!page->resume_after) break;
    ASSERT_GT(*page->resume_after, request.range.lower);
    request.range.lower = *page->resume_after + '\0';
  }
  EXPECT_GE(pages, 2);
  EXPECT_LE(pages, 10);
}

TEST_F(StoreTest, EveryItemCanBeDeletedAndStillBeListed) {
  const SpaceId space = make(hours(1));
  std::string all;
  for (int i = 0; i < 300; ++i) {
    const Bytes key = "key" + std::to_string(1000 + i);
    for (int j = 0; j < 3; ++j) put(space, key, std::to_string(j));
    all += key + "=2 ";
  }
  const Timestamp then = store_->now();
  for (int i = 0; i < 300; ++i) put(space, "key" + std::to_string(1000 + i), std::nullopt);
  EXPECT_EQ(list(space, std::nullopt), "");
  EXPECT_EQ(list(space, then), all);
}

// --- Counters -------------------------------------------------------------------------------------------------------

TEST_F(StoreTest, CountersSurviveACleanStopAndAreCountedAfterACrash) {
  const SpaceId space = make(hours(1));
  for (int i = 0; i < 50; ++i) put(space, "key" + std::to_string(i), "12345");
  put(space, "key0", std::nullopt);
  put(space, "key1", "1");
  const auto expect = [&](bool counted) {
    const auto info = store_->info(space);
    EXPECT_EQ(info->keys, 49U);
    EXPECT_EQ(info->bytes, 48U * 5 + 1);
    EXPECT_EQ(info->counted, counted);
  };
  expect(true);
  ok(sync_wait(store_->close()));
  crash();
  expect(true);
  put(space, "key2", "other");
  crash();
  EXPECT_FALSE(store_->info(space)->counted);
  while (!*sync_wait(store_->recount(10))) {
  }
  expect(true);
}

// --- Faults ---------------------------------------------------------------------------------------------------------

// A small history of everything, step by step, over an engine one call of which fails.
class FaultyRun {
 public:
  FaultyRun() {
    reopen();
    base_ = sync_wait(store_->create({Retention(hours(1))}))->front();
    other_ = sync_wait(store_->create({Retention(hours(1))}))->front();
  }

  // Whether a step failed. It was repeated after a restart, and then had to succeed.
  bool run(std::uint64_t failing_call) {
    const auto effect = failing_call % 2 == 0 ? kv::Fault::Effect::tear : kv::Fault::Effect::fail;
    engine_->plan_any(failing_call, {effect, Code::io_error});
    bool failed = false;
    for (const auto& step : steps()) {
      auto status = step();
      if (!status.ok()) {
        failed = true;
        reopen();
        status = step();
      }
      EXPECT_TRUE(status.ok()) << status.to_string();
    }
    EXPECT_EQ(engine_->faults(), 0U) << "a fault that nobody noticed";
    return failed;
  }

  void check() {
    reopen();
    while (!*sync_wait(store_->recount(100))) {
    }
    ASSERT_TRUE(sync_wait(store_->collect()).ok());
    ScanRequest request;
    request.space = copy_;
    const auto page = sync_wait(store_->scan(request));
    ASSERT_TRUE(page.ok());
    ASSERT_EQ(page->rows.size(), 2U);
    EXPECT_EQ(page->rows[0].key, "b");
    EXPECT_EQ(page->rows[1].value, "2");
    EXPECT_EQ(store_->info(copy_)->keys, 2U);
    EXPECT_EQ(store_->info(base_).error().code(), Code::not_found);
    EXPECT_TRUE(sync_wait(inner_->buckets(base_, kv::Kind::data, ShardId(0)))->empty());
  }

 private:
  std::vector<std::function<Status()>> steps() {
    return {[this] { return put(base_, "a", "1"); },
            [this] { return put(base_, "b", "1"); },
            [this] { return clone(); },
            [this] { return put(copy_, "a", std::nullopt); },
            [this] { return put(copy_, "c", "2"); },
            [this] { return sync_wait(store_->drop({base_}, Timestamp())); },
            [this] { return copy(); },
            [this] { return sync_wait(store_->collect()); },
            [this] { return sync_wait(store_->collect()); },
            [this] { return sync_wait(store_->set_retention({other_}, Retention(0))); },
            [this] { return sync_wait(store_->close()); }};
  }

  void reopen() {
    store_.reset();
    engine_ = std::make_unique<kv::FaultyEngine>(*inner_);
    wall_.advance(1'000'000);
    store_ = std::move(*sync_wait(Store::open(*engine_, wall_, StoreOptions())));
  }

  // The same in two spaces at once.
  Status put(SpaceId space, Bytes key, std::optional<Bytes> value) {
    Commit commit;
    for (const auto id : {space, other_}) {
      TRY_ASSIGN(auto before, sync_wait(store_->get(id, key)));
      commit.changes.push_back({id, key, value, std::move(before)});
    }
    TRY_ASSIGN(then_, sync_wait(store_->commit(std::move(commit))));
    return {};
  }

  Status clone() {
    std::vector<CloneRequest> requests{{base_, then_, hours(1)}};
    TRY_ASSIGN(const auto made, sync_wait(store_->clone(requests)));
    copy_ = made.front();
    return {};
  }

  Status copy() {
    TRY_ASSIGN(const auto progress, sync_wait(store_->copy_from_base(copy_, 1 << 20)));
    return progress.finished ? Status() : internal_error("not finished");
  }

  std::unique_ptr<kv::Engine> inner_ = kv::make_memory_engine();
  ManualClock wall_{start};
  std::unique_ptr<kv::FaultyEngine> engine_;
  std::unique_ptr<Store> store_;
  SpaceId base_, other_, copy_;
  Timestamp then_;
};

// Every single call to the engine fails in turn: whatever the step was, the end is the same.
TEST(StoreFaults, EveryStepCanFailAndBeRepeated) {
  set_log_level(LogLevel::error);
  bool failed = true;
  for (std::uint64_t n = 1; failed; ++n) {
    SCOPED_TRACE("call " + std::to_string(n) + " fails");
    ASSERT_LT(n, 500U);
    FaultyRun run;
    failed = run.run(n);
    run.check();
    if (HasFailure()) return;
    if (!failed) {
      EXPECT_GT(n, 30U) << "so few calls cannot have been all";
    }
  }
}

}  // namespace
}  // namespace reprise::history
