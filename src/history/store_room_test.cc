// On a disk that is nearly full: what adds is refused and changes nothing, what makes room goes on.
#include <gtest/gtest.h>

#include <chrono>

#include "base/task.h"
#include "history/store.h"
#include "kv/faulty/engine.h"
#include "kv/memory/engine.h"

namespace reprise::history {
namespace {

using std::chrono::hours;

class StoreRoom : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = sync_wait(Store::open(engine_, wall_, {}));
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    store_ = std::move(opened).value();
    auto spaces = sync_wait(store_->create({Retention(hours(1)), Retention(0)}));
    ASSERT_TRUE(spaces.ok());
    past_ = (*spaces)[0];
    plain_ = (*spaces)[1];
    ASSERT_TRUE(write(past_, "a", "1").ok());
    ASSERT_TRUE(write(plain_, "a", "1").ok());
  }
  Change change(SpaceId space, Bytes key, std::optional<Bytes> value) {
    auto before = sync_wait(store_->get(space, key));
    EXPECT_TRUE(before.ok());
    return {space, std::move(key), std::move(value), std::move(before).value()};
  }
  Status write(SpaceId space, Bytes key, std::optional<Bytes> value) {
    Commit commit;
    commit.changes.push_back(change(space, std::move(key), std::move(value)));
    return done(std::move(commit));
  }
  Status done(Commit commit) {
    auto made = sync_wait(store_->commit(std::move(commit)));
    return made.ok() ? Status() : made.error();
  }
  bool exists(SpaceId space, const Bytes& key) { return sync_wait(store_->get(space, key))->exists(); }

  std::unique_ptr<kv::Engine> memory_ = kv::make_memory_engine();
  kv::FaultyEngine engine_{*memory_};
  WallClock& wall_ = WallClock::system();
  std::unique_ptr<Store> store_;
  SpaceId past_;
  SpaceId plain_;
};

TEST_F(StoreRoom, DeletesGoOnWhilePutsAreRefused) {
  engine_.set_nearly_full(true);
  EXPECT_TRUE(write(past_, "b", "1").is(Code::exhausted));
  EXPECT_FALSE(exists(past_, "b"));
  for (const SpaceId space : {past_, plain_}) {
    EXPECT_TRUE(write(space, "a", std::nullopt).ok());
    EXPECT_FALSE(exists(space, "a"));
  }
  engine_.set_nearly_full(false);
  EXPECT_TRUE(write(past_, "b", "1").ok());
}

TEST_F(StoreRoom, ACommitMaySayThatItMakesRoom) {
  engine_.set_nearly_full(true);
  Commit mixed;
  mixed.changes.push_back(change(past_, "a", std::nullopt));
  mixed.changes.push_back(change(plain_, "note", "of the delete"));
  EXPECT_TRUE(done(mixed).is(Code::exhausted));
  EXPECT_TRUE(exists(past_, "a"));
  mixed.frees_room = true;
  EXPECT_TRUE(done(mixed).ok());
  EXPECT_FALSE(exists(past_, "a"));
  EXPECT_TRUE(exists(plain_, "note"));
}

TEST_F(StoreRoom, OnlyDeletesAreDeletesAndChecks) {
  Commit commit;
  commit.changes.push_back(change(past_, "a", std::nullopt));
  EXPECT_TRUE(only_deletes(commit));
  Change check = change(plain_, "a", "2");
  check.only_check = true;
  commit.changes.push_back(check);
  EXPECT_TRUE(only_deletes(commit));
  commit.derived.push_back(change(plain_, "b", "1"));
  EXPECT_FALSE(only_deletes(commit));
}

TEST_F(StoreRoom, SpacesAndPinsAreRefusedAndForgottenAndDroppedAllTheSame) {
  ASSERT_TRUE(sync_wait(store_->pin("old", {past_}, store_->closed())).ok());
  engine_.set_nearly_full(true);
  EXPECT_TRUE(sync_wait(store_->create({Retention(0)})).error().is(Code::exhausted));
  EXPECT_TRUE(sync_wait(store_->clone({{.base = plain_, .at = Timestamp::max()}})).error().is(Code::exhausted));
  EXPECT_TRUE(sync_wait(store_->pin("new", {past_}, store_->closed())).is(Code::exhausted));
  EXPECT_TRUE(sync_wait(store_->pin_present("new", {plain_})).error().is(Code::exhausted));
  EXPECT_TRUE(sync_wait(store_->unpin("old")).ok());
  EXPECT_TRUE(sync_wait(store_->set_retention({past_}, Retention(0))).ok());
  EXPECT_TRUE(sync_wait(store_->forget_before({past_}, store_->closed())).ok());
  EXPECT_TRUE(sync_wait(store_->drop({plain_}, Timestamp())).ok());
  EXPECT_TRUE(sync_wait(store_->collect()).ok());
  EXPECT_TRUE(store_->info(plain_).error().is(Code::not_found));
  EXPECT_TRUE(sync_wait(store_->close()).ok());
  EXPECT_EQ(store_->spaces().size(), 1U);
}

}  // namespace
}  // namespace reprise::history
