// Latencies with under 2 % error at any scale: 64 buckets for each power of two of nanoseconds, as HdrHistogram does
// (Tene, "How NOT to Measure Latency"). Not thread-safe; merge one per thread.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace reprise::bench {

class Histogram {
 public:
  void add(std::uint64_t nanoseconds) {
    ++counts_[index(nanoseconds)];
    ++total_;
    sum_ += nanoseconds;
  }
  void merge(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
    sum_ += other.sum_;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] double mean_nanoseconds() const {
    return total_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(total_);
  }
  // The value below which `fraction` (0..1) of all lie.
  [[nodiscard]] std::uint64_t percentile(double fraction) const {
    const auto wanted = static_cast<std::uint64_t>(fraction * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted || (seen == total_ && total_ > 0)) return upper_bound(i);
    }
    return 0;
  }

 private:
  static constexpr int sub_bits = 6;
  static constexpr std::uint64_t sub_count = 1U << sub_bits;

  static std::size_t index(std::uint64_t value) {
    if (value < sub_count) return value;
    const int shift = std::bit_width(value) - 1 - sub_bits;
    return (static_cast<std::size_t>(shift) + 1) * sub_count + ((value >> shift) - sub_count);
  }
  static std::uint64_t upper_bound(std::size_t i) {
    if (i < sub_count) return i;
    const auto shift = static_cast<int>(i / sub_count) - 1;
    return ((i % sub_count + sub_count + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - sub_bits) * sub_count + sub_count> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t sum_ = 0;
};

}  // namespace reprise::bench
