// An export as it is remembered and described.
//
// Source: API reference, ExportDescription; what is shown when, from answers of the real service recorded in 2026-10:
// counts, size, manifest and end only when the export has ended, ExportType and S3BucketOwner only when the request had
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "codec/json.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

struct ExportRecord {
  std::string account;
  std::string id;
  std::string arn;
  std::string status = "IN_PROGRESS";  // COMPLETED, FAILED
  std::string table_arn;
  std::string table_id;
  std::string table_name;
  std::uint64_t space = 0;             // of the items
  std::vector<std::string> key_names;  // hash, then range
  std::vector<std::string> key_types;  // "S", "N", "B"
  std::uint64_t start_micros = 0;
  std::uint64_t end_micros = 0;
  std::string format = "DYNAMODB_JSON";  // or ION
  std::string type;                      // as the request had it; empty is FULL_EXPORT
  // Full: the moment, as shown and as read.
  std::uint64_t export_micros = 0;
  std::uint64_t at = 0;  // a Timestamp's bits
  // Incremental: changes in (before, to], which is [ExportFromTime, ExportToTime) of the request.
  std::uint64_t from_micros = 0;
  std::uint64_t to_micros = 0;
  std::uint64_t before = 0;
  std::uint64_t to = 0;
  std::string view = "NEW_AND_OLD_IMAGES";  // or NEW_IMAGE
  std::string bucket;
  std::string bucket_owner;
  std::string prefix;
  std::string sse_algorithm = "AES256";
  std::string sse_key;
  std::string client_token;
  std::string fingerprint;  // of the request, in hex
  std::uint64_t item_count = 0;
  std::uint64_t billed_bytes = 0;
  std::string manifest;
  std::string failure_code;
  std::string failure_message;

  bool operator==(const ExportRecord&) const = default;
  [[nodiscard]] bool incremental() const { return type == "INCREMENTAL_EXPORT"; }
  [[nodiscard]] bool in_progress() const { return status == "IN_PROGRESS"; }
  [[nodiscard]] KeySchema key() const;
  // "prefix/AWSDynamoDB/"
  [[nodiscard]] std::string folder() const;
};

Bytes export_key(std::string_view account, std::string_view id);
// The first keys of all exports, and of one account's.
inline constexpr std::string_view exports_prefix = "e/";
Bytes exports_of(std::string_view account);

Bytes encode_export(const ExportRecord& record);
// Fails with Code::corruption, and with Code::unsupported for a record of a newer version.
Result<ExportRecord> decode_export(BytesView text);

// The ExportDescription structure.
void print_export(codec::JsonWriter& writer, const ExportRecord& record);

}  // namespace reprise::dynamo
