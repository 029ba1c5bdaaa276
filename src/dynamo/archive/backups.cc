// CreateBackup, DescribeBackup and DeleteBackup.
//
// CreateBackup answers when the backup's moment is chosen and pinned: what was acknowledged before is in it, what is
// written after the answer is not, and nothing the table or the server goes through can change that. Writing it out is
// a job. Two backups of one name are two backups.
//
// Order of durable steps in CreateBackup: the record, the pin, the record with its moment, the job. The record comes
// first so that a pin is never without one: a start after a crash finds every pin by the records.
#include <atomic>
#include <utility>

#include "base/fault_point.h"
#include "base/rng.h"
#include "dynamo/archive/backup_arn.h"
#include "dynamo/archive/backup_description.h"
#include "dynamo/archive/backup_jobs.h"
#include "dynamo/archive/backup_operations.h"
#include "dynamo/archive/backup_record.h"
#include "dynamo/archive/shapes_backups.h"
#include "dynamo/archive/system_backup.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_validation.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr int rounds_max = 10;  // of changes that cross with a job's

ApiError backup_not_found(std::string_view arn) {
  return api_error(ErrorKind::backup_not_found, "Backup not found: " + std::string(arn));
}

ApiError backup_in_use(std::string text, std::string_view arn) {
  return api_error(ErrorKind::backup_in_use, std::move(text) + std::string(arn));
}

Backup new_backup(Services& services, const TablePtr& table, std::string name) {
  static std::atomic<std::uint64_t> seed{Rng::from_entropy().next()};
  Backup backup;
  backup.account = table->account;
  backup.name = std::move(name);
  backup.created_micros = services.store.now().micros() / 1000 * 1000;
  // Zero is for system backups.
  const auto distinguisher = static_cast<std::uint32_t>(Rng(seed.fetch_add(1)).next() | 1);
  backup.id = backup_id(backup.created_micros, distinguisher);
  backup.table = recorded_part(*table);
  if (const auto info = space_info(services.store, table->space)) {
    backup.items = info->keys;
    backup.bytes = info->bytes;
  }
  return backup;
}

// Notes the backup, chooses its moment and pins it.
Task<Status> begin(Services& services, Backup* backup) {
  StoredBackup fresh;
  fresh.backup = *backup;
  FAULT_POINT("create_backup.before_record");
  CO_TRY(co_await save_backup(services, std::move(fresh)));
  FAULT_POINT("create_backup.after_record");
  std::vector<SpaceId> spaces{backup->table.space};
  CO_TRY_ASSIGN(backup->as_of, co_await services.store.pin_present(backup_pin(*backup), std::move(spaces)));
  FAULT_POINT("create_backup.after_pin");
  CO_TRY_ASSIGN(auto stored, co_await load_backup(services, backup->account, backup->table.name, backup->id));
  if (!stored) co_return internal_error("a backup's record is gone while it is made");
  stored->backup.as_of = backup->as_of;
  CO_TRY(co_await save_backup(services, std::move(*stored)));
  FAULT_POINT("create_backup.after_moment");
  co_return Status();
}

Bytes describe(const BackupView& view) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("BackupDescription");
  write_backup_description(w, view);
  w.end_object();
  return out;
}

ApiError system_backup_stays(std::string_view arn, const SystemBackup& found) {
  return validation("User is not allowed to delete the system backup with arn " + std::string(arn) +
                    ". It will automatically expire on " + format_iso8601(found.expiry_micros, 3));
}

}  // namespace

Task<OperationResult> create_backup(Services& services, OperationRequest request) {
  CO_TRY(check_table_request(shapes::create_backup, request.body));
  const Fields in(request.body);
  CO_TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, in.string_or("TableName", "")));
  if (services.backups == nullptr) {
    co_return validation("Backups are not supported by this server: it has no backup location");
  }
  const auto guard = co_await services.catalog.lock_name(request.caller.account, name);
  const TablePtr table = services.catalog.find(request.caller.account, name);
  if (!table || table->status == TableStatus::creating) {
    co_return api_error(ErrorKind::table_not_found, "Table not found: " + name);
  }
  Backup backup = new_backup(services, table, std::string(in.string_or("BackupName", "")));
  const Status begun = co_await begin(services, &backup);
  if (!begun.ok()) co_return store_error(begun);
  co_await start_backup_job(services, make_backup_kind, job_of(backup));
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("BackupDetails");
  write_backup_details(w, view_of(backup));
  w.end_object();
  co_return out;
}

Task<OperationResult> describe_backup(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::describe_backup, request.body));
  const std::string text(Fields(request.body).string_or("BackupArn", ""));
  CO_TRY_ASSIGN(const BackupArn arn, parse_backup_arn(services, request.caller, text));
  if (arn.system()) {
    const auto found = find_system_backup(services, request.caller.account, arn.table, arn.id);
    if (!found) co_return backup_not_found(text);
    co_return describe({found->backup, text, "AVAILABLE", found->expiry_micros});
  }
  const auto stored = co_await load_backup(services, request.caller.account, arn.table, arn.id);
  if (!stored.ok()) co_return store_error(stored.error());
  if (!*stored || (*stored)->backup.status == BackupStatus::deleting) co_return backup_not_found(text);
  BackupView view = view_of((*stored)->backup);
  view.arn = text;
  co_return describe(view);
}

Task<OperationResult> delete_backup(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::describe_backup, request.body));
  const std::string text(Fields(request.body).string_or("BackupArn", ""));
  CO_TRY_ASSIGN(const BackupArn arn, parse_backup_arn(services, request.caller, text));
  if (arn.system()) {
    const auto found = find_system_backup(services, request.caller.account, arn.table, arn.id);
    co_return found ? system_backup_stays(text, *found) : backup_not_found(text);
  }
  for (int round = 0; round < rounds_max; ++round) {
    auto stored = co_await load_backup(services, request.caller.account, arn.table, arn.id);
    if (!stored.ok()) co_return store_error(stored.error());
    if (!*stored || (*stored)->backup.status == BackupStatus::deleting) co_return backup_not_found(text);
    Backup backup = (*stored)->backup;
    if (backup.status == BackupStatus::creating) co_return backup_in_use("Backup is being created: ", text);
    if (!backup.restoring_table_id.empty()) co_return backup_in_use("Backup is being used to restore table: ", text);
    (*stored)->backup.status = BackupStatus::deleting;
    FAULT_POINT("backup_delete.before_record");
    const Status saved = co_await save_backup(services, std::move(**stored));
    if (saved.is(Code::conflict)) continue;
    if (!saved.ok()) co_return store_error(saved);
    FAULT_POINT("backup_delete.after_record");
    co_await start_backup_job(services, remove_backup_kind, job_of(backup));
    co_return describe({backup, text, "DELETED"});
  }
  co_return store_error(conflict("a backup's record kept changing"));
}

}  // namespace reprise::dynamo
