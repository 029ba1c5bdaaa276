// One list of members serves writing and reading (docs/formats/transfers.md).
#include "dynamo/archive/export_record.h"

#include "codec/json_members.h"
#include "dynamo/archive/transfer_store.h"

namespace reprise::dynamo {

namespace {

constexpr auto visit_members = [](auto& visit, auto& record) {
  visit("account", record.account);
  visit("id", record.id);
  visit("arn", record.arn);
  visit("status", record.status);
  visit("table_arn", record.table_arn);
  visit("table_id", record.table_id);
  visit("table_name", record.table_name);
  visit("space", record.space);
  visit("key_names", record.key_names);
  visit("key_types", record.key_types);
  visit("start_micros", record.start_micros);
  visit("end_micros", record.end_micros);
  visit("format", record.format);
  visit("type", record.type);
  visit("export_micros", record.export_micros);
  visit("at", record.at);
  visit("from_micros", record.from_micros);
  visit("to_micros", record.to_micros);
  visit("before", record.before);
  visit("to", record.to);
  visit("view", record.view);
  visit("bucket", record.bucket);
  visit("bucket_owner", record.bucket_owner);
  visit("prefix", record.prefix);
  visit("sse_algorithm", record.sse_algorithm);
  visit("sse_key", record.sse_key);
  visit("client_token", record.client_token);
  visit("fingerprint", record.fingerprint);
  visit("item_count", record.item_count);
  visit("billed_bytes", record.billed_bytes);
  visit("manifest", record.manifest);
  visit("failure_code", record.failure_code);
  visit("failure_message", record.failure_message);
};

}  // namespace

KeySchema ExportRecord::key() const {
  KeySchema schema;
  for (std::size_t i = 0; i < key_names.size(); ++i) {
    const std::string type = i < key_types.size() ? key_types[i] : "S";
    KeyAttribute attribute{key_names[i], key_type(type).value_or(AttributeType::string)};
    (i == 0 ? schema.hash : schema.range).push_back(std::move(attribute));
  }
  return schema;
}

std::string ExportRecord::folder() const {
  std::string folder = prefix;
  if (!folder.empty() && !folder.ends_with('/')) folder.push_back('/');
  return folder + "AWSDynamoDB/";
}

Bytes exports_of(std::string_view account) { return Bytes(exports_prefix).append(account).append("/"); }
Bytes export_key(std::string_view account, std::string_view id) { return exports_of(account).append(id); }

Bytes encode_export(const ExportRecord& record) { return encode_record(record, visit_members); }

Result<ExportRecord> decode_export(BytesView text) {
  return decode_record<ExportRecord>("an export", text, visit_members);
}

void print_export(codec::JsonWriter& w, const ExportRecord& record) {
  const bool completed = record.status == "COMPLETED";
  w.begin_object();
  if (completed) write_count(w, "BilledSizeBytes", record.billed_bytes);
  write_text(w, "ClientToken", record.client_token);
  w.member("DestinationType", "S3");
  write_moment(w, "EndTime", record.end_micros);
  write_text(w, "ExportArn", record.arn);
  write_text(w, "ExportFormat", record.format);
  write_text(w, "ExportManifest", record.manifest);
  write_text(w, "ExportStatus", record.status);
  write_moment(w, "ExportTime", record.export_micros);
  write_text(w, "ExportType", record.type);
  write_text(w, "FailureCode", record.failure_code);
  write_text(w, "FailureMessage", record.failure_message);
  if (record.incremental()) {
    w.key("IncrementalExportSpecification");
    w.begin_object();
    write_moment(w, "ExportFromTime", record.from_micros);
    write_moment(w, "ExportToTime", record.to_micros);
    write_text(w, "ExportViewType", record.view);
    w.end_object();
  }
  if (completed) write_count(w, "ItemCount", record.item_count);
  write_text(w, "S3Bucket", record.bucket);
  write_text(w, "S3BucketOwner", record.bucket_owner);
  write_text(w, "S3Prefix", record.prefix);
  write_text(w, "S3SseAlgorithm", record.sse_algorithm);
  write_text(w, "S3SseKmsKeyId", record.sse_key);
  write_moment(w, "StartTime", record.start_micros);
  write_text(w, "TableArn", record.table_arn);
  write_text(w, "TableId", record.table_id);
  w.end_object();
}

}  // namespace reprise::dynamo
