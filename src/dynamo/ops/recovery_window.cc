// The arithmetic of recovery windows, in microseconds; Timestamps only where the store is asked.
#include "dynamo/ops/recovery_window.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/assert.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_streams.h"

namespace reprise::dynamo {

namespace {

constexpr std::int64_t micros_per_day = std::int64_t{24} * 3600 * 1'000'000;
// The store keeps a little more than is promised, so that a restore to the very beginning of the window, which moves
// while the restore is under way, finds it still there.
constexpr history::Retention kept_beyond = std::chrono::minutes(10);
// The same for streams: an iterator at the very end of the window is good for a quarter of an hour.
constexpr history::Retention kept_beyond_window = std::chrono::minutes(20);

// A deleted table can be put back as of its last moment for that long, even where its recovery period is shorter.
constexpr std::int64_t system_backup_days = 35;

Timestamp at_micros(std::int64_t micros) {
  return Timestamp::from_micros(micros > 0 ? static_cast<std::uint64_t>(micros) : 0);
}

}  // namespace

history::Retention retention_of(const TableDefinition& table) {
  if (!table.recovery.enabled) return history::Retention{0};
  return std::chrono::hours(24) * table.recovery.period_days + kept_beyond;
}

history::Retention item_retention_of(const TableDefinition& table) {
  const history::Retention recovery = retention_of(table);
  if (!keeps_changes(table)) return recovery;
  return std::max<history::Retention>(recovery, std::chrono::microseconds(stream_window_micros) + kept_beyond_window);
}

std::vector<history::Retention> retentions_of(const TableDefinition& table) {
  std::vector<history::Retention> retentions(spaces_of(table).size(), retention_of(table));
  retentions.front() = item_retention_of(table);
  return retentions;
}

std::vector<history::NewSpace> new_spaces_of(const TableDefinition& table) {
  const std::vector<history::Retention> retentions = retentions_of(table);
  return {retentions.begin(), retentions.end()};
}

Task<Status> set_retentions(history::Store& store, TablePtr table) {
  const std::vector<SpaceId> spaces = spaces_of(*table);
  const std::vector<history::Retention> retentions = retentions_of(*table);
  // One call for those that get the same.
  for (const history::Retention wanted : {item_retention_of(*table), retention_of(*table)}) {
    std::vector<SpaceId> changing;
    for (std::size_t i = 0; i < spaces.size(); ++i) {
      const auto info = space_info(store, spaces[i]);
      if (retentions[i] != wanted || !info || info->dropped || info->retention == wanted) continue;
      changing.push_back(spaces[i]);
    }
    if (!changing.empty()) CO_TRY(co_await store.set_retention(std::move(changing), wanted));
  }
  co_return Status();
}

void protect_new_table(TableDefinition& table, const Settings& settings, std::optional<bool> deletion_protection) {
  table.deletion_protection = deletion_protection.value_or(settings.protect_new_tables);
  if (!settings.protect_new_tables) return;
  table.recovery.enabled = true;
  table.recovery.enabled_at_micros = table.creation_micros;
  table.recovery.period_days = settings.recovery_period_days_default;
}

void assign_spaces(TableDefinition& table, const std::vector<SpaceId>& spaces) {
  ASSERT(spaces.size() == 1 + table.local_indexes.size() + table.global_indexes.size());
  auto next = spaces.begin();
  table.space = *next++;
  for (LocalIndex& index : table.local_indexes) index.space = *next++;
  for (GlobalIndex& index : table.global_indexes) index.space = *next++;
}

Timestamp keep_indexes_until(const TableDefinition& table, Timestamp now) {
  if (!table.recovery.enabled) return Timestamp();
  const std::int64_t kept_days = std::max<std::int64_t>(table.recovery.period_days, system_backup_days);
  return at_micros(static_cast<std::int64_t>(now.micros()) + kept_days * micros_per_day);
}

Timestamp keep_deleted_until(const TableDefinition& table, Timestamp now) {
  const auto now_micros = static_cast<std::int64_t>(now.micros());
  auto until = static_cast<std::int64_t>(keep_indexes_until(table, now).micros());
  for (const StreamSettings& stream : readable_streams(table, now_micros)) {
    until = std::max(until, (stream.enabled ? now_micros : stream.disabled_micros) + stream_window_micros);
  }
  return at_micros(until);
}

std::optional<history::SpaceInfo> space_info(const history::Store& store, SpaceId space) {
  auto info = store.info(space);
  if (info.ok()) return std::move(info).value();
  info.error().ignore();
  return std::nullopt;
}

std::optional<RecoveryWindow> recovery_window(const TableDefinition& table, history::Store& store) {
  // A table that is still being filled (by a restore or an import) has no past that means anything.
  if (!table.recovery.enabled || table.status == TableStatus::creating) return std::nullopt;
  const auto info = space_info(store, table.space);
  if (!info) return std::nullopt;
  const Timestamp now = store.now();
  const std::int64_t period = table.recovery.period_days * micros_per_day;
  RecoveryWindow window;
  window.latest = now;
  if (table.deleted_micros != 0) {
    // Between the catalogue's entry and the space's end there is nothing left to read at the deletion's own time.
    window.latest = info->dropped ? info->dropped_at.previous() : at_micros(table.deleted_micros);
  }
  window.earliest =
      std::max({at_micros(table.recovery.enabled_at_micros), at_micros(table.recovery.earliest_floor_micros),
                at_micros(static_cast<std::int64_t>(now.micros()) - period), info->horizon});
  if (window.earliest > window.latest) {
    if (table.deleted_micros != 0) return std::nullopt;
    window.earliest = window.latest;
  }
  return window;
}

std::optional<Timestamp> moment_in(const RecoveryWindow& window, std::uint64_t micros) {
  constexpr std::uint64_t micros_per_second = 1'000'000;
  if (micros / micros_per_second < window.earliest.micros() / micros_per_second) return std::nullopt;
  if (micros > window.latest.micros()) return std::nullopt;
  return std::clamp(Timestamp::last_of_micros(micros), window.earliest, window.latest);
}

}  // namespace reprise::dynamo
