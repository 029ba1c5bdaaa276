// RestoreTableFromBackup. The new table is CREATING until a job has loaded every segment (fill_from_backup.h); of a
// deleted table's system backup it is a clone, and there at once.
//
// Before a table is made, the backup is looked at: its manifest, that every segment is there with its size, and the
// sums of the first ones, as many as can be read in about a second. What is damaged is answered with its name, in a
// ValidationException: clients send requests that failed with a server's error again and again, and this one cannot
// succeed. Damage that only the job finds takes the table away again; the job and the log name the segment.
//
// A backup feeds one restore at a time, as in AWS: its record is marked first. Order of durable steps: the mark, the
// spaces, the catalogue's entry, the job. A crash before the entry leaves a mark without a table, which the next start
// removes (backup_jobs.h).
#include <map>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "base/log.h"
#include "blob/object_store.h"
#include "dynamo/archive/backup_arn.h"
#include "dynamo/archive/backup_jobs.h"
#include "dynamo/archive/backup_manifest.h"
#include "dynamo/archive/backup_operations.h"
#include "dynamo/archive/backup_record.h"
#include "dynamo/archive/off_thread.h"
#include "dynamo/archive/system_backup.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/restore_plan.h"
#include "dynamo/ops/restore_table.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/store_error.h"
#include "history/store.h"
#include "recovery/segment_reader.h"

