// The catalogue over a versioned space. Keys:
//   t/<account>/<name>                              a live table; the value is encode_table()
//   d/<account>/<name>/<deleted at>/<table id>      a deleted one that is still restorable; the value is be64(keep
//   until)
//                                                   and encode_table(). <deleted at>: 20 digits, microseconds
// (docs/formats/catalogue.md). Names hold no '/', so the parts cannot be confused.
//
// Invariants: memory shows what is durable, never more; one writer at a time for each name (the key's lock), and the
// store's guards behind it. A name moves from t/ to d/ in one commit, so it is never in neither.
#include "dynamo/ops/catalog.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <utility>

#include "base/fault_point.h"
#include "base/log.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/table_description.h"
#include "history/store.h"
#include "recovery/root.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t keep_until_size = 8;

Bytes live_key(std::string_view account, std::string_view name) {
  Bytes key("t/");
  key.append(account).append("/").append(name);
  return key;
}

Bytes deleted_key(const TableDefinition& table) {
  char moment[24];
  std::snprintf(moment, sizeof moment, "%020lld", static_cast<long long>(table.deleted_micros));
  Bytes key("d/");
  key.append(table.account).append("/").append(table.name).append("/").append(moment).append("/").append(table.id);
  return key;
}

// A table that DeleteTable took away, with the time it can be forgotten at.
struct DeletedTable {
  TablePtr table;
  Timestamp keep_until;
};

class StoredCatalog final : public Catalog {
 public:
  StoredCatalog(history::Store& store, recovery::RootSpaces root)
      : store_(store), root_(root), space_(root.catalogue) {}

  Task<Status> load();
  Task<Status> drop_orphans(const std::set<SpaceId>& named_elsewhere);
  Task<Status> settle_retention();

  [[nodiscard]] TablePtr find(std::string_view account, std::string_view name) const override;
  [[nodiscard]] Names list(std::string_view account, std::string_view start_after, std::size_t limit) const override;
  [[nodiscard]] std::size_t count(std::string_view account) const override;
  [[nodiscard]] std::vector<TablePtr> deleted(std::string_view account, std::string_view name) const override;
  [[nodiscard]] std::vector<TablePtr> deleted_of(std::string_view account) const override;
  [[nodiscard]] std::vector<TablePtr> all() const override;
  Task<Result<TablePtr>> find_as_of(std::string account, std::string name, std::string table_id, Timestamp at) override;
  [[nodiscard]] bool settled(std::string_view table_id) const override;
  Task<history::KeyLocks::Guard> lock_name(std::string account, std::string name) override;
  Task<Status> add(TableDefinition definition) override;
  Task<Result<TablePtr>> edit(std::string account, std::string name, std::string table_id, Edit change) override;
  Task<Status> remove(std::string account, std::string name, std::string table_id, Timestamp keep_until) override;
  Task<Status> purge_deleted() override;

 private:
  using TableMap = std::map<std::string, TablePtr, std::less<>>;

  Status load_row(BytesView key, BytesView value);
  Task<Result<history::Change>> change_of(Bytes key);

  history::Store& store_;
  const recovery::RootSpaces root_;
  const SpaceId space_;  // root_.catalogue
  mutable std::shared_mutex mutex_;
  std::map<std::string, TableMap, std::less<>> live_;  // by account, by name
  std::map<Bytes, DeletedTable> deleted_;              // by key
  // Replaced definitions, by table id, as long as somebody may still hold one.
  mutable std::map<std::string, std::vector<std::weak_ptr<const TableDefinition>>, std::less<>> replaced_;
  history::KeyLocks names_{256};
};

Status StoredCatalog::load_row(BytesView key, BytesView value) {
  if (recovery::is_root_key(key)) return Status();
  const bool is_live = key.starts_with("t/");
  const bool is_deleted = key.starts_with("d/") && value.size() > keep_until_size;
  if (!is_live && !is_deleted) return corruption("the catalogue holds an entry that is no table: " + std::string(key));
  auto decoded = decode_table(is_live ? value : value.substr(keep_until_size));
  if (!decoded.ok()) return decoded.error().with_context("catalogue entry " + std::string(key));
  auto table = std::make_shared<const TableDefinition>(std::move(decoded).value());
  if (key != (is_live ? live_key(table->account, table->name) : deleted_key(*table))) {
    return corruption("the catalogue entry " + std::string(key) + " is of another table");
  }
  if (is_live) {
    live_[table->account][table->name] = std::move(table);
  } else {
    deleted_[Bytes(key)] = DeletedTable{std::move(table), Timestamp(read_be64(value))};
  }
  return Status();
}

Task<Status> StoredCatalog::load() {
  history::ScanRequest request;
  request.space = space_;
  for (;;) {
    CO_TRY_ASSIGN(const auto page, co_await store_.scan(request));
    for (std::size_t i = 0; i < page.rows.size(); ++i) CO_TRY(load_row(page.rows[i].key, page.rows[i].value));
    if (!page.resume_after) co_return Status();
    request.range.lower = *page.resume_after + '\0';
  }
}

