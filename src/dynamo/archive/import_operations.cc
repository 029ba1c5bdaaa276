// The request notes the import and starts a job; the table is made there (import_job.h).
//
// Tokens (answers of the real service, 2026-10): while an import is under way, its token gives the same import again; a
// changed table name with the same token is a conflict, anything else that has changed is not looked at. A table that
// is there refuses the request before the token of an ended import is looked at. Two imports into one name that is
// still free are both accepted; the one that comes second to make the table fails (TableAlreadyExists).
#include "dynamo/archive/import_operations.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "dynamo/archive/import_job.h"
#include "dynamo/archive/import_record.h"
#include "dynamo/archive/import_request.h"
#include "dynamo/archive/transfer_request.h"
#include "dynamo/archive/transfer_store.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/shape_atoms.h"
#include "dynamo/ops/store_error.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t page_default = 10;
constexpr std::size_t all_records = 1'000'000;
constexpr std::uint64_t token_micros = std::uint64_t{8} * 3600 * 1'000'000;

constexpr Shape import_arn{.kind = ShapeKind::string, .min = 37, .max = 1024};
constexpr Member describe_members[] = {{"ImportArn", &import_arn, true}};
constexpr Shape describe_shape{
    .kind = ShapeKind::structure, .name = "DescribeImportInput", .members = describe_members};

constexpr Shape table_arn_shape{.kind = ShapeKind::string, .min = 1, .max = 1024};
constexpr Shape page_size{.kind = ShapeKind::integer, .min = 1, .max = 25};
constexpr Shape next_token{.kind = ShapeKind::string, .min = 112, .max = 1024};
constexpr Member list_members[] = {
    {"TableArn", &table_arn_shape}, {"PageSize", &page_size}, {"NextToken", &next_token}};
constexpr Shape list_shape{.kind = ShapeKind::structure, .name = "ListImportsInput", .members = list_members};

Bytes answer(const ImportTableRecord& record) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("ImportTableDescription");
  print_import(w, record);
  w.end_object();
  return out;
}

// Every import of the account, newest first.
Task<Result<std::vector<ImportTableRecord>>> imports_of_account(Services& services, std::string account) {
  CO_TRY_ASSIGN(const Records records, co_await list_records(services, imports_of(account), Bytes(), all_records));
  std::vector<ImportTableRecord> imports;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    CO_TRY_ASSIGN(ImportTableRecord decoded, decode_import(record->second));
    imports.push_back(std::move(decoded));
  }
  co_return std::move(imports);
}

using Repeated = std::optional<ImportTableRecord>;

Outcome<Repeated> find_repeated(const std::vector<ImportTableRecord>& imports, const ImportTableRecord& wanted,
                                bool in_progress, std::uint64_t now_micros) {
  for (const ImportTableRecord& old : imports) {
    const bool counts = in_progress ? old.in_progress() : old.end_micros + token_micros > now_micros;
    if (old.client_token != wanted.client_token || !counts) continue;
    if (old.table_name == wanted.table_name) return Repeated(old);
    return api_error(ErrorKind::import_conflict,
                     "Import conflict: Duplicate request detected with conflicting parameters");
  }
  return Repeated();
}

// Whether a table is in the way: any but one that another import is making.
bool is_taken(Services& services, const std::vector<ImportTableRecord>& imports, const ImportTableRecord& wanted) {
  const TablePtr there = services.catalog.find(wanted.account, wanted.table_name);
  if (!there) return false;
  return std::none_of(imports.begin(), imports.end(), [&](const ImportTableRecord& other) {
    return other.in_progress() && other.table_id == there->id;
  });
}

// Under the account's lock.
Task<OperationResult> begin_import(Services& services, ImportTableRecord record) {
  const Bytes key = import_key(record.account, record.id);
  FAULT_POINT("import.before_record");
  const Status noted = co_await put_record(services, key, encode_import(record));
  if (!noted.ok()) co_return store_error(noted);
  FAULT_POINT("import.after_record");
  // A job that could not be started is started by the housekeeping.
  const Status started = co_await start_transfer_job(services, import_transfers, key, record.table_name);
  if (!started.ok()) started.ignore();
  co_return answer(record);
}

}  // namespace

Task<OperationResult> import_table(Services& services, OperationRequest request) {
  const Timestamp now = services.store.now();
  CO_TRY_ASSIGN(ImportRequest wanted, read_import(services, request, now.micros()));
  const std::string& account = request.caller.account;
  // One request of an account at a time, so that two with one token do not both find it new.
  const auto guard = co_await lock_records_of(services, imports_of(account));
  const auto imports = co_await imports_of_account(services, account);
  if (!imports.ok()) co_return store_error(imports.error());
  if (wanted.has_token) {
    CO_TRY_ASSIGN(const Repeated running, find_repeated(*imports, wanted.record, true, now.micros()));
    if (running) co_return answer(*running);
  }
  if (is_taken(services, *imports, wanted.record)) {
    co_return api_error(ErrorKind::resource_in_use, "Table already exists: " + wanted.record.table_name);
  }
  if (wanted.has_token) {
    CO_TRY_ASSIGN(const Repeated ended, find_repeated(*imports, wanted.record, false, now.micros()));
    if (ended) co_return answer(*ended);
  }
  ImportTableRecord record = std::move(wanted.record);
  record.start_micros = now.micros() / 1000 * 1000;
  record.id = new_transfer_id(record.start_micros);
  record.arn = record.table_arn + "/import/" + record.id;
  co_return co_await begin_import(services, std::move(record));
}

Task<OperationResult> describe_import(Services& services, OperationRequest request) {
  CO_TRY(check_request(describe_shape, request.body));
  const std::string text(Fields(request.body).string_or("ImportArn", ""));
  const auto arn = parse_transfer_arn(text);
  if (!arn || arn->kind != "import") co_return validation("Invalid Import ARN");
  if (arn->account != request.caller.account) co_return api_error(ErrorKind::access_denied, "Access is denied");
  if (arn->region != services.settings.region) {
    co_return api_error(ErrorKind::import_not_found, "Import not found: Invalid import arn");
  }
  const auto stored = co_await find_record(services, import_key(arn->account, arn->id));
  if (!stored.ok()) co_return store_error(stored.error());
  if (*stored) {
    const auto record = decode_import(**stored);
    if (!record.ok()) co_return store_error(record.error());
    if (record->arn == text) co_return answer(*record);
  }
  co_return api_error(ErrorKind::import_not_found, "Import not found: Import not found: " + text);
}

Task<OperationResult> list_imports(Services& services, OperationRequest request) {
  CO_TRY(check_request(list_shape, request.body));
  const Fields in(request.body);
  std::string after;
  if (const auto token = in.string("NextToken")) {
    CO_TRY_ASSIGN(after, read_page_token("imports", *token));
  }
  const auto arn = in.string("TableArn");
  if (arn) CO_TRY(read_listed_table(*arn, request.caller.account));
  const auto imports = co_await imports_of_account(services, request.caller.account);
  if (!imports.ok()) co_return store_error(imports.error());
  const auto limit = static_cast<std::size_t>(in.integer("PageSize").value_or(page_default));

  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("ImportSummaryList");
  w.begin_array();
  std::size_t count = 0;
  std::string last;
  bool more = false;
  for (const ImportTableRecord& record : *imports) {
    // The records of a table that is gone stay.
    if ((arn && record.table_arn != *arn) || (!after.empty() && record.id >= after)) continue;
    more = count == limit;
    if (more) break;
    ++count;
    last = record.id;
    print_import_summary(w, record);
  }
  w.end_array();
  if (more) w.member("NextToken", page_token("imports", last));
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
