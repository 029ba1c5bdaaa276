// The request notes the export, pins the past it will read, and starts a job; the rest happens there (export_job.h).
// The record comes first: a crash at any later moment leaves one whose job is started again.
#include "dynamo/archive/export_operations.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "dynamo/archive/export_job.h"
#include "dynamo/archive/export_record.h"
#include "dynamo/archive/export_request.h"
#include "dynamo/archive/transfer_request.h"
#include "dynamo/archive/transfer_store.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/shape_atoms.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_description.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t page_default = 10;
constexpr std::size_t all_records = 1'000'000;
constexpr std::uint64_t token_micros = std::uint64_t{8} * 3600 * 1'000'000;

constexpr Shape export_arn{.kind = ShapeKind::string, .min = 37, .max = 1024};
constexpr Member describe_members[] = {{"ExportArn", &export_arn, true}};
constexpr Shape describe_shape{
    .kind = ShapeKind::structure, .name = "DescribeExportInput", .members = describe_members};

constexpr Shape table_arn_shape{.kind = ShapeKind::string, .min = 1, .max = 1024};
constexpr Shape page_size{.kind = ShapeKind::integer, .min = 1, .max = 25};
constexpr Member list_members[] = {
    {"TableArn", &table_arn_shape}, {"MaxResults", &page_size}, {"NextToken", &shapes::text}};
constexpr Shape list_shape{.kind = ShapeKind::structure, .name = "ListExportsInput", .members = list_members};

ApiError table_not_found_by(const std::string& arn) {
  return api_error(ErrorKind::table_not_found, "Table not found: " + arn);
}

Bytes answer(const ExportRecord& record) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("ExportDescription");
  print_export(w, record);
  w.end_object();
  return out;
}

// Every export of the account, in the order of ids.
Task<Result<std::vector<ExportRecord>>> exports_of_account(Services& services, std::string account) {
  CO_TRY_ASSIGN(const Records records, co_await list_records(services, exports_of(account), Bytes(), all_records));
  std::vector<ExportRecord> exports;
  for (const auto& [key, value] : records) {
    CO_TRY_ASSIGN(ExportRecord record, decode_export(value));
    exports.push_back(std::move(record));
  }
  co_return std::move(exports);
}

// The export that an earlier request with this token started, if the token still counts.
Outcome<std::optional<ExportRecord>> find_repeated(const std::vector<ExportRecord>& exports, const ExportRecord& wanted,
                                                   std::uint64_t now_micros) {
  for (const ExportRecord& old : exports) {
    const bool counts = old.in_progress() || old.end_micros + token_micros > now_micros;
    if (old.client_token != wanted.client_token || !counts) continue;
    if (old.fingerprint == wanted.fingerprint) return std::optional<ExportRecord>(old);
    return api_error(ErrorKind::export_conflict,
                     "Export conflict: Duplicate request detected with conflicting parameters");
  }
  return std::optional<ExportRecord>();
}

ApiError recovery_off(const ExportRequest& wanted) {
  return api_error(ErrorKind::point_in_time_recovery_unavailable,
                   "Point in time recovery is not enabled for table '" + wanted.table_name + "'");
}
ApiError not_available() {
  return api_error(ErrorKind::invalid_export_time, "Point in Time Recovery is not available for specified export time");
}

// Fills in the moment or window, as shown and as read.
Check set_times(const ExportRequest& wanted, const TableDefinition& table, const std::optional<RecoveryWindow>& window,
                Timestamp now, ExportRecord& record) {
  if (record.incremental()) {
    TRY(check_export_window(wanted, table, now.micros()));
    if (!window) return recovery_off(wanted);
    record.from_micros = *wanted.from_micros;
    record.to_micros = wanted.to_micros.value_or(now.micros());
    const auto opening = moment_in(*window, record.from_micros);
    if (!opening) return not_available();
    const Timestamp before = std::max(Timestamp::from_micros(record.from_micros).previous(), window->earliest);
    record.before = before.bits();
    record.to = std::max(before, Timestamp::from_micros(record.to_micros).previous()).bits();
    return Passed{};
  }
  if (!window) return recovery_off(wanted);
  record.export_micros = wanted.export_micros.value_or(now.micros());
  if (!wanted.export_micros) {
    record.at = now.bits();
    return Passed{};
  }
  constexpr std::uint64_t micros_per_second = 1'000'000;
  const auto created = static_cast<std::uint64_t>(table.creation_micros) / micros_per_second;
  if (record.export_micros > now.micros() || record.export_micros / micros_per_second < created) {
    return api_error(ErrorKind::invalid_export_time, "Export Time is invalid");
  }
  const auto at = moment_in(*window, record.export_micros);
  if (!at) return not_available();
  record.at = at->bits();
  return Passed{};
}

void set_table(const TableDefinition& table, ExportRecord& record) {
  record.table_id = table.id;
  record.space = table.space.value();
  for (const auto* attributes : {&table.key.hash, &table.key.range}) {
    for (const KeyAttribute& attribute : *attributes) {
      record.key_names.push_back(attribute.name);
      record.key_types.emplace_back(type_name(attribute.type));
    }
  }
}

