// UpdateTable's request: reading it, and its rules before the table is looked at. The order of the rules is that of the
// real service, since of several faults only the first is told.
#include <algorithm>
#include <set>
#include <utility>

#include "dynamo/ops/table_update.h"
#include "dynamo/ops/table_validation.h"

namespace reprise::dynamo {

namespace {

bool changes_index_set(const TableUpdate& update) {
  return update.indexes && std::any_of(update.indexes->begin(), update.indexes->end(),
                                       [](const IndexChange& change) { return change.create || change.remove; });
}

bool creates_index(const TableUpdate& update) {
  return update.indexes && std::any_of(update.indexes->begin(), update.indexes->end(),
                                       [](const IndexChange& change) { return change.create.has_value(); });
}

ApiError on_demand_is_alone() {
  return invalid_parameter("OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
}

Check check_alone(const TableUpdate& update) {
  const bool indexes = update.indexes.has_value();
  const bool capacity = update.billing || update.throughput || update.on_demand;
  const bool stream = update.stream_enabled.has_value();
  const bool encryption = update.encryption.has_value();
  const bool table_class = update.table_class.has_value();
  const bool protection = update.deletion_protection.has_value();
  const bool warm = update.warm.has_value();
  if (encryption && (indexes || capacity || stream || table_class || protection || warm)) {
    return invalid_parameter("Server-Side Encryption modification must be the only operation in the request");
  }
  if (table_class && (indexes || capacity || stream || protection || warm)) {
    return invalid_parameter("TableClass modification must be the only operation in the request");
  }
  if (protection && (capacity || stream || warm || (indexes && !update.indexes->empty()))) {
    return invalid_parameter("DeletionProtection modification must be the only operation in the request");
  }
  if (indexes && update.indexes->empty()) return invalid_parameter("List of GlobalSecondaryIndexUpdates is empty");
  if (warm && creates_index(update)) {
    return invalid_parameter("Create global secondary index cannot be specified when updating WarmThroughput");
  }
  if (warm && update.on_demand) return on_demand_is_alone();
  if (warm && (indexes || capacity || stream)) {
    return invalid_parameter("WarmThroughput must be the only operation in the request");
  }
  if (stream && (update.throughput || update.billing == BillingMode::provisioned)) {
    return invalid_parameter("You cannot modify stream status while updating table IOPS");
  }
  if (changes_index_set(update) && update.throughput && !update.billing) {
    return invalid_parameter("You cannot create or delete index while updating table IOPS");
  }
  if (changes_index_set(update) && stream) {
    return invalid_parameter("You cannot create or delete index while changing stream status");
  }
  if (update.on_demand && (indexes || update.throughput || stream)) return on_demand_is_alone();
  return Passed{};
}

Check check_index_changes(const std::vector<IndexChange>& changes) {
  std::set<std::string> names;
  int set_changes = 0;
  for (const IndexChange& change : changes) {
    const int actions = (change.create ? 1 : 0) + (change.update ? 1 : 0) + (change.remove ? 1 : 0);
    if (actions == 0) {
      return invalid_parameter(
          "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
          "GlobalSecondaryIndexUpdate.Delete "
          "must not be null");
    }
    if (actions > 1) {
      return invalid_parameter(
          "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object");
    }
    if (!names.insert(change.name()).second) {
      return invalid_parameter("Only one global secondary index update per index is allowed simultaneously. Index: " +
                               change.name());
    }
    set_changes += change.update ? 0 : 1;
    for (const auto* spec : {&change.create, &change.update}) {
      if (*spec && (*spec)->throughput) TRY(check_units(*(*spec)->throughput, (*spec)->name));
    }
    if (change.update && change.update->warm && change.update->warm->empty()) {
      return invalid_parameter(
          "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified for index: " +
          change.name());
    }
    if (change.create) {
      TRY(check_index_key(change.create->key));
      TRY(check_projection(change.create->projection));
    }
  }
  if (set_changes > 1) {
    return api_error(
        ErrorKind::limit_exceeded,
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");
  }
  return Passed{};
}

Check check_stream_change(const TableUpdate& update) {
  if (!update.stream_enabled) return Passed{};
  if (*update.stream_enabled) {
    if (!update.stream_view_type) {
      return invalid_parameter("If stream is being enabled then UpdateViewType is required");
    }
    return Passed{};
  }
  if (update.stream_view_type) {
    return invalid_parameter("If stream is being disabled, then UpdateViewType must not be specified");
  }
  return Passed{};
}

}  // namespace

std::string IndexChange::name() const {
  if (create) return create->name;
  if (update) return update->name;
  return remove.value_or("");
}

TableUpdate read_table_update(const Fields& request) {
  TableUpdate update;
  update.attributes = read_attribute_definitions(request);
  if (const auto mode = request.string("BillingMode")) update.billing = billing_mode(*mode);
  update.throughput = read_throughput(request, "ProvisionedThroughput");
  update.on_demand = read_on_demand(request, "OnDemandThroughput");
  // Structures without a member ask for nothing.
  if (update.on_demand && !update.on_demand->max_read_units && !update.on_demand->max_write_units) {
    update.on_demand.reset();
  }
  update.warm = read_warm(request, "WarmThroughput");
  if (update.warm && update.warm->empty()) update.warm.reset();
  update.encryption = read_encryption(request, "SSESpecification");
  if (const auto name = request.string("TableClass")) update.table_class = table_class(*name);
  update.deletion_protection = request.boolean("DeletionProtectionEnabled");
  if (const auto stream = request.object("StreamSpecification")) {
    update.stream_enabled = stream->boolean("StreamEnabled");
    if (const auto type = stream->string("StreamViewType")) update.stream_view_type = std::string(*type);
  }
  const auto list = request.value("GlobalSecondaryIndexUpdates");
  if (!list) return update;
  update.indexes.emplace();
  for (auto element = list->first_element(); element; element.advance()) {
    IndexChange change;
    if (!element.value().is(codec::JsonType::null)) {
      const Fields entry(element.value());
      if (const auto create = entry.object("Create")) change.create = read_index(*create);
      if (const auto changed = entry.object("Update")) change.update = read_index(*changed);
      if (const auto remove = entry.object("Delete")) change.remove = std::string(remove->string_or("IndexName", ""));
    }
    update.indexes->push_back(std::move(change));
  }
  return update;
}

Check check_table_update(const TableUpdate& update) {
  const bool anything = update.billing || update.throughput || update.on_demand || update.stream_enabled ||
                        update.encryption || update.table_class || update.deletion_protection || update.warm ||
                        (update.indexes && !update.indexes->empty());
  if (!anything) {
    return validation(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, "
        "SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
        "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required");
  }
  TRY(check_alone(update));
  if (update.billing == BillingMode::provisioned && !update.throughput) {
    return invalid_parameter("ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  }
  if (update.billing == BillingMode::pay_per_request && update.throughput) {
    return invalid_parameter("ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST");
  }
  if (update.throughput) TRY(check_units(*update.throughput, ""));
  if (update.indexes) TRY(check_index_changes(*update.indexes));
  if (update.encryption) TRY(check_encryption(*update.encryption));
  return check_stream_change(update);
}

}  // namespace reprise::dynamo
