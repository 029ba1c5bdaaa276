// What is left when a server dies in the middle of making, changing, restoring and deleting tables: for every n, writes
// stop for good at the n-th durable step, and another server goes on over what is there. Afterwards what was answered
// holds, what was not is there whole or not at all, and no space is left that nobody names.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/rows_for_tests.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_jobs.h"
#include "dynamo/ops/tables_for_tests.h"
#include "kv/faulty/engine.h"

namespace reprise::dynamo {
namespace {

std::string simple_table(const std::string& name) {
  return "{'TableName': '" + name +
         "', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}, "
         "{'AttributeName': 'g', 'AttributeType': 'S'}], 'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}], "
         "'GlobalSecondaryIndexes': [{'IndexName': 'first', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': "
         "[{'AttributeName': 'g', 'KeyType': 'HASH'}]}]}";
}
std::string recovery(const std::string& name, bool enabled) {
  return "{'TableName': '" + name +
         "', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': " + (enabled ? "true" : "false") + "}}";
}

// The steps of one run, and what each was answered.
struct Step {
  OperationFunction operation;
  std::string request;
  bool answered = false;
};

class Interrupted : public ::testing::Test {
 protected:
  void prepare(TableServer& server) {
    for (const std::string name : {"source", "victim", "switched"}) {
      server.must(create_table, simple_table(name));
      server.must(update_continuous_backups, recovery(name, true));
      for (int i = 0; i < 40; ++i) {
        server.must(put_item, "{'TableName': '" + name + "', 'Item': {'id': {'S': 'i" + std::to_string(i) +
                                  "'}, 'g': {'S': 'g" + std::to_string(i % 5) + "'}, 'h': {'N': '" +
                                  std::to_string(i % 7) + "'}}}");
      }
    }
    server.wall().advance(100);
    at = server.store().now().micros();
    server.wall().advance(100);
    then = all_rows(server.store(), server.table("source")->space);
    server.must(put_item, "{'TableName': 'source', 'Item': {'id': {'S': 'later'}}}");
    now = all_rows(server.store(), server.table("source")->space);
  }

  [[nodiscard]] std::vector<Step> steps() const {
    const std::string moment =
        std::to_string(at / 1'000'000) + "." + std::to_string(1'000'000 + at % 1'000'000).substr(1);
    return {
        {create_table, simple_table("created")},
        {restore_table_to_point_in_time,
         "{'SourceTableName': 'source', 'TargetTableName': 'restored', 'RestoreDateTime': " + moment + "}"},
        {update_table,
         "{'TableName': 'source', 'AttributeDefinitions': [{'AttributeName': 'h', 'AttributeType': 'N'}], "
         "'GlobalSecondaryIndexUpdates': [{'Create': {'IndexName': 'second', 'Projection': {'ProjectionType': "
         "'KEYS_ONLY'}, 'KeySchema': [{'AttributeName': 'h', 'KeyType': 'HASH'}]}}]}"},
        {update_continuous_backups, recovery("switched", false)},
        {update_table,
         "{'TableName': 'switched', 'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'first'}}]}"},
        {delete_table, "{'TableName': 'victim'}"},
        {update_table,
         "{'TableName': 'switched', 'StreamSpecification': {'StreamEnabled': true, 'StreamViewType': 'NEW_IMAGE'}}"},
        {update_table, "{'TableName': 'switched', 'StreamSpecification': {'StreamEnabled': false}}"}};
  }

  static void wait_for_jobs_or_fault(TableServer& server, const kv::FaultyEngine& engine) {
    for (;;) {
      const auto jobs = server.jobs().list();
      const bool idle = std::none_of(jobs.begin(), jobs.end(),
                                     [](const auto& job) { return job.state == recovery::JobState::running; });
      if (idle || engine.faults() > 0) return;
      std::this_thread::yield();
    }
  }

  void expect_whole(TableServer& server, const std::string& name) {
    const TablePtr table = server.table(name);
    EXPECT_EQ(table->status, TableStatus::active);
    for (const GlobalIndex& index : table->global_indexes) EXPECT_EQ(index.status, IndexStatus::active) << index.name;
    expect_indexes_right(server.store(), *table);
  }

