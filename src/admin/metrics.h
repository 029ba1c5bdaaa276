// Metrics in Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
//
// Requests are counted as they end; everything else (store, engine, jobs, connections) is asked for when a scraper
// comes, through collectors, so that it costs nothing in between.
// Threading: all calls from any thread. Ownership: collectors are copied; what they borrow outlives the Metrics.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::admin {

// Appends metric families; each is announced (HELP and TYPE) once.
class MetricsWriter {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string>>;
  enum class Type : unsigned char { counter, gauge, histogram };

  void family(std::string_view name, Type type, std::string_view help);
  void sample(std::string_view name, const Labels& labels, double value);
  void sample(std::string_view name, double value) { sample(name, {}, value); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Latencies in fixed buckets from 50 microseconds to 10 seconds. Lock-free.
class LatencyHistogram {
 public:
  static constexpr std::array<double, 17> bounds_seconds{
      0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};
  void observe(std::chrono::nanoseconds latency);
  // The cumulative _bucket, _sum and _count samples of family `name`.
  void write(MetricsWriter& out, std::string_view name, const MetricsWriter::Labels& labels) const;

 private:
  std::array<std::atomic<std::uint64_t>, bounds_seconds.size() + 1> buckets_{};
  std::atomic<std::uint64_t> sum_nanoseconds_{0};
};

class Metrics {
 public:
  // One request ended. `operation` is a name the server knows, never text from the request (cardinality is bounded).
  void observe_request(std::string_view operation, int status, std::chrono::nanoseconds latency);

  using Collector = std::function<void(MetricsWriter&)>;
  void add_collector(Collector collector);

  // Everything, as text.
  [[nodiscard]] std::string render() const;

 private:
  struct Operation {
    LatencyHistogram latency;
    std::mutex mutex;
    std::map<int, std::uint64_t> by_status;
  };
  Operation& operation(std::string_view name);

  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<Operation>, std::less<>> operations_;
  std::vector<Collector> collectors_;
};

}  // namespace reprise::admin
