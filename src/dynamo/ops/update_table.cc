// UpdateTable. Changes of settings take effect in one edit of the catalogue. A new index is in the catalogue, and kept
// up to date by writes, before a job fills it; a deleted one leaves the catalogue first, its space goes when no request
// uses it any more.
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_jobs.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_operations.h"
#include "dynamo/ops/table_update.h"
#include "dynamo/ops/table_validation.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

// Applies the update to whatever the entry is by now: a backfill may have ended since it was checked.
Status apply_again(const TableUpdate& update, std::string_view region, std::uint64_t now_micros, SpaceId new_space,
                   TableDefinition& table) {
  const auto applied = apply_table_update(update, region, now_micros, table);
  if (!applied.ok()) return conflict(applied.error().message);
  if (!applied.value().created) return Status();
  for (GlobalIndex& index : table.global_indexes) {
    if (index.name == *applied.value().created) index.space = new_space;
  }
  return Status();
}

Task<Result<SpaceId>> make_index_space(Services& services, const TableDefinition& table) {
  std::vector<history::NewSpace> wanted{retention_of(table)};
  FAULT_POINT("update_table.before_space");
  CO_TRY_ASSIGN(const auto spaces, co_await services.store.create(std::move(wanted)));
  FAULT_POINT("update_table.after_space");
  co_return spaces.front();
}

Task<void> give_back(Services& services, SpaceId space) {
  std::vector<SpaceId> spaces{space};
  // Best effort: what stays is dropped at the next start.
  (co_await services.store.drop(std::move(spaces), Timestamp())).ignore();
}

}  // namespace

Task<OperationResult> update_table(Services& services, OperationRequest request) {
  CO_TRY(check_table_request(shapes::update_table, request.body));
  const Fields in(request.body);
  CO_TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, in.string_or("TableName", "")));
  CO_TRY(refuse_members(
      request.body, {"ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates",
                     "GlobalTableSettingsReplicationMode", "DisassociationProtectionEnabled", "VectorIndexUpdates"}));
  CO_TRY(check_table_class(in));
  const TableUpdate update = read_table_update(in);
  CO_TRY(check_table_update(update));

  const auto guard = co_await services.catalog.lock_name(request.caller.account, name);
  const TablePtr table = services.catalog.find(request.caller.account, name);
  if (!table || table->status == TableStatus::creating) co_return table_not_found(name);
  const std::uint64_t now = services.store.now().micros();
  const std::string& region = services.settings.region;
  TableDefinition wanted = *table;
  CO_TRY_ASSIGN(const UpdateEffect effect, apply_table_update(update, region, now, wanted));

  if (update.stream_enabled == true) {
    // The changes are kept before anybody is told that there is a stream.
    FAULT_POINT("update_table.before_retention");
    const auto with_stream = std::make_shared<const TableDefinition>(wanted);
    const Status kept = co_await set_retentions(services.store, with_stream);
    if (!kept.ok()) co_return store_error(kept);
    FAULT_POINT("update_table.after_retention");
  }
  SpaceId new_space;
  if (effect.created) {
    auto made = co_await make_index_space(services, *table);
    if (!made.ok()) co_return store_error(made.error());
    new_space = made.value();
  }
  const Catalog::Edit change = [&](TableDefinition& definition) {
    return apply_again(update, region, now, new_space, definition);
  };
  const auto edited = co_await services.catalog.edit(table->account, table->name, table->id, change);
  if (!edited.ok()) {
    // After a failure of the store, the entry may turn out to name the space.
    const bool surely_unused = edited.error().is(Code::conflict) || edited.error().is(Code::not_found);
    if (effect.created && surely_unused) co_await give_back(services, new_space);
    co_return store_error(edited.error());
  }
  const TablePtr& changed = edited.value();
  FAULT_POINT("update_table.after_edit");
  if (effect.created) co_await start_index_backfill(services, *changed, *effect.created);
  if (effect.removed) {
    const Timestamp keep_until = keep_indexes_until(*changed, services.store.now());
    co_await start_index_drop(services, *changed, effect.removed->space, keep_until);
  }
  const ShownUpdate shown = updated_as_shown(update, effect, *table, *changed);
  co_return describe(services, "TableDescription", shown.table, shown.changes);
}

}  // namespace reprise::dynamo
