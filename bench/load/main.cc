// reprise-load: sends DynamoDB requests to a server and says how it took them, on one line of JSON.
//
//   reprise-load --port 8000 --mix put --table t --seconds 5            closed loop, 64 connections
//   reprise-load --port 8000 --mix mixed --table t --rate 5000          open loop
//   reprise-load --port 8000 --mix scan-table --table t                 every page of a table, once
//   reprise-load --port 8000 --mix read-stream --table t                every record of its stream, once
//   reprise-load --port 8000 --mix put-object --bucket b --item-bytes 4096   S3: put-object, get-object, list-objects
//   reprise-load --port 8000 --call DescribeTable '{"TableName":"t"}'   one signed request
// Keys come from REPRISE_ROOT_ACCESS_KEY_ID and REPRISE_ROOT_SECRET_ACCESS_KEY.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "load/driver.h"
#include "load/readers.h"

namespace reprise::bench {
namespace {

int fail(const Status& status) {
  std::fprintf(stderr, "reprise-load: %s\n", std::string(status.message()).c_str());
  return 1;
}

double millis(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

void print(const LoadResult& result) {
  std::uint64_t errors = 0;
  for (const auto& [status, count] : result.errors) errors += count;
  const auto& latency = result.latency;
  std::printf(
      "{\"operations\": %lu, \"errors\": %lu, \"seconds\": %.3f, \"rate\": %.1f, \"mean_ms\": %.4f, \"p50_ms\": %.4f, "
      "\"p90_ms\": %.4f, \"p99_ms\": %.4f, \"p999_ms\": %.4f, \"max_ms\": %.4f}\n",
      result.operations, errors, result.seconds, static_cast<double>(result.operations) / result.seconds,
      latency.mean_nanoseconds() / 1e6, millis(latency.percentile(0.5)), millis(latency.percentile(0.9)),
      millis(latency.percentile(0.99)), millis(latency.percentile(0.999)), millis(latency.percentile(1.0)));
  if (errors > 0) std::fprintf(stderr, "reprise-load: %lu errors; the first: %s\n", errors, result.first_error.c_str());
}

int print(const Result<ReadToEnd>& result) {
  if (!result.ok()) return fail(result.error());
  std::printf("{\"pages\": %lu, \"bytes\": %lu, \"records\": %lu, \"seconds\": %.4f}\n", result->pages, result->bytes,
              result->records, result->seconds);
  return 0;
}

struct Words {
  LoadOptions options;
  std::string mix = "put";
  double seconds = 5;
  double warmup_seconds = 0;
  std::vector<std::string> call;
};

void declare(CLI::App& app, Words& words) {
  auto& options = words.options;
  app.add_option("--host", options.host);
  app.add_option("--port", options.port)->required();
  app.add_option("--region", options.region);
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 10'000));
  app.add_option("--threads", options.threads)->check(CLI::Range(1, 64));
  app.add_option("--seconds", words.seconds);
  app.add_option("--warmup", words.warmup_seconds);
  app.add_option("--operations", options.operations, "stop after so many instead of by time");
  app.add_option("--rate", options.rate, "requests a second (open loop)");
  app.add_flag("!--unsigned", options.sign);
  app.add_option(
      "--mix", words.mix,
      "put get update query scan mixed fill transact scan-table read-stream put-object get-object list-objects");
  app.add_option("--table", options.workload.table);
  app.add_option("--bucket", options.workload.bucket, "of objects; empty: a plain web server's files");
  app.add_option("--keys", options.workload.keys);
  app.add_option("--item-bytes", options.workload.item_bytes);
  app.add_option("--batch", options.workload.batch, "puts in one request of fill and transact")
      ->check(CLI::Range(1, 100));
  app.add_flag("--sequential", options.workload.sequential);
  app.add_option("--as-of", options.workload.as_of);
  app.add_option("--call", words.call, "OPERATION JSON: one request; prints the answer")->expected(2);
}

int run(Words words) {
  auto& options = words.options;
  const auto text = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  options.access_key = text("REPRISE_ROOT_ACCESS_KEY_ID");
  options.secret_key = text("REPRISE_ROOT_SECRET_ACCESS_KEY");
  options.duration = std::chrono::milliseconds(static_cast<std::int64_t>(words.seconds * 1000));
  options.warmup = std::chrono::milliseconds(static_cast<std::int64_t>(words.warmup_seconds * 1000));
  if (!words.call.empty()) {
    auto body = call(options, words.call[0], words.call[1]);
    if (!body.ok()) return fail(body.error());
    std::printf("%s\n", body->c_str());
    return 0;
  }
  if (words.mix == "scan-table") return print(scan_table(options));
  if (words.mix == "read-stream") return print(read_stream(options));
  static const std::map<std::string, Mix> mixes{{"put", Mix::put},
                                                {"get", Mix::get},
                                                {"update", Mix::update},
                                                {"query", Mix::query},
                                                {"scan", Mix::scan},
                                                {"mixed", Mix::mixed},
                                                {"fill", Mix::fill},
                                                {"transact", Mix::transact},
                                                {"put-object", Mix::put_object},
                                                {"get-object", Mix::get_object},
                                                {"list-objects", Mix::list_objects}};
  const auto mix = mixes.find(words.mix);
  if (mix == mixes.end()) return fail(invalid("--mix: there is no mix '" + words.mix + "'"));
  options.workload.mix = mix->second;
  if (words.mix.find("object") != std::string::npos) options.service = "s3";
  const auto result = run_load(options);
  if (!result.ok()) return fail(result.error());
  print(*result);
  return result->errors.empty() ? 0 : 2;
}

}  // namespace
}  // namespace reprise::bench

int main(int argc, char** argv) {
  CLI::App app("Sends DynamoDB requests to a server and measures the answers.", "reprise-load");
  reprise::bench::Words words;
  reprise::bench::declare(app, words);
  CLI11_PARSE(app, argc, argv);
  return reprise::bench::run(std::move(words));
}