// Record, pin, job, under the account's lock. The pin is what keeps the past from now on; the job pins again, should we
// not get that far.
Task<OperationResult> begin_export(Services& services, ExportRecord record) {
  const Bytes key = export_key(record.account, record.id);
  FAULT_POINT("export.before_record");
  const Status noted = co_await put_record(services, key, encode_export(record));
  if (!noted.ok()) co_return store_error(noted);
  FAULT_POINT("export.after_record");
  std::vector<SpaceId> spaces{SpaceId(record.space)};
  const Timestamp at(record.incremental() ? record.before : record.at);
  const Status pinned = co_await services.store.pin(export_pin(record.id), std::move(spaces), at);
  if (!pinned.ok()) {
    // The past has gone between the look and the pin: there is no such export.
    const Status removed = co_await put_record(services, key, std::nullopt);
    if (!removed.ok()) co_return store_error(removed);
    if (pinned.is(Code::invalid) || pinned.is(Code::not_found)) co_return not_available();
    co_return store_error(pinned);
  }
  // A job that could not be started is started by the housekeeping.
  const Status started = co_await start_transfer_job(services, export_transfers, key, record.table_name);
  if (!started.ok()) started.ignore();
  co_return answer(record);
}

std::uint64_t whole_millis(std::uint64_t micros) { return micros / 1000 * 1000; }

}  // namespace

Task<OperationResult> export_table_to_point_in_time(Services& services, OperationRequest request) {
  CO_TRY_ASSIGN(const ExportRequest wanted, read_export(services, request));
  const std::string& account = request.caller.account;
  const TablePtr table = services.catalog.find(account, wanted.table_name);
  if (!table || table->arn != wanted.table_arn) co_return table_not_found_by(wanted.table_arn);

  // One request of an account at a time, so that two with one token do not both find it new.
  const auto guard = co_await lock_records_of(services, exports_of(account));
  const auto exports = co_await exports_of_account(services, account);
  if (!exports.ok()) co_return store_error(exports.error());
  const Timestamp now = services.store.now();
  if (wanted.has_token) {
    CO_TRY_ASSIGN(const auto repeated, find_repeated(*exports, wanted.record, now.micros()));
    if (repeated) co_return answer(*repeated);
  }
  ExportRecord record = wanted.record;
  CO_TRY(set_times(wanted, *table, recovery_window(*table, services.store), now, record));
  set_table(*table, record);
  // Ids are of milliseconds, and the id's is the start.
  record.start_micros = whole_millis(now.micros());
  record.id = new_transfer_id(record.start_micros);
  record.arn = table->arn + "/export/" + record.id;
  if (!record.incremental() && !wanted.export_micros) record.export_micros = record.start_micros;
  co_return co_await begin_export(services, std::move(record));
}

Task<OperationResult> describe_export(Services& services, OperationRequest request) {
  CO_TRY(check_request(describe_shape, request.body));
  const std::string text(Fields(request.body).string_or("ExportArn", ""));
  const auto arn = parse_transfer_arn(text);
  if (!arn || arn->kind != "export") co_return validation("Invalid Export ARN");
  if (arn->account != request.caller.account) co_return api_error(ErrorKind::access_denied, "Access is denied");
  if (arn->region != services.settings.region) {
    co_return api_error(ErrorKind::export_not_found, "Export not found: Invalid export arn");
  }
  const auto stored = co_await find_record(services, export_key(arn->account, arn->id));
  if (!stored.ok()) co_return store_error(stored.error());
  if (*stored) {
    const auto record = decode_export(**stored);
    if (!record.ok()) co_return store_error(record.error());
    if (record->arn == text) co_return answer(*record);
  }
  co_return api_error(ErrorKind::export_not_found, "Export not found: Export not found: " + text);
}

Task<OperationResult> list_exports(Services& services, OperationRequest request) {
  CO_TRY(check_request(list_shape, request.body));
  const Fields in(request.body);
  std::string after;
  if (const auto token = in.string("NextToken")) {
    CO_TRY_ASSIGN(after, read_page_token("exports", *token));
  }
  std::optional<std::string> table_id;
  if (const auto arn = in.string("TableArn")) {
    CO_TRY_ASSIGN(const TransferArn parsed, read_listed_table(*arn, request.caller.account));
    // The exports of the table that has the name now: none of one that is gone.
    const TablePtr table = services.catalog.find(parsed.account, parsed.table);
    table_id = table && table->arn == *arn ? table->id : "";
  }
  auto exports = co_await exports_of_account(services, request.caller.account);
  if (!exports.ok()) co_return store_error(exports.error());
  std::sort(exports->begin(), exports->end(), [](const auto& a, const auto& b) { return a.arn > b.arn; });
  const auto limit = static_cast<std::size_t>(in.integer("MaxResults").value_or(page_default));

  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("ExportSummaries");
  w.begin_array();
  std::size_t count = 0;
  std::string last;
  bool more = false;
  for (const ExportRecord& record : *exports) {
    if ((table_id && record.table_id != *table_id) || (!after.empty() && record.arn >= after)) continue;
    more = count == limit;
    if (more) break;
    ++count;
    last = record.arn;
    w.begin_object();
    w.member("ExportArn", record.arn);
    w.member("ExportStatus", record.status);
    w.member("ExportType", record.type.empty() ? "FULL_EXPORT" : record.type);
    w.end_object();
  }
  w.end_array();
  if (more) w.member("NextToken", page_token("exports", last));
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
