// The catalogue of buckets: what it says after a restart and after a crash at every durable step, as of the past, of
// deleted buckets; and that nothing is written into a bucket that is gone.
#include "s3/ops/buckets.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "base/executor.h"
#include "base/log.h"
#include "kv/faulty/engine.h"
#include "kv/memory/engine.h"

namespace reprise::s3 {
namespace {

constexpr std::uint64_t day = 86'400'000'000;

// Time passes only by being looked at, and when told.
class LookedAtClock final : public WallClock {
 public:
  explicit LookedAtClock(std::uint64_t micros = 1'800'000'000'000'000) : micros_(micros) {}
  [[nodiscard]] std::uint64_t now_micros() const override { return micros_.fetch_add(7) + 7; }
  void advance(std::uint64_t micros) { micros_.fetch_add(micros); }

 private:
  mutable std::atomic<std::uint64_t> micros_;
};

std::string name_of(const S3Error& error) { return std::string(spelling_of(error.code).name); }

class Catalogue {
 public:
  explicit Catalogue(kv::Engine& engine, std::uint64_t ahead_micros = 0) : engine_(engine) {
    wall.advance(ahead_micros);
    open();
  }
  void open() {
    auto opened = sync_wait(history::Store::open(engine_, wall, history::StoreOptions{.lock_stripes = 1}));
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    store = std::move(opened).value();
    auto found = sync_wait(recovery::open_root_spaces(*store));
    ASSERT_TRUE(found.ok()) << found.error().to_string();
    root = *found;
    auto catalogue = sync_wait(Buckets::open(*store, root));
    ASSERT_TRUE(catalogue.ok()) << catalogue.error().to_string();
    buckets = std::move(catalogue).value();
  }
  void reopen() {
    buckets.reset();
    store.reset();
    wall.advance(1'000'000);
    open();
  }

  static Bucket plain(const std::string& name, std::int64_t recovery_days = 0) {
    Bucket bucket;
    bucket.name = name;
    bucket.account = "000000000000";
    bucket.owner = canonical_id_of(bucket.account);
    bucket.region = "eu-west-1";
    bucket.acl = private_acl(bucket.owner);
    bucket.recovery_days = recovery_days;
    return bucket;
  }
  Result<BucketPtr> add(Bucket bucket) { return sync_wait(buckets->add(std::move(bucket))); }
  BucketPtr must_add(const std::string& name, std::int64_t recovery_days = 0) {
    auto added = add(plain(name, recovery_days));
    EXPECT_TRUE(added.ok()) << added.error().to_string();
    return added.ok() ? *added : nullptr;
  }
  std::string edit(const BucketPtr& bucket, const std::function<void(Bucket&)>& change) {
    const auto edited = sync_wait(buckets->edit(bucket, [&](Bucket& it) -> Check {
      change(it);
      return Passed{};
    }));
    return edited.ok() ? "ok" : name_of(edited.error());
  }
  std::string remove(const BucketPtr& bucket) {
    const auto removed = sync_wait(buckets->remove(bucket));
    return removed.ok() ? "ok" : name_of(removed.error());
  }
  BucketPtr as_of(const std::string& name, Timestamp at) {
    const auto found = sync_wait(buckets->find_as_of(name, at));
    EXPECT_TRUE(found.ok()) << found.error().to_string();
    return found.ok() ? *found : nullptr;
  }
  // A moment that lies between what was done and what comes.
  Timestamp moment() {
    wall.advance(100);
    const Timestamp now = store->now();
    wall.advance(100);
    return now;
  }

