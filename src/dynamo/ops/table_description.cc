// Members stand in the alphabetical order in which the real service prints them. What is not set is left out; what AWS
// always shows (throughput of on-demand tables, warm throughput, deletion protection) is always there.
//
// Item counts and sizes are the store's own counters: exact and of this moment, not AWS's six-hourly estimate. Those of
// a clone that is still being copied grow until the copy is done.
#include "dynamo/ops/table_description.h"

#include <algorithm>

#include "codec/json_members.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/schema_members.h"
#include "dynamo/ops/table_streams.h"
#include "dynamo/ops/warm_throughput.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::int64_t micros_per_day = std::int64_t{24} * 3600 * 1'000'000;

class Description {
 public:
  Description(Bytes& out, Services& services, const TableDefinition& table, const ShownChanges& changes)
      : w_(out),
        services_(services),
        table_(table),
        changes_(changes),
        now_micros_(static_cast<std::int64_t>(services.wall.now_micros())) {}

  void write(std::string_view table_member) {
    w_.begin_object();
    w_.key(table_member);
    w_.begin_object();
    write_front();
    write_global_indexes();
    write_counters("ItemCount", table_.space, &history::SpaceInfo::keys);
    write_key_schema(w_, table_.key);
    if (!table_.stream.label.empty()) {
      w_.member("LatestStreamArn", stream_arn(table_, table_.stream));
      w_.member("LatestStreamLabel", table_.stream.label);
    }
    write_local_indexes();
    on_demand(table_.on_demand);
    throughput(table_.throughput);
    write_back();
    w_.end_object();
    w_.end_object();
  }

  // What DeleteTable answers.
  void write_deleted(std::string_view table_member) {
    w_.begin_object();
    w_.key(table_member);
    w_.begin_object();
    if (table_.billing == BillingMode::pay_per_request) billing();
    w_.key("DeletionProtectionEnabled");
    w_.boolean(table_.deletion_protection);
    write_counters("ItemCount", table_.space, &history::SpaceInfo::keys);
    throughput(table_.throughput);
    w_.member("TableArn", table_.arn);
    w_.member("TableId", table_.id);
    w_.member("TableName", table_.name);
    write_counters("TableSizeBytes", table_.space, &history::SpaceInfo::bytes);
    w_.member("TableStatus", wire_name(table_.status));
    w_.end_object();
    w_.end_object();
  }

 private:
  void write_front() {
    w_.key("AttributeDefinitions");
    w_.begin_array();
    auto attributes = table_.attributes;
    std::sort(attributes.begin(), attributes.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const AttributeDefinition& attribute : attributes) {
      w_.begin_object();
      w_.member("AttributeName", attribute.name);
      w_.member("AttributeType", type_name(attribute.type));
      w_.end_object();
    }
    w_.end_array();
    billing();
    moment("CreationDateTime", table_.creation_micros);
    w_.key("DeletionProtectionEnabled");
    w_.boolean(table_.deletion_protection);
  }

  void billing() {
    if (table_.billing != BillingMode::pay_per_request && table_.pay_per_request_since_micros == 0) return;
    w_.key("BillingModeSummary");
    w_.begin_object();
    w_.member("BillingMode", wire_name(table_.billing));
    // A table that is being created has not changed to it.
    if (table_.status != TableStatus::creating) {
      moment("LastUpdateToPayPerRequestDateTime", table_.pay_per_request_since_micros);
    }
    w_.end_object();
  }

  void write_back() {
    if (table_.restore) write_restore(*table_.restore);
    if (table_.encryption && table_.encryption->kms) {
      w_.key("SSEDescription");
      w_.begin_object();
      w_.member("KMSMasterKeyArn", table_.encryption->key_arn);
      w_.member("SSEType", "KMS");
      w_.member("Status", changes_.encryption ? "UPDATING" : "ENABLED");
      w_.end_object();
    }
    if (table_.stream.enabled) {
      w_.key("StreamSpecification");
      w_.begin_object();
      w_.key("StreamEnabled");
      w_.boolean(true);
      w_.member("StreamViewType", table_.stream.view_type);
      w_.end_object();
    }
    w_.member("TableArn", table_.arn);
    if (table_.table_class != TableClass::standard || table_.table_class_since_micros != 0) {
      w_.key("TableClassSummary");
      w_.begin_object();
      moment("LastUpdateDateTime", table_.table_class_since_micros);
      w_.member("TableClass", wire_name(table_.table_class));
      w_.end_object();
    }
    w_.member("TableId", table_.id);
    w_.member("TableName", table_.name);
    write_counters("TableSizeBytes", table_.space, &history::SpaceInfo::bytes);
    w_.member("TableStatus", wire_name(table_.status));
    // A table that is being created shows what was asked for alone.
    if (!is_new() || table_.warm) warm_throughput(warm_of(table_), is_new() || changes_.warm ? "UPDATING" : "ACTIVE");
  }

  void write_restore(const RestoreSummary& restore) {
    w_.key("RestoreSummary");
    w_.begin_object();
    moment("RestoreDateTime", restore.restore_micros);
    w_.key("RestoreInProgress");
    w_.boolean(restore.in_progress);
    write_text(w_, "SourceBackupArn", restore.source_backup_arn);
    write_text(w_, "SourceTableArn", restore.source_table_arn);
    w_.end_object();
  }

