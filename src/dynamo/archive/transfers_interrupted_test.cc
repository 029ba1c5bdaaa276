// What is left when a server dies in the middle of an export and an import: for every n, writes of the store stop for
// good at its n-th durable step (or the bucket's do, at its n-th), and another server goes on over what is there.
// Afterwards what was answered has ended right, what was not answered is there whole or not at all, and no pin, no line
// of a report and no space is left.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/log.h"
#include "dynamo/archive/export_job.h"
#include "dynamo/archive/import_job.h"
#include "dynamo/archive/transfer_jobs.h"
#include "dynamo/archive/transfer_store.h"
#include "dynamo/archive/transfers_for_tests.h"
#include "dynamo/ops/table_description.h"
#include "kv/faulty/engine.h"

namespace reprise::dynamo {
namespace {

constexpr int items = 30;
constexpr int good_lines = 20;

class TransfersInterrupted : public ::testing::Test {
 protected:
  TransfersInterrupted() {
    set_log_level(LogLevel::error);
    TableServer server(*engine, TickingClock::start, places.prepare());
    server.must(create_table, simple_table("source"));
    server.must(update_continuous_backups, with_recovery("source"));
    for (int i = 0; i < items; ++i) server.must(put_item, simple_item("source", "k" + std::to_string(i), "x"));
    std::string text;
    for (int i = 0; i < good_lines; ++i) {
      text += "{\"Item\":{\"pk\":{\"S\":\"k" + std::to_string(i) + "\"}}}\n";
      if (i % 5 == 0) text += "rubbish\n";
    }
    places.bucket->put("in/1", text.substr(0, 300));
    places.bucket->put("in/2", text.substr(300));
    places.bucket->put("in/1", text.substr(0, text.find('\n', 300) + 1));
    places.bucket->put("in/2", text.substr(text.find('\n', 300) + 1));
  }
  ~TransfersInterrupted() override { set_log_level(LogLevel::info); }

  static bool idle(TableServer& server) {
    const auto jobs = server.jobs().list();
    return std::none_of(jobs.begin(), jobs.end(),
                        [](const auto& job) { return job.state == recovery::JobState::running; });
  }
  void wait(TableServer& server, const kv::FaultyEngine& faulty) const {
    while (!idle(server) && faulty.faults() == 0 && places.bucket->refused() == 0) std::this_thread::yield();
  }

  // What housekeeping does after a restart, until there is nothing to do.
  static void recover(TableServer& server) {
    ASSERT_TRUE(sync_wait(tend_transfers(server.services(), export_transfers)).ok());
    ASSERT_TRUE(sync_wait(tend_transfers(server.services(), import_transfers)).ok());
    server.wait_for_jobs();
  }

  void expect_export(TableServer& server, const std::string& arn) {
    const std::string ended = described_export(server, arn);
    EXPECT_EQ(json_at(ended, "ExportDescription.ExportStatus"), "COMPLETED") << ended;
    const auto lines = exported_lines(*places.bucket, json_at(ended, "ExportDescription.ExportManifest"));
    EXPECT_EQ(lines.size(), static_cast<std::size_t>(items));
    EXPECT_EQ(std::adjacent_find(lines.begin(), lines.end()), lines.end());
    EXPECT_EQ(json_at(ended, "ExportDescription.ItemCount"), std::to_string(items));
  }

  void expect_import(TableServer& server, const std::string& arn) {
    const std::string ended = described_import(server, arn);
    EXPECT_EQ(json_at(ended, "ImportTableDescription.FailureCode"), "ItemValidationError") << ended;
    EXPECT_EQ(json_at(ended, "ImportTableDescription.ImportedItemCount"), std::to_string(good_lines)) << ended;
    EXPECT_EQ(json_at(ended, "ImportTableDescription.ErrorCount"), "4") << ended;
    const auto table = server.table("made");
    ASSERT_NE(table, nullptr);
    EXPECT_EQ(table->status, TableStatus::active);
    EXPECT_EQ(all_rows(server.store(), table->space).size(), static_cast<std::size_t>(good_lines));
    const Bytes report = places.reports->bytes(arn.substr(arn.rfind('/') + 1) + "/error");
    EXPECT_EQ(std::count(report.begin(), report.end(), '\n'), 4);
  }

