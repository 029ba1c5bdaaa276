// Jobs against the real store: steps in order, resumed from the last durable checkpoint after a restart, retried while
// it is worth it, cancelled and stopped between steps.
#include "recovery/jobs.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "history/store.h"
#include "kv/engine.h"
#include "kv/memory/engine.h"
#include "recovery/alarm.h"
#include "recovery/job_record.h"
#include "recovery/root.h"

namespace reprise::recovery {
namespace {

// A job's end, waited for.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    wake_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool open_ = false;
};

class JobsTest : public ::testing::Test {
 protected:
  void SetUp() override { start(); }
  void TearDown() override { end(); }

  void start() {
    auto store = sync_wait(history::Store::open(*engine, WallClock::system(), history::StoreOptions()));
    ASSERT_TRUE(store.ok()) << store.error().to_string();
    this->store = std::move(store).value();
    auto roots = sync_wait(open_root_spaces(*this->store));
    ASSERT_TRUE(roots.ok()) << roots.error().to_string();
    executor = std::make_unique<ThreadExecutor>(3);
    auto jobs = sync_wait(Jobs::open(*this->store, roots->jobs, *executor));
    ASSERT_TRUE(jobs.ok()) << jobs.error().to_string();
    this->jobs = std::move(jobs).value();
  }
  void end() {
    if (jobs) jobs->stop();
    jobs.reset();
    executor.reset();
    store.reset();
  }
  void restart() {
    end();
    start();
  }
  std::string start_job(std::string kind, Bytes arguments = "") {
    auto id = sync_wait(jobs->start(std::move(kind), "a test", std::move(arguments)));
    EXPECT_TRUE(id.ok());
    return id.ok() ? *id : "";
  }
  Job wait_for_end(const std::string& id) {
    for (;;) {
      const auto job = jobs->find(id);
      if (!job || job->state != JobState::running) return job.value_or(Job());
      std::this_thread::yield();
    }
  }

  std::unique_ptr<kv::Engine> engine = kv::make_memory_engine();
  std::unique_ptr<history::Store> store;
  std::unique_ptr<ThreadExecutor> executor;
  std::unique_ptr<Jobs> jobs;
};

// Counts to the number in the arguments, one a step.
Task<Status> count_step(Job& job) {
  ++job.done;
  job.checkpoint = std::to_string(job.done);
  job.total = std::stoull(job.arguments);
  if (job.done == job.total) job.state = JobState::done;
  return Status();
}

TEST_F(JobsTest, TakesOneStepAfterTheOther) {
  jobs->handle("count", count_step);
  jobs->resume();
  const Job job = wait_for_end(start_job("count", "5"));
  EXPECT_EQ(job.state, JobState::done);
  EXPECT_EQ(job.done, 5U);
  EXPECT_EQ(job.total, 5U);
  EXPECT_EQ(job.checkpoint, "5");
  EXPECT_GE(job.ended_micros, job.started_micros);
  EXPECT_EQ(job.subject, "a test");
}

TEST_F(JobsTest, GoesOnFromTheCheckpointAfterARestart) {
  Gate third;
  std::atomic<int> steps = 0;
  const auto slow = [&](Job& job) -> Task<Status> {
    if (++steps == 3) third.open();
    if (steps > 3) return Task<Status>(unavailable("held back"));
    return count_step(job);
  };
  jobs->handle("count", slow);
  jobs->resume();
  const std::string id = start_job("count", "6");
  third.wait();
  restart();
  const auto found = jobs->find(id);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->state, JobState::running);
  EXPECT_GE(found->done, 2U);
  EXPECT_LE(found->done, 3U);
  std::vector<std::string> seen;
  jobs->handle("count", [&](Job& job) {
    seen.push_back(job.checkpoint);
    return count_step(job);
  });
  jobs->resume();
  EXPECT_EQ(wait_for_end(id).done, 6U);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.front(), std::to_string(found->done));
}

TEST_F(JobsTest, StartedBeforeResumeRunsAfterIt) {
  jobs->handle("count", count_step);
  const std::string id = start_job("count", "1");
  EXPECT_EQ(jobs->find(id)->state, JobState::running);
  EXPECT_EQ(jobs->find(id)->done, 0U);
  jobs->resume();
  EXPECT_EQ(wait_for_end(id).state, JobState::done);
}

