// One list of members serves writing and reading (docs/formats/transfers.md).
#include "dynamo/archive/import_record.h"

#include "codec/json_members.h"
#include "dynamo/archive/transfer_store.h"

namespace reprise::dynamo {

namespace {

constexpr auto visit_members = [](auto& visit, auto& record) {
  visit("account", record.account);
  visit("id", record.id);
  visit("arn", record.arn);
  visit("log_group", record.log_group);
  visit("status", record.status);
  visit("table_arn", record.table_arn);
  visit("table_id", record.table_id);
  visit("table_name", record.table_name);
  visit("definition", record.definition);
  visit("parameters", record.parameters);
  visit("start_micros", record.start_micros);
  visit("end_micros", record.end_micros);
  visit("bucket", record.bucket);
  visit("bucket_owner", record.bucket_owner);
  visit("key_prefix", record.key_prefix);
  visit("has_key_prefix", record.has_key_prefix);
  visit("format", record.format);
  visit("compression", record.compression);
  visit("has_options", record.has_options);
  visit("csv_delimiter", record.csv_delimiter);
  visit("csv_header", record.csv_header);
  visit("client_token", record.client_token);
  visit("error_count", record.error_count);
  visit("processed_items", record.processed_items);
  visit("imported_items", record.imported_items);
  visit("processed_bytes", record.processed_bytes);
  visit("failure_code", record.failure_code);
  visit("failure_message", record.failure_message);
};

void print_options(codec::JsonWriter& w, const ImportTableRecord& record) {
  if (!record.has_options) return;
  w.key("InputFormatOptions");
  w.begin_object();
  w.key("Csv");
  w.begin_object();
  write_text(w, "Delimiter", record.csv_delimiter);
  if (!record.csv_header.empty()) {
    w.key("HeaderList");
    w.begin_array();
    for (const std::string& name : record.csv_header) w.string(name);
    w.end_array();
  }
  w.end_object();
  w.end_object();
}

void print_source(codec::JsonWriter& w, const ImportTableRecord& record) {
  w.key("S3BucketSource");
  w.begin_object();
  w.member("S3Bucket", record.bucket);
  w.member("S3BucketOwner", record.bucket_owner);
  if (record.has_key_prefix) w.member("S3KeyPrefix", record.key_prefix);
  w.end_object();
}

}  // namespace

Bytes imports_of(std::string_view account) { return Bytes(imports_prefix).append(account).append("/"); }
Bytes import_key(std::string_view account, std::string_view id) { return imports_of(account).append(id); }

Bytes encode_import(const ImportTableRecord& record) { return encode_record(record, visit_members); }

Result<ImportTableRecord> decode_import(BytesView text) {
  return decode_record<ImportTableRecord>("an import", text, visit_members);
}

void print_import(codec::JsonWriter& w, const ImportTableRecord& record) {
  w.begin_object();
  w.member("ClientToken", record.client_token);
  w.member("CloudWatchLogGroupArn", record.log_group);
  write_moment(w, "EndTime", record.end_micros);
  write_count(w, "ErrorCount", record.error_count);
  write_text(w, "FailureCode", record.failure_code);
  write_text(w, "FailureMessage", record.failure_message);
  w.member("ImportArn", record.arn);
  w.member("ImportStatus", record.status);
  write_count(w, "ImportedItemCount", record.imported_items);
  w.member("InputCompressionType", record.compression);
  w.member("InputFormat", record.format);
  print_options(w, record);
  write_count(w, "ProcessedItemCount", record.processed_items);
  if (!record.in_progress()) write_count(w, "ProcessedSizeBytes", record.processed_bytes);
  print_source(w, record);
  write_moment(w, "StartTime", record.start_micros);
  w.member("TableArn", record.table_arn);
  w.key("TableCreationParameters");
  w.raw(record.parameters);
  w.member("TableId", record.table_id);
  w.end_object();
}

void print_import_summary(codec::JsonWriter& w, const ImportTableRecord& record) {
  w.begin_object();
  w.member("CloudWatchLogGroupArn", record.log_group);
  write_moment(w, "EndTime", record.end_micros);
  w.member("ImportArn", record.arn);
  w.member("ImportStatus", record.status);
  w.member("InputFormat", record.format);
  print_source(w, record);
  write_moment(w, "StartTime", record.start_micros);
  w.member("TableArn", record.table_arn);
  w.end_object();
}

}  // namespace reprise::dynamo
