// What is left when a server dies in the middle of making, restoring and deleting backups: for every n, writes of the
// store stop for good at its n-th durable step (or the location's do, at its n-th), and another server goes on over
// what is there. Afterwards what was answered holds, what was not is there whole or not at all, no space and no pin is
// left that nobody names, and the location holds the objects of the backups that are listed and nothing else.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "dynamo/archive/backups_for_tests.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_jobs.h"
#include "kv/faulty/engine.h"

namespace reprise::dynamo {
namespace {

class BackupsInterrupted : public ::testing::Test {
 protected:
  void prepare(TableServer& server) {
    server.must(create_table, indexed_table("table"));
    put_items(server, "table", 40, "first");
    items = all_rows(server.store(), server.table("table")->space);
    old_arn = json_at(server.must(create_backup, named_backup("table", "old")), "BackupDetails.BackupArn");
    unwanted_arn = json_at(server.must(create_backup, named_backup("table", "unwanted")), "BackupDetails.BackupArn");
    server.wait_for_jobs();
    put_items(server, "table", 45, "second");
    now = all_rows(server.store(), server.table("table")->space);
  }

  static void wait(TableServer& server, const kv::FaultyEngine& engine, const blob::MemoryStore& location) {
    for (;;) {
      const auto jobs = server.jobs().list();
      const bool idle = std::none_of(jobs.begin(), jobs.end(),
                                     [](const auto& job) { return job.state == recovery::JobState::running; });
      if (idle || engine.faults() > 0 || location.refused() > 0) return;
      std::this_thread::yield();
    }
  }

  struct Answers {
    std::string created;  // the ARN, if answered
    bool restored = false;
    bool deleted = false;
  };

  Answers requests(TableServer& server) {
    Answers answers;
    const std::string created = server.run(create_backup, named_backup("table", "new"));
    if (created.starts_with("{")) answers.created = json_at(created, "BackupDetails.BackupArn");
    answers.restored = server.run(restore_table_from_backup, restore_to(old_arn, "again")).starts_with("{");
    answers.deleted = server.run(delete_backup, of_arn(unwanted_arn)).starts_with("{");
    return answers;
  }

  void expect_answers_hold(TableServer& server, const Answers& answers) {
    const auto status = [&](const std::string& arn) {
      return json_at(server.run(describe_backup, of_arn(arn)), "BackupDescription.BackupDetails.BackupStatus");
    };
    EXPECT_EQ(status(old_arn), "AVAILABLE");
    if (!answers.created.empty()) {
      EXPECT_EQ(status(answers.created), "AVAILABLE");
    }
    if (answers.restored) {
      EXPECT_TRUE(server.table("again"));
    }
    if (server.table("again")) expect_table(server, "again", items);
    if (answers.deleted) {
      EXPECT_EQ(status(unwanted_arn), "(no JSON)");
    }
    EXPECT_TRUE(all_rows(server.store(), server.table("table")->space) == now);
  }

  static void expect_table(TableServer& server, const std::string& name, const Rows& rows) {
    const TablePtr table = server.table(name);
    EXPECT_EQ(table->status, TableStatus::active);
    EXPECT_TRUE(all_rows(server.store(), table->space) == rows) << name;
    expect_indexes_right(server.store(), *table);
  }

  // Every backup that is listed can be restored, and deleted; then nothing is left.
  void expect_backups_whole(TableServer& server, const blob::MemoryStore& location, const Answers& answers) {
    const std::string listed = server.must(list_backups, "{}");
    const int count = std::stoi(json_at(listed, "BackupSummaries").substr(5));
    for (int i = 0; i < count; ++i) {
      const std::string arn = json_at(listed, "BackupSummaries." + std::to_string(i) + ".BackupArn");
      const std::string target = "check-" + std::to_string(i);
      server.must(restore_table_from_backup, restore_to(arn, target));
      server.wait_for_jobs();
      expect_table(server, target, arn == old_arn || arn == unwanted_arn ? items : now);
      server.must(delete_backup, of_arn(arn));
    }
    EXPECT_EQ(count, 1 + (answers.deleted ? 0 : 1) + (answers.created.empty() ? 0 : 1))
        << "a request whose answer was lost may or may not have been done";
    server.wait_for_jobs();
    EXPECT_TRUE(location.keys().empty()) << location.keys().front();
  }

  static void expect_no_orphans(TableServer& server) {
    std::set<SpaceId> named;
    for (const TablePtr& table : server.catalog().all()) {
      for (const SpaceId space : spaces_of(*table)) named.insert(space);
    }
    for (const history::SpaceInfo& info : server.store().spaces()) {
      if (info.dropped || recovery::is_root_space(server.services().root, info.id)) continue;
      EXPECT_TRUE(named.contains(info.id)) << info.id.value();
    }
    // What a forgotten pin would hold back.
    server.wall().advance(10'000'000);
    const SpaceId space = server.table("table")->space;
    server.must(put_item, indexed_item("table", 1, "third"));
    server.wall().advance(10'000'000);
    EXPECT_TRUE(sync_wait(server.store().collect()).ok());
    EXPECT_GT(server.store().info(space)->horizon.micros() + 15'000'000, server.store().now().micros());
  }

