// RestoreTableToPointInTime. A restored table is a set of clones, of the items and of each index that was complete at
// the moment asked for, made in one step; it is usable when the answer is given, whatever its size, and a job copies
// the data behind its back. An index that did not exist yet, or was still being filled, is filled anew.
//
// Where the past comes from: the live table of that name if the moment lies in its window; else a deleted table of that
// name whose window holds the moment. A table that was deleted with recovery on is therefore restored by its name, its
// own included, to any moment of its whole window.
//
// RestoreSummary stays in the description when the table is ACTIVE (AWS takes it away then): where a table came from is
// worth knowing. RestoreInProgress is true in this operation's answer alone; the copying shows as a job.
//
// Order of durable steps: clones, spaces of indexes to be filled, the catalogue's entry, jobs. A crash before the entry
// leaves spaces that nobody names, which go at the next start; one after it is made good by start_missing_jobs.
#include "dynamo/ops/restore_table.h"

#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/restore_plan.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_jobs.h"
#include "dynamo/ops/table_operations.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

// Which table, and as of when.
struct Source {
  TablePtr table;
  Timestamp at;
};

ApiError outside_window(std::uint64_t micros, const RecoveryWindow& window) {
  return api_error(ErrorKind::invalid_restore_time,
                   "RestoreDateTime '" + format_iso8601(micros, 0) + "' must be within EarliestRestorableDateTime '" +
                       format_iso8601(window.earliest.micros(), 0) + "' and LatestRestorableDateTime '" +
                       format_iso8601(window.latest.micros(), 0) + "'");
}

ApiError recovery_off(const RestoreRequest& request) {
  return api_error(ErrorKind::point_in_time_recovery_unavailable,
                   "Point in time recovery is not enabled for table '" + request.source + "'");
}

// The deleted table of that name, the newest first, whose window holds the moment.
std::optional<Source> find_deleted(Services& services, const std::string& account, const RestoreRequest& request,
                                   std::optional<RecoveryWindow>& newest) {
  for (const TablePtr& table : services.catalog.deleted(account, request.source)) {
    const auto window = recovery_window(*table, services.store);
    if (!window) continue;
    if (!newest) newest = window;
    if (request.latest) return Source{table, window->latest};
    if (const auto at = moment_in(*window, request.micros)) return Source{table, *at};
  }
  return std::nullopt;
}

Outcome<Source> find_source(Services& services, const std::string& account, const RestoreRequest& request) {
  const TablePtr live = services.catalog.find(account, request.source);
  std::optional<RecoveryWindow> window;
  if (live) {
    window = recovery_window(*live, services.store);
    if (window && request.latest) return Source{live, window->latest};
    if (window) {
      if (const auto at = moment_in(*window, request.micros)) return Source{live, *at};
    }
  }
  std::optional<RecoveryWindow> deleted_window;
  if (!live || !request.latest) {
    if (const auto deleted = find_deleted(services, account, request, deleted_window)) return *deleted;
  }
  if (!live && !deleted_window) return api_error(ErrorKind::table_not_found, "Table not found: " + request.source);
  if (live && !window) return recovery_off(request);
  return outside_window(request.micros, window ? *window : *deleted_window);
}

// Between the look at the window and the clones, the past may have been given up: recovery was switched off or
// shortened, or the table deleted. What a request that comes now is told holds for this one, too.
ApiError clone_error(Services& services, const std::string& account, const RestoreRequest& request,
                     const Status& status) {
  if (!status.is(Code::invalid) && !status.is(Code::not_found)) return store_error(status);
  const auto again = find_source(services, account, request);
  if (!again.ok()) return again.error();
  if (status.is(Code::not_found)) return api_error(ErrorKind::table_not_found, "Table not found: " + request.source);
  const auto window = recovery_window(*again->table, services.store);
  if (!window) return recovery_off(request);
  return outside_window(again->at.micros(), *window);
}

// Whether each global index of the plan was complete in the source at that moment: then it is cloned.
Task<Result<std::vector<bool>>> find_complete(Services& services, Source source, std::vector<std::string> names) {
  const TableDefinition& now = *source.table;
  const auto then = co_await services.catalog.find_as_of(now.account, now.name, now.id, source.at);
  if (!then.ok()) {
    if (!then.error().is(Code::invalid)) co_return then.error();
    // The catalogue does not reach back that far, so nothing is known about the indexes.
    co_return std::vector<bool>(names.size(), false);
  }
  const TableDefinition& there = then.value() ? *then.value() : now;
  std::vector<bool> complete;
  for (const std::string& name : names) {
    const GlobalIndex* const index = now.global_index(name);
    const GlobalIndex* const before = there.global_index(name);
    const auto info = space_info(services.store, index->space);
    complete.push_back(before != nullptr && before->space == index->space && before->status == IndexStatus::active &&
                       info && info->horizon <= source.at);
  }
  co_return complete;
}

