// Which items have expired, and how they are deleted: in bounded parts, under their keys' locks, over crashes.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/log.h"
#include "dynamo/model/number.h"
#include "dynamo/ops/tables_for_tests.h"
#include "dynamo/ops/time_to_live.h"
#include "kv/faulty/engine.h"

namespace reprise::dynamo {
namespace {

constexpr std::int64_t now = 1'800'000'000;
constexpr std::int64_t five_years = std::int64_t{5} * 365 * 24 * 3600;

bool expired(const ItemBuilder& item) {
  const Bytes built = item.build();
  return has_expired({true, "ttl", 0}, ItemView(built), now);
}
ItemBuilder with_number(const char* text) { return ItemBuilder().set_number("ttl", *Number::parse(text)); }

TEST(TimeToLive, IsANumberOfThePast) {
  EXPECT_TRUE(expired(with_number("1799999999")));
  EXPECT_TRUE(expired(with_number("1799999999.5")));
  EXPECT_FALSE(expired(with_number("1800000000")));
  EXPECT_FALSE(expired(with_number("1800000001")));
  EXPECT_FALSE(expired(with_number("1800000000000")));
  EXPECT_FALSE(expired(with_number("1E100")));
  EXPECT_FALSE(expired(with_number("0")));
  EXPECT_FALSE(expired(with_number("-1799999999")));
  EXPECT_TRUE(expired(with_number(std::to_string(now - five_years + 1).c_str())));
  EXPECT_FALSE(expired(with_number(std::to_string(now - five_years).c_str())));
  EXPECT_FALSE(expired(ItemBuilder().set_string("ttl", "1799999999")));
  EXPECT_FALSE(expired(ItemBuilder().set_number("other", *Number::parse("1799999999"))));
  EXPECT_FALSE(has_expired({true, "ttl", 0}, ItemView(), now));
}

TEST(TimeToLive, LoadDoesNotDependOnTheInterval) {
  Settings settings;
  settings.ttl_interval = std::chrono::seconds(600);
  EXPECT_EQ(expiry_rows_per_run(settings), 2'400'000U);
  settings.ttl_interval = std::chrono::seconds(0);
  EXPECT_GT(expiry_rows_per_run(settings), 0U);
}

class ExpirySweep : public ::testing::Test {
 protected:
  static void make(TableServer& server, const std::string& name, bool with_ttl = true) {
    server.must(create_table, "{'TableName': '" + name +
                                  "', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName': "
                                  "'id', 'AttributeType': 'S'}, {'AttributeName': 'g', 'AttributeType': 'S'}], "
                                  "'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}], "
                                  "'GlobalSecondaryIndexes': [{'IndexName': 'index', 'KeySchema': [{'AttributeName': "
                                  "'g', 'KeyType': 'HASH'}], 'Projection': {'ProjectionType': 'KEYS_ONLY'}}], "
                                  "'StreamSpecification': {'StreamEnabled': true, 'StreamViewType': 'KEYS_ONLY'}}");
    if (with_ttl) switch_ttl(server, name, true);
  }
  static void switch_ttl(TableServer& server, const std::string& name, bool on) {
    server.must(update_time_to_live, "{'TableName': '" + name + "', 'TimeToLiveSpecification': {'Enabled': " +
                                         (on ? "true" : "false") + ", 'AttributeName': 'ttl'}}");
  }
  // Items 0 to count: every other one has expired.
  static void fill(TableServer& server, const std::string& name, int count) {
    for (int i = 0; i < count; ++i) put(server, name, std::to_string(i), i % 2 == 0 ? now - 100 : now + 1'000'000);
  }
  static void put(TableServer& server, const std::string& name, const std::string& id, std::int64_t ttl) {
    server.must(put_item, "{'TableName': '" + name + "', 'Item': {'id': {'S': '" + id +
                              "'}, 'g': {'S': 'g'}, 'ttl': {'N': '" + std::to_string(ttl) + "'}}}");
  }
  static std::size_t rows(TableServer& server, SpaceId space) { return server.store().info(space)->keys; }
  static std::size_t items(TableServer& server, const std::string& name) {
    return rows(server, server.table(name)->space);
  }
  static std::size_t entries(TableServer& server, const std::string& name) {
    return rows(server, server.table(name)->global_indexes[0].space);
  }
};

TEST_F(ExpirySweep, DeletesItemsWithTheirEntriesAndSaysWhoDidIt) {
  TableServer server;
  make(server, "table");
  make(server, "other", false);
  fill(server, "table", 300);
  fill(server, "other", 10);
  const auto sweep = make_expiry_sweep(server.services(), 1'000'000);
  ASSERT_TRUE(sync_wait(sweep()).ok());
  EXPECT_EQ(items(server, "table"), 150U);
  EXPECT_EQ(entries(server, "table"), 150U);
  EXPECT_EQ(items(server, "other"), 10U);
  const auto log = sync_wait(server.store().changes(server.table("table")->space, {}, Timestamp::max(), 1000));
  ASSERT_TRUE(log.ok());
  ASSERT_EQ(log->size(), 450U);
  for (const auto& entry : *log) EXPECT_EQ(entry.by_service, entry.kind == history::ChangeKind::erase);
}

TEST_F(ExpirySweep, GoesOnWhereItStoppedAndRound) {
  TableServer server;
  for (const char* const name : {"one", "two", "three"}) {
    make(server, name);
    fill(server, name, 40);
  }
  const auto left = [&] { return items(server, "one") + items(server, "two") + items(server, "three"); };
  const auto sweep = make_expiry_sweep(server.services(), 25);
  std::size_t before = left();
  int runs = 0;
  for (; left() > 60 && runs < 20; ++runs) {
    ASSERT_TRUE(sync_wait(sweep()).ok());
    EXPECT_LE(before - left(), 25U);
    before = left();
  }
  EXPECT_GE(runs, 5);
  EXPECT_LE(runs, 7);
  // And round again.
  put(server, "one", "new", now - 100);
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(sync_wait(sweep()).ok());
  EXPECT_EQ(left(), 60U);
}

TEST_F(ExpirySweep, FollowsTheSettingsOfTheMoment) {
  TableServer server;
  make(server, "table");
  fill(server, "table", 20);
  const auto sweep = make_expiry_sweep(server.services(), 5);
  ASSERT_TRUE(sync_wait(sweep()).ok());
  const std::size_t then = items(server, "table");
  switch_ttl(server, "table", false);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(sync_wait(sweep()).ok());
  EXPECT_EQ(items(server, "table"), then);
  switch_ttl(server, "table", true);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(sync_wait(sweep()).ok());
  EXPECT_EQ(items(server, "table"), 10U);
  server.must(delete_table, "{'TableName': 'table'}");
  ASSERT_TRUE(sync_wait(sweep()).ok());
}

// Writers that renew items while they are about to be deleted: what was renewed in time stays.
TEST_F(ExpirySweep, NeverOverrunsARenewal) {
  TableServer server;
  make(server, "table");
  constexpr int count = 60;
  for (int i = 0; i < count; ++i) put(server, "table", std::to_string(i), now - 100);
  std::thread writer([&] {
    for (int i = 0; i < count; ++i) put(server, "table", std::to_string(i), now + 1'000'000);
  });
  const auto sweep = make_expiry_sweep(server.services(), 1'000'000);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(sync_wait(sweep()).ok());
  writer.join();
  EXPECT_TRUE(sync_wait(sweep()).ok());
  EXPECT_EQ(items(server, "table"), static_cast<std::size_t>(count));
  EXPECT_EQ(entries(server, "table"), static_cast<std::size_t>(count));
}

// The server dies at the n-th durable write of a sweep; the next one finishes what it began.
TEST_F(ExpirySweep, SurvivesACrashAtEveryStep) {
  set_log_level(LogLevel::error);
  std::uint64_t nth_write = 1;
  for (bool whole = false; !whole && nth_write < 20; ++nth_write) {
    const auto inner = kv::make_memory_engine();
    {
      kv::FaultyEngine engine(*inner);
      TableServer server(engine, TickingClock::start);
      make(server, "table");
      fill(server, "table", 500);
      engine.plan_write(nth_write, {nth_write % 2 == 0 ? kv::Fault::Effect::tear : kv::Fault::Effect::stop_writes,
                                    Code::unavailable});
      engine.plan_write(nth_write + 1, {kv::Fault::Effect::stop_writes, Code::unavailable});
      whole = sync_wait(make_expiry_sweep(server.services(), 1'000'000)()).ok();
    }
    TableServer server(*inner, TickingClock::start + 60'000'000);
    ASSERT_TRUE(sync_wait(make_expiry_sweep(server.services(), 1'000'000)()).ok());
    while (!*sync_wait(server.store().recount(1000))) continue;
    EXPECT_EQ(items(server, "table"), 250U) << nth_write;
    EXPECT_EQ(entries(server, "table"), 250U) << nth_write;
  }
  set_log_level(LogLevel::info);
  EXPECT_GT(nth_write, 3U);
  EXPECT_LT(nth_write, 20U);
}

}  // namespace
}  // namespace reprise::dynamo
