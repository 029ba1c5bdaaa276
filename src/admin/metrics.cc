// Invariant: bucket counts are cumulative in the output and every histogram's _count equals its +Inf bucket.
#include "admin/metrics.h"

#include <charconv>

namespace reprise::admin {

namespace {

std::string number_text(double value) {
  // Without an exponent: 0.0001, not 1e-04. The longest double takes 326 characters.
  std::array<char, 340> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return {text.data(), end};
}

// Backslash, quote and line feed are the three characters a label value must not carry plainly.
void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\\' || c == '"') out.push_back('\\');
    if (c == '\n') {
      out.append("\\n");
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace

void MetricsWriter::family(std::string_view name, Type type, std::string_view help) {
  const std::string_view type_name = type == Type::counter ? "counter" : type == Type::gauge ? "gauge" : "histogram";
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
  text_.append(type_name).append("\n");
}

void MetricsWriter::sample(std::string_view name, const Labels& labels, double value) {
  text_.append(name);
  char separator = '{';
  for (const auto& [label, label_value] : labels) {
    text_.push_back(separator);
    separator = ',';
    text_.append(label).append("=\"");
    append_escaped(text_, label_value);
    text_.push_back('"');
  }
  if (!labels.empty()) text_.push_back('}');
  text_.append(" ").append(number_text(value)).append("\n");
}

void LatencyHistogram::observe(std::chrono::nanoseconds latency) {
  const double seconds = std::chrono::duration<double>(latency).count();
  std::size_t bucket = 0;
  while (bucket < bounds_seconds.size() && seconds > bounds_seconds[bucket]) ++bucket;
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_nanoseconds_.fetch_add(static_cast<std::uint64_t>(latency.count()), std::memory_order_relaxed);
}

void LatencyHistogram::write(MetricsWriter& out, std::string_view name, const MetricsWriter::Labels& labels) const {
  const std::string family(name);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    cumulative += buckets_[i].load(std::memory_order_relaxed);
    auto with_bound = labels;
    with_bound.emplace_back("le", i < bounds_seconds.size() ? number_text(bounds_seconds[i]) : "+Inf");
    out.sample(family + "_bucket", with_bound, static_cast<double>(cumulative));
  }
  out.sample(family + "_sum", labels, static_cast<double>(sum_nanoseconds_.load(std::memory_order_relaxed)) / 1e9);
  out.sample(family + "_count", labels, static_cast<double>(cumulative));
}

Metrics::Operation& Metrics::operation(std::string_view name) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = operations_.find(name); found != operations_.end()) return *found->second;
  }
  const std::unique_lock lock(mutex_);
  auto& slot = operations_[std::string(name)];
  if (!slot) slot = std::make_unique<Operation>();
  return *slot;
}

void Metrics::observe_request(std::string_view name, int status, std::chrono::nanoseconds latency) {
  auto& entry = operation(name);
  entry.latency.observe(latency);
  const std::lock_guard lock(entry.mutex);
  ++entry.by_status[status];
}

void Metrics::add_collector(Collector collector) {
  const std::unique_lock lock(mutex_);
  collectors_.push_back(std::move(collector));
}

std::string Metrics::render() const {
  MetricsWriter out;
  const std::shared_lock lock(mutex_);
  out.family("reprise_requests_total", MetricsWriter::Type::counter,
             "Requests answered, by operation and HTTP status.");
  for (const auto& [name, entry] : operations_) {
    const std::lock_guard entry_lock(entry->mutex);
    for (const auto& [status, count] : entry->by_status) {
      out.sample("reprise_requests_total", {{"operation", name}, {"status", std::to_string(status)}},
                 static_cast<double>(count));
    }
  }
  out.family("reprise_request_seconds", MetricsWriter::Type::histogram, "Time from a request's head to its answer.");
  for (const auto& [name, entry] : operations_)
    entry->latency.write(out, "reprise_request_seconds", {{"operation", name}});
  for (const auto& collector : collectors_) collector(out);
  return out.text();
}

}  // namespace reprise::admin
