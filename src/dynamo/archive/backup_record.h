// What is stored of each on-demand backup: a value of the archives space, under `b/<account>/<id>/<table>`, so that it
// is there when the table is not. Written down in docs/formats/backup.md.
//
// The life of a backup, each step durable before the next:
//   creating   noted, its moment not yet chosen (as_of is zero): nobody was told of it; a crash here forgets it
//   creating   as_of chosen and pinned: the job writes segments, then the manifest
//   available  the manifest is in the backup location; the pin goes
//   deleting   nobody sees it any more; a job removes its objects, then the record
// `restoring_table_id` is set while a restore reads the segments.
//
// Threading: all functions from any thread; two changes of one record that cross are refused with conflict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/task.h"
#include "dynamo/model/schema.h"
#include "history/version.h"

namespace reprise::dynamo {

struct Services;

enum class BackupStatus : std::uint8_t { creating, available, deleting };

struct Backup {
  std::string account;
  std::string id;    // backup_arn.h
  std::string name;  // BackupName
  BackupStatus status = BackupStatus::creating;
  std::uint64_t created_micros = 0;  // whole milliseconds
  Timestamp as_of;                   // zero: not chosen yet
  std::uint64_t items = 0;           // when available: exactly those in it
  std::uint64_t bytes = 0;           // of the items' values
  std::string restoring_table_id;    // empty: none
  TableDefinition table;             // as it was at `as_of`, without what a backup does not record
  bool operator==(const Backup&) const = default;
};

Bytes encode_backup(const Backup& backup);
// corruption: no backup; unsupported: of a newer version.
Result<Backup> decode_backup(BytesView text);

// "<account>/<table>/<id>/": where its objects are.
std::string backup_folder(const Backup& backup);
// The name of the pin that holds its moment.
std::string backup_pin(const Backup& backup);
// A definition without what backups do not record (tags, recovery, table class, protection, policies, insights), and
// without indexes that are being deleted.
TableDefinition recorded_part(TableDefinition table);

// A record together with the version it was read at; change it and hand it to save_backup.
struct StoredBackup {
  Backup backup;
  history::Version version;
};

// Nothing when there is none of that id for that table.
Task<Result<std::optional<StoredBackup>>> load_backup(Services& services, std::string account, std::string table,
                                                      std::string id);
// Writes a new or changed record, if it still is what was read; conflict when not. Durable when done.
Task<Status> save_backup(Services& services, StoredBackup stored);
// The same, removing it.
Task<Status> erase_backup(Services& services, StoredBackup stored);
// The account's records (every account's when that is empty) behind `start_after` ("<id>/<table>"; empty: from the
// beginning), in order, at most `limit`.
Task<Result<std::vector<Backup>>> list_backups_after(Services& services, std::string account, std::string start_after,
                                                     std::size_t limit);

}  // namespace reprise::dynamo
