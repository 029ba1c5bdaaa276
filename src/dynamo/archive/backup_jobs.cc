// Two kinds of leftovers. What a crash left is found in the records when the server starts, before anybody can ask for
// anything, so nothing that is under way can be mistaken for it. What a failed or cancelled job left is found in the
// list of jobs, all the time.
//
// Locks: a new backup is made under its table's name (Catalog::lock_name), a restore under its target's; who undoes one
// of them takes the same lock.
#include "dynamo/archive/backup_jobs.h"

#include <chrono>
#include <limits>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "base/log.h"
#include "blob/object_store.h"
#include "codec/json.h"
#include "codec/json_members.h"
#include "dynamo/archive/backup_manifest.h"
#include "dynamo/archive/fill_from_backup.h"
#include "dynamo/archive/make_backup.h"
#include "dynamo/archive/remove_backup.h"
#include "dynamo/ops/catalog.h"
#include "history/store.h"
#include "recovery/jobs.h"

namespace reprise::dynamo {

namespace {

constexpr std::chrono::milliseconds settle_interval{5'000};
constexpr std::chrono::milliseconds adopt_interval{2'000};
constexpr std::size_t list_page = 1000;
constexpr int rounds_max = 100;
constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

std::optional<recovery::JobState> state_of(Services& services, std::string_view kind, const Bytes& arguments) {
  for (const recovery::Job& job : services.jobs.list()) {  // running ones first, then the newest
    if (job.kind == kind && job.arguments == arguments) return job.state;
  }
  return std::nullopt;
}

// ---- After a start -------------------------------------------------------------------------------------------------

// A backup whose moment was never chosen: nobody was told of it.
Task<Status> forget(Services& services, StoredBackup stored) {
  CO_TRY(co_await services.store.unpin(backup_pin(stored.backup)));
  co_return co_await erase_backup(services, std::move(stored));
}

Task<Status> settle_record(Services& services, Backup seen) {
  CO_TRY_ASSIGN(auto stored, co_await load_backup(services, seen.account, seen.table.name, seen.id));
  if (!stored) co_return Status();
  Backup& backup = stored->backup;
  const BackupJob what = job_of(backup);
  if (backup.status == BackupStatus::deleting) {
    co_await start_backup_job(services, remove_backup_kind, what);
    co_return Status();
  }
  if (backup.status == BackupStatus::creating) {
    if (backup.as_of.is_zero()) co_return co_await forget(services, std::move(*stored));
    co_await start_backup_job(services, make_backup_kind, what);
    co_return Status();
  }
  if (backup.restoring_table_id.empty()) co_return Status();
  for (const TablePtr& table : services.catalog.all()) {
    if (table->id == backup.restoring_table_id && table->status == TableStatus::creating) co_return Status();
  }
  backup.restoring_table_id.clear();
  co_return co_await save_backup(services, std::move(*stored));
}

Task<Status> settle_records(Services& services) {
  CO_TRY_ASSIGN(const auto backups, co_await list_backups_after(services, "", "", all));
  for (const Backup& backup : backups) {
    if (backup.status == BackupStatus::available && backup.restoring_table_id.empty()) continue;
    Status settled = conflict("");
    // Jobs that were resumed change records as well.
    for (int round = 0; round < rounds_max && settled.is(Code::conflict); ++round) {
      settled = co_await settle_record(services, backup);
    }
    if (!settled.ok()) co_return settled;
  }
  co_return Status();
}

Task<Status> adopt(Services& services, std::string key) {
  CO_TRY_ASSIGN(BackupManifest manifest, read_manifest(*services.backups, key));
  if (manifest_key(manifest.backup) != key) co_return corruption("manifest " + key + " is of another backup");
  StoredBackup stored;
  stored.backup = std::move(manifest.backup);
  stored.backup.status = BackupStatus::available;
  stored.backup.restoring_table_id.clear();
  log_line(LogLevel::info, "dynamo", "a backup that the store did not know is listed again",
           log_field("backup", stored.backup.id) + log_field("table", stored.backup.table.name));
  FAULT_POINT("backup_adopt.before_record");
  co_return co_await save_backup(services, std::move(stored));
}

// Lists what the backup location has and the store does not.
Task<Status> adopt_unknown(Services& services) {
  constexpr std::string_view manifest_name = "/manifest.json";
  std::set<std::string> known;
  CO_TRY_ASSIGN(const auto backups, co_await list_backups_after(services, "", "", all));
  for (const Backup& backup : backups) known.insert(manifest_key(backup));
  std::string after;
  for (;;) {
    CO_TRY_ASSIGN(const auto objects, services.backups->list("", after, list_page));
    if (objects.empty()) co_return Status();
    for (const blob::ObjectInfo& object : objects) {
      if (!object.key.ends_with(manifest_name) || known.contains(object.key)) continue;
      const Status adopted = co_await adopt(services, object.key);
      if (adopted.is(Code::corruption) || adopted.is(Code::unsupported)) {
        log_line(LogLevel::warn, "dynamo", "something in the backup location cannot be listed as a backup",
                 log_field("error", adopted.to_string()));
      } else if (!adopted.ok() && !adopted.is(Code::conflict)) {
        co_return adopted;
      }
    }
    after = objects.back().key;
  }
}

// A repeated step that has nothing to do once it has succeeded.
Task<Status> adopt_once(Services& services, std::shared_ptr<bool> done) {
  if (*done) co_return Status();
  CO_TRY(co_await adopt_unknown(services));
  *done = true;
  co_return Status();
}

// ---- All the time --------------------------------------------------------------------------------------------------

// A backup whose job has ended without it: it can never be finished as of its moment, so it goes.
Task<Status> discard_unfinished(Services& services, BackupJob what) {
  const auto guard = co_await services.catalog.lock_name(what.account, what.table);
  CO_TRY_ASSIGN(auto stored, co_await load_backup(services, what.account, what.table, what.id));
  if (!stored || stored->backup.status != BackupStatus::creating) co_return Status();
  log_line(LogLevel::warn, "dynamo", "a backup that could not be made is taken away",
           log_field("backup", what.id) + log_field("table", what.table));
  stored->backup.status = BackupStatus::deleting;
  CO_TRY(co_await save_backup(services, std::move(*stored)));
  co_await start_backup_job(services, remove_backup_kind, std::move(what));
  co_return Status();
}

Task<Status> settle_ended(Services& services, recovery::Job job) {
  CO_TRY_ASSIGN(BackupJob what, decode_backup_job(job.arguments));
  if (job.kind == make_backup_kind) co_return co_await discard_unfinished(services, std::move(what));
  const TablePtr table = services.catalog.find(what.account, what.target);
  if (!table || table->id != what.target_id || table->status != TableStatus::creating) co_return Status();
  const auto guard = co_await services.catalog.lock_name(what.account, what.target);
  co_return co_await give_up_filling(services, std::move(what));
}

// A table that is being restored and has no job: the start of it failed, or a crash came first.
Task<Status> start_missing_fill(Services& services, TablePtr table) {
  const auto guard = co_await services.catalog.lock_name(table->account, table->name);
  const TablePtr now = services.catalog.find(table->account, table->name);
  if (!now || now->id != table->id || now->status != TableStatus::creating) co_return Status();
  const std::string& arn = now->restore->source_backup_arn;
  const auto name_at = arn.find(":table/") + 7;
  const auto id_at = arn.rfind("/backup/");
  if (id_at == std::string::npos || id_at < name_at) co_return corruption("no backup's ARN: " + arn);
  BackupJob what;
  what.account = now->account;
  what.table = arn.substr(name_at, id_at - name_at);
  what.id = arn.substr(id_at + 8);
  what.target = now->name;
  what.target_id = now->id;
  if (!state_of(services, fill_from_backup_kind, encode_backup_job(what))) {
    co_await start_backup_job(services, fill_from_backup_kind, std::move(what));
  }
  co_return Status();
}

}  // namespace

Bytes encode_backup_job(const BackupJob& job) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.member("account", job.account);
  w.member("table", job.table);
  w.member("id", job.id);
  if (!job.target_id.empty()) {
    w.member("target", job.target);
    w.member("target_id", job.target_id);
  }
  w.end_object();
  return out;
}

Result<BackupJob> decode_backup_job(BytesView text) {
  codec::JsonDocument document;
  TRY_ASSIGN(const codec::JsonValue json, document.parse(text));
  BackupJob job;
  job.account = text_of(json, "account");
  job.table = text_of(json, "table");
  job.id = text_of(json, "id");
  job.target = text_of(json, "target");
  job.target_id = text_of(json, "target_id");
  if (job.id.empty()) return corruption("a job's arguments name no backup");
  return job;
}

BackupJob job_of(const Backup& backup) {
  BackupJob job;
  job.account = backup.account;
  job.table = backup.table.name;
  job.id = backup.id;
  return job;
}

Task<void> start_backup_job(Services& services, std::string_view kind, BackupJob what) {
  Bytes arguments = encode_backup_job(what);
  if (state_of(services, kind, arguments) == recovery::JobState::running) co_return;
  std::string subject = "backup " + what.id + " of table " + what.table;
  if (!what.target.empty()) subject = "table " + what.target + " from " + subject;
  FAULT_POINT("backup_jobs.before_start");
  const auto started = co_await services.jobs.start(std::string(kind), std::move(subject), std::move(arguments));
  if (!started.ok()) {
    log_line(LogLevel::warn, "dynamo", "a job could not be started; it will be tried again",
             log_field("kind", kind) + log_field("error", started.error().to_string()));
  }
}

Task<Status> settle_backups(Services& services) {
  for (const recovery::Job& job : services.jobs.list()) {
    const bool ours = job.kind == make_backup_kind || job.kind == fill_from_backup_kind;
    const bool ended = job.state == recovery::JobState::failed || job.state == recovery::JobState::cancelled;
    if (ours && ended) CO_TRY(co_await settle_ended(services, job));
  }
  for (const TablePtr& table : services.catalog.all()) {
    const bool filling =
        table->status == TableStatus::creating && table->restore && !table->restore->source_backup_arn.empty();
    if (filling) CO_TRY(co_await start_missing_fill(services, table));
  }
  co_return Status();
}

Task<Status> open_backups(Services& services, Discovery discovery) {
  if (services.backups == nullptr) co_return Status();
  CO_TRY(co_await settle_records(services));
  const Status settled = co_await settle_backups(services);
  // It is done again every few seconds.
  if (!settled.ok() && !settled.is(Code::conflict) && !settled.is(Code::unavailable)) co_return settled;
  if (discovery == Discovery::at_once) {
    const Status adopted = co_await adopt_unknown(services);
    if (adopted.ok()) co_return Status();
    log_line(LogLevel::warn, "dynamo", "the backup location cannot be read; it will be tried again",
             log_field("error", adopted.to_string()));
  }
  services.jobs.every(adopt_interval, "backups in the backup location",
                      [&services, done = std::make_shared<bool>(false)] { return adopt_once(services, done); });
  co_return Status();
}

void register_backup_jobs(Services& services) {
  services.jobs.handle(std::string(make_backup_kind),
                       [&services](recovery::Job& job) { return make_backup_step(services, job); });
  services.jobs.handle(std::string(remove_backup_kind),
                       [&services](recovery::Job& job) { return remove_backup_step(services, job); });
  services.jobs.handle(std::string(fill_from_backup_kind),
                       [&services](recovery::Job& job) { return fill_from_backup_step(services, job); });
  if (services.backups == nullptr) return;
  services.jobs.every(settle_interval, "unfinished backups", [&services] { return settle_backups(services); });
}

}  // namespace reprise::dynamo
