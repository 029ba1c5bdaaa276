// The load driver: many connections on a few threads, closed or open loop.
//
// Closed loop: each connection sends its next request when the last one was answered; it measures what the server can
// do. Open loop (`rate` > 0): requests are due at fixed times whatever the server does, and latency counts from the
// due time, so that a stall is seen by everything that should have been sent meanwhile (no coordinated omission).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "base/status.h"
#include "load/histogram.h"
#include "load/workload.h"

namespace reprise::bench {

struct LoadOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;
  std::string access_key;
  std::string secret_key;
  std::string region = "eu-west-1";
  bool sign = true;
  std::string service = "dynamodb";  // or "s3"
  unsigned connections = 64;
  unsigned threads = 1;
  std::chrono::milliseconds duration{5000};
  std::chrono::milliseconds warmup{0};  // not counted
  std::uint64_t operations = 0;         // stop after so many; 0: by duration
  double rate = 0;                      // requests a second over all connections; 0: closed loop
  WorkloadOptions workload;
};

struct LoadResult {
  std::uint64_t operations = 0;         // answered with 200, after the warm-up
  std::map<int, std::uint64_t> errors;  // other statuses
  std::string first_error;              // the body of the first of them
  double seconds = 0;
  Histogram latency;  // nanoseconds
};

// Runs the load. Fails when a connection cannot be made or breaks.
Result<LoadResult> run_load(const LoadOptions& options);

// One signed request, blocking; the response's body. Fails with its text when the status is not 200.
Result<std::string> call(const LoadOptions& options, std::string_view operation, std::string_view body);

}  // namespace reprise::bench
