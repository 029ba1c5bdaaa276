#include "dynamo/archive/system_backup.h"

#include <utility>

#include "dynamo/archive/backup_arn.h"
#include "dynamo/ops/recovery_window.h"

namespace reprise::dynamo {

namespace {

// Developer guide, "Point-in-time recovery: how it works": kept for 35 days, whatever the table's period was.
constexpr std::uint64_t kept_micros = std::uint64_t{35} * 24 * 3600 * 1'000'000;

std::optional<SystemBackup> backup_of(Services& services, const TablePtr& table) {
  if (!table->recovery.enabled) return std::nullopt;
  const auto info = space_info(services.store, table->space);
  if (!info) return std::nullopt;
  const auto deleted = static_cast<std::uint64_t>(table->deleted_micros);
  if (services.store.now().micros() >= deleted + kept_micros) return std::nullopt;
  SystemBackup found;
  found.table = table;
  Backup& backup = found.backup;
  backup.account = table->account;
  backup.id = backup_id(deleted, 0);
  backup.name = table->name + "$DeletedTableBackup";
  backup.status = BackupStatus::available;
  backup.created_micros = deleted / 1000 * 1000;
  // Between the catalogue's entry and the space's end there is nothing left to read at the deletion's own time.
  backup.as_of = info->dropped ? info->dropped_at.previous() : Timestamp::from_micros(deleted);
  backup.items = info->keys;
  backup.bytes = info->bytes;
  backup.table = recorded_part(*table);
  found.expiry_micros = backup.created_micros + kept_micros;
  return found;
}

}  // namespace

std::vector<SystemBackup> system_backups(Services& services, std::string_view account, std::string_view table) {
  std::vector<SystemBackup> found;
  const auto deleted_tables =
      table.empty() ? services.catalog.deleted_of(account) : services.catalog.deleted(account, table);
  for (const TablePtr& deleted : deleted_tables) {
    if (auto backup = backup_of(services, deleted)) found.push_back(std::move(*backup));
  }
  return found;
}

std::optional<SystemBackup> find_system_backup(Services& services, std::string_view account, std::string_view table,
                                               std::string_view id) {
  for (SystemBackup& backup : system_backups(services, account, table)) {
    if (backup.backup.id == id) return std::move(backup);
  }
  return std::nullopt;
}

}  // namespace reprise::dynamo
