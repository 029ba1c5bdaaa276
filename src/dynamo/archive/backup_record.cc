// Numbers of 64 bits are written as text: JSON's numbers do not hold them all.
#include "dynamo/archive/backup_record.h"

#include <utility>

#include "codec/json.h"
#include "codec/json_members.h"
#include "dynamo/ops/operation.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::int64_t format_version = 1;
constexpr std::size_t page_rows = 256;

std::string_view status_name(BackupStatus status) {
  switch (status) {
    case BackupStatus::creating: return "creating";
    case BackupStatus::available: return "available";
    case BackupStatus::deleting: return "deleting";
  }
  return "";
}

std::optional<BackupStatus> status_of(std::string_view name) {
  for (const auto status : {BackupStatus::creating, BackupStatus::available, BackupStatus::deleting}) {
    if (name == status_name(status)) return status;
  }
  return std::nullopt;
}

Bytes record_key(const Backup& backup) { return "b/" + backup.account + "/" + backup.id + "/" + backup.table.name; }

Task<Status> commit_record(Services& services, Bytes key, std::optional<Bytes> value, history::Version before) {
  history::Commit commit;
  history::Change change;
  change.space = services.root.archives;
  change.key = std::move(key);
  change.value = std::move(value);
  change.before = std::move(before);
  commit.changes.push_back(std::move(change));
  const auto done = co_await services.store.commit(std::move(commit));
  co_return done.ok() ? Status() : done.error();
}

}  // namespace

Bytes encode_backup(const Backup& backup) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("version");
  w.integer(format_version);
  w.member("account", backup.account);
  w.member("id", backup.id);
  w.member("name", backup.name);
  w.member("status", status_name(backup.status));
  write_unsigned(w, "created", backup.created_micros);
  write_unsigned(w, "as_of", backup.as_of.bits());
  write_unsigned(w, "items", backup.items);
  write_unsigned(w, "bytes", backup.bytes);
  write_text(w, "restoring", backup.restoring_table_id);
  w.member("table", encode_table(backup.table));
  w.end_object();
  return out;
}

Result<Backup> decode_backup(BytesView text) {
  codec::JsonDocument document;
  const auto parsed = document.parse(text);
  if (!parsed.ok()) return corruption("a backup's record is no JSON");
  const codec::JsonValue& json = *parsed;
  const auto version = json.find("version");
  if (!version || !version->is(codec::JsonType::number)) return corruption("a backup's record has no version");
  if (version->integer() != format_version) return unsupported("a backup's record is of another version");
  Backup backup;
  backup.account = text_of(json, "account");
  backup.id = text_of(json, "id");
  backup.name = text_of(json, "name");
  const auto status = status_of(text_of(json, "status"));
  backup.created_micros = unsigned_of(json, "created");
  backup.as_of = Timestamp(unsigned_of(json, "as_of"));
  backup.items = unsigned_of(json, "items");
  backup.bytes = unsigned_of(json, "bytes");
  backup.restoring_table_id = text_of(json, "restoring");
  if (!status || backup.id.empty() || backup.account.empty()) return corruption("a backup's record lacks a member");
  backup.status = *status;
  TRY_ASSIGN(backup.table, decode_table(text_of(json, "table")));
  return backup;
}

std::string backup_folder(const Backup& backup) {
  return backup.account + "/" + backup.table.name + "/" + backup.id + "/";
}

std::string backup_pin(const Backup& backup) { return "backup/" + backup.account + "/" + backup.id; }

TableDefinition recorded_part(TableDefinition table) {
  table.tags.clear();
  table.policy.reset();
  table.stream_policy.reset();
  table.insights.clear();
  table.recovery = RecoverySettings();
  table.table_class = TableClass::standard;
  table.table_class_since_micros = 0;
  table.deletion_protection = false;
  table.warm.reset();
  table.restore.reset();
  table.past_streams.clear();
  table.status = TableStatus::active;
  std::erase_if(table.global_indexes, [](const GlobalIndex& index) { return index.status == IndexStatus::deleting; });
  for (GlobalIndex& index : table.global_indexes) index.warm.reset();
  return table;
}

Task<Result<std::optional<StoredBackup>>> load_backup(Services& services, std::string account, std::string table,
                                                      std::string id) {
  const Bytes key = "b/" + account + "/" + id + "/" + table;
  StoredBackup stored;
  CO_TRY_ASSIGN(stored.version, co_await services.store.get(services.root.archives, key));
  if (!stored.version) co_return std::optional<StoredBackup>();
  CO_TRY_ASSIGN(stored.backup, decode_backup(stored.version.value()));
  co_return std::optional<StoredBackup>(std::move(stored));
}

Task<Status> save_backup(Services& services, StoredBackup stored) {
  Bytes key = record_key(stored.backup);
  Bytes value = encode_backup(stored.backup);
  co_return co_await commit_record(services, std::move(key), std::move(value), std::move(stored.version));
}

Task<Status> erase_backup(Services& services, StoredBackup stored) {
  Bytes key = record_key(stored.backup);
  co_return co_await commit_record(services, std::move(key), std::nullopt, std::move(stored.version));
}

Task<Result<std::vector<Backup>>> list_backups_after(Services& services, std::string account, std::string start_after,
                                                     std::size_t limit) {
  const Bytes prefix = account.empty() ? Bytes("b/") : "b/" + account + "/";
  history::ScanRequest request;
  request.space = services.root.archives;
  request.max_rows = page_rows;
  request.range.lower = start_after.empty() ? prefix : prefix + start_after + '\0';
  request.range.upper = prefix_end(prefix);
  std::vector<Backup> found;
  while (found.size() < limit) {
    CO_TRY_ASSIGN(const auto page, co_await services.store.scan(request));
    for (std::size_t i = 0; i < page.rows.size() && found.size() < limit; ++i) {
      CO_TRY_ASSIGN(Backup backup, decode_backup(page.rows[i].value));
      found.push_back(std::move(backup));
    }
    if (!page.resume_after) break;
    request.range.lower = *page.resume_after + '\0';
  }
  co_return std::move(found);
}

}  // namespace reprise::dynamo