namespace reprise::dynamo {

namespace {

// Summed before the answer; the rest is when it is loaded.
constexpr std::uint64_t summed_first_bytes = std::uint64_t{256} << 20;
constexpr std::size_t list_page = 1000;

struct Wanted {
  RestoreRequest overrides;
  BackupArn arn;
  std::string text;  // of the ARN
};

Outcome<Wanted> read_wanted(const Services& services, const Caller& caller, const codec::JsonValue& body) {
  TRY(check_request(shapes::restore_table_from_backup, body));
  Wanted wanted;
  wanted.text = Fields(body).string_or("BackupArn", "");
  TRY(read_overrides(body, wanted.overrides));
  TRY_ASSIGN(wanted.arn, parse_backup_arn(services, caller, wanted.text));
  if (region_of_arn(wanted.text) != services.settings.region) {
    if (!wanted.overrides.encryption) {
      return validation("Invalid Request: sseSpecificationOverride must be provided for cross-region restores");
    }
    return validation("Cross-region restores are not supported by this server");
  }
  return wanted;
}

ApiError backup_not_found(const Wanted& wanted) {
  return api_error(ErrorKind::backup_not_found, "Backup not found: " + wanted.text);
}

// Whether the target's name is free.
Check check_target(const Services& services, const Caller& caller, const Wanted& wanted) {
  const std::string& name = wanted.overrides.target;
  const TablePtr taken = services.catalog.find(caller.account, name);
  if (!taken) return Passed{};
  const bool restoring = taken->status == TableStatus::creating && taken->restore;
  if (!restoring) return api_error(ErrorKind::table_already_exists, "Table already exists: " + name);
  return api_error(ErrorKind::table_in_use,
                   "Table: " + name + " is already being restored from backup: " + taken->restore->source_backup_arn);
}

// ---- The backup's objects; these calls block -----------------------------------------------------------------------

Result<std::map<std::string, std::uint64_t>> sizes_in(blob::ObjectStore& store, const std::string& folder) {
  std::map<std::string, std::uint64_t> sizes;
  std::string after;
  for (;;) {
    TRY_ASSIGN(const auto objects, store.list(folder, after, list_page));
    if (objects.empty()) return sizes;
    for (const blob::ObjectInfo& object : objects) sizes.emplace(object.key, object.bytes);
    after = objects.back().key;
  }
}

Status check_objects(blob::ObjectStore& store, const Backup& backup) {
  TRY_ASSIGN(const BackupManifest manifest, read_manifest(store, manifest_key(backup)));
  TRY_ASSIGN(const auto sizes, sizes_in(store, backup_folder(backup)));
  for (const recovery::SegmentInfo& segment : manifest.segments) {
    const auto found = sizes.find(segment.key);
    if (found == sizes.end()) return corruption("segment " + segment.key + " is missing");
    if (found->second == segment.bytes) continue;
    return corruption("segment " + segment.key + " is damaged: it has " + std::to_string(found->second) +
                      " bytes instead of " + std::to_string(segment.bytes));
  }
  std::uint64_t summed = 0;
  for (const recovery::SegmentInfo& segment : manifest.segments) {
    if (summed + segment.bytes > summed_first_bytes) break;
    TRY(recovery::verify_segment(store, segment));
    summed += segment.bytes;
  }
  return {};
}

// ---- Making the table ----------------------------------------------------------------------------------------------

// Takes the mark off again where no table came of it. What fails is made good by the next start.
Task<void> unmark(Services& services, Backup backup) {
  auto stored = co_await load_backup(services, backup.account, backup.table.name, backup.id);
  if (!stored.ok() || !*stored || (*stored)->backup.restoring_table_id != backup.restoring_table_id) co_return;
  (*stored)->backup.restoring_table_id.clear();
  const Status saved = co_await save_backup(services, std::move(**stored));
  if (!saved.ok()) {
    log_line(LogLevel::warn, "dynamo", "a backup stays marked as being restored until the next start",
             log_field("backup", backup.id) + log_field("error", saved.to_string()));
  }
}

Task<Status> make_spaces(Services& services, TableDefinition* table) {
  std::vector<history::NewSpace> wanted = new_spaces_of(*table);
  FAULT_POINT("restore_backup.before_spaces");
  CO_TRY_ASSIGN(const auto spaces, co_await services.store.create(std::move(wanted)));
  FAULT_POINT("restore_backup.after_spaces");
  assign_spaces(*table, spaces);
  table->status = TableStatus::creating;
  co_return Status();
}

Task<OperationResult> restore_stored(Services& services, Wanted wanted, StoredBackup stored) {
  Backup backup = stored.backup;
  if (backup.status == BackupStatus::creating) {
    co_return api_error(ErrorKind::backup_in_use, "Backup is being created: " + wanted.text);
  }
  if (!backup.restoring_table_id.empty()) {
    co_return api_error(ErrorKind::backup_in_use, "Backup is being used to restore another table: " + wanted.text);
  }
  CO_TRY_ASSIGN(RestorePlan plan,
                plan_restore(wanted.overrides, backup.table, services.settings, services.store.now().micros()));
  plan.table.restore =
      RestoreSummary{backup.table.arn, wanted.text, static_cast<std::int64_t>(backup.created_micros), true};

  const Status whole = co_await off_thread([&services, &backup] { return check_objects(*services.backups, backup); });
  if (whole.is(Code::corruption) || whole.is(Code::unsupported)) {
    log_line(LogLevel::error, "dynamo", "a backup cannot be restored",
             log_field("backup", backup.id) + log_field("error", whole.to_string()));
    co_return validation("Backup " + wanted.text + " cannot be restored: " + std::string(whole.message()));
  }
  if (!whole.ok()) co_return store_error(whole);

  backup.restoring_table_id = plan.table.id;
  stored.backup.restoring_table_id = plan.table.id;
  FAULT_POINT("restore_backup.before_mark");
  const Status marked = co_await save_backup(services, std::move(stored));
  if (marked.is(Code::conflict)) {
    co_return api_error(ErrorKind::backup_in_use, "Backup is being used to restore another table: " + wanted.text);
  }
  if (!marked.ok()) co_return store_error(marked);
  FAULT_POINT("restore_backup.after_mark");
  const Status made = co_await make_spaces(services, &plan.table);
  if (!made.ok()) {
    co_await unmark(services, std::move(backup));
    co_return store_error(made);
  }
  // After a failure here the table may turn out to be there at the next start, which then knows what the mark is worth.
  const Status added = co_await services.catalog.add(plan.table);
  if (!added.ok()) co_return store_error(added);
  FAULT_POINT("restore_backup.after_add");
  BackupJob what = job_of(backup);
  what.target = plan.table.name;
  what.target_id = plan.table.id;
  co_await start_backup_job(services, fill_from_backup_kind, std::move(what));
  co_return describe_restoring(services, std::move(plan.table));
}

Task<OperationResult> restore_system(Services& services, Wanted wanted, SystemBackup source) {
  CO_TRY_ASSIGN(RestorePlan plan,
                plan_restore(wanted.overrides, *source.table, services.settings, services.store.now().micros()));
  const auto micros = static_cast<std::int64_t>(source.backup.created_micros);
  plan.table.restore = RestoreSummary{source.table->arn, wanted.text, micros, false};
  const Status made = co_await restore_by_clone(services, source.table, source.backup.as_of, &plan);
  // It expired just now.
  if (made.is(Code::invalid) || made.is(Code::not_found)) co_return backup_not_found(wanted);
  if (!made.ok()) co_return store_error(made);
  co_return describe_restoring(services, std::move(plan.table));
}

}  // namespace

Task<OperationResult> restore_table_from_backup(Services& services, OperationRequest request) {
  CO_TRY_ASSIGN(Wanted wanted, read_wanted(services, request.caller, request.body));
  const std::string account = request.caller.account;
  const auto guard = co_await services.catalog.lock_name(account, wanted.overrides.target);
  if (wanted.arn.system()) {
    auto source = find_system_backup(services, account, wanted.arn.table, wanted.arn.id);
    if (!source) co_return backup_not_found(wanted);
    CO_TRY(check_target(services, request.caller, wanted));
    co_return co_await restore_system(services, std::move(wanted), std::move(*source));
  }
  auto stored = co_await load_backup(services, account, wanted.arn.table, wanted.arn.id);
  if (!stored.ok()) co_return store_error(stored.error());
  if (!*stored || (*stored)->backup.status == BackupStatus::deleting || services.backups == nullptr) {
    co_return backup_not_found(wanted);
  }
  CO_TRY(check_target(services, request.caller, wanted));
  co_return co_await restore_stored(services, std::move(wanted), std::move(**stored));
}

}  // namespace reprise::dynamo
