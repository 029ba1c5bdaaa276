// Transactions under concurrency and crashes: money that moves between accounts is never made or lost, now or at any
// past instant; and what a token promises holds across a crash at every durable step.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/rng.h"
#include "dynamo/ops/client_token.h"
#include "dynamo/ops/operations_for_tests.h"
#include "dynamo/ops/tables_for_tests.h"
#include "dynamo/ops/transact_operations.h"
#include "history/store.h"
#include "kv/faulty/engine.h"

namespace reprise::dynamo {
namespace {

constexpr int threads = 4;
constexpr int accounts = 6;
constexpr int rounds = 250;
constexpr int opening = 100;

// ---- Money ---------------------------------------------------------------------------------------------------------

class MoneyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const std::string table : {"bank0", "bank1"}) {
      ASSERT_EQ(call(create_table, R"({"TableName":")" + table + R"(","BillingMode":"PAY_PER_REQUEST",
        "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"N"},{"AttributeName":"owner","AttributeType":"S"}],
        "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
        "GlobalSecondaryIndexes":[{"IndexName":"owners","Projection":{"ProjectionType":"ALL"},"KeySchema":[{"AttributeName":"owner","KeyType":"HASH"}]}]})"),
                "");
      ASSERT_EQ(call(update_continuous_backups,
                     R"({"TableName":")" + table +
                         R"(","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}})"),
                "");
    }
    std::string items;
    for (int i = 0; i < accounts; ++i) {
      items += (i > 0 ? "," : "") + ("{\"Put\":" + named(i) + ",\"Item\":{\"id\":{\"N\":\"" + std::to_string(i) +
                                     "\"},\"owner\":{\"S\":\"o\"},\"n\":{\"N\":\"100\"}}}}");
    }
    ASSERT_EQ(call(transact_write_items, "{\"TransactItems\":[" + items + "]}"), "");
  }

  // The accounts stand in two tables.
  static std::string named(int account) { return R"({"TableName":"bank)" + std::to_string(account % 2) + "\""; }
  static std::string keyed(int account) {
    return named(account) + R"(,"Key":{"id":{"N":")" + std::to_string(account) + "\"}}";
  }
  // Thread-safe; the error's message, or nothing.
  std::string call(OperationFunction operation, const std::string& body, std::string* answer = nullptr,
                   std::optional<Timestamp> as_of = std::nullopt) {
    codec::JsonDocument document;
    const auto json = document.parse(body);
    if (!json.ok()) return "the test's own JSON is wrong: " + body;
    OperationRequest request{*json, Caller{"000000000000", "AKIA"}, as_of};
    auto result = sync_wait(operation(server.services(), std::move(request)));
    if (!result.ok()) return result.error().message;
    if (answer != nullptr) *answer = *result;
    return "";
  }

  // Takes `amount` off one account, if it is there, and gives it to another one; sometimes a third is checked as well.
  std::string transfer(Rng& rng) {
    const int from = static_cast<int>(rng.below(accounts));
    const int to = (from + 1 + static_cast<int>(rng.below(accounts - 1))) % accounts;
    const std::string amount = R"({":a":{"N":")" + std::to_string(1 + rng.below(60)) + "\"}}";
    std::string items = "{\"Update\":" + keyed(from) +
                        R"(,"UpdateExpression":"SET n = n - :a","ConditionExpression":"n >= :a",)" +
                        R"("ExpressionAttributeValues":)" + amount + "}},{\"Update\":" + keyed(to) +
                        R"(,"UpdateExpression":"SET n = n + :a","ExpressionAttributeValues":)" + amount + "}}";
    for (int other = 0; other < accounts && rng.chance(1, 3); ++other) {
      if (other == from || other == to) continue;
      items += ",{\"ConditionCheck\":" + keyed(other) + ",\"ConditionExpression\":\"attribute_exists(id)\"}}";
      break;
    }
    return "{\"TransactItems\":[" + items + "]}";
  }

  static std::string gets() {
    std::string items;
    for (int i = 0; i < accounts; ++i) items += (i > 0 ? "," : "") + ("{\"Get\":" + keyed(i) + "}}");
    return "{\"TransactItems\":[" + items + "]}";
  }
  // The sum of every "n" of an answer, or -1.
  static int sum(const std::string& answer) {
    int total = 0;
    int found = 0;
    for (std::size_t at = answer.find(R"("n":{"N":")"); at != std::string::npos;
         at = answer.find(R"("n":{"N":")", at + 1)) {
      total += std::stoi(answer.substr(at + 10));
      ++found;
    }
    return found == accounts || found == accounts / 2 ? total : -1;
  }
  void run_threads(const std::function<void(int)>& body) {
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) running.emplace_back(body, i);
    for (auto& thread : running) thread.join();
  }

  TestServer server;
};

