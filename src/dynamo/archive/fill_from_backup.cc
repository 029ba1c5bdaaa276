// Invariants:
//   - nobody but this job writes the table while it is CREATING, so its items are those of the segments loaded so far;
//   - an item and its index entries are written in one commit, and writing them again changes nothing: a step that is
//     repeated after a crash does no harm;
//   - the table becomes ACTIVE only when as many items were read as the manifest promises, from segments of which every
//     byte was right.
#include "dynamo/archive/fill_from_backup.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "base/log.h"
#include "dynamo/archive/backup_manifest.h"
#include "dynamo/archive/backup_record.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/item_write.h"
#include "dynamo/ops/table_description.h"
#include "history/store.h"
#include "recovery/segment_reader.h"

namespace reprise::dynamo {

namespace {

constexpr BytesView all_loaded = "all loaded";

// A failure of the store the table is in, which is not the backup's fault: another try may go better.
Status of_the_store(const Status& status) {
  if (status.is(Code::conflict) || status.is(Code::unavailable)) return status;
  return unavailable(status.to_string());
}

// The rows and their entries, as if nothing of them were there. If something is, the commit fails with conflict: an
// item and its entries are always there together.
history::Commit new_rows(const TableDefinition& table, const recovery::SegmentRows& rows) {
  history::Commit commit;
  for (const auto& row : rows.rows) {
    const ItemView item(row.value);
    commit.changes.push_back({table.space, Bytes(row.key), Bytes(row.value), history::Version()});
    for_each_index(table, [&](const IndexView& index) {
      auto entry = index_entry(table, index, item);
      if (!entry) return;
      history::Change change{index.space, std::move(entry->key), std::move(entry->value), history::Version()};
      change.unlogged = true;
      (index.global != nullptr ? commit.derived : commit.changes).push_back(std::move(change));
    });
  }
  return commit;
}

// After a crash a part of a segment is there already: what is right stays as it is.
Task<Status> write_missing_rows(Services& services, TablePtr table, const recovery::SegmentRows& rows) {
  history::Commit commit;
  for (const auto& row : rows.rows) {
    CO_TRY_ASSIGN(history::Version before, co_await services.store.get(table->space, row.key));
    Decision decision{Decision::Kind::put, Bytes(row.value)};
    Bytes key(row.key);
    CO_TRY(co_await stage_write(services.store, table, std::move(key), std::move(before), std::move(decision), commit));
  }
  if (commit.changes.empty() && commit.derived.empty()) co_return Status();
  CO_TRY(co_await services.store.commit(std::move(commit)));
  co_return Status();
}

Task<Status> write_rows(Services& services, TablePtr table, const recovery::SegmentRows& rows) {
  FAULT_POINT("backup_restore.before_batch");
  history::Commit commit = new_rows(*table, rows);
  const auto written = co_await services.store.commit(std::move(commit));
  if (!written.ok() && !written.error().is(Code::conflict)) co_return written.error();
  if (!written.ok()) CO_TRY(co_await write_missing_rows(services, table, rows));
  FAULT_POINT("backup_restore.after_batch");
  co_return Status();
}

Task<Status> load_segment(Services& services, TablePtr table, recovery::SegmentInfo segment) {
  CO_TRY_ASSIGN(const auto reader, recovery::open_segment(*services.backups, segment));
  recovery::SegmentRows rows;
  for (;;) {
    CO_TRY_ASSIGN(const bool more, reader->next(rows));
    if (!more) co_return Status();
    const Status written = co_await write_rows(services, table, rows);
    if (!written.ok()) co_return of_the_store(written);
  }
}

Task<Status> release_backup(Services& services, BackupJob what) {
  CO_TRY_ASSIGN(auto stored, co_await load_backup(services, what.account, what.table, what.id));
  if (!stored || stored->backup.restoring_table_id != what.target_id) co_return Status();
  stored->backup.restoring_table_id.clear();
  CO_TRY(co_await save_backup(services, std::move(*stored)));
  FAULT_POINT("backup_restore.after_release");
  co_return Status();
}

Status make_active(TableDefinition& table, std::int64_t now_micros) {
  table.status = TableStatus::active;
  if (table.restore) table.restore->in_progress = false;
  // The past that can be restored begins with the whole table.
  if (table.recovery.enabled) table.recovery.enabled_at_micros = now_micros;
  return Status();
}

// Everything is in the table. The backup is let go first: whoever sees the table ACTIVE may use the backup again.
Task<Status> finish(Services& services, BackupJob what, recovery::Job* job) {
  CO_TRY(co_await release_backup(services, what));
  const auto now_micros = static_cast<std::int64_t>(services.store.now().micros());
  const Catalog::Edit edit = [now_micros](TableDefinition& table) { return make_active(table, now_micros); };
  FAULT_POINT("backup_restore.before_active");
  const auto edited = co_await services.catalog.edit(what.account, what.target, what.target_id, edit);
  if (!edited.ok()) co_return of_the_store(edited.error());
  FAULT_POINT("backup_restore.after_active");
  job->state = recovery::JobState::done;
  co_return Status();
}

// One step's work on a table that is there and not filled yet. The checkpoint is the number of segments loaded, and
// then all_loaded, after which the backup is not looked at any more: it may have been deleted.
Task<Status> fill(Services& services, TablePtr table, BackupJob what, recovery::Job* job) {
  if (job->checkpoint == all_loaded) co_return co_await finish(services, what, job);
  Backup named;
  named.account = what.account;
  named.id = what.id;
  named.table.name = what.table;
  CO_TRY_ASSIGN(const BackupManifest manifest, read_manifest(*services.backups, manifest_key(named)));
  const std::size_t next = job->checkpoint.empty() ? 0 : read_be64(job->checkpoint);
  job->total = manifest.backup.items;
  if (next < manifest.segments.size()) {
    const recovery::SegmentInfo& segment = manifest.segments[next];
    CO_TRY(co_await load_segment(services, table, segment));
    job->checkpoint.clear();
    append_be64(job->checkpoint, next + 1);
    job->done += segment.rows;
    co_return Status();
  }
  if (job->done != manifest.backup.items) {
    co_return corruption("manifest " + manifest_key(named) + " is damaged: it promises " +
                         std::to_string(manifest.backup.items) + " items and its segments have " +
                         std::to_string(job->done));
  }
  job->checkpoint = all_loaded;
  co_return Status();
}

bool worth_another_try(const Status& status) {
  return status.is(Code::unavailable) || status.is(Code::conflict) || status.is(Code::moved);
}

}  // namespace

Task<Status> give_up_filling(Services& services, BackupJob what) {
  const TablePtr table = services.catalog.find(what.account, what.target);
  if (table && table->id == what.target_id && table->status == TableStatus::creating) {
    FAULT_POINT("backup_restore.before_give_up");
    const Status removed = co_await services.catalog.remove(what.account, what.target, what.target_id, Timestamp());
    if (!removed.ok() && !removed.is(Code::not_found)) co_return of_the_store(removed);
    FAULT_POINT("backup_restore.after_give_up");
    const Status dropped = co_await services.store.drop(spaces_of(*table), Timestamp());
    if (!dropped.ok()) co_return of_the_store(dropped);  // the next start drops what nobody names
  }
  co_return co_await release_backup(services, what);
}

Task<Status> fill_from_backup_step(Services& services, recovery::Job& job) {
  CO_TRY_ASSIGN(const BackupJob what, decode_backup_job(job.arguments));
  if (services.backups == nullptr) co_return unavailable("no backup location is configured");
  const TablePtr table = services.catalog.find(what.account, what.target);
  if (!table || table->id != what.target_id || table->status != TableStatus::creating) {
    CO_TRY(co_await release_backup(services, what));
    job.state = recovery::JobState::done;
    co_return Status();
  }
  const Status filled = co_await fill(services, table, what, &job);
  if (filled.ok() || worth_another_try(filled)) co_return filled;
  log_line(LogLevel::error, "dynamo", "a table cannot be restored from its backup and is taken away again",
           log_field("table", what.target) + log_field("backup", what.id) + log_field("error", filled.to_string()));
  CO_TRY(co_await give_up_filling(services, what));
  co_return filled;
}

}  // namespace reprise::dynamo
