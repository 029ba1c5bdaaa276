// Provisioned throughput as a limit (--enforce-throughput): a token bucket for reads and one for writes, of each table
// and of each global index.
//
// A bucket fills by the provisioned units a second, or by the maximum of an on-demand table that has one, up to 300
// seconds' worth, and begins full. A write takes what it costs when that much is there (or the bucket is full: an item
// may cost more than it holds). What a read costs is known afterwards, so it goes ahead when any capacity is there and
// may leave a debt. A table's local indexes draw on the table.
//
// Without the flag Services::throughput is null, and each function below costs one comparison.
//
// Sources: developer guide, "Provisioned capacity mode" (burst capacity: 300 seconds), "DynamoDB maximum throughput for
// on-demand tables"; API reference, TransactionCanceledException (the messages).
// Threading: all calls from any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/capacity.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

// What a request is told that finds no capacity left in the table, or in one of its global indexes.
enum class Exceeded : bool { table, global_index };
ApiError throughput_exceeded(const TableDefinition& table, Exceeded what);

class ThroughputLimits {
 public:
  static constexpr double burst_seconds = 300;

  explicit ThroughputLimits(const WallClock& wall) : wall_(wall) {}

  // Whether the table, or its global index of that name, has read capacity left. Takes nothing.
  // Fails with ProvisionedThroughputExceededException, or ThrottlingException on an on-demand table.
  Check admit_read(const TableDefinition& table, std::string_view global_index);
  // Takes what a read has cost.
  void charge_read(const TableDefinition& table, const ConsumedCapacity& consumed);
  // Takes what a write costs from the table and every global index that it changes, or nothing from any of them.
  Check charge_write(const TableDefinition& table, const ConsumedCapacity& consumed);

 private:
  enum class Kind : char { read = 'r', write = 'w' };
  struct Bucket {
    double units = 0;
    double units_max = 0;
    std::uint64_t filled_micros = 0;
  };
  // Filled up to now; null when there is no limit. The mutex is held.
  Bucket* bucket(const TableDefinition& table, std::string_view global_index, Kind kind);
  void forget_full_buckets(std::uint64_t now);

  const WallClock& wall_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;  // by table id, kind and index
  std::size_t forget_at_ = 1024;
};

// ---- As operations call them; nothing happens when nothing is enforced ---------------------------------------------

inline Check admit_read(const Services& services, const TableDefinition& table, std::string_view global_index = {}) {
  if (services.throughput == nullptr) return Passed{};
  return services.throughput->admit_read(table, global_index);
}
// The read of one item, or of none.
void charge_read(const Services& services, const TableDefinition& table, ItemView item, bool consistent);
inline void charge_read(const Services& services, const TableDefinition& table, const ConsumedCapacity& consumed) {
  if (services.throughput != nullptr) services.throughput->charge_read(table, consumed);
}

// A write that turns `before` into `after`; one that its condition refuses turns an item into itself.
enum class WriteOf : bool { item, transaction };
Check charge_write(const Services& services, const TableDefinition& table, ItemView before, ItemView after,
                   WriteOf what = WriteOf::item);

}  // namespace reprise::dynamo
