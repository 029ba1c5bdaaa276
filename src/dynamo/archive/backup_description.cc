// Shapes and members: public service model; which of them are there when nothing is set: answers of the real service
// recorded by a public probe laboratory (2026-10). SourceTableFeatureDetails is empty when there is nothing to say.
#include "dynamo/archive/backup_description.h"

#include <vector>

#include "dynamo/archive/backup_arn.h"

namespace reprise::dynamo {

namespace {

using codec::JsonWriter;

void moment(JsonWriter& w, std::string_view name, std::uint64_t micros) {
  w.key(name);
  w.epoch_seconds(micros);
}

void number(JsonWriter& w, std::string_view name, std::int64_t value) {
  w.key(name);
  w.integer(value);
}

void count(JsonWriter& w, std::string_view name, std::uint64_t value) {
  w.key(name);
  w.unsigned_integer(value);
}

void key_elements(JsonWriter& w, const std::vector<KeyAttribute>& attributes, std::string_view type) {
  for (const KeyAttribute& attribute : attributes) {
    w.begin_object();
    w.member("AttributeName", attribute.name);
    w.member("KeyType", type);
    w.end_object();
  }
}

void key_schema(JsonWriter& w, const KeySchema& key) {
  w.key("KeySchema");
  w.begin_array();
  key_elements(w, key.hash, "HASH");
  key_elements(w, key.range, "RANGE");
  w.end_array();
}

void projection(JsonWriter& w, const IndexProjection& projection) {
  w.key("Projection");
  w.begin_object();
  if (!projection.non_key_attributes.empty()) {
    w.key("NonKeyAttributes");
    w.begin_array();
    for (const std::string& name : projection.non_key_attributes) w.string(name);
    w.end_array();
  }
  w.member("ProjectionType", wire_name(projection.type));
  w.end_object();
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
  moment(w, "BackupCreationDateTime", view.backup.created_micros);
  if (view.system()) moment(w, "BackupExpiryDateTime", view.expiry_micros);
  w.member("BackupName", view.backup.name);
  count(w, "BackupSizeBytes", view.backup.bytes);
  w.member("BackupStatus", view.status);
  w.member("BackupType", view.system() ? "SYSTEM" : "USER");
}

void write_source(JsonWriter& w, const Backup& backup) {
  const TableDefinition& table = backup.table;
  w.begin_object();
  w.member("BillingMode", wire_name(table.billing));
  count(w, "ItemCount", backup.items);
  key_schema(w, table.key);
  on_demand(w, table.on_demand);
  throughput(w, table.throughput);
  w.member("TableArn", table.arn);
  moment(w, "TableCreationDateTime", static_cast<std::uint64_t>(table.creation_micros));
  w.member("TableId", table.id);
  w.member("TableName", table.name);
  count(w, "TableSizeBytes", backup.bytes);
  w.end_object();
}

void write_global_indexes(JsonWriter& w, const std::vector<GlobalIndex>& indexes) {
  if (indexes.empty()) return;
  w.key("GlobalSecondaryIndexes");
  w.begin_array();
  for (const GlobalIndex& index : indexes) {
    w.begin_object();
    w.member("IndexName", index.name);
    key_schema(w, index.key);
    on_demand(w, index.on_demand);
    projection(w, index.projection);
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
    key_schema(w, index.key);
    projection(w, index.projection);
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
