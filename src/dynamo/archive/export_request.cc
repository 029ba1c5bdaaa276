// One rule after the other, in the order in which the real service was seen to make them: shape, ARN, encryption,
// couplings; the table, its recovery and its times are the operation's.
#include "dynamo/archive/export_request.h"

#include "base/rng.h"
#include "codec/hex.h"
#include "dynamo/archive/transfer_request.h"
#include "dynamo/ops/client_token.h"
#include "dynamo/ops/shape_atoms.h"

namespace reprise::dynamo {

namespace {

constexpr std::uint64_t micros_per_second = 1'000'000;
constexpr std::uint64_t window_min_micros = 15 * 60 * micros_per_second;
constexpr std::uint64_t window_max_micros = 24 * 3600 * micros_per_second;

constexpr std::string_view format_words[] = {"ION", "DYNAMODB_JSON"};
constexpr std::string_view type_words[] = {"INCREMENTAL_EXPORT", "FULL_EXPORT"};
constexpr std::string_view view_words[] = {"NEW_AND_OLD_IMAGES", "NEW_IMAGE"};
constexpr std::string_view sse_words[] = {"AES256", "KMS"};

constexpr Shape arn{.kind = ShapeKind::string, .min = 1, .max = 1024};
constexpr Shape moment{.kind = ShapeKind::timestamp};
constexpr Shape bucket{.kind = ShapeKind::string, .max = 255};
constexpr Shape prefix{.kind = ShapeKind::string, .max = 1024};
constexpr Shape sse_algorithm{.kind = ShapeKind::string, .values = sse_words};
constexpr Shape sse_key{.kind = ShapeKind::string, .min = 1, .max = 2048};
constexpr Shape format{.kind = ShapeKind::string, .values = format_words};
constexpr Shape type{.kind = ShapeKind::string, .values = type_words};
constexpr Shape view{.kind = ShapeKind::string, .values = view_words};

constexpr Member specification_members[] = {
    {"ExportFromTime", &moment}, {"ExportToTime", &moment}, {"ExportViewType", &view}};
constexpr Shape specification{
    .kind = ShapeKind::structure, .name = "IncrementalExportSpecification", .members = specification_members};

constexpr Member export_members[] = {
    {"TableArn", &arn, true},
    {"ExportTime", &moment},
    {"ClientToken", &shapes::text},
    {"S3Bucket", &bucket, true},
    {"S3BucketOwner", &shapes::text},
    {"S3Prefix", &prefix},
    {"S3SseAlgorithm", &sse_algorithm},
    {"S3SseKmsKeyId", &sse_key},
    {"ExportFormat", &format},
    {"ExportType", &type},
    {"IncrementalExportSpecification", &specification},
    {"FilterSpecification", &shapes::anything},
};
constexpr Shape export_shape{
    .kind = ShapeKind::structure, .name = "ExportTableToPointInTimeInput", .members = export_members};

Check check_shape(const codec::JsonValue& body) {
  TRY(check_types(export_shape, body));
  const Fields in(body);
  ExtraConstraints extra;
  require_common(extra, in.string("ClientToken"), in.string("S3Bucket"), "s3Bucket", in.string("S3BucketOwner"),
                 "s3BucketOwner");
  return extra.check(export_shape, body);
}

ApiError invalid_request(std::string_view what) { return validation(std::string("Invalid Request: ").append(what)); }
ApiError invalid_time(std::string message) { return api_error(ErrorKind::invalid_export_time, std::move(message)); }

Check check_encryption_members(const Fields& in) {
  if (in.has("S3SseKmsKeyId") && in.string_or("S3SseAlgorithm", "AES256") != "KMS") {
    return invalid_request("KMS Key Id is not supported for this encryption type");
  }
  return Passed{};
}

Check check_couplings(const Fields& in) {
  const auto type_text = in.string("ExportType");
  const auto spec = in.object("IncrementalExportSpecification");
  if (spec && !type_text) {
    return invalid_request(
        "Export Type expected to be Incremental Export when incremental export specification is provided");
  }
  if (spec && *type_text == "FULL_EXPORT") {
    return invalid_request("When Export Type is Full Export , Incremental Export Specification should not be provided");
  }
  if (type_text == "INCREMENTAL_EXPORT") {
    if (!spec) {
      return invalid_request("Incremental Export Specification expected when export type is set as Incremental Export");
    }
    if (!spec->has("ExportFromTime")) {
      return invalid_request("ExportFromTime must be provided in IncrementalExportSpecification");
    }
  }
  if (in.has("FilterSpecification")) return validation("FilterSpecification is not supported by this server");
  return Passed{};
}

// The table's name, of an ARN in the caller's account. The region is not looked at: where it is another one, no table
// of that ARN is found.
Outcome<std::string> table_of(std::string_view text, const Caller& caller) {
  if (!text.starts_with("arn:")) return invalid_parameter("tableArn is not a valid ARN");
  const auto parsed = parse_transfer_arn(text);
  if (!parsed || !parsed->kind.empty()) return invalid_request("Table ARN is invalid.");
  if (parsed->account != caller.account) return api_error(ErrorKind::access_denied, "Access is denied");
  return parsed->table;
}

}  // namespace

Outcome<ExportRequest> read_export(const Services& services, const OperationRequest& request) {
  TRY(check_shape(request.body));
  const Fields in(request.body);
  ExportRequest wanted;
  wanted.table_arn = in.string_or("TableArn", "");
  TRY_ASSIGN(wanted.table_name, table_of(wanted.table_arn, request.caller));
  TRY(check_encryption_members(in));
  TRY(check_couplings(in));
  if (services.buckets == nullptr) {
    return validation("This server has no buckets: start it with --buckets-dir or --s3-endpoint");
  }
  wanted.export_micros = in.timestamp_micros("ExportTime");
  ExportRecord& record = wanted.record;
  record.account = request.caller.account;
  record.table_arn = wanted.table_arn;
  record.table_name = wanted.table_name;
  record.format = in.string_or("ExportFormat", "DYNAMODB_JSON");
  record.type = in.string_or("ExportType", "");
  if (const auto spec = in.object("IncrementalExportSpecification")) {
    wanted.from_micros = spec->timestamp_micros("ExportFromTime");
    wanted.to_micros = spec->timestamp_micros("ExportToTime");
    record.view = spec->string_or("ExportViewType", "NEW_AND_OLD_IMAGES");
  }
  record.bucket = in.string_or("S3Bucket", "");
  record.bucket_owner = in.string_or("S3BucketOwner", "");
  record.prefix = in.string_or("S3Prefix", "");
  record.sse_algorithm = in.string_or("S3SseAlgorithm", "AES256");
  record.sse_key = in.string_or("S3SseKmsKeyId", "");
  wanted.has_token = in.has("ClientToken");
  record.client_token = wanted.has_token ? std::string(in.string_or("ClientToken", "")) : random_uuid();
  record.fingerprint = codec::to_hex(request_fingerprint(request.body, {"ClientToken"}));
  return wanted;
}

Check check_export_window(const ExportRequest& request, const TableDefinition& table, std::uint64_t now_micros) {
  const std::uint64_t from = request.from_micros.value_or(0);
  const std::uint64_t to = request.to_micros.value_or(now_micros);
  // Clients cut times to whole seconds: the second in which the table was made is not before it.
  const auto created = static_cast<std::uint64_t>(table.creation_micros) / micros_per_second;
  if (from / micros_per_second < created) {
    return invalid_time("Incremental export period from time cannot be less than the table creation time : " +
                        format_iso8601(from, 0));
  }
  if (to > now_micros) {
    return invalid_time("Incremental export period to time cannot be greater than the current time : " +
                        format_iso8601(to, 0));
  }
  if (to < from || to - from < window_min_micros) {
    return invalid_time("Difference between export period from time and export period to time is less than 15 minutes");
  }
  if (to - from > window_max_micros) {
    return invalid_time(
        "Difference between export period from time and export period to time is greater than 24 hours");
  }
  return Passed{};
}

}  // namespace reprise::dynamo