  // What a writer of objects does; "conflict", or the code of the guard's refusal.
  Task<std::string> put_row(BucketPtr bucket, SpaceId space, std::string key, std::optional<Bytes> value) {
    auto guard = co_await buckets->alive_guard(*bucket);
    if (!guard.ok()) co_return name_of(guard.error());
    co_return co_await put_row_under(std::move(guard).value(), space, std::move(key), std::move(value));
  }
  Task<std::string> put_row_under(history::Change guard, SpaceId space, std::string key, std::optional<Bytes> value) {
    history::Change change;
    change.space = space;
    change.key = std::move(key);
    change.value = std::move(value);
    auto before = co_await store->get(space, change.key);
    if (!before.ok()) co_return "gone";
    change.before = std::move(before).value();
    history::Commit commit;
    commit.changes.push_back(std::move(change));
    commit.changes.push_back(std::move(guard));
    const auto done = co_await store->commit(std::move(commit));
    if (done.ok()) co_return "ok";
    co_return done.error().is(Code::conflict) ? "conflict" : "gone";
  }
  std::string put(const BucketPtr& bucket, const std::string& key) {
    return sync_wait(put_row(bucket, bucket->spaces.heads, key, "value"));
  }
  std::string erase(const BucketPtr& bucket, const std::string& key) {
    return sync_wait(put_row(bucket, bucket->spaces.heads, key, std::nullopt));
  }
  std::size_t rows(SpaceId space, std::optional<Timestamp> at = std::nullopt) {
    history::ScanRequest request;
    request.space = space;
    request.as_of = at;
    const auto page = sync_wait(store->scan(request));
    EXPECT_TRUE(page.ok()) << page.error().to_string();
    return page.ok() ? page->rows.size() : 0;
  }
  bool dropped(SpaceId space) {
    const auto info = store->info(space);
    return !info.ok() || info->dropped;
  }

  LookedAtClock wall;
  std::unique_ptr<history::Store> store;
  recovery::RootSpaces root;
  std::unique_ptr<Buckets> buckets;

