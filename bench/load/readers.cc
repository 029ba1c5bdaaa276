#include "load/readers.h"

#include <chrono>
#include <string>
#include <string_view>

namespace reprise::bench {

namespace {

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// The text of a string member, found from the end; empty when there is none. Good for the tokens looked for here,
// which hold no escapes.
std::string last_string(const std::string& body, std::string_view name) {
  const std::string member = "\"" + std::string(name) + "\":\"";
  const auto found = body.rfind(member);
  if (found == std::string::npos) return {};
  const auto start = found + member.size();
  return body.substr(start, body.find('"', start) - start);
}

// The text of an object member, braces included.
std::string last_object(const std::string& body, std::string_view name) {
  const std::string member = "\"" + std::string(name) + "\":";
  const auto found = body.rfind(member);
  if (found == std::string::npos) return {};
  const auto open = found + member.size();
  std::size_t end = open, depth = 0;
  do {
    depth += body[end] == '{' ? 1U : 0U;
    depth -= body[end] == '}' ? 1U : 0U;
    ++end;
  } while (depth > 0 && end < body.size());
  return body.substr(open, end - open);
}

std::uint64_t count(std::string_view body, std::string_view what) {
  std::uint64_t n = 0;
  for (auto at = body.find(what); at != std::string_view::npos; at = body.find(what, at + what.size())) ++n;
  return n;
}

Result<std::string> call_streams(const LoadOptions& options, std::string_view operation, const std::string& body) {
  return call(options, "DynamoDBStreams_20120810." + std::string(operation), body);
}

}  // namespace

Result<ReadToEnd> scan_table(const LoadOptions& options) {
  const Stopwatch watch;
  ReadToEnd result;
  std::string start_key;
  do {
    TRY_ASSIGN(const auto body,
               call(options, "Scan", "{\"TableName\":\"" + options.workload.table + "\"" + start_key + "}"));
    ++result.pages;
    result.bytes += body.size();
    start_key = last_object(body, "LastEvaluatedKey");
    if (!start_key.empty()) start_key.insert(0, ",\"ExclusiveStartKey\":");
  } while (!start_key.empty());
  result.seconds = watch.seconds();
  return result;
}

Result<ReadToEnd> read_stream(const LoadOptions& options) {
  TRY_ASSIGN(const auto table, call(options, "DescribeTable", "{\"TableName\":\"" + options.workload.table + "\"}"));
  const std::string arn = last_string(table, "LatestStreamArn");
  if (arn.empty()) return invalid("the table " + options.workload.table + " has no stream");
  TRY_ASSIGN(const auto stream, call_streams(options, "DescribeStream", "{\"StreamArn\":\"" + arn + "\"}"));
  const std::string ask = "{\"StreamArn\":\"" + arn + "\",\"ShardId\":\"" + last_string(stream, "ShardId") +
                          "\",\"ShardIteratorType\":\"TRIM_HORIZON\"}";
  TRY_ASSIGN(const auto first, call_streams(options, "GetShardIterator", ask));
  std::string iterator = last_string(first, "ShardIterator");
  const Stopwatch watch;
  ReadToEnd result;
  for (;;) {
    TRY_ASSIGN(const auto body, call_streams(options, "GetRecords", "{\"ShardIterator\":\"" + iterator + "\"}"));
    const auto records = count(body, "\"eventID\":");
    ++result.pages;
    result.bytes += body.size();
    result.records += records;
    iterator = last_string(body, "NextShardIterator");
    if (records == 0 || iterator.empty()) break;
  }
  result.seconds = watch.seconds();
  return result;
}

}  // namespace reprise::bench
