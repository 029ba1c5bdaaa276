// How a backup shows itself: the structures of responses, their members in the alphabetical order of the real service.
// All functions are pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "dynamo/archive/backup_record.h"

namespace reprise::dynamo {

// A backup as a client sees it. Borrowed; valid as long as the backup.
struct BackupView {
  const Backup& backup;
  std::string arn;                  // as the client wrote it, or the backup's own
  std::string_view status;          // CREATING, AVAILABLE, DELETED
  std::uint64_t expiry_micros = 0;  // of system backups; 0: never

  [[nodiscard]] bool system() const { return expiry_micros != 0; }
};
// The backup's own ARN and status.
BackupView view_of(const Backup& backup);

// {...}: BackupDetails, BackupDescription and BackupSummary.
void write_backup_details(codec::JsonWriter& w, const BackupView& view);
void write_backup_description(codec::JsonWriter& w, const BackupView& view);
void write_backup_summary(codec::JsonWriter& w, const BackupView& view);

}  // namespace reprise::dynamo