// Finishes what a crash interrupted: a deleted table whose spaces still live, spaces made for a table that never got
// its entry. The spaces of buckets are named elsewhere.
Task<Status> StoredCatalog::drop_orphans(const std::set<SpaceId>& named_elsewhere) {
  std::set<SpaceId> live;
  std::map<SpaceId, Timestamp> keep_until;
  for (const TablePtr& table : all()) {
    for (const SpaceId space : spaces_of(*table)) live.insert(space);
  }
  for (const auto& [key, entry] : deleted_) {
    for (const SpaceId space : spaces_of(*entry.table)) keep_until[space] = entry.keep_until;
  }
  for (const history::SpaceInfo& info : store_.spaces()) {
    if (info.dropped || recovery::is_root_space(root_, info.id)) continue;
    if (live.contains(info.id) || named_elsewhere.contains(info.id)) continue;
    const auto kept = keep_until.find(info.id);
    log_line(LogLevel::info, "dynamo", "dropping a space that an interrupted request left behind",
             log_field("space", info.id.value()));
    std::vector<SpaceId> spaces{info.id};
    CO_TRY(co_await store_.drop(std::move(spaces), kept == keep_until.end() ? Timestamp() : kept->second));
  }
  co_return Status();
}

// Finishes switching recovery or a stream on or off: the store may keep more than the catalogue says, never less.
Task<Status> StoredCatalog::settle_retention() {
  for (const TablePtr& table : all()) {
    CO_TRY(co_await set_retentions(store_, table));
  }
  co_return Status();
}

TablePtr StoredCatalog::find(std::string_view account, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto tables = live_.find(account);
  if (tables == live_.end()) return nullptr;
  const auto found = tables->second.find(name);
  return found == tables->second.end() ? nullptr : found->second;
}

Catalog::Names StoredCatalog::list(std::string_view account, std::string_view start_after, std::size_t limit) const {
  const std::shared_lock lock(mutex_);
  Names result;
  const auto tables = live_.find(account);
  if (tables == live_.end()) return result;
  auto next = start_after.empty() ? tables->second.begin() : tables->second.upper_bound(start_after);
  for (; next != tables->second.end() && result.names.size() < limit; ++next) result.names.push_back(next->first);
  result.more = next != tables->second.end();
  return result;
}

std::size_t StoredCatalog::count(std::string_view account) const {
  const std::shared_lock lock(mutex_);
  const auto tables = live_.find(account);
  return tables == live_.end() ? 0 : tables->second.size();
}

std::vector<TablePtr> StoredCatalog::deleted(std::string_view account, std::string_view name) const {
  Bytes prefix("d/");
  prefix.append(account).append("/").append(name).append("/");
  std::vector<TablePtr> tables;
  const std::shared_lock lock(mutex_);
  for (auto it = deleted_.lower_bound(prefix); it != deleted_.end() && it->first.starts_with(prefix); ++it) {
    tables.push_back(it->second.table);
  }
  std::reverse(tables.begin(), tables.end());
  return tables;
}

std::vector<TablePtr> StoredCatalog::deleted_of(std::string_view account) const {
  Bytes prefix("d/");
  prefix.append(account).append("/");
  std::vector<TablePtr> tables;
  const std::shared_lock lock(mutex_);
  for (auto it = deleted_.lower_bound(prefix); it != deleted_.end() && it->first.starts_with(prefix); ++it) {
    tables.push_back(it->second.table);
  }
  return tables;
}

std::vector<TablePtr> StoredCatalog::all() const {
  std::vector<TablePtr> result;
  const std::shared_lock lock(mutex_);
  for (const auto& [account, tables] : live_) {
    for (const auto& [name, table] : tables) result.push_back(table);
  }
  return result;
}

Task<Result<TablePtr>> StoredCatalog::find_as_of(std::string account, std::string name, std::string table_id,
                                                 Timestamp at) {
  const Bytes key = live_key(account, name);
  constexpr std::size_t versions_max = 100;
  CO_TRY_ASSIGN(const auto versions, co_await store_.versions(space_, key, at, Timestamp::max(), versions_max));
  for (const history::Interval& version : versions) {
    CO_TRY_ASSIGN(TableDefinition definition, decode_table(version.value));
    if (definition.id == table_id) co_return std::make_shared<const TableDefinition>(std::move(definition));
  }
  co_return TablePtr();
}

bool StoredCatalog::settled(std::string_view table_id) const {
  const std::unique_lock lock(mutex_);
  const auto found = replaced_.find(table_id);
  if (found == replaced_.end()) return true;
  std::erase_if(found->second, [](const auto& definition) { return definition.expired(); });
  if (!found->second.empty()) return false;
  replaced_.erase(found);
  return true;
}

Task<history::KeyLocks::Guard> StoredCatalog::lock_name(std::string account, std::string name) {
  const Bytes key = live_key(account, name);
  co_return co_await names_.lock(space_, key);
}

