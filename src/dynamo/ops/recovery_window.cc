// The arithmetic of recovery windows, in microseconds; Timestamps only where the store is asked.
#include "dynamo/ops/recovery_window.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/assert.h"
#include "dynamo/ops/table_description.h"

namespace reprise::dynamo {

namespace {

constexpr std::int64_t micros_per_day = std::int64_t{24} * 3600 * 1'000'000;
// The store keeps a little more than is promised, so that a restore to the very beginning of the window, which moves
// while the restore is under way, finds it still there.
constexpr history::Retention kept_beyond = std::chrono::minutes(10);

Timestamp at_micros(std::int64_t micros) {
  return Timestamp::from_micros(micros > 0 ? static_cast<std::uint64_t>(micros) : 0);
}

}  // namespace

history::Retention retention_of(const TableDefinition& table) {
  if (!table.recovery.enabled) return history::Retention{0};
  return std::chrono::hours(24) * table.recovery.period_days + kept_beyond;
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

Timestamp keep_deleted_until(const TableDefinition& table, Timestamp now) {
  if (!table.recovery.enabled) return Timestamp();
  const std::int64_t period = table.recovery.period_days * micros_per_day;
  return at_micros(static_cast<std::int64_t>(now.micros()) + period);
}

std::optional<history::SpaceInfo> space_info(const history::Store& store, SpaceId space) {
  auto info = store.info(space);
  if (info.ok()) return std::move(info).value();
  info.error().ignore();
  return std::nullopt;
}

std::optional<RecoveryWindow> recovery_window(const TableDefinition& table, history::Store& store) {
  if (!table.recovery.enabled) return std::nullopt;
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