  void expect_no_orphans(TableServer& server) {
    std::set<SpaceId> named;
    for (const TablePtr& table : server.catalog().all()) {
      for (const SpaceId space : spaces_of(*table)) named.insert(space);
    }
    const auto root = sync_wait(recovery::open_root_spaces(server.store()));
    ASSERT_TRUE(root.ok());
    for (const auto& info : server.store().spaces()) {
      if (info.dropped || recovery::is_root_space(*root, info.id)) continue;
      EXPECT_TRUE(named.contains(info.id)) << info.id.value();
      EXPECT_FALSE(info.base) << info.id.value();
    }
  }

  void expect_answers_hold(TableServer& server, const std::vector<Step>& done) {
    if (done[0].answered) {
      EXPECT_TRUE(server.table("created"));
    }
    if (done[1].answered) {
      EXPECT_TRUE(server.table("restored"));
    }
    if (server.table("restored")) {
      EXPECT_TRUE(all_rows(server.store(), server.table("restored")->space) == then);
    }
    EXPECT_TRUE(all_rows(server.store(), server.table("source")->space) == now);
    if (done[2].answered) {
      EXPECT_NE(server.table("source")->global_index("second"), nullptr);
    }
    const auto switched = server.table("switched");
    if (done[3].answered) {
      EXPECT_FALSE(switched->recovery.enabled);
    }
    if (done[6].answered) {
      EXPECT_FALSE(switched->stream.label.empty());
    }
    if (done[7].answered) {
      EXPECT_NE(switched->stream.disabled_micros, 0);
    }
    const auto spaces = spaces_of(*switched);
    const auto retentions = retentions_of(*switched);
    for (std::size_t i = 0; i < spaces.size(); ++i) {
      EXPECT_EQ(server.store().info(spaces[i])->retention, retentions[i]) << i;
    }
    if (spaces.size() > 1) {
      EXPECT_EQ(retentions.back().count() > 0, switched->recovery.enabled);
    }
    EXPECT_EQ(retentions.front().count() > 0, switched->recovery.enabled || !switched->stream.label.empty());
    if (done[4].answered) {
      EXPECT_EQ(switched->global_index("first"), nullptr);
    }
    if (done[5].answered) {
      EXPECT_FALSE(server.table("victim"));
    }
    if (!server.table("victim")) {
      server.must(restore_table_to_point_in_time,
                  "{'SourceTableName': 'victim', 'TargetTableName': 'victim', 'UseLatestRestorableTime': true}");
      server.wait_for_jobs();
      EXPECT_EQ(all_rows(server.store(), server.table("victim")->space).size(), 40U);
    }
  }

  // Whether the run came to its end without the fault.
  bool run(std::uint64_t nth_write, bool done_unanswered) {
    const auto inner = kv::make_memory_engine();
    std::vector<Step> plan;
    bool whole = false;
    {
      kv::FaultyEngine engine(*inner);
      TableServer server(engine, TickingClock::start);
      prepare(server);
      plan = steps();
      // Either the write never happens, or it does and nobody hears of it.
      if (done_unanswered) engine.plan_write(nth_write, {kv::Fault::Effect::lose_answer, Code::unavailable});
      engine.plan_write(nth_write + (done_unanswered ? 1 : 0), {kv::Fault::Effect::stop_writes, Code::unavailable});
      for (Step& step : plan) step.answered = server.run(step.operation, step.request).starts_with("{");
      wait_for_jobs_or_fault(server, engine);
      whole = engine.faults() == 0;
      server.close();
    }
    TableServer server(*inner, TickingClock::start + 60'000'000);
    EXPECT_TRUE(sync_wait(start_missing_jobs(server.services())).ok());
    server.wait_for_jobs();
    expect_answers_hold(server, plan);
    for (const TablePtr& table : server.catalog().all()) expect_whole(server, table->name);
    expect_no_orphans(server);
    for (const auto& job : server.jobs().list())
      EXPECT_EQ(job.state, recovery::JobState::done) << job.kind << job.message;
    return whole;
  }

  std::uint64_t at = 0;
  Rows then;
  Rows now;
};

TEST_F(Interrupted, AtEveryDurableStep) {
  set_log_level(LogLevel::error);
  std::uint64_t nth_write = 1;
  for (bool whole = false; !whole && nth_write < 500; ++nth_write) {
    SCOPED_TRACE("write " + std::to_string(nth_write));
    whole = run(nth_write, false);
    if (HasFailure()) break;
    run(nth_write, true);
    if (HasFailure()) break;
  }
  set_log_level(LogLevel::info);
  EXPECT_GT(nth_write, 20U);
  EXPECT_LT(nth_write, 500U);
}

}  // namespace
}  // namespace reprise::dynamo