  // Nothing but what the catalogue names, and what the root space of archives should hold.
  static void expect_tidy(TableServer& server) {
    const auto left = sync_wait(list_records(server.services(), "x/", Bytes(), 100));
    ASSERT_TRUE(left.ok());
    EXPECT_TRUE(left->empty());
    std::set<SpaceId> named;
    for (const TablePtr& table : server.catalog().all()) {
      for (const SpaceId space : spaces_of(*table)) named.insert(space);
    }
    for (const auto& space : server.store().spaces()) {
      if (space.dropped) continue;  // the next collect() takes it
      EXPECT_TRUE(named.contains(space.id) || recovery::is_root_space(server.services().root, space.id));
    }
    // A pin that was left would still be there under its name.
    const auto exports = sync_wait(list_records(server.services(), "e/", Bytes(), 100));
    ASSERT_TRUE(exports.ok());
    for (const auto& [key, value] : *exports) {
      std::vector<SpaceId> spaces{server.table("source")->space};
      const std::string name = export_pin(key.substr(key.rfind('/') + 1));
      EXPECT_TRUE(sync_wait(server.store().pin(name, spaces, server.store().now())).ok()) << name;
      EXPECT_TRUE(sync_wait(server.store().unpin(name)).ok());
    }
  }

  Places places;
  std::unique_ptr<kv::Engine> engine = kv::make_memory_engine();
  std::uint64_t time = TickingClock::start;
};

TEST_F(TransfersInterrupted, AtEveryWriteOfTheStore) {
  bool done = false;
  std::uint64_t n = 1;
  for (; !done && n < 300; ++n) {
    time += 60'000'000;
    std::string exported;
    std::string imported;
    {
      kv::FaultyEngine faulty(*engine);
      TableServer server(faulty, time, places.prepare());
      faulty.plan_write(n, {kv::Fault::Effect::stop_writes, Code::unavailable});
      exported = json_at(server.run(export_table_to_point_in_time, export_of("source")), "ExportDescription.ExportArn");
      imported = json_at(server.run(import_table, import_of("in/", "made")), "ImportTableDescription.ImportArn");
      wait(server, faulty);
      done = faulty.faults() == 0;
    }
    time += 60'000'000;
    TableServer server(*engine, time, places.prepare());
    recover(server);
    if (exported.starts_with("arn:")) expect_export(server, exported);
    if (imported.starts_with("arn:")) expect_import(server, imported);
    expect_tidy(server);
    if (server.table("made")) server.must(delete_table, "{'TableName': 'made'}");
    if (HasFailure()) {
      ADD_FAILURE() << "at write " << n;
      return;
    }
  }
  EXPECT_TRUE(done);
  EXPECT_GT(n, 15U);
}

TEST_F(TransfersInterrupted, AtEveryWriteOfTheBucket) {
  bool done = false;
  for (std::size_t n = 1; !done && n < 50; ++n) {
    time += 60'000'000;
    std::string exported;
    {
      kv::FaultyEngine faulty(*engine);
      TableServer server(faulty, time, places.prepare());
      places.bucket->fail_writes_from(n);
      exported =
          json_at(server.must(export_table_to_point_in_time, export_of("source")), "ExportDescription.ExportArn");
      const std::size_t refused = places.bucket->refused();
      while (!idle(server) && places.bucket->refused() == refused) std::this_thread::yield();
      done = places.bucket->refused() == refused;
    }
    places.bucket->fail_writes_from(0);
    time += 60'000'000;
    TableServer server(*engine, time, places.prepare());
    recover(server);
    expect_export(server, exported);
    expect_tidy(server);
    ASSERT_FALSE(HasFailure()) << "at write " << n << " of the bucket";
  }
  EXPECT_TRUE(done);
}

TEST_F(TransfersInterrupted, ABucketThatIsAwayForAWhileIsWaitedFor) {
  TableServer server(*engine, time + 60'000'000, places.prepare());
  places.bucket->set_unreachable(true);
  const std::string arn =
      json_at(server.must(import_table, import_of("in/", "made")), "ImportTableDescription.ImportArn");
  EXPECT_EQ(json_at(described_import(server, arn), "ImportTableDescription.ImportStatus"), "IN_PROGRESS");
  places.bucket->set_unreachable(false);
  server.wait_for_jobs();
  expect_import(server, arn);
}

}  // namespace
}  // namespace reprise::dynamo