// A change of `key` that guards on what is there now.
Task<Result<history::Change>> StoredCatalog::change_of(Bytes key) {
  history::Change change;
  change.space = space_;
  change.key = std::move(key);
  CO_TRY_ASSIGN(change.before, co_await store_.get(space_, change.key));
  co_return std::move(change);
}

Task<Status> StoredCatalog::add(TableDefinition definition) {
  const Bytes key = live_key(definition.account, definition.name);
  const auto guard = co_await store_.locks().lock(space_, key);
  CO_TRY_ASSIGN(auto change, co_await change_of(key));
  if (change.before) co_return already_exists("table " + definition.name + " exists");
  change.value = encode_table(definition);
  history::Commit commit;
  commit.changes.push_back(std::move(change));
  FAULT_POINT("catalogue.before_add");
  CO_TRY(co_await store_.commit(std::move(commit)));
  FAULT_POINT("catalogue.after_add");
  auto table = std::make_shared<const TableDefinition>(std::move(definition));
  const std::unique_lock lock(mutex_);
  live_[table->account][table->name] = std::move(table);
  co_return Status();
}

Task<Result<TablePtr>> StoredCatalog::edit(std::string account, std::string name, std::string table_id, Edit change) {
  const Bytes key = live_key(account, name);
  const auto guard = co_await store_.locks().lock(space_, key);
  const TablePtr current = find(account, name);
  if (!current || current->id != table_id) co_return not_found("table " + name + " is gone");
  TableDefinition definition = *current;
  CO_TRY(change(definition));
  CO_TRY_ASSIGN(auto stored, co_await change_of(key));
  stored.value = encode_table(definition);
  history::Commit commit;
  commit.changes.push_back(std::move(stored));
  commit.frees_room = true;  // recovery, indexes and expiry are what a full disk is relieved with
  FAULT_POINT("catalogue.before_edit");
  CO_TRY(co_await store_.commit(std::move(commit)));
  FAULT_POINT("catalogue.after_edit");
  auto table = std::make_shared<const TableDefinition>(std::move(definition));
  const std::unique_lock lock(mutex_);
  live_[account][name] = table;
  auto& replaced = replaced_[table_id];
  std::erase_if(replaced, [](const auto& old) { return old.expired(); });
  replaced.push_back(current);
  co_return TablePtr(std::move(table));
}

Task<Status> StoredCatalog::remove(std::string account, std::string name, std::string table_id, Timestamp keep_until) {
  const Bytes key = live_key(account, name);
  const auto guard = co_await store_.locks().lock(space_, key);
  const TablePtr current = find(account, name);
  if (!current || current->id != table_id) co_return not_found("table " + name + " is gone");
  TableDefinition definition = *current;
  const Timestamp now = store_.now();
  definition.deleted_micros = static_cast<std::int64_t>(now.micros());
  const bool keep = keep_until > now;

  history::Commit commit;
  CO_TRY_ASSIGN(auto gone, co_await change_of(key));
  commit.changes.push_back(std::move(gone));
  const Bytes kept_key = deleted_key(definition);
  if (keep) {
    CO_TRY_ASSIGN(auto kept, co_await change_of(kept_key));
    Bytes value;
    append_be64(value, keep_until.bits());
    kept.value = value + encode_table(definition);
    commit.changes.push_back(std::move(kept));
  }
  commit.frees_room = true;
  FAULT_POINT("catalogue.before_remove");
  CO_TRY(co_await store_.commit(std::move(commit)));
  FAULT_POINT("catalogue.after_remove");

  const std::unique_lock lock(mutex_);
  live_[account].erase(name);
  replaced_.erase(table_id);
  if (keep) deleted_[kept_key] = {std::make_shared<const TableDefinition>(std::move(definition)), keep_until};
  co_return Status();
}

Task<Status> StoredCatalog::purge_deleted() {
  const Timestamp now = store_.now();
  std::vector<Bytes> keys;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [key, entry] : deleted_) {
      if (entry.keep_until <= now) keys.push_back(key);
    }
  }
  for (const Bytes& key : keys) {
    const auto guard = co_await store_.locks().lock(space_, key);
    CO_TRY_ASSIGN(auto change, co_await change_of(key));
    if (change.before) {
      history::Commit commit;
      commit.changes.push_back(std::move(change));
      CO_TRY(co_await store_.commit(std::move(commit)));
    }
    const std::unique_lock lock(mutex_);
    deleted_.erase(key);
  }
  co_return Status();
}

}  // namespace

Task<Result<std::unique_ptr<Catalog>>> Catalog::open(history::Store& store, recovery::RootSpaces root,
                                                     std::set<SpaceId> named_elsewhere) {
  auto catalog = std::make_unique<StoredCatalog>(store, root);
  CO_TRY(co_await catalog->load());
  CO_TRY(co_await catalog->drop_orphans(named_elsewhere));
  CO_TRY(co_await catalog->settle_retention());
  co_return std::unique_ptr<Catalog>(std::move(catalog));
}

}  // namespace reprise::dynamo