 private:
  kv::Engine& engine_;
};

class BucketsTest : public ::testing::Test {
 protected:
  std::unique_ptr<kv::Engine> engine = kv::make_memory_engine();
  Catalogue catalogue{*engine};
};

TEST_F(BucketsTest, FindsWhatWasAdded) {
  EXPECT_EQ(catalogue.buckets->find("photos"), nullptr);
  const BucketPtr photos = catalogue.must_add("photos", 3);
  EXPECT_EQ(catalogue.buckets->find("photos"), photos);
  EXPECT_EQ(photos->id.size(), 36U);
  EXPECT_GT(photos->created_micros, 0);
  Bucket foreign = Catalogue::plain("archive");
  foreign.account = "111111111111";
  ASSERT_TRUE(catalogue.add(foreign).ok());
  ASSERT_EQ(catalogue.buckets->all().size(), 2U);
  EXPECT_EQ(catalogue.buckets->all()[0]->name, "archive");
  ASSERT_EQ(catalogue.buckets->of_account("000000000000").size(), 1U);
  EXPECT_EQ(catalogue.buckets->of_account("000000000000")[0], photos);
  EXPECT_EQ(catalogue.buckets->spaces().size(), 10U);
}

TEST_F(BucketsTest, NamesAreUniqueOverAllAccounts) {
  const BucketPtr first = catalogue.must_add("photos");
  Bucket second = Catalogue::plain("photos");
  second.account = "111111111111";
  const auto refused = catalogue.add(second);
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(Code::already_exists));
  EXPECT_EQ(catalogue.buckets->find("photos"), first);
}

TEST_F(BucketsTest, ThePastIsKeptForTheRecoveryDays) {
  const BucketPtr bucket = catalogue.must_add("photos", 3);
  for (const SpaceId space : {bucket->spaces.heads, bucket->spaces.versions, bucket->spaces.payloads}) {
    EXPECT_EQ(catalogue.store->info(space)->retention, std::chrono::hours(72));
  }
  for (const SpaceId space : {bucket->spaces.uploads, bucket->spaces.releases}) {
    EXPECT_EQ(catalogue.store->info(space)->retention.count(), 0);
  }
  EXPECT_EQ(catalogue.edit(bucket, [](Bucket& it) { it.recovery_days = 5; }), "ok");
  EXPECT_EQ(catalogue.store->info(bucket->spaces.versions)->retention, std::chrono::hours(120));
  EXPECT_EQ(catalogue.store->info(bucket->spaces.uploads)->retention.count(), 0);
}

TEST_F(BucketsTest, EverythingIsThereAfterARestart) {
  const BucketPtr bucket = catalogue.must_add("photos", 3);
  const BucketPtr victim = catalogue.must_add("victim", 3);
  EXPECT_EQ(catalogue.edit(bucket, [](Bucket& it) { it.versioning = Versioning::enabled; }), "ok");
  EXPECT_EQ(catalogue.put(bucket, "key"), "ok");
  EXPECT_EQ(catalogue.remove(victim), "ok");
  catalogue.reopen();
  const BucketPtr again = catalogue.buckets->find("photos");
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->id, bucket->id);
  EXPECT_EQ(again->versioning, Versioning::enabled);
  EXPECT_EQ(catalogue.rows(again->spaces.heads), 1U);
  EXPECT_EQ(catalogue.put(again, "other"), "ok");
  EXPECT_EQ(catalogue.buckets->find("victim"), nullptr);
  ASSERT_EQ(catalogue.buckets->deleted().size(), 1U);
  EXPECT_EQ(catalogue.buckets->deleted()[0]->id, victim->id);
  EXPECT_EQ(catalogue.buckets->spaces().size(), 10U);
}

TEST_F(BucketsTest, ARefusedEditChangesNothing) {
  const BucketPtr bucket = catalogue.must_add("photos");
  const auto refused = sync_wait(catalogue.buckets->edit(bucket, [](Bucket& it) -> Check {
    it.requester_pays = true;
    return s3_error(ErrorCode::malformed_xml);
  }));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(name_of(refused.error()), "MalformedXML");
  EXPECT_EQ(catalogue.buckets->find("photos"), bucket);
  EXPECT_FALSE(bucket->requester_pays);
}

// The whole catalogue is read when the server starts: one entry that cannot be would keep every bucket from it. An XML
// document may be written with fewer elements than it is kept with.
TEST_F(BucketsTest, WhatCouldNotBeReadBackIsNotKept) {
  const BucketPtr bucket = catalogue.must_add("photos");
  std::string rules = "<LifecycleConfiguration><Rule><Filter><And>";
  for (int i = 0; i < 49'900; ++i) rules += "<Tag><Key>" + std::to_string(i) + "</Key></Tag>";
  rules +=
      "</And></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>";
  auto parsed = parse_lifecycle(rules);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const auto lifecycle = std::make_shared<const Lifecycle>(std::move(parsed).value());
  EXPECT_EQ(catalogue.edit(bucket, [&](Bucket& it) { it.lifecycle = lifecycle; }), "InvalidRequest");
  EXPECT_EQ(catalogue.buckets->find("photos")->lifecycle, nullptr);
  catalogue.reopen();
  ASSERT_NE(catalogue.buckets, nullptr);
  EXPECT_NE(catalogue.buckets->find("photos"), nullptr);
}

// A period that was kept and that the store could not be told: whoever repeats the request is told the truth by it.
TEST(BucketEdits, ARepeatedChangeOfTheRecoveryPeriodReachesTheStore) {
  const auto memory = kv::make_memory_engine();
  kv::FaultyEngine engine(*memory);
  Catalogue catalogue(engine);
  const BucketPtr bucket = catalogue.must_add("photos");
  const auto keep_five_days = [](Bucket& it) { it.recovery_days = 5; };
  engine.plan_write(2, {kv::Fault::Effect::fail, Code::unavailable});  // the first one is the catalogue's
  EXPECT_EQ(catalogue.edit(bucket, keep_five_days), "ServiceUnavailable");
  ASSERT_EQ(engine.faults(), 1U);
  EXPECT_EQ(catalogue.edit(bucket, keep_five_days), "ok");
  for (const SpaceId space : {bucket->spaces.heads, bucket->spaces.versions, bucket->spaces.payloads}) {
    EXPECT_EQ(catalogue.store->info(space)->retention, std::chrono::hours(120));
  }
}

TEST_F(BucketsTest, EditsOfAnOlderCopyBuildOnTheNewest) {
  const BucketPtr bucket = catalogue.must_add("photos");
  EXPECT_EQ(catalogue.edit(bucket, [](Bucket& it) { it.requester_pays = true; }), "ok");
  EXPECT_EQ(catalogue.edit(bucket, [](Bucket& it) { it.versioning = Versioning::enabled; }), "ok");
  EXPECT_TRUE(catalogue.buckets->find("photos")->requester_pays);
  EXPECT_FALSE(bucket->requester_pays);  // what was handed out stays as it was
}

TEST_F(BucketsTest, AnotherBucketOfThatNameIsNotTheOneMeant) {
  const BucketPtr first = catalogue.must_add("photos");
  EXPECT_EQ(catalogue.remove(first), "ok");
  EXPECT_EQ(catalogue.edit(first, [](Bucket&) {}), "NoSuchBucket");
  EXPECT_EQ(catalogue.remove(first), "NoSuchBucket");
  const BucketPtr second = catalogue.must_add("photos");
  EXPECT_NE(second->id, first->id);
  EXPECT_EQ(catalogue.edit(first, [](Bucket&) {}), "NoSuchBucket");
  EXPECT_EQ(catalogue.remove(first), "NoSuchBucket");
  EXPECT_EQ(catalogue.put(first, "key"), "NoSuchBucket");
  EXPECT_EQ(catalogue.put(second, "key"), "ok");
}

TEST_F(BucketsTest, OnlyAnEmptyBucketIsRemoved) {
  const BucketPtr bucket = catalogue.must_add("photos");
  EXPECT_EQ(catalogue.put(bucket, "key"), "ok");
  EXPECT_EQ(catalogue.remove(bucket), "BucketNotEmpty");
  EXPECT_EQ(catalogue.put(bucket, "more"), "ok");  // the refusal leaves it alive
  EXPECT_EQ(catalogue.erase(bucket, "key"), "ok");
  EXPECT_EQ(catalogue.erase(bucket, "more"), "ok");
  EXPECT_EQ(sync_wait(catalogue.put_row(bucket, bucket->spaces.versions, "key", "marker")), "ok");
  EXPECT_EQ(catalogue.remove(bucket), "BucketNotEmpty");
  EXPECT_EQ(sync_wait(catalogue.put_row(bucket, bucket->spaces.versions, "key", std::nullopt)), "ok");
  EXPECT_EQ(sync_wait(catalogue.put_row(bucket, bucket->spaces.uploads, "upload", "part")), "ok");
  EXPECT_EQ(catalogue.remove(bucket), "ok");
  EXPECT_TRUE(catalogue.dropped(bucket->spaces.heads));
  EXPECT_FALSE(catalogue.dropped(bucket->spaces.uploads));  // they are to be collected
}

TEST_F(BucketsTest, AGuardThatIsOlderThanALookForRowsFails) {
  const BucketPtr bucket = catalogue.must_add("photos");
  auto guard = sync_wait(catalogue.buckets->alive_guard(*bucket));
  ASSERT_TRUE(guard.ok());
  EXPECT_EQ(catalogue.remove(bucket), "ok");
  EXPECT_EQ(sync_wait(catalogue.put_row_under(*guard, catalogue.root.tokens, "key", "value")), "conflict");
  EXPECT_EQ(catalogue.put(bucket, "key"), "NoSuchBucket");
}

TEST_F(BucketsTest, TheGuardIsOfTheBucketAsItStays) {
  const BucketPtr bucket = catalogue.must_add("photos");
  auto guard = sync_wait(catalogue.buckets->alive_guard(*bucket));
  ASSERT_TRUE(guard.ok());
  EXPECT_EQ(catalogue.edit(bucket, [](Bucket& it) { it.requester_pays = true; }), "ok");
  const SpaceId heads = bucket->spaces.heads;
  EXPECT_EQ(sync_wait(catalogue.put_row_under(*guard, heads, "a", "value")), "ok");
  EXPECT_EQ(sync_wait(catalogue.put_row_under(*guard, heads, "b", "value")), "ok");
  EXPECT_EQ(catalogue.rows(heads), 2U);
}

// One puts, one removes, at once: either the object was there first and the bucket stays, or the bucket is gone and the
// writer is told so. Never both.
TEST_F(BucketsTest, WritersAndRemoversExcludeEachOther) {
  int removals = 0;
  for (int round = 0; round < 300; ++round) {
    const BucketPtr bucket = catalogue.must_add("b" + std::to_string(1000 + round), 1);
    std::atomic<bool> go{false};
    std::string written;
    std::thread writer([&] {
      while (!go.load()) std::this_thread::yield();
      do {
        written = catalogue.put(bucket, "key");
      } while (written == "conflict");
    });
    go.store(true);
    if (round % 2 == 0) std::this_thread::yield();
    const std::string removed = catalogue.remove(bucket);
    writer.join();
    if (removed == "ok") {
      ++removals;
      EXPECT_TRUE(written == "NoSuchBucket" || written == "gone") << written;
      EXPECT_EQ(
          catalogue.rows(bucket->spaces.heads, catalogue.store->info(bucket->spaces.heads)->dropped_at.previous()), 0U);
    } else {
      EXPECT_EQ(removed, "BucketNotEmpty");
      EXPECT_EQ(written, "ok");
      EXPECT_EQ(catalogue.put(bucket, "again"), "ok");
    }
  }
  EXPECT_GT(removals, 0);
}

// A bucket whose removal stops at its n-th commit until release() is called.
class HeldRemoval {
 public:
  explicit HeldRemoval(std::uint64_t nth_commit) {
    bucket = catalogue.must_add("photos", 1);
    guard = *sync_wait(catalogue.buckets->alive_guard(*bucket));
    engine.plan(kv::Operation::commit, nth_commit, {kv::Fault::Effect::hold_before, Code::ok});
    remover_ = std::thread([this] { removed_ = catalogue.remove(bucket); });
    while (engine.held() == 0) std::this_thread::yield();
  }
  std::string release() {
    engine.release();
    remover_.join();
    return removed_;
  }

  std::unique_ptr<kv::Engine> inner = kv::make_memory_engine();
  kv::FaultyEngine engine{*inner};
  Catalogue catalogue{engine};
  BucketPtr bucket;
  history::Change guard;

 private:
  std::thread remover_;
  std::string removed_;
};

TEST(BucketRemoval, AWriterThatComesAfterTheFirstLookIsSeen) {
  HeldRemoval removal(1);  // about to make older guards fail
  Catalogue& catalogue = removal.catalogue;
  EXPECT_EQ(sync_wait(catalogue.put_row_under(removal.guard, removal.bucket->spaces.heads, "key", "value")), "ok");
  EXPECT_EQ(removal.release(), "BucketNotEmpty");
  EXPECT_EQ(sync_wait(catalogue.put_row_under(removal.guard, removal.bucket->spaces.heads, "a", "value")), "conflict");
  EXPECT_EQ(catalogue.put(removal.bucket, "a"), "ok");
  EXPECT_EQ(catalogue.rows(removal.bucket->spaces.heads), 2U);
}

TEST(BucketRemoval, AWriterThatComesAfterTheLastLookIsToldThatTheBucketIsGone) {
  HeldRemoval removal(2);  // about to take the entries away
  Catalogue& catalogue = removal.catalogue;
  EXPECT_EQ(sync_wait(catalogue.put_row_under(removal.guard, removal.bucket->spaces.heads, "key", "value")),
            "conflict");
  std::string written;
  std::thread writer([&] { written = catalogue.put(removal.bucket, "key"); });  // waits for the outcome
  EXPECT_EQ(removal.release(), "ok");
  writer.join();
  EXPECT_EQ(written, "NoSuchBucket");
}

// ---- The past ----

TEST_F(BucketsTest, AsOfItHasTheSettingsOfThenAndTheGatesOfNow) {
  const Timestamp before = catalogue.moment();
  const BucketPtr bucket = catalogue.must_add("photos", 3);
  const Timestamp first = catalogue.moment();
  EXPECT_EQ(catalogue.edit(bucket,
                           [](Bucket& it) {
                             it.versioning = Versioning::enabled;
                             it.policy = "{}";
                             it.public_access_block.reset();
                           }),
            "ok");
  const Timestamp second = catalogue.moment();
  EXPECT_EQ(catalogue.as_of("photos", before), nullptr);
  const BucketPtr then = catalogue.as_of("photos", first);
  ASSERT_NE(then, nullptr);
  EXPECT_EQ(then->versioning, Versioning::never);
  EXPECT_EQ(then->policy, "{}");
  EXPECT_FALSE(then->public_access_block.has_value());
  EXPECT_EQ(then->spaces.heads, bucket->spaces.heads);
  EXPECT_EQ(catalogue.as_of("photos", second)->versioning, Versioning::enabled);
  EXPECT_EQ(catalogue.as_of("other", second), nullptr);
}

TEST_F(BucketsTest, ADeletedBucketIsFoundWhereItWas) {
  const BucketPtr bucket = catalogue.must_add("photos", 2);
  EXPECT_EQ(catalogue.put(bucket, "key"), "ok");
  const Timestamp alive = catalogue.moment();
  EXPECT_EQ(catalogue.erase(bucket, "key"), "ok");
  EXPECT_EQ(catalogue.remove(bucket), "ok");
  const Timestamp gone = catalogue.moment();
  const BucketPtr second = catalogue.must_add("photos", 2);
  const Timestamp anew = catalogue.moment();

  const BucketPtr then = catalogue.as_of("photos", alive);
  ASSERT_NE(then, nullptr);
  EXPECT_EQ(then->id, bucket->id);
  EXPECT_GT(then->deleted_micros, 0);
  EXPECT_EQ(then->keep_until_micros - then->deleted_micros, static_cast<std::int64_t>(2 * day));
  EXPECT_EQ(catalogue.rows(then->spaces.heads, alive), 1U);
  EXPECT_EQ(catalogue.as_of("photos", gone), nullptr);
  EXPECT_EQ(catalogue.as_of("photos", anew)->id, second->id);

  catalogue.reopen();
  EXPECT_EQ(catalogue.as_of("photos", alive)->id, bucket->id);
  EXPECT_EQ(catalogue.rows(then->spaces.heads, alive), 1U);
  catalogue.wall.advance(2 * day + 1);
  EXPECT_EQ(catalogue.as_of("photos", alive), nullptr);
}

TEST_F(BucketsTest, WithoutRecoveryNothingIsLeftOfADeletedBucket) {
  const BucketPtr bucket = catalogue.must_add("photos");
  const Timestamp alive = catalogue.moment();
  EXPECT_EQ(catalogue.remove(bucket), "ok");
  EXPECT_EQ(catalogue.as_of("photos", alive), nullptr);
}

TEST_F(BucketsTest, TheFutureIsInvalid) {
  static_cast<void>(catalogue.must_add("photos", 2));
  const auto found = sync_wait(catalogue.buckets->find_as_of("photos", Timestamp::max()));
  ASSERT_FALSE(found.ok());
  EXPECT_TRUE(found.error().is(Code::invalid));
}

// The catalogue forgets after a year; a bucket may keep its contents longer.
TEST_F(BucketsTest, FurtherBackThanTheCatalogueItselfThePresentSettingsAnswer) {
  const Timestamp before = catalogue.moment();
  const BucketPtr bucket = catalogue.must_add("photos", 2000);
  const BucketPtr victim = catalogue.must_add("victim", 2000);
  const Timestamp alive = catalogue.moment();
  EXPECT_EQ(catalogue.remove(victim), "ok");
  catalogue.wall.advance(1000 * day);
  EXPECT_EQ(catalogue.edit(bucket, [](Bucket& it) { it.versioning = Versioning::enabled; }), "ok");
  ASSERT_TRUE(sync_wait(catalogue.store->collect()).ok());
  ASSERT_GT(catalogue.store->info(catalogue.root.buckets)->horizon, alive);
  EXPECT_EQ(catalogue.as_of("photos", alive)->versioning, Versioning::enabled);
  EXPECT_EQ(catalogue.as_of("victim", alive)->id, victim->id);
  EXPECT_EQ(catalogue.as_of("photos", before), nullptr);
}

TEST_F(BucketsTest, DeletedBucketsAreForgottenWhenTheirTimeIsOver) {
  const BucketPtr kept = catalogue.must_add("kept", 2);
  const BucketPtr gone = catalogue.must_add("gone");
  EXPECT_EQ(catalogue.remove(kept), "ok");
  EXPECT_EQ(catalogue.remove(gone), "ok");
  ASSERT_EQ(catalogue.buckets->deleted().size(), 2U);
  EXPECT_EQ(catalogue.buckets->deleted()[0]->name, "gone");  // the newest first
  ASSERT_TRUE(sync_wait(catalogue.buckets->purge_deleted()).ok());
  ASSERT_EQ(catalogue.buckets->deleted().size(), 1U);
  EXPECT_EQ(catalogue.buckets->deleted()[0]->name, "kept");
  EXPECT_TRUE(catalogue.dropped(gone->spaces.uploads));
  catalogue.wall.advance(2 * day + 1);
  ASSERT_TRUE(sync_wait(catalogue.buckets->purge_deleted()).ok());
  EXPECT_TRUE(catalogue.buckets->deleted().empty());
  catalogue.reopen();
  EXPECT_TRUE(catalogue.buckets->deleted().empty());
  EXPECT_TRUE(catalogue.buckets->spaces().empty());
}

TEST_F(BucketsTest, WhatIsToBeCollectedKeepsADeletedBucket) {
  const BucketPtr bucket = catalogue.must_add("photos");
  EXPECT_EQ(sync_wait(catalogue.put_row(bucket, bucket->spaces.releases, "released", "")), "ok");
  EXPECT_EQ(catalogue.remove(bucket), "ok");
  ASSERT_TRUE(sync_wait(catalogue.buckets->purge_deleted()).ok());
  catalogue.reopen();
  ASSERT_EQ(catalogue.buckets->deleted().size(), 1U);
  EXPECT_EQ(catalogue.rows(bucket->spaces.releases), 1U);
  history::Commit commit;
  auto before = sync_wait(catalogue.store->get(bucket->spaces.releases, "released"));
  ASSERT_TRUE(before.ok());
  commit.changes.push_back({bucket->spaces.releases, "released", std::nullopt, std::move(before).value()});
  ASSERT_TRUE(sync_wait(catalogue.store->commit(std::move(commit))).ok());
  ASSERT_TRUE(sync_wait(catalogue.buckets->purge_deleted()).ok());
  EXPECT_TRUE(catalogue.buckets->deleted().empty());
}

// ---- Crashes ----

class BucketsInterrupted : public ::testing::Test {
 protected:
  struct Answers {
    bool added = false;
    bool edited = false;
    bool removed = false;
    bool recreated = false;
    bool purged = false;
  };

  static Answers run(Catalogue& catalogue) {
    Answers answers;
    answers.added = catalogue.add(Catalogue::plain("added", 1)).ok();
    answers.edited = catalogue.edit(catalogue.buckets->find("edited"), [](Bucket& it) {
      it.recovery_days = 9;
      it.versioning = Versioning::enabled;
    }) == "ok";
    answers.removed = catalogue.remove(catalogue.buckets->find("victim")) == "ok";
    if (answers.removed) answers.recreated = catalogue.add(Catalogue::plain("victim", 0)).ok();
    answers.purged = sync_wait(catalogue.buckets->purge_deleted()).ok();
    return answers;
  }

  static void expect_whole(Catalogue& catalogue, const Answers& answers, const std::string& victim_id) {
    if (answers.added) {
      EXPECT_NE(catalogue.buckets->find("added"), nullptr);
    }
    const BucketPtr edited = catalogue.buckets->find("edited");
    ASSERT_NE(edited, nullptr);
    if (answers.edited) {
      EXPECT_EQ(edited->recovery_days, 9);
    }
    EXPECT_EQ(edited->versioning == Versioning::enabled, edited->recovery_days == 9);
    const BucketPtr victim = catalogue.buckets->find("victim");
    const bool victim_lives = victim && victim->id == victim_id;
    if (answers.removed) {
      EXPECT_FALSE(victim_lives);
    }
    if (answers.recreated) {
      EXPECT_NE(victim, nullptr);
    }
    bool victim_is_kept = false;
    for (const BucketPtr& bucket : catalogue.buckets->deleted()) {
      if (bucket->name == "temporary") {
        EXPECT_FALSE(answers.purged);
      }
      victim_is_kept = victim_is_kept || bucket->id == victim_id;
      EXPECT_TRUE(catalogue.dropped(bucket->spaces.heads));
      EXPECT_FALSE(catalogue.dropped(bucket->spaces.uploads));
    }
    EXPECT_NE(victim_is_kept, victim_lives);
    for (const BucketPtr& bucket : catalogue.buckets->all()) {
      EXPECT_EQ(catalogue.put(bucket, "after"), "ok") << bucket->name;
      EXPECT_EQ(catalogue.store->info(bucket->spaces.heads)->retention, std::chrono::hours(24 * bucket->recovery_days))
          << bucket->name;
    }
    EXPECT_EQ(catalogue.rows(edited->spaces.heads), 2U);
  }

  // Whether the run came to its end without the fault.
  static bool run_with_fault(std::uint64_t nth_write, bool done_unanswered) {
    const auto inner = kv::make_memory_engine();
    Answers answers;
    std::string victim_id;
    bool whole = false;
    {
      kv::FaultyEngine engine(*inner);
      Catalogue catalogue(engine);
      const BucketPtr edited = catalogue.must_add("edited", 3);
      EXPECT_EQ(catalogue.put(edited, "key"), "ok");
      victim_id = catalogue.must_add("victim", 2)->id;
      EXPECT_EQ(catalogue.remove(catalogue.must_add("temporary")), "ok");
      if (done_unanswered) engine.plan_write(nth_write, {kv::Fault::Effect::lose_answer, Code::unavailable});
      engine.plan_write(nth_write + (done_unanswered ? 1 : 0), {kv::Fault::Effect::stop_writes, Code::unavailable});
      answers = run(catalogue);
      whole = engine.faults() == 0;
    }
    Catalogue catalogue(*inner, 60'000'000);
    expect_whole(catalogue, answers, victim_id);
    return whole;
  }
};

TEST_F(BucketsInterrupted, AtEveryDurableStep) {
  set_log_level(LogLevel::error);
  for (const bool done_unanswered : {false, true}) {
    std::uint64_t nth_write = 1;
    for (bool whole = false; !whole && nth_write < 100; ++nth_write) {
      SCOPED_TRACE("write " + std::to_string(nth_write) + (done_unanswered ? ", done but unanswered" : ""));
      whole = run_with_fault(nth_write, done_unanswered);
    }
    EXPECT_GT(nth_write, 8U);
    EXPECT_LT(nth_write, 100U);
  }
}

}  // namespace
}  // namespace reprise::s3