TEST_F(MoneyTest, IsTheSameAtEveryInstant) {
  std::atomic<int> moved{0};
  std::atomic<int> refused{0};
  std::mutex mutex;
  std::vector<std::string> wrong;
  std::vector<Timestamp> instants;
  run_threads([&](int number) {
    Rng rng(static_cast<std::uint64_t>(number) + 1);
    for (int i = 0; i < rounds; ++i) {
      const std::string error = call(transact_write_items, transfer(rng));
      if (error.empty()) {
        ++moved;
      } else {
        ++refused;
      }
      if (!error.empty() && error.find("[ConditionalCheckFailed, None") == std::string::npos) {
        const std::lock_guard lock(mutex);
        wrong.push_back(error);
      }
      if (i % 5 != 0) continue;
      std::string answer;
      const std::string failed = call(transact_get_items, gets(), &answer);
      const std::lock_guard lock(mutex);
      if (!failed.empty() || sum(answer) != accounts * opening) wrong.push_back(failed + answer);
      instants.push_back(server.store().now());
    }
  });
  EXPECT_EQ(wrong, std::vector<std::string>());
  EXPECT_GT(moved, threads * rounds / 4);
  EXPECT_GT(refused, 0);

  // Every commit's own instant, from both sides, and those noted while it all went on.
  const auto table = server.catalog().find("000000000000", "bank0");
  const auto log = sync_wait(server.store().changes(table->space, {}, server.store().now(), 100'000));
  ASSERT_TRUE(log.ok());
  for (std::size_t i = 1; i < log->size(); i += 7) {
    instants.push_back((*log)[i].at);
    if ((*log)[i].at.previous() > (*log)[0].at) instants.push_back((*log)[i].at.previous());
  }
  ASSERT_GT(instants.size(), 200u);
  for (const Timestamp at : instants) {
    std::string by_get;
    std::string first;
    std::string second;
    ASSERT_EQ(call(transact_get_items, gets(), &by_get, at), "");
    EXPECT_EQ(sum(by_get), accounts * opening);
    ASSERT_EQ(call(scan, R"({"TableName":"bank0"})", &first, at), "");
    ASSERT_EQ(call(scan, R"({"TableName":"bank1","IndexName":"owners"})", &second, at), "");
    EXPECT_EQ(sum(first) + sum(second), accounts * opening);
  }
}

TEST_F(MoneyTest, WritersOfOneItemAndTransactionsLoseNothing) {
  std::atomic<int> failures{0};
  run_threads([&](int number) {
    for (int i = 0; i < rounds; ++i) {
      const std::string add =
          keyed(0) + R"(,"UpdateExpression":"ADD c :1","ExpressionAttributeValues":{":1":{"N":"1"}}})";
      const std::string error =
          number % 2 == 0
              ? call(update_item, add)
              : call(transact_write_items, "{\"TransactItems\":[{\"Update\":" + add + "},{\"Update\":" + keyed(1) +
                                               R"(,"UpdateExpression":"ADD c :1",)" +
                                               R"("ExpressionAttributeValues":{":1":{"N":"1"}}}}]})");
      if (!error.empty()) ++failures;
    }
  });
  EXPECT_EQ(failures, 0);
  std::string answer;
  ASSERT_EQ(call(get_item, keyed(0) + "}", &answer), "");
  EXPECT_NE(answer.find(R"("c":{"N":")" + std::to_string(threads * rounds) + "\""), std::string::npos) << answer;
  ASSERT_EQ(call(get_item, keyed(1) + "}", &answer), "");
  EXPECT_NE(answer.find(R"("c":{"N":")" + std::to_string(threads * rounds / 2) + "\""), std::string::npos) << answer;
}