TEST_F(JobsTest, RetriesWhatIsUnavailableAndFailsOnWhatIsNot) {
  std::atomic<int> tries = 0;
  jobs->handle("flaky", [&](Job& job) -> Task<Status> {
    if (++tries < 3) {
      job.checkpoint = "not to be kept";
      return Task<Status>(tries == 1 ? unavailable("later") : conflict("again"));
    }
    EXPECT_EQ(job.checkpoint, "");
    job.state = JobState::done;
    return Task<Status>(Status());
  });
  jobs->handle("broken", [](Job& job) -> Task<Status> {
    job.done = 7;
    return Task<Status>(corruption("no such luck"));
  });
  jobs->resume();
  EXPECT_EQ(wait_for_end(start_job("flaky")).state, JobState::done);
  const Job broken = wait_for_end(start_job("broken"));
  EXPECT_EQ(broken.state, JobState::failed);
  EXPECT_EQ(broken.message, "corruption: no such luck");
  EXPECT_EQ(broken.done, 0U);
  restart();
  EXPECT_EQ(jobs->find(broken.id)->state, JobState::failed);
}

TEST_F(JobsTest, IsCancelledAfterThePresentStep) {
  jobs->handle("endless", [](Job& job) -> Task<Status> {
    ++job.done;
    return Task<Status>(Status());
  });
  jobs->resume();
  const std::string id = start_job("endless");
  EXPECT_TRUE(sync_wait(jobs->cancel(id)).ok());
  EXPECT_EQ(wait_for_end(id).state, JobState::cancelled);
  EXPECT_TRUE(sync_wait(jobs->cancel(id)).is(Code::not_found));
  EXPECT_TRUE(sync_wait(jobs->cancel("nobody")).is(Code::not_found));
}

// Nobody knows how to do it in this run, so that it takes no step that would end it.
TEST_F(JobsTest, ACancelledJobDoesNotGoOnAtTheNextStart) {
  jobs->resume();
  const std::string id = start_job("later");
  EXPECT_TRUE(sync_wait(jobs->cancel(id)).ok());
  restart();
  jobs->handle("later", count_step);
  jobs->resume();
  EXPECT_EQ(jobs->find(id)->state, JobState::cancelled);
}

TEST_F(JobsTest, LeavesAKindThatNobodyKnowsAlone) {
  jobs->resume();
  const std::string id = start_job("unknown");
  restart();
  jobs->handle("unknown", count_step);
  EXPECT_EQ(jobs->find(id)->state, JobState::running);
}

TEST_F(JobsTest, WorksOnAFewAtATimeAndOnAllInTheEnd) {
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  jobs->handle("count", [&](Job& job) {
    const int now = ++at_once;
    int seen = most.load();
    while (seen < now && !most.compare_exchange_weak(seen, now)) {
    }
    auto step = count_step(job);
    --at_once;
    return step;
  });
  jobs->resume();
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(start_job("count", "10"));
  for (const auto& id : ids) EXPECT_EQ(wait_for_end(id).done, 10U);
  EXPECT_LE(most.load(), 4);
  const auto list = jobs->list();
  ASSERT_EQ(list.size(), 20U);
  for (std::size_t i = 1; i < list.size(); ++i) EXPECT_GE(list[i - 1].ended_micros, list[i].ended_micros);
}

TEST_F(JobsTest, PausingJobsLetOthersIn) {
  std::atomic<bool> held = true;
  jobs->handle("held", [&](Job& job) -> Task<Status> {
    if (held) return Task<Status>(unavailable("held back"));
    job.state = JobState::done;
    return Task<Status>(Status());
  });
  jobs->handle("count", count_step);
  jobs->resume();
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(start_job("held"));
  // Would wait for ever if the held ones kept their places.
  EXPECT_EQ(wait_for_end(start_job("count", "3")).done, 3U);
  for (const auto& id : ids) EXPECT_EQ(jobs->find(id)->state, JobState::running);
  held = false;
  for (const auto& id : ids) EXPECT_EQ(wait_for_end(id).state, JobState::done);
}

TEST_F(JobsTest, StopWaitsForTheStepAndEndsPauses) {
  Gate inside;
  Gate go_on;
  std::atomic<bool> step_done = false;
  jobs->handle("slow", [&](Job&) -> Task<Status> {
    inside.open();
    go_on.wait();
    step_done = true;
    return Task<Status>(Status());
  });
  jobs->handle("waiting", [](Job&) -> Task<Status> { return Task<Status>(unavailable("for ever")); });
  std::atomic<int> calls = 0;
  jobs->every(std::chrono::hours(1), "rarely", [&]() -> Task<Status> {
    ++calls;
    return Task<Status>(Status());
  });
  jobs->resume();
  start_job("waiting");
  start_job("slow");
  inside.wait();
  std::thread stopper([&] { jobs->stop(); });
  go_on.open();
  stopper.join();
  EXPECT_TRUE(step_done);
  EXPECT_EQ(calls, 0);
}

TEST_F(JobsTest, CallsHousekeepingAgainAndAgainWhateverItSays) {
  Gate third;
  std::atomic<int> calls = 0;
  jobs->every(std::chrono::milliseconds(1), "often", [&]() -> Task<Status> {
    if (++calls == 3) third.open();
    return Task<Status>(calls == 1 ? io_error("just once") : Status());
  });
  third.wait();
  jobs->stop();  // it still uses what stands above
}

