#include "kv/faulty/engine.h"

#include "base/executor.h"
#include "kv/conformance.h"
#include "kv/memory/engine.h"

namespace reprise::kv {
namespace {

using conformance::data_partition;
using conformance::guarded_set;
using conformance::put_set;
using conformance::versioned;

// The decorator together with what it decorates.
struct Decorated {
  std::unique_ptr<Engine> inner = make_memory_engine();
  FaultyEngine faulty{*inner};
};

std::shared_ptr<Engine> make_faultless() {
  auto both = std::make_shared<Decorated>();
  return {both, &both->faulty};
}

class Faulty : public ::testing::Test {
 protected:
  FaultyEngine& engine() { return both_.faulty; }
  Engine& inner() { return *both_.inner; }
  Code put(Bytes key, Bytes value) {
    return sync_wait(engine().commit(put_set(p_, std::move(key), std::move(value)))).code();
  }
  std::optional<Bytes> stored(BytesView key) { return *sync_wait(inner().get(p_, key)); }

  const Partition p_ = data_partition(1);

 private:
  Decorated both_;
};

TEST_F(Faulty, FailsTheNthCommitOnce) {
  engine().plan(Operation::commit, 2, {Fault::Effect::fail, Code::io_error});
  EXPECT_EQ(put("a", "1"), Code::ok);
  EXPECT_EQ(put("b", "1"), Code::io_error);
  EXPECT_EQ(put("c", "1"), Code::ok);
  EXPECT_EQ(stored("a"), "1");
  EXPECT_EQ(stored("b"), std::nullopt);
  EXPECT_EQ(stored("c"), "1");
  EXPECT_EQ(engine().faults(), 1u);
  EXPECT_EQ(engine().calls(Operation::commit), 3u);
}

TEST_F(Faulty, FailsEveryKindOfReadWithTheCodeAsked) {
  const Range range;
  const std::vector<Bytes> keys;
  for (std::uint64_t n = 1; n <= 4; ++n) engine().plan_any(n, {Fault::Effect::fail, Code::corruption});
  EXPECT_EQ(sync_wait(engine().get(p_, "a")).error().code(), Code::corruption);
  EXPECT_EQ(sync_wait(engine().multi_get(p_, keys)).error().code(), Code::corruption);
  EXPECT_EQ(sync_wait(engine().scan(p_, range, Direction::forward, {})).error().code(), Code::corruption);
  EXPECT_EQ(sync_wait(engine().buckets(p_.space, p_.kind, p_.shard)).error().code(), Code::corruption);
  EXPECT_TRUE(sync_wait(engine().get(p_, "a")).ok());
  EXPECT_EQ(engine().calls(), 5u);
}

TEST_F(Faulty, ALostAnswerHidesACommitThatHappened) {
  engine().plan_write(1, {Fault::Effect::lose_answer, Code::io_error});
  EXPECT_EQ(put("a", "1"), Code::io_error);
  EXPECT_EQ(stored("a"), "1");
}

TEST_F(Faulty, AForgottenCommitNeverHappened) {
  engine().plan_write(1, {Fault::Effect::forget});
  EXPECT_EQ(put("a", "1"), Code::ok);
  EXPECT_EQ(stored("a"), std::nullopt);
}

TEST_F(Faulty, ATornCommitLeavesItsPrecedingWritesOnly) {
  const Partition history = conformance::bucket_partition(1, Kind::history, 4);
  WriteSet set = guarded_set(p_, "a", std::nullopt, versioned(1));
  set.preceding.push_back({history, "a", "orphan"});
  set.following.push_back({data_partition(2), "a", versioned(1)});
  engine().plan_write(1, {Fault::Effect::tear, Code::io_error});
  EXPECT_EQ(sync_wait(engine().commit(set)).code(), Code::io_error);
  EXPECT_EQ(*sync_wait(inner().get(history, "a")), "orphan");
  EXPECT_EQ(stored("a"), std::nullopt);
  EXPECT_EQ(*sync_wait(inner().get(data_partition(2), "a")), std::nullopt);
  std::vector<WriteSet> sets = {set, put_set(data_partition(3), "b", "1")};
  sets[0].preceding[0].key = "b";
  engine().plan(Operation::commit_transaction, 1, {Fault::Effect::tear, Code::io_error});
  EXPECT_EQ(sync_wait(engine().commit_transaction(sets)).code(), Code::io_error);
  EXPECT_EQ(*sync_wait(inner().get(history, "b")), "orphan");
  EXPECT_EQ(*sync_wait(inner().get(data_partition(3), "b")), std::nullopt);
}

TEST_F(Faulty, StoppedWritesStayStoppedAndReadsGoOn) {
  EXPECT_EQ(put("a", "1"), Code::ok);
  engine().plan_write(2, {Fault::Effect::stop_writes, Code::exhausted});
  EXPECT_EQ(put("b", "1"), Code::ok);
  EXPECT_EQ(put("c", "1"), Code::exhausted);
  EXPECT_EQ(put("d", "1"), Code::exhausted);
  EXPECT_EQ(sync_wait(engine().drop(p_)).code(), Code::exhausted);
  EXPECT_EQ(sync_wait(engine().commit_transaction({})).code(), Code::exhausted);
  EXPECT_EQ(*sync_wait(engine().get(p_, "a")), "1");
  EXPECT_TRUE(engine().stats().writes_stopped);
  EXPECT_NE(engine().stats().writes_stopped_reason, "");
  engine().clear();
  EXPECT_EQ(put("e", "1"), Code::ok);
}

TEST_F(Faulty, NearlyFullItTakesWhatFreesRoom) {
  EXPECT_EQ(put("a", "1"), Code::ok);
  engine().set_nearly_full(true);
  EXPECT_EQ(put("b", "1"), Code::exhausted);
  WriteSet frees;
  frees.atomic.push_back({p_, "a", std::nullopt});
  frees.frees_room = true;
  EXPECT_EQ(sync_wait(engine().commit_transaction({frees, put_set(p_, "b", "1")})).code(), Code::exhausted);
  EXPECT_EQ(*sync_wait(engine().get(p_, "a")), "1");
  EXPECT_TRUE(sync_wait(engine().commit(frees)).ok());
  EXPECT_TRUE(sync_wait(engine().commit_transaction({frees, frees})).ok());
  EXPECT_TRUE(sync_wait(engine().drop(p_)).ok());
  engine().set_nearly_full(false);
  EXPECT_EQ(put("b", "1"), Code::ok);
}

Task<void> note(Task<Status> commit, std::vector<int>& order, int number) {
  const Status status = co_await std::move(commit);
  order.push_back(status.ok() ? number : -number);
}

detail::Detached start(Task<void> task) { co_await std::move(task); }

TEST_F(Faulty, HeldCommitsWaitUntilReleased) {
  engine().plan_write(1, {Fault::Effect::hold_before});
  engine().plan_write(2, {Fault::Effect::hold_after});
  std::vector<int> order;
  start(note(engine().commit(put_set(p_, "before", "1")), order, 1));
  start(note(engine().commit(put_set(p_, "after", "1")), order, 2));
  start(note(engine().commit(put_set(p_, "free", "1")), order, 3));
  EXPECT_EQ(order, std::vector<int>{3});
  EXPECT_EQ(stored("before"), std::nullopt);
  EXPECT_EQ(stored("after"), "1");
  EXPECT_EQ(engine().held(), 2u);
  EXPECT_EQ(engine().release(1), 1u);
  EXPECT_EQ(order, (std::vector<int>{3, 1}));
  EXPECT_EQ(stored("before"), "1");
  EXPECT_EQ(engine().release(), 1u);
  EXPECT_EQ(order, (std::vector<int>{3, 1, 2}));
}

Task<void> note_read(Task<Result<std::optional<Bytes>>> read, std::optional<Bytes>& seen) {
  auto value = co_await std::move(read);
  seen = *std::move(value);
}

TEST_F(Faulty, AReadHeldBeforeSeesWhatHappenedMeanwhile) {
  engine().plan(Operation::get, 1, {Fault::Effect::hold_before});
  engine().plan(Operation::get, 2, {Fault::Effect::hold_after});
  std::optional<Bytes> late;
  std::optional<Bytes> early = "unset";
  start(note_read(engine().get(p_, "k"), late));
  start(note_read(engine().get(p_, "k"), early));
  EXPECT_EQ(put("k", "1"), Code::ok);
  EXPECT_EQ(engine().release(), 2u);
  EXPECT_EQ(late, "1");
  EXPECT_EQ(early, std::nullopt);
}

TEST_F(Faulty, RandomFaultsFollowTheirSeed) {
  const auto run = [](std::uint64_t seed) {
    Decorated both;
    both.faulty.plan_random(seed, 4,
                            {{Fault::Effect::fail, Code::io_error}, {Fault::Effect::lose_answer, Code::unavailable}});
    std::vector<Code> codes;
    for (int i = 0; i < 200; ++i) {
      codes.push_back(sync_wait(both.faulty.commit(put_set(data_partition(1), std::to_string(i), "v"))).code());
    }
    EXPECT_GT(both.faulty.faults(), 20u);
    EXPECT_LT(both.faulty.faults(), 100u);
    return codes;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

}  // namespace

namespace conformance {
INSTANTIATE_TEST_SUITE_P(Faultless, Conformance, ::testing::Values(EngineCase{"memory", make_faultless}), case_name);
}  // namespace conformance
}  // namespace reprise::kv
