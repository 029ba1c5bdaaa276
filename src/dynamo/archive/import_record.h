// An import as it is remembered and described.
//
// Source: API reference, ImportTableDescription; what is shown when, from answers of the real service recorded in
// 2026-10: the request's own members come back as they were sent, S3BucketOwner, InputCompressionType and ClientToken
// with their defaults; the counts advance when the import has ended.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "codec/json.h"

namespace reprise::dynamo {

struct ImportTableRecord {
  std::string account;
  std::string id;
  std::string arn;
  std::string log_group;               // CloudWatchLogGroupArn
  std::string status = "IN_PROGRESS";  // COMPLETED, FAILED
  std::string table_arn;
  std::string table_id;
  std::string table_name;
  std::string definition;  // model/schema.h's text of the table to be made, without spaces
  std::string parameters;  // TableCreationParameters as sent, JSON
  std::uint64_t start_micros = 0;
  std::uint64_t end_micros = 0;
  std::string bucket;
  std::string bucket_owner;
  std::string key_prefix;
  bool has_key_prefix = false;
  std::string format;                // DYNAMODB_JSON, ION, CSV
  std::string compression = "NONE";  // GZIP, ZSTD
  bool has_options = false;
  std::string csv_delimiter;  // empty: not given
  std::vector<std::string> csv_header;
  std::string client_token;
  std::uint64_t error_count = 0;
  std::uint64_t processed_items = 0;
  std::uint64_t imported_items = 0;
  std::uint64_t processed_bytes = 0;  // uncompressed
  std::string failure_code;
  std::string failure_message;

  bool operator==(const ImportTableRecord&) const = default;
  [[nodiscard]] bool in_progress() const { return status == "IN_PROGRESS"; }
};

inline constexpr std::string_view imports_prefix = "i/";
Bytes imports_of(std::string_view account);
Bytes import_key(std::string_view account, std::string_view id);

Bytes encode_import(const ImportTableRecord& record);
// Fails with Code::corruption, and with Code::unsupported for a record of a newer version.
Result<ImportTableRecord> decode_import(BytesView text);

// The ImportTableDescription and the ImportSummary structures.
void print_import(codec::JsonWriter& writer, const ImportTableRecord& record);
void print_import_summary(codec::JsonWriter& writer, const ImportTableRecord& record);

}  // namespace reprise::dynamo
