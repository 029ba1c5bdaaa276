// The manifest goes first: without it the segments are no backup any more, for whoever reads the location. The record
// goes last, so that a crash leaves nothing that nobody would remove.
#include "dynamo/archive/remove_backup.h"

#include <utility>

#include "base/fault_point.h"
#include "blob/object_store.h"
#include "dynamo/archive/backup_jobs.h"
#include "dynamo/archive/backup_manifest.h"
#include "dynamo/archive/backup_record.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {
constexpr std::size_t removed_per_step = 1000;
}  // namespace

Task<Status> remove_backup_step(Services& services, recovery::Job& job) {
  CO_TRY_ASSIGN(const BackupJob what, decode_backup_job(job.arguments));
  if (services.backups == nullptr) co_return unavailable("no backup location is configured");
  CO_TRY_ASSIGN(auto stored, co_await load_backup(services, what.account, what.table, what.id));
  if (!stored || stored->backup.status != BackupStatus::deleting) {
    job.state = recovery::JobState::done;
    co_return Status();
  }
  CO_TRY(co_await services.store.unpin(backup_pin(stored->backup)));
  FAULT_POINT("backup_delete.after_unpin");
  CO_TRY(services.backups->remove(manifest_key(stored->backup)));
  FAULT_POINT("backup_delete.after_manifest");
  CO_TRY_ASSIGN(const auto objects, services.backups->list(backup_folder(stored->backup), "", removed_per_step));
  for (const blob::ObjectInfo& object : objects) CO_TRY(services.backups->remove(object.key));
  FAULT_POINT("backup_delete.after_segments");
  job.done += objects.size();
  if (!objects.empty()) co_return Status();
  CO_TRY(co_await erase_backup(services, std::move(*stored)));
  FAULT_POINT("backup_delete.after_erase");
  job.state = recovery::JobState::done;
  co_return Status();
}

}  // namespace reprise::dynamo