  void write_global_indexes() {
    if (table_.global_indexes.empty()) return;
    w_.key("GlobalSecondaryIndexes");
    w_.begin_array();
    for (const GlobalIndex& index : table_.global_indexes) write_global_index(index);
    w_.end_array();
  }

  void write_global_index(const GlobalIndex& index) {
    w_.begin_object();
    // Only an index that was added to a table which was there before says whether it is being filled.
    if (index.status == IndexStatus::creating && table_.status != TableStatus::creating) {
      w_.key("Backfilling");
      w_.boolean(index.backfilling);
    }
    index_front(index.name, index.space);
    // A table that is being restored shows no status of its indexes.
    const bool restoring = table_.restore && table_.restore->in_progress;
    if (!restoring) w_.member("IndexStatus", wire_name(index.status));
    write_counters("ItemCount", index.space, &history::SpaceInfo::keys);
    write_key_schema(w_, index.key);
    on_demand(index.on_demand);
    write_projection(w_, index.projection);
    throughput(index.throughput);
    if (!is_new() || index.warm) warm_throughput(warm_of(table_, index), is_warm(index) ? "ACTIVE" : "UPDATING");
    w_.end_object();
  }

  void write_local_indexes() {
    if (table_.local_indexes.empty()) return;
    w_.key("LocalSecondaryIndexes");
    w_.begin_array();
    for (const LocalIndex& index : table_.local_indexes) {
      w_.begin_object();
      index_front(index.name, index.space);
      write_counters("ItemCount", index.space, &history::SpaceInfo::keys);
      write_key_schema(w_, index.key);
      write_projection(w_, index.projection);
      w_.end_object();
    }
    w_.end_array();
  }

  void index_front(std::string_view name, SpaceId space) {
    w_.member("IndexArn", table_.arn + "/index/" + std::string(name));
    w_.member("IndexName", name);
    write_counters("IndexSizeBytes", space, &history::SpaceInfo::bytes);
  }

  void throughput(const Throughput& throughput) {
    const bool today = throughput.last_decrease_micros / micros_per_day == now_micros_ / micros_per_day;
    w_.key("ProvisionedThroughput");
    w_.begin_object();
    moment("LastDecreaseDateTime", throughput.last_decrease_micros);
    moment("LastIncreaseDateTime", throughput.last_increase_micros);
    integer("NumberOfDecreasesToday", today ? throughput.decreases_today : 0);
    integer("ReadCapacityUnits", throughput.read_units);
    integer("WriteCapacityUnits", throughput.write_units);
    w_.end_object();
  }

  // A cap that is not there is left out, and all of it when there is none.
  void on_demand(const std::optional<OnDemandThroughput>& on_demand) {
    if (!on_demand) return;
    constexpr std::int64_t no_cap = -1;
    const bool reads = on_demand->max_read_units != no_cap || changes_.on_demand;
    const bool writes = on_demand->max_write_units != no_cap || changes_.on_demand;
    if (!reads && !writes) return;
    w_.key("OnDemandThroughput");
    w_.begin_object();
    if (reads) integer("MaxReadRequestUnits", on_demand->max_read_units);
    if (writes) integer("MaxWriteRequestUnits", on_demand->max_write_units);
    w_.end_object();
  }

  [[nodiscard]] bool is_new() const { return table_.status == TableStatus::creating; }
  [[nodiscard]] bool is_warm(const GlobalIndex& index) const {
    if (is_new() || index.status == IndexStatus::creating) return false;
    return std::find(changes_.warm_indexes.begin(), changes_.warm_indexes.end(), index.name) ==
           changes_.warm_indexes.end();
  }

  void warm_throughput(const WarmThroughput& warm, std::string_view status) {
    w_.key("WarmThroughput");
    w_.begin_object();
    integer("ReadUnitsPerSecond", warm.read_units_per_second);
    w_.member("Status", status);
    integer("WriteUnitsPerSecond", warm.write_units_per_second);
    w_.end_object();
  }

  void write_counters(std::string_view name, SpaceId space, std::uint64_t history::SpaceInfo::*counter) {
    const auto info = space_info(services_.store, space);
    write_count(w_, name, info ? (*info).*counter : 0);
  }

  void integer(std::string_view name, std::int64_t value) {
    w_.key(name);
    w_.integer(value);
  }

  void moment(std::string_view name, std::int64_t micros) {
    write_moment(w_, name, static_cast<std::uint64_t>(micros));
  }

  codec::JsonWriter w_;
  Services& services_;
  const TableDefinition& table_;
  const ShownChanges& changes_;
  const std::int64_t now_micros_;
};

}  // namespace

std::string table_arn(std::string_view region, std::string_view account, std::string_view name) {
  return std::string("arn:aws:dynamodb:").append(region).append(":").append(account).append(":table/").append(name);
}

std::vector<SpaceId> spaces_of(const TableDefinition& table) {
  std::vector<SpaceId> spaces{table.space};
  for (const LocalIndex& index : table.local_indexes) spaces.push_back(index.space);
  for (const GlobalIndex& index : table.global_indexes) spaces.push_back(index.space);
  return spaces;
}

Bytes describe(Services& services, std::string_view table_member, const TableDefinition& table,
               const ShownChanges& changes) {
  Bytes out;
  Description(out, services, table, changes).write(table_member);
  return out;
}

Bytes describe_deleted(Services& services, std::string_view table_member, const TableDefinition& table) {
  Bytes out;
  const ShownChanges none;
  Description(out, services, table, none).write_deleted(table_member);
  return out;
}

}  // namespace reprise::dynamo