// All of them at once with one token: it happens once, and everybody is told either success or to wait.
TEST_F(MoneyTest, OneTokenFromManyThreadsHappensOnce) {
  TokensInProgress tokens;
  for (const bool refuse : {false, true}) {
    server.services().tokens_in_progress = refuse ? &tokens : nullptr;
    std::atomic<int> in_progress{0};
    std::atomic<int> others{0};
    run_threads([&](int) {
      for (int i = 0; i < rounds; ++i) {
        const std::string error =
            call(transact_write_items,
                 R"({"ClientRequestToken":")" + std::to_string(i) + (refuse ? "r" : "w") +
                     R"(","TransactItems":[{"Update":)" + keyed(0) +
                     R"(,"UpdateExpression":"ADD c :1","ExpressionAttributeValues":{":1":{"N":"1"}}}}]})");
        if (error == "Transaction from previous request is still in progress") {
          ++in_progress;
        } else if (!error.empty()) {
          ++others;
        }
      }
    });
    EXPECT_EQ(others, 0);
    if (!refuse) {
      EXPECT_EQ(in_progress, 0);
    }
    std::string answer;
    ASSERT_EQ(call(get_item, keyed(0) + "}", &answer), "");
    EXPECT_NE(answer.find(R"("c":{"N":")" + std::to_string(refuse ? 2 * rounds : rounds) + "\""), std::string::npos)
        << answer;
  }
  server.services().tokens_in_progress = nullptr;
}

// ---- Crashes -------------------------------------------------------------------------------------------------------

std::string counted(int number) {
  return "{'ClientRequestToken': 'token-" + std::to_string(number) +
         "', 'TransactItems': [{'Update': {'TableName': 'tab', 'Key': {'id': {'S': 'a'}}, 'UpdateExpression': 'ADD n "
         ":1', "
         "'ExpressionAttributeValues': {':1': {'N': '1'}}}}, {'Put': {'TableName': 'tab', 'Item': {'id': {'S': 'i" +
         std::to_string(number) + "'}}}}]}";
}

// The requests of one run; sent again after a crash, each has happened exactly once. True when no fault was met.
bool crash_at(std::uint64_t nth_write, kv::Fault::Effect effect) {
  constexpr int requests = 5;
  const auto inner = kv::make_memory_engine();
  std::vector<bool> answered;
  bool whole = false;
  {
    kv::FaultyEngine engine(*inner);
    TableServer server(engine, TickingClock::start);
    server.must(
        create_table,
        "{'TableName': 'tab', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName': 'id', "
        "'AttributeType': 'S'}], 'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}]}");
    engine.plan_write(nth_write, {effect, Code::unavailable});
    engine.plan_write(nth_write + 1, {kv::Fault::Effect::stop_writes, Code::unavailable});
    for (int i = 0; i < requests; ++i) {
      answered.push_back(server.run(transact_write_items, counted(i)).starts_with("{"));
    }
    whole = engine.faults() == 0;
    server.close();
  }
  TableServer server(*inner, TickingClock::start + 60'000'000);
  for (int i = 0; i < requests; ++i) {
    const std::string answer =
        server.run(get_item, "{'TableName': 'tab', 'Key': {'id': {'S': 'i" + std::to_string(i) + "'}}}");
    if (answered[static_cast<std::size_t>(i)]) {
      EXPECT_NE(answer, "{}") << i;
    }
  }
  for (int i = 0; i < requests; ++i) server.must(transact_write_items, counted(i));
  EXPECT_EQ(json_at(server.run(get_item, "{'TableName': 'tab', 'Key': {'id': {'S': 'a'}}}"), "Item.n.N"),
            std::to_string(requests));
  return whole;
}

TEST(TransactCrash, ATokenAndWhatItStandsForAreThereTogether) {
  set_log_level(LogLevel::error);
  std::uint64_t nth_write = 1;
  for (bool whole = false; !whole && nth_write < 100; ++nth_write) {
    SCOPED_TRACE("write " + std::to_string(nth_write));
    whole = crash_at(nth_write, kv::Fault::Effect::stop_writes);
    crash_at(nth_write, kv::Fault::Effect::lose_answer);
    crash_at(nth_write, kv::Fault::Effect::tear);
    if (::testing::Test::HasFailure()) break;
  }
  set_log_level(LogLevel::info);
  EXPECT_GE(nth_write, 5u);
  EXPECT_LT(nth_write, 100u);
}

}  // namespace
}  // namespace reprise::dynamo
