// Invariant: a bucket that is not there is full, so forgetting a full one changes nothing.
#include "dynamo/ops/throughput_limit.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dynamo/model/size.h"

namespace reprise::dynamo {

namespace {

constexpr double least_read_units = 0.5;

const GlobalIndex* find_global(const TableDefinition& table, std::string_view name) {
  return name.empty() ? nullptr : table.global_index(name);
}

// Units a second; nothing when there is no limit.
std::optional<double> rate_of(const TableDefinition& table, const GlobalIndex* index, bool read) {
  if (table.billing == BillingMode::provisioned) {
    const Throughput& throughput = index != nullptr ? index->throughput : table.throughput;
    return static_cast<double>(read ? throughput.read_units : throughput.write_units);
  }
  const auto& most = index != nullptr ? index->on_demand : table.on_demand;
  if (!most) return std::nullopt;
  const std::int64_t units = read ? most->max_read_units : most->max_write_units;
  if (units < 0) return std::nullopt;
  return static_cast<double>(units);
}

}  // namespace

ApiError throughput_exceeded(const TableDefinition& table, Exceeded what) {
  if (table.billing == BillingMode::pay_per_request) {
    return api_error(ErrorKind::throttling,
                     "Throughput exceeds the maximum OnDemandThroughput configured on table or index");
  }
  if (what == Exceeded::table) {
    return api_error(ErrorKind::provisioned_throughput_exceeded,
                     "The level of configured provisioned throughput for the table was exceeded. Consider increasing "
                     "your provisioning level with the UpdateTable API.");
  }
  return api_error(ErrorKind::provisioned_throughput_exceeded,
                   "The level of configured provisioned throughput for one or more global secondary indexes of the "
                   "table was exceeded. Consider increasing your provisioning level for the under-provisioned global "
                   "secondary indexes with the UpdateTable API.");
}

ThroughputLimits::Bucket* ThroughputLimits::bucket(const TableDefinition& table, std::string_view global_index,
                                                   Kind kind) {
  const auto rate = rate_of(table, find_global(table, global_index), kind == Kind::read);
  if (!rate) return nullptr;
  const std::uint64_t now = wall_.now_micros();
  if (buckets_.size() >= forget_at_) forget_full_buckets(now);
  std::string name = table.id;
  name.push_back(static_cast<char>(kind));
  name.append(global_index);
  const double units_max = *rate * burst_seconds;
  const auto [it, is_new] = buckets_.try_emplace(std::move(name), Bucket{units_max, units_max, now});
  Bucket& found = it->second;
  if (is_new) return &found;
  found.units_max = units_max;
  if (now > found.filled_micros) {
    const double seconds = static_cast<double>(now - found.filled_micros) / 1e6;
    found.units += seconds * *rate;
  }
  found.units = std::min(found.units, units_max);
  found.filled_micros = now;
  return &found;
}

void ThroughputLimits::forget_full_buckets(std::uint64_t now) {
  std::erase_if(buckets_, [now](const auto& entry) {
    const Bucket& bucket = entry.second;
    const double seconds = static_cast<double>(now - std::min(now, bucket.filled_micros)) / 1e6;
    return bucket.units + seconds * (bucket.units_max / burst_seconds) >= bucket.units_max;
  });
  forget_at_ = std::max<std::size_t>(1024, buckets_.size() * 2);
}

Check ThroughputLimits::admit_read(const TableDefinition& table, std::string_view global_index) {
  const std::lock_guard lock(mutex_);
  const Bucket* const found = bucket(table, global_index, Kind::read);
  if (found == nullptr || found->units >= least_read_units) return Passed{};
  return throughput_exceeded(table, global_index.empty() ? Exceeded::table : Exceeded::global_index);
}

void ThroughputLimits::charge_read(const TableDefinition& table, const ConsumedCapacity& consumed) {
  const std::lock_guard lock(mutex_);
  if (Bucket* const found = bucket(table, {}, Kind::read)) found->units -= consumed.of_table_and_local_indexes();
  consumed.for_each_global_index([&](std::string_view name, double units) {
    if (Bucket* const found = bucket(table, name, Kind::read)) found->units -= units;
  });
}

Check ThroughputLimits::charge_write(const TableDefinition& table, const ConsumedCapacity& consumed) {
  const std::lock_guard lock(mutex_);
  const auto has = [](const Bucket* found, double units) {
    return found == nullptr || found->units >= std::min(units, found->units_max);
  };
  const double table_units = consumed.of_table_and_local_indexes();
  if (!has(bucket(table, {}, Kind::write), table_units)) return throughput_exceeded(table, Exceeded::table);
  bool index_has = true;
  consumed.for_each_global_index([&](std::string_view name, double units) {
    index_has = index_has && has(bucket(table, name, Kind::write), units);
  });
  if (!index_has) return throughput_exceeded(table, Exceeded::global_index);
  // Looked up again: making one bucket may move another.
  if (Bucket* const found = bucket(table, {}, Kind::write)) found->units -= table_units;
  consumed.for_each_global_index([&](std::string_view name, double units) {
    if (Bucket* const found = bucket(table, name, Kind::write)) found->units -= units;
  });
  return Passed{};
}

void charge_read(const Services& services, const TableDefinition& table, ItemView item, bool consistent) {
  if (services.throughput == nullptr) return;
  ConsumedCapacity consumed;
  consumed.add_table(read_units(item_size(item), consistent));
  services.throughput->charge_read(table, consumed);
}

Check charge_write(const Services& services, const TableDefinition& table, ItemView before, ItemView after,
                   WriteOf what) {
  if (services.throughput == nullptr) return Passed{};
  ConsumedCapacity consumed;
  if (what == WriteOf::transaction) {
    consumed.add_transact_write(table, before, after);
  } else {
    consumed.add_write(table, before, after);
  }
  return services.throughput->charge_write(table, consumed);
}

}  // namespace reprise::dynamo
