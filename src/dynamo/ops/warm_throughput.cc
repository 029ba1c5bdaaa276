// A stored value is a floor: what counts is the larger of it and of what the billing mode gives by itself.
#include "dynamo/ops/warm_throughput.h"

#include <algorithm>

namespace reprise::dynamo {

namespace {

constexpr WarmThroughput on_demand_start{12000, 4000};

WarmThroughput larger(const WarmThroughput& a, const WarmThroughput& b) {
  return {std::max(a.read_units_per_second, b.read_units_per_second),
          std::max(a.write_units_per_second, b.write_units_per_second)};
}

WarmThroughput effective(const std::optional<WarmThroughput>& stored, BillingMode billing,
                         const Throughput& provisioned) {
  const WarmThroughput own = billing == BillingMode::provisioned
                                 ? WarmThroughput{provisioned.read_units, provisioned.write_units}
                                 : on_demand_start;
  return stored ? larger(*stored, own) : own;
}

ApiError too_low(std::string_view unit, std::string_view whose, std::string_view than) {
  return invalid_parameter(std::string("Requested ").append(unit).append(" for WarmThroughput for ").append(whose) +
                           " is lower than " + std::string(than));
}

}  // namespace

WarmThroughput warm_of(const TableDefinition& table) { return effective(table.warm, table.billing, table.throughput); }
WarmThroughput warm_of(const TableDefinition& table, const GlobalIndex& index) {
  return effective(index.warm, table.billing, index.throughput);
}

Check check_new_warm(const WarmSpec& spec, BillingMode billing, const std::optional<ThroughputSpec>& provisioned,
                     std::string_view whose) {
  const bool on_demand = billing == BillingMode::pay_per_request;
  const ThroughputSpec units = provisioned.value_or(ThroughputSpec());
  const std::int64_t reads = on_demand ? on_demand_start.read_units_per_second : units.read_units;
  const std::int64_t writes = on_demand ? on_demand_start.write_units_per_second : units.write_units;
  constexpr std::string_view start =
      "initial throughput for OnDemand. See: "
      "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
      "on-demand-capacity-mode.html#on-demand-capacity-mode-initial";
  if (spec.read_units_per_second && *spec.read_units_per_second < reads) {
    return too_low("ReadUnitsPerSecond", whose, on_demand ? start : "ReadCapacityUnits of ProvisionedThroughput");
  }
  if (spec.write_units_per_second && *spec.write_units_per_second < writes) {
    return too_low("WriteUnitsPerSecond", whose, on_demand ? start : "WriteCapacityUnits of ProvisionedThroughput");
  }
  return Passed{};
}

Outcome<WarmThroughput> raised_warm(const WarmSpec& spec, const WarmThroughput& present, std::string_view whose) {
  constexpr std::string_view present_one = "current WarmThroughput, decreasing WarmThroughput is not supported";
  WarmThroughput raised = present;
  raised.read_units_per_second = spec.read_units_per_second.value_or(present.read_units_per_second);
  raised.write_units_per_second = spec.write_units_per_second.value_or(present.write_units_per_second);
  if (raised.read_units_per_second < present.read_units_per_second) {
    return too_low("ReadUnitsPerSecond", whose, present_one);
  }
  if (raised.write_units_per_second < present.write_units_per_second) {
    return too_low("WriteUnitsPerSecond", whose, present_one);
  }
  return raised;
}

void keep_warm(const TableDefinition& before, TableDefinition& after) {
  const WarmThroughput had = warm_of(before);
  const WarmThroughput kept = larger(had, warm_of(after));
  if (kept != warm_of(after)) after.warm = kept;
  for (GlobalIndex& index : after.global_indexes) {
    const GlobalIndex* old = before.global_index(index.name);
    if (old == nullptr) continue;
    const WarmThroughput index_kept = larger(warm_of(before, *old), warm_of(after, index));
    if (index_kept != warm_of(after, index)) index.warm = index_kept;
  }
}

}  // namespace reprise::dynamo