// Makes the spaces of the planned table and gives them to it. `complete`: which global indexes are cloned; the others
// get an empty space and are to be filled.
Task<Status> make_spaces(Services& services, Timestamp at, std::vector<bool> complete, TableDefinition* table) {
  const history::Retention retention = retention_of(*table);
  std::vector<history::CloneRequest> clones;
  clones.push_back({table->space, at, retention});
  for (const LocalIndex& index : table->local_indexes) clones.push_back({index.space, at, retention});
  std::size_t to_fill = 0;
  for (std::size_t i = 0; i < complete.size(); ++i) {
    if (complete[i]) clones.push_back({table->global_indexes[i].space, at, retention});
    to_fill += complete[i] ? 0 : 1;
  }
  FAULT_POINT("restore.before_clone");
  CO_TRY_ASSIGN(const auto cloned, co_await services.store.clone(std::move(clones)));
  FAULT_POINT("restore.after_clone");
  std::vector<SpaceId> empty;
  if (to_fill > 0) {
    std::vector<history::NewSpace> wanted(to_fill, retention);
    CO_TRY_ASSIGN(empty, co_await services.store.create(std::move(wanted)));
    FAULT_POINT("restore.after_spaces");
  }
  auto next_clone = cloned.begin();
  auto next_empty = empty.begin();
  table->space = *next_clone++;
  for (LocalIndex& index : table->local_indexes) index.space = *next_clone++;
  for (std::size_t i = 0; i < complete.size(); ++i) {
    GlobalIndex& index = table->global_indexes[i];
    index.space = complete[i] ? *next_clone++ : *next_empty++;
    index.status = complete[i] ? IndexStatus::active : IndexStatus::creating;
    index.backfilling = !complete[i];
  }
  co_return Status();
}

Task<void> start_jobs(Services& services, const TableDefinition& table) {
  co_await start_clone_copy(services, table);
  for (const GlobalIndex& index : table.global_indexes) {
    if (index.status == IndexStatus::creating) co_await start_index_backfill(services, table, index.name);
  }
}

}  // namespace

Task<Status> restore_by_clone(Services& services, TablePtr source, Timestamp at, RestorePlan* plan) {
  const Source from{std::move(source), at};
  CO_TRY_ASSIGN(auto complete, co_await find_complete(services, from, plan->global_sources));
  CO_TRY(co_await make_spaces(services, at, std::move(complete), &plan->table));
  FAULT_POINT("restore.before_add");
  // As in create_table.cc: after a failure the clones stay for what is found at the next start.
  CO_TRY(co_await services.catalog.add(plan->table));
  FAULT_POINT("restore.after_add");
  co_await start_jobs(services, plan->table);
  co_return Status();
}

Bytes describe_restoring(Services& services, TableDefinition table) {
  table.status = TableStatus::creating;
  table.restore->in_progress = true;
  return describe(services, "TableDescription", table);
}

Task<OperationResult> restore_table_to_point_in_time(Services& services, OperationRequest request) {
  CO_TRY_ASSIGN(const RestoreRequest wanted, read_restore(services, request.caller, request.body));
  const std::string& account = request.caller.account;
  const auto guard = co_await services.catalog.lock_name(account, wanted.target);
  CO_TRY_ASSIGN(const Source source, find_source(services, account, wanted));
  if (services.catalog.find(account, wanted.target)) {
    co_return api_error(ErrorKind::table_already_exists, "Table already exists: " + wanted.target);
  }
  CO_TRY_ASSIGN(RestorePlan plan,
                plan_restore(wanted, *source.table, services.settings, services.store.now().micros()));
  plan.table.restore.emplace();
  plan.table.restore->source_table_arn = source.table->arn;
  plan.table.restore->restore_micros = static_cast<std::int64_t>(source.at.micros());

  const Status made = co_await restore_by_clone(services, source.table, source.at, &plan);
  if (!made.ok()) co_return clone_error(services, account, wanted, made);
  co_return describe_restoring(services, std::move(plan.table));
}

}  // namespace reprise::dynamo
