// System backups: what AWS keeps of a table that was deleted while point-in-time recovery was on. Here they are a view:
// a deleted table stays in the catalogue, and its past in the store, for at least 35 days (recovery_window.h), so there
// is nothing to write and nothing to copy; a restore is a clone as of the table's last moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/archive/backup_record.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

struct SystemBackup {
  Backup backup;  // as if it had been made: available, as of the table's last moment
  TablePtr table;
  std::uint64_t expiry_micros = 0;
};

// Those of one table's name, or of all of an account's when it is empty, not expired; in no order.
std::vector<SystemBackup> system_backups(Services& services, std::string_view account, std::string_view table);
std::optional<SystemBackup> find_system_backup(Services& services, std::string_view account, std::string_view table,
                                               std::string_view id);

}  // namespace reprise::dynamo