TEST_F(JobsTest, TellsOnceWhyHousekeepingFails) {
  const std::vector<Status> outcomes{unavailable("no place"),
                                     unavailable("no place"),
                                     unavailable("no place"),
                                     io_error("no disk"),
                                     Status(),
                                     unavailable("no place"),
                                     unavailable("no place"),
                                     Status()};
  Gate all;
  std::size_t calls = 0;
  testing::internal::CaptureStderr();
  jobs->every(std::chrono::milliseconds(1), "often", [&]() -> Task<Status> {
    if (++calls == outcomes.size() + 1) all.open();
    return Task<Status>(calls <= outcomes.size() ? outcomes[calls - 1] : Status());
  });
  all.wait();
  jobs->stop();
  const std::string log = testing::internal::GetCapturedStderr();
  const auto count = [&log](std::string_view text) {
    std::size_t found = 0;
    for (auto at = log.find(text); at != log.npos; at = log.find(text, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("housekeeping failed; it will be tried again step=often"), 3U) << log;
  EXPECT_EQ(count("no place"), 2U) << log;
  EXPECT_EQ(count("housekeeping goes on again step=often"), 2U) << log;
}

TEST(Alarm, RingsEarlyForEverybody) {
  ThreadExecutor executor(1);
  Alarm alarm;
  EXPECT_TRUE(sync_wait(alarm.wait(std::chrono::milliseconds(1))));
  std::thread ringer([&] { alarm.ring(); });
  EXPECT_FALSE(sync_wait(alarm.wait(std::chrono::hours(1))));
  ringer.join();
  EXPECT_FALSE(sync_wait(alarm.wait(std::chrono::milliseconds(0))));
}

TEST(JobRecord, ReadsBackWhatWasWrittenAndRefusesAnythingElse) {
  Job job;
  job.id = "an id";
  job.kind = "kind";
  job.subject = "subject \xc3\xa9";
  job.arguments = Bytes("\0\1\xff", 3);
  job.checkpoint = Bytes(1000, '\0');
  job.state = JobState::cancelled;
  job.done = ~std::uint64_t{0};
  job.total = 12;
  job.message = "message";
  job.started_micros = 1;
  job.ended_micros = 2;
  const Bytes record = encode_job(job);
  const auto back = decode_job("an id", record);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(encode_job(*back), record);
  EXPECT_EQ(back->arguments, job.arguments);
  EXPECT_EQ(back->state, job.state);
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_TRUE(decode_job("x", BytesView(record).substr(0, size)).error().is(Code::corruption)) << size;
  }
  EXPECT_TRUE(decode_job("x", record + "x").error().is(Code::corruption));
  Bytes newer = record;
  newer[0] = 2;
  EXPECT_TRUE(decode_job("x", newer).error().is(Code::unsupported));
  Bytes bad_state = record;
  bad_state[1] = 17;
  EXPECT_TRUE(decode_job("x", bad_state).error().is(Code::corruption));
}

TEST(RootSpaces, AreTheSameInEveryStoreAndFoundAgain) {
  const auto engine = kv::make_memory_engine();
  RootSpaces first;
  {
    auto store = sync_wait(history::Store::open(*engine, WallClock::system(), history::StoreOptions()));
    ASSERT_TRUE(store.ok());
    auto root = sync_wait(open_root_spaces(**store));
    ASSERT_TRUE(root.ok());
    first = *root;
    EXPECT_NE(first.catalogue, first.jobs);
    EXPECT_NE(first.jobs, first.buckets);
    std::vector<history::NewSpace> one(1);
    ASSERT_TRUE(sync_wait((*store)->create(one)).ok());
  }
  auto store = sync_wait(history::Store::open(*engine, WallClock::system(), history::StoreOptions()));
  ASSERT_TRUE(store.ok());
  auto root = sync_wait(open_root_spaces(**store));
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->catalogue, first.catalogue);
  EXPECT_EQ(root->jobs, first.jobs);
  EXPECT_EQ(root->buckets, first.buckets);
  EXPECT_EQ(root->tokens, first.tokens);
  EXPECT_EQ(root->archives, first.archives);
  EXPECT_NE(root->tokens, root->archives);
  EXPECT_TRUE(is_root_space(*root, first.buckets));
  EXPECT_TRUE(is_root_space(*root, first.archives));
}

TEST(RootSpaces, RefusesAStoreOfSomethingElse) {
  const auto engine = kv::make_memory_engine();
  auto store = sync_wait(history::Store::open(*engine, WallClock::system(), history::StoreOptions()));
  ASSERT_TRUE(store.ok());
  std::vector<history::NewSpace> some(4);
  ASSERT_TRUE(sync_wait((*store)->create(some)).ok());
  EXPECT_TRUE(sync_wait(open_root_spaces(**store)).error().is(Code::corruption));
}

}  // namespace
}  // namespace reprise::recovery