  // Whether the run came to its end without the fault.
  template <class Plan>
  bool run(Plan plan_fault) {
    const auto inner = kv::make_memory_engine();
    blob::MemoryStore location;
    Answers answers;
    bool whole = false;
    {
      kv::FaultyEngine engine(*inner);
      TableServer server(engine, TickingClock::start, with_backups(location));
      prepare(server);
      plan_fault(engine, location);
      answers = requests(server);
      wait(server, engine, location);
      whole = engine.faults() == 0 && location.refused() == 0;
      server.close();
    }
    location.fail_writes_from(0);
    TableServer server(*inner, TickingClock::start + 60'000'000, with_backups(location));
    EXPECT_TRUE(sync_wait(start_missing_jobs(server.services())).ok());
    EXPECT_TRUE(sync_wait(open_backups(server.services())).ok());
    server.wait_for_jobs();
    expect_answers_hold(server, answers);
    adjust_for_lost_answers(server, answers);
    expect_backups_whole(server, location, answers);
    expect_no_orphans(server);
    for (const auto& job : server.jobs().list()) {
      EXPECT_EQ(job.state, recovery::JobState::done) << job.kind << ": " << job.message;
    }
    return whole;
  }

  // A request that was not answered may have been done: what is there decides.
  void adjust_for_lost_answers(TableServer& server, Answers& answers) {
    const std::string listed = server.must(list_backups, "{}");
    const int count = std::stoi(json_at(listed, "BackupSummaries").substr(5));
    answers.deleted = true;
    for (int i = 0; i < count; ++i) {
      const std::string arn = json_at(listed, "BackupSummaries." + std::to_string(i) + ".BackupArn");
      if (arn == unwanted_arn) answers.deleted = false;
      if (arn != unwanted_arn && arn != old_arn) answers.created = arn;
    }
  }

  std::string old_arn;
  std::string unwanted_arn;
  Rows items;
  Rows now;
};

TEST_F(BackupsInterrupted, AtEveryDurableStepOfTheStore) {
  set_log_level(LogLevel::error);
  std::uint64_t nth_write = 1;
  for (bool whole = false; !whole && nth_write < 500 && !HasFailure(); ++nth_write) {
    SCOPED_TRACE("write " + std::to_string(nth_write));
    whole = run([&](kv::FaultyEngine& engine, blob::MemoryStore&) {
      engine.plan_write(nth_write, {kv::Fault::Effect::stop_writes, Code::unavailable});
    });
    if (HasFailure()) break;
    // The write happens, and nobody hears of it.
    run([&](kv::FaultyEngine& engine, blob::MemoryStore&) {
      engine.plan_write(nth_write, {kv::Fault::Effect::lose_answer, Code::unavailable});
      engine.plan_write(nth_write + 1, {kv::Fault::Effect::stop_writes, Code::unavailable});
    });
  }
  set_log_level(LogLevel::info);
  EXPECT_GT(nth_write, 15U);
  EXPECT_LT(nth_write, 500U);
}

TEST_F(BackupsInterrupted, AtEveryWriteOfTheLocation) {
  set_log_level(LogLevel::error);
  std::size_t nth_write = 1;
  for (bool whole = false; !whole && nth_write < 100 && !HasFailure(); ++nth_write) {
    SCOPED_TRACE("write " + std::to_string(nth_write) + " of the location");
    whole = run([&](kv::FaultyEngine&, blob::MemoryStore& location) { location.fail_writes_from(nth_write); });
  }
  set_log_level(LogLevel::info);
  EXPECT_GT(nth_write, 4U);
  EXPECT_LT(nth_write, 100U);
}

// A disk that is full for a while holds a backup up, no more.
TEST_F(BackupsInterrupted, AFullLocationIsWaitedFor) {
  set_log_level(LogLevel::error);
  const auto engine = kv::make_memory_engine();
  blob::MemoryStore location;
  TableServer server(*engine, TickingClock::start, with_backups(location));
  server.must(create_table, indexed_table("table"));
  put_items(server, "table", 40, "first");
  location.fail_writes_from(1, Status(Code::exhausted, "no space left on device"));
  const std::string arn = json_at(server.must(create_backup, named_backup("table")), "BackupDetails.BackupArn");
  while (location.refused() < 2) std::this_thread::yield();
  location.fail_writes_from(0);
  server.wait_for_jobs();
  set_log_level(LogLevel::info);
  EXPECT_EQ(json_at(server.must(describe_backup, of_arn(arn)), "BackupDescription.BackupDetails.BackupStatus"),
            "AVAILABLE");
}

}  // namespace
}  // namespace reprise::dynamo
