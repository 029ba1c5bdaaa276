// What one GetItem and one PutItem cost without HTTP: parsing the request, the operation, printing the answer, over the
// engine in memory.
#include <benchmark/benchmark.h>

#include <string>

#include "dynamo/ops/operations_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr std::string_view table = R"({"TableName":"bench","BillingMode":"PAY_PER_REQUEST",
    "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}]})";

std::string put_request(int n) {
  return R"({"TableName":"bench","Item":{"p":{"S":"user-)" + std::to_string(n) +
         R"("},"name":{"S":"a name of usual length"},"age":{"N":"42"},"tags":{"SS":["a","b"]},"m":{"M":{"x":{"N":")" +
         std::to_string(n) + R"("},"y":{"BOOL":true}}}}})";
}

void run(benchmark::State& state, TestServer& server, OperationFunction operation, const std::string& body,
         codec::JsonDocument& document) {
  const auto json = document.parse(body);
  OperationRequest request{*json, Caller{"000000000000", "AKIA"}, std::nullopt};
  auto result = sync_wait(operation(server.services(), std::move(request)));
  if (!result.ok()) state.SkipWithError(result.error().message.c_str());
  benchmark::DoNotOptimize(result);
}

void get_item_bench(benchmark::State& state) {
  TestServer server;
  server.run(create_table, table);
  server.run(put_item, put_request(1));
  const std::string body = R"({"TableName":"bench","Key":{"p":{"S":"user-1"}}})";
  codec::JsonDocument document;
  for (auto _ : state) run(state, server, get_item, body, document);
}
BENCHMARK(get_item_bench)->Name("GetItem");

void put_item_bench(benchmark::State& state) {
  TestServer server;
  server.run(create_table, table);
  const std::string bodies[] = {put_request(1), put_request(2), put_request(3)};
  codec::JsonDocument document;
  std::size_t n = 0;
  for (auto _ : state) {
    // Another value each time: a put of what is there already is not written.
    std::string body = bodies[n % 3];
    body.replace(body.find("\"42\""), 4, "\"" + std::to_string(10 + n % 89) + "\"");
    ++n;
    run(state, server, put_item, body, document);
  }
}
BENCHMARK(put_item_bench)->Name("PutItem");

}  // namespace
}  // namespace reprise::dynamo
