// The background work of backups: what is asked of the job runner, and how it is found again after a crash.
//
// Kinds:
//   backup          writes a backup's segments and manifest (make_backup.h)
//   backup-delete   removes a deleted backup's objects, then its record (remove_backup.h)
//   backup-restore  fills a new table from a backup (fill_from_backup.h)
// Every one is idempotent: it looks at the records and does what they show to be missing.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "base/task.h"
#include "dynamo/archive/backup_record.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

inline constexpr std::string_view make_backup_kind = "backup";
inline constexpr std::string_view remove_backup_kind = "backup-delete";
inline constexpr std::string_view fill_from_backup_kind = "backup-restore";

// The arguments of all of them.
struct BackupJob {
  std::string account;
  std::string table;      // the backup's
  std::string id;         // the backup's
  std::string target;     // backup-restore: the new table's name
  std::string target_id;  // and its id
  bool operator==(const BackupJob&) const = default;
};
Bytes encode_backup_job(const BackupJob& job);
Result<BackupJob> decode_backup_job(BytesView text);
BackupJob job_of(const Backup& backup);

// Starts a job unless an equal one is running. A failure is logged and not fatal: settle_backups() does it later.
Task<void> start_backup_job(Services& services, std::string_view kind, BackupJob what);

// Teaches `services.jobs` the kinds above and the housekeeping of backups. Called once, before Jobs::resume();
// `services` outlives the jobs.
void register_backup_jobs(Services& services);

// When the backup location is looked through for backups that the store does not know.
enum class Discovery : unsigned char {
  at_once,  // before open_backups() is done
  later,    // soon, in the background: asking the location may take long
};

// What a start has to make good, before requests are served: forgets backups nobody was told of, starts jobs that a
// crash kept from being started, and lists backups again that the backup location has and the store does not. A backup
// location that cannot be read is logged and looked at again later.
Task<Status> open_backups(Services& services, Discovery discovery = Discovery::at_once);

// Undoes what jobs that failed or were cancelled have left: their backups go, and their half-filled tables.
Task<Status> settle_backups(Services& services);

}  // namespace reprise::dynamo
