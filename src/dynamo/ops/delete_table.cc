// DeleteTable. With point-in-time recovery on, the table's past stays for as long as the recovery period says, counted
// from now, and can be restored from (restore_table.cc). The items' past also stays for a day when the table had a
// stream, for whoever reads it. Else everything goes.
//
// The catalogue's entry goes first: after that the spaces may be dropped at any time, and are dropped at the next start
// if a crash comes in between.
#include <algorithm>
#include <utility>

#include "base/fault_point.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_operations.h"
#include "dynamo/ops/table_validation.h"
#include "history/store.h"

namespace reprise::dynamo {

Task<OperationResult> delete_table(Services& services, OperationRequest request) {
  CO_TRY(check_table_request(shapes::delete_table, request.body));
  const auto text = Fields(request.body).string_or("TableName", "");
  CO_TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, text));

  const auto guard = co_await services.catalog.lock_name(request.caller.account, name);
  const TablePtr table = services.catalog.find(request.caller.account, name);
  if (!table) co_return table_not_found(name);
  if (table->status == TableStatus::creating) {  // it is being filled by a restore or an import
    co_return api_error(ErrorKind::resource_in_use,
                        "Attempt to change a resource which is still in use: Table is being created: " + name);
  }
  if (table->deletion_protection) {
    co_return validation(
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.");
  }
  const bool settled = std::all_of(table->global_indexes.begin(), table->global_indexes.end(),
                                   [](const GlobalIndex& index) { return index.status == IndexStatus::active; });
  if (!settled) {
    co_return api_error(ErrorKind::resource_in_use,
                        "Cannot delete table while indexes are being created, updated, or deleted");
  }

  const Timestamp now = services.store.now();
  const Timestamp keep_until = keep_deleted_until(*table, now);
  FAULT_POINT("delete_table.before_remove");
  const Status removed = co_await services.catalog.remove(table->account, table->name, table->id, keep_until);
  if (!removed.ok()) co_return store_error(removed);
  FAULT_POINT("delete_table.after_remove");
  TableDefinition shown = *table;
  shown.status = TableStatus::deleting;
  const Bytes answer = describe_deleted(services, "TableDescription", shown);  // while the counters are there
  std::vector<SpaceId> indexes = spaces_of(*table);
  std::vector<SpaceId> items{indexes.front()};
  indexes.erase(indexes.begin());
  const Status dropped = co_await services.store.drop(std::move(items), keep_until);
  if (!dropped.ok()) co_return store_error(dropped);
  FAULT_POINT("delete_table.after_drop");
  const Status indexes_dropped = co_await services.store.drop(std::move(indexes), keep_indexes_until(*table, now));
  if (!indexes_dropped.ok()) co_return store_error(indexes_dropped);
  co_return answer;
}

}  // namespace reprise::dynamo
