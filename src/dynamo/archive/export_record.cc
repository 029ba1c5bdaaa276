// One list of members serves writing and reading (docs/formats/transfers.md).
#include "dynamo/archive/export_record.h"

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

class Description {
 public:
  explicit Description(codec::JsonWriter& writer) : w_(writer) {}

  void text(std::string_view name, const std::string& value) {
    if (!value.empty()) w_.member(name, value);
  }
  void count(std::string_view name, std::uint64_t value) {
    w_.key(name);
    w_.unsigned_integer(value);
  }
  void moment(std::string_view name, std::uint64_t micros) {
    if (micros == 0) return;
    w_.key(name);
    w_.epoch_seconds(micros);
  }

 private:
  codec::JsonWriter& w_;
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

void print_export(codec::JsonWriter& writer, const ExportRecord& record) {
  Description d(writer);
  const bool completed = record.status == "COMPLETED";
  writer.begin_object();
  if (completed) d.count("BilledSizeBytes", record.billed_bytes);
  d.text("ClientToken", record.client_token);
  writer.member("DestinationType", "S3");
  d.moment("EndTime", record.end_micros);
  d.text("ExportArn", record.arn);
  d.text("ExportFormat", record.format);
  d.text("ExportManifest", record.manifest);
  d.text("ExportStatus", record.status);
  d.moment("ExportTime", record.export_micros);
  d.text("ExportType", record.type);
  d.text("FailureCode", record.failure_code);
  d.text("FailureMessage", record.failure_message);
  if (record.incremental()) {
    writer.key("IncrementalExportSpecification");
    writer.begin_object();
    d.moment("ExportFromTime", record.from_micros);
    d.moment("ExportToTime", record.to_micros);
    d.text("ExportViewType", record.view);
    writer.end_object();
  }
  if (completed) d.count("ItemCount", record.item_count);
  d.text("S3Bucket", record.bucket);
  d.text("S3BucketOwner", record.bucket_owner);
  d.text("S3Prefix", record.prefix);
  d.text("S3SseAlgorithm", record.sse_algorithm);
  d.text("S3SseKmsKeyId", record.sse_key);
  d.moment("StartTime", record.start_micros);
  d.text("TableArn", record.table_arn);
  d.text("TableId", record.table_id);
  writer.end_object();
}

}  // namespace reprise::dynamo
