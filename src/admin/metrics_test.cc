#include "admin/metrics.h"

#include <gtest/gtest.h>

namespace reprise::admin {
namespace {

using std::chrono::microseconds;

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, CountsRequestsByOperationAndStatus) {
  Metrics metrics;
  metrics.observe_request("PutItem", 200, microseconds(80));
  metrics.observe_request("PutItem", 200, microseconds(300));
  metrics.observe_request("PutItem", 400, microseconds(10));
  const auto text = metrics.render();
  EXPECT_TRUE(has_line(text, R"(reprise_requests_total{operation="PutItem",status="200"} 2)"));
  EXPECT_TRUE(has_line(text, R"(reprise_requests_total{operation="PutItem",status="400"} 1)"));
}

TEST(Metrics, HistogramBucketsAreCumulative) {
  Metrics metrics;
  metrics.observe_request("GetItem", 200, microseconds(50));
  metrics.observe_request("GetItem", 200, microseconds(90));
  metrics.observe_request("GetItem", 200, std::chrono::seconds(20));
  const auto text = metrics.render();
  EXPECT_TRUE(has_line(text, R"(reprise_request_seconds_bucket{operation="GetItem",le="0.00005"} 1)"));
  EXPECT_TRUE(has_line(text, R"(reprise_request_seconds_bucket{operation="GetItem",le="0.0001"} 2)"));
  EXPECT_TRUE(has_line(text, R"(reprise_request_seconds_bucket{operation="GetItem",le="10"} 2)"));
  EXPECT_TRUE(has_line(text, R"(reprise_request_seconds_bucket{operation="GetItem",le="+Inf"} 3)"));
  EXPECT_TRUE(has_line(text, R"(reprise_request_seconds_count{operation="GetItem"} 3)"));
}

TEST(Metrics, CollectorsAreAskedAtEachRenderAndLabelsAreEscaped) {
  Metrics metrics;
  int asked = 0;
  metrics.add_collector([&asked](MetricsWriter& out) {
    out.family("x", MetricsWriter::Type::gauge, "An x.");
    out.sample("x", {{"name", "a\"b\\c\nd"}}, ++asked);
  });
  EXPECT_TRUE(has_line(metrics.render(), R"(x{name="a\"b\\c\nd"} 1)"));
  EXPECT_TRUE(has_line(metrics.render(), R"(x{name="a\"b\\c\nd"} 2)"));
}

}  // namespace
}  // namespace reprise::admin
