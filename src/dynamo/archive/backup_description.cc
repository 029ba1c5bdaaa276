// Shapes and members: public service model; which of them are there when nothing is set: answers of the real service
// recorded by a public probe laboratory (2026-10). SourceTableFeatureDetails is empty when there is nothing to say.
#include "dynamo/archive/backup_description.h"

#include <vector>

#include "codec/json_members.h"
#include "dynamo/archive/backup_arn.h"
#include "dynamo/ops/schema_members.h"

namespace reprise::dynamo {

namespace {

using codec::JsonWriter;

void number(JsonWriter& w, std::string_view name, std::int64_t value) {
  w.key(name);
  w.integer(value);
}

void throughput(JsonWriter& w, const Throughput& throughput) {
  w.key("ProvisionedThroughput");
  w.begin_object();
  number(w, "ReadCapacityUnits", throughput.read_units);
  number(w, "WriteCapacityUnits", throughput.write_units);
  w.end_object();
}

void on_demand(JsonWriter& w, const std::optional<OnDemandThroughput>& on_demand) {
  if (!on_demand) return;
  w.key("OnDemandThroughput");
  w.begin_object();
  number(w, "MaxReadRequestUnits", on_demand->max_read_units);
  number(w, "MaxWriteRequestUnits", on_demand->max_write_units);
  w.end_object();
}

void write_front(JsonWriter& w, const BackupView& view) {
  w.member("BackupArn", view.arn);
  write_moment(w, "BackupCreationDateTime", view.backup.created_micros);
  if (view.system()) write_moment(w, "BackupExpiryDateTime", view.expiry_micros);
  w.member("BackupName", view.backup.name);
  write_count(w, "BackupSizeBytes", view.backup.bytes);
  w.member("BackupStatus", view.status);
  w.member("BackupType", view.system() ? "SYSTEM" : "USER");
}

void write_source(JsonWriter& w, const Backup& backup) {
  const TableDefinition& table = backup.table;
  w.begin_object();
  w.member("BillingMode", wire_name(table.billing));
  write_count(w, "ItemCount", backup.items);
  write_key_schema(w, table.key);
  on_demand(w, table.on_demand);
  throughput(w, table.throughput);
  w.member("TableArn", table.arn);
  write_moment(w, "TableCreationDateTime", static_cast<std::uint64_t>(table.creation_micros));
  w.member("TableId", table.id);
  w.member("TableName", table.name);
  write_count(w, "TableSizeBytes", backup.bytes);
  w.end_object();
}

void write_global_indexes(JsonWriter& w, const std::vector<GlobalIndex>& indexes) {
  if (indexes.empty()) return;
  w.key("GlobalSecondaryIndexes");
  w.begin_array();
  for (const GlobalIndex& index : indexes) {
    w.begin_object();
    w.member("IndexName", index.name);
    write_key_schema(w, index.key);
    on_demand(w, index.on_demand);
    write_projection(w, index.projection);
    throughput(w, index.throughput);
    w.end_object();
  }
  w.end_array();
}

void write_local_indexes(JsonWriter& w, const std::vector<LocalIndex>& indexes) {
  if (indexes.empty()) return;
  w.key("LocalSecondaryIndexes");
  w.begin_array();
  for (const LocalIndex& index : indexes) {
    w.begin_object();
    w.member("IndexName", index.name);
    write_key_schema(w, index.key);
    write_projection(w, index.projection);
    w.end_object();
  }
  w.end_array();
}

void write_features(JsonWriter& w, const TableDefinition& table) {
  w.begin_object();
  write_global_indexes(w, table.global_indexes);
  write_local_indexes(w, table.local_indexes);
  if (table.encryption && table.encryption->kms) {
    w.key("SSEDescription");
    w.begin_object();
    w.member("KMSMasterKeyArn", table.encryption->key_arn);
    w.member("SSEType", "KMS");
    w.member("Status", "ENABLED");
    w.end_object();
  }
  if (table.stream.enabled) {
    w.key("StreamDescription");
    w.begin_object();
    w.key("StreamEnabled");
    w.boolean(true);
    w.member("StreamViewType", table.stream.view_type);
    w.end_object();
  }
  if (table.ttl.enabled) {
    w.key("TimeToLiveDescription");
    w.begin_object();
    w.member("AttributeName", table.ttl.attribute);
    w.member("TimeToLiveStatus", "ENABLED");
    w.end_object();
  }
  w.end_object();
}

}  // namespace

BackupView view_of(const Backup& backup) {
  const bool available = backup.status == BackupStatus::available;
  return {backup, backup_arn(backup.table.arn, backup.id), available ? "AVAILABLE" : "CREATING"};
}

void write_backup_details(JsonWriter& w, const BackupView& view) {
  w.begin_object();
  write_front(w, view);
  w.end_object();
}

void write_backup_description(JsonWriter& w, const BackupView& view) {
  w.begin_object();
  w.key("BackupDetails");
  write_backup_details(w, view);
  w.key("SourceTableDetails");
  write_source(w, view.backup);
  w.key("SourceTableFeatureDetails");
  write_features(w, view.backup.table);
  w.end_object();
}

void write_backup_summary(JsonWriter& w, const BackupView& view) {
  w.begin_object();
  write_front(w, view);
  w.member("TableArn", view.backup.table.arn);
  w.member("TableId", view.backup.table.id);
  w.member("TableName", view.backup.table.name);
  w.end_object();
}

}  // namespace reprise::dynamo
