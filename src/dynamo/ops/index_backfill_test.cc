// Filling an index: afterwards its entries are exactly the projections of the table's items, whatever was written
// meanwhile and however often the work was interrupted.
#include "dynamo/ops/index_backfill.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "base/rng.h"
#include "dynamo/ops/rows_for_tests.h"
#include "dynamo/ops/table_jobs.h"
#include "dynamo/ops/tables_for_tests.h"

namespace reprise::dynamo {
namespace {

class IndexBackfill : public ::testing::Test {
 protected:
  void SetUp() override {
    server.must(create_table, R"({'TableName': 'table', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}],
        'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}]})");
  }
  void put(int id, Rng& rng) {
    std::string item =
        "'id': {'S': 'i" + std::to_string(id) + "'}, 'other': {'N': '" + std::to_string(rng.below(9)) + "'}";
    const auto kind = rng.below(4);
    if (kind == 0) item += ", 'group': {'S': 'of another type'}";
    if (kind >= 2) item += ", 'group': {'N': '" + std::to_string(rng.below(5)) + "'}";
    server.run(put_item, "{'TableName': 'table', 'Item': {" + item + "}}");
  }
  void erase(int id) {
    server.must(delete_item, "{'TableName': 'table', 'Key': {'id': {'S': 'i" + std::to_string(id) + "'}}}");
  }
  void add_index(const std::string& projection = "'ProjectionType': 'ALL'") {
    server.must(update_table,
                "{'TableName': 'table', 'AttributeDefinitions': [{'AttributeName': 'group', 'AttributeType': 'N'}], "
                "'GlobalSecondaryIndexUpdates': [{'Create': {'IndexName': 'index', 'Projection': {" +
                    projection + "}, 'KeySchema': [{'AttributeName': 'group', 'KeyType': 'HASH'}]}}]}");
  }
  void expect_complete() {
    const TablePtr table = server.table("table");
    const GlobalIndex* const index = table->global_index("index");
    ASSERT_NE(index, nullptr);
    EXPECT_EQ(index->status, IndexStatus::active);
    const Rows wanted = entries_of(*table, view_of(*index), all_rows(server.store(), table->space));
    EXPECT_TRUE(all_rows(server.store(), index->space) == wanted);
    EXPECT_FALSE(wanted.empty());
  }

  TableServer server;
};

TEST_F(IndexBackfill, EntersWhatFits) {
  Rng rng(1);
  for (int i = 0; i < 300; ++i) put(i, rng);
  add_index("'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['other']");
  server.wait_for_jobs();
  expect_complete();
}

TEST_F(IndexBackfill, GoesOnAfterARestart) {
  Rng rng(2);
  for (int i = 0; i < 300; ++i) put(i, rng);
  server.reopen(/*with_jobs=*/false);
  add_index();
  server.reopen(/*with_jobs=*/false);
  ASSERT_EQ(server.jobs().list().size(), 1U);
  // Items beyond a checkpoint somewhere in the middle.
  recovery::Job job = server.jobs().list()[0];
  ASSERT_TRUE(sync_wait(index_backfill_step(server.services(), job)).ok());
  server.jobs().resume();
  server.wait_for_jobs();
  expect_complete();
}

TEST_F(IndexBackfill, IsStartedIfACrashKeptItFromBeingStarted) {
  Rng rng(3);
  for (int i = 0; i < 50; ++i) put(i, rng);
  server.reopen(/*with_jobs=*/false);
  add_index();
  for (const auto& job : server.jobs().list()) ASSERT_TRUE(sync_wait(server.jobs().cancel(job.id)).ok());
  server.jobs().resume();
  server.wait_for_jobs();
  ASSERT_EQ(server.table("table")->global_index("index")->status, IndexStatus::creating);
  ASSERT_TRUE(sync_wait(start_missing_jobs(server.services())).ok());
  server.wait_for_jobs();
  expect_complete();
}

TEST_F(IndexBackfill, MissesNothingThatIsWrittenMeanwhile) {
  for (int round = 0; round < 5; ++round) {
    Rng rng(static_cast<std::uint64_t>(10 + round));
    for (int i = 0; i < 200; ++i) put(i, rng);
    std::atomic<bool> stop = false;
    std::thread writer([&] {
      Rng own(static_cast<std::uint64_t>(100 + round));
      while (!stop) {
        const int id = static_cast<int>(own.below(250));
        if (own.chance(1, 4))
          erase(id);
        else
          put(id, own);
      }
    });
    add_index();
    server.wait_for_jobs();
    stop = true;
    writer.join();
    expect_complete();
    server.must(update_table,
                "{'TableName': 'table', 'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'index'}}]}");
    server.wait_for_jobs();
  }
}

TEST_F(IndexBackfill, EndsWhenTheIndexIsGivenUp) {
  Rng rng(4);
  for (int i = 0; i < 50; ++i) put(i, rng);
  server.reopen(/*with_jobs=*/false);
  add_index();
  server.must(update_table,
              "{'TableName': 'table', 'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'index'}}]}");
  server.jobs().resume();
  server.wait_for_jobs();
  for (const auto& job : server.jobs().list())
    EXPECT_EQ(job.state, recovery::JobState::done) << job.kind << job.message;
  EXPECT_TRUE(server.table("table")->global_indexes.empty());
}

TEST(TableJob, ReadsBackWhatWasWritten) {
  TableJob job;
  job.account = "000000000000";
  job.name = "name";
  job.table_id = "id";
  EXPECT_EQ(decode_table_job(encode_table_job(job)).value(), job);
  job.index = "index";
  job.space = SpaceId(~std::uint64_t{0});
  job.keep_until = Timestamp::max();
  EXPECT_EQ(decode_table_job(encode_table_job(job)).value(), job);
  EXPECT_TRUE(decode_table_job("{}").error().is(Code::corruption));
  EXPECT_TRUE(decode_table_job("").error().is(Code::invalid));
}

}  // namespace
}  // namespace reprise::dynamo
