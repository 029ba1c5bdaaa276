// Many threads at once: no update is lost, and an index that is added meanwhile ends complete.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "codec/json.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/operations_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr int threads = 4;
constexpr int rounds = 300;

class ConcurrencyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(call(create_table, R"({"TableName":"busy","BillingMode":"PAY_PER_REQUEST",
        "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}],
        "KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
        "GlobalSecondaryIndexes":[{"IndexName":"old","Projection":{"ProjectionType":"ALL"},"KeySchema":[{"AttributeName":"g","KeyType":"HASH"}]}]})"),
              "");
  }
  // Thread-safe; the error's message, or nothing.
  std::string call(OperationFunction operation, const std::string& body, std::string* answer = nullptr) {
    codec::JsonDocument document;
    const auto json = document.parse(body);
    if (!json.ok()) return "the test's own JSON is wrong";
    OperationRequest request{*json, Caller{"000000000000", "AKIA"}, std::nullopt};
    auto result = sync_wait(operation(server.services(), std::move(request)));
    if (!result.ok()) return result.error().message;
    if (answer != nullptr) *answer = *result;
    return "";
  }
  void run_threads(const std::function<void(int)>& body) {
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) running.emplace_back(body, i);
    for (auto& thread : running) thread.join();
  }
  std::map<Bytes, Bytes> contents(SpaceId space) {
    std::map<Bytes, Bytes> found;
    history::ScanRequest request;
    request.space = space;
    request.max_rows = 1'000'000;
    request.max_bytes = std::size_t{1} << 30;
    const auto page = sync_wait(server.store().scan(request));
    EXPECT_TRUE(page.ok() && !page->resume_after);
    for (std::size_t i = 0; i < page->rows.size(); ++i) found[Bytes(page->rows[i].key)] = Bytes(page->rows[i].value);
    return found;
  }
  void check_indexes() {
    const TablePtr table = server.catalog().find("000000000000", "busy");
    const auto items = contents(table->space);
    EXPECT_FALSE(items.empty());
    for_each_index(*table, [&](const IndexView& index) {
      std::map<Bytes, Bytes> expected;
      for (const auto& [key, item] : items) {
        if (auto entry = index_entry(*table, index, ItemView(item))) expected[entry->key] = entry->value;
      }
      EXPECT_EQ(contents(index.space), expected) << index.name;
    });
  }
  TestServer server;
};

TEST_F(ConcurrencyTest, NoUpdateIsLost) {
  std::atomic<int> failures{0};
  run_threads([&](int) {
    for (int i = 0; i < rounds; ++i) {
      const auto error = call(
          update_item,
          R"({"TableName":"busy","Key":{"p":{"S":"counter"}},"UpdateExpression":"ADD n :1","ExpressionAttributeValues":{":1":{"N":"1"}}})");
      if (!error.empty()) ++failures;
    }
  });
  EXPECT_EQ(failures, 0);
  std::string answer;
  ASSERT_EQ(call(get_item, R"({"TableName":"busy","Key":{"p":{"S":"counter"}}})", &answer), "");
  EXPECT_EQ(answer, R"({"Item":{"n":{"N":")" + std::to_string(threads * rounds) + R"("},"p":{"S":"counter"}}})");
}

TEST_F(ConcurrencyTest, AnIndexAddedUnderWritesEndsComplete) {
  std::atomic<int> failures{0};
  const auto write = [&](Rng& rng) {
    const std::string key = "{\"S\":\"k" + std::to_string(rng.below(50)) + "\"}";
    const std::string g = "{\"S\":\"g" + std::to_string(rng.below(5)) + "\"}";
    std::string error;
    switch (rng.below(3)) {
      case 0: error = call(delete_item, R"({"TableName":"busy","Key":{"p":)" + key + "}}"); break;
      case 1: error = call(put_item, R"({"TableName":"busy","Item":{"p":)" + key + ",\"g\":" + g + "}}"); break;
      default:
        error = call(batch_write_item, R"({"RequestItems":{"busy":[{"PutRequest":{"Item":{"p":)" + key + ",\"g\":" + g +
                                           R"(}}},{"PutRequest":{"Item":{"p":{"S":"other"},"g":)" + g + "}}}]}}");
    }
    if (!error.empty()) ++failures;
  };
  run_threads([&](int number) {
    Rng rng(static_cast<std::uint64_t>(number));
    for (int i = 0; i < rounds; ++i) {
      write(rng);
      if (number == 0 && i == rounds / 3) {
        EXPECT_EQ(
            call(
                update_table,
                R"({"TableName":"busy","GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"new","Projection":{"ProjectionType":"ALL"},"KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"p","KeyType":"RANGE"}]}}],
            "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}]})"),
            "");
      }
    }
  });
  EXPECT_EQ(failures, 0);
  const auto ready = [&] {
    return server.catalog().find("000000000000", "busy")->global_index("new")->status == IndexStatus::active;
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!ready() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  ASSERT_TRUE(ready());
  check_indexes();
}

}  // namespace
}  // namespace reprise::dynamo
