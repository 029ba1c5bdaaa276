// Invariant: when the index becomes ACTIVE, its entries are exactly those that index_entries.h gives for the table's
// items. It holds because
//   - the scan begins only when every request follows a definition that has the index (Catalog::settled), so whatever
//     is written behind the scan's position is entered by the writer;
//   - an item is looked at again under its lock, so an entry is made for the item that is there, not for one that was;
//   - pages are in key order and the checkpoint is the last key of a whole page: nothing is skipped after a crash.
#include "dynamo/ops/index_backfill.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/table_jobs.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

// Items that are locked at once, for one durable write.
constexpr std::size_t batch_rows = 64;
constexpr std::size_t page_rows = 256;
constexpr std::size_t page_bytes = 1 << 20;

Status end(recovery::Job& job, std::string message) {
  job.state = recovery::JobState::done;
  job.message = std::move(message);
  return Status();
}

// Adds to `commit` the entry of the item at `key`, if it should have one and has not.
Task<Status> stage_entry(history::Store& store, const TableDefinition& table, IndexView index, Bytes key,
                         history::Commit& commit) {
  CO_TRY_ASSIGN(const history::Version item, co_await store.get(table.space, key));
  if (!item) co_return Status();
  auto entry = index_entry(table, index, ItemView(item.value()));
  if (!entry) co_return Status();
  history::Change change;
  CO_TRY_ASSIGN(change.before, co_await store.get(index.space, entry->key));
  if (change.before) co_return Status();
  change.space = index.space;
  change.key = std::move(entry->key);
  change.value = std::move(entry->value);
  change.unlogged = true;
  commit.changes.push_back(std::move(change));
  co_return Status();
}

Task<Status> fill_batch(history::Store& store, const TableDefinition& table, IndexView index, std::vector<Bytes> keys) {
  std::vector<history::KeyLocks::LockKey> wanted;
  for (const Bytes& key : keys) wanted.push_back({table.space, key});
  const auto guard = co_await store.locks().lock(std::move(wanted));
  history::Commit commit;
  for (const Bytes& key : keys) CO_TRY(co_await stage_entry(store, table, index, key, commit));
  if (commit.changes.empty()) co_return Status();
  FAULT_POINT("backfill.before_commit");
  CO_TRY(co_await store.commit(std::move(commit)));
  FAULT_POINT("backfill.after_commit");
  co_return Status();
}

Status make_active(TableDefinition& table, const std::string& name) {
  for (GlobalIndex& index : table.global_indexes) {
    if (index.name != name || index.status != IndexStatus::creating) continue;
    index.status = IndexStatus::active;
    index.backfilling = false;
  }
  return Status();
}

Task<Status> finish(Services& services, TableJob what, recovery::Job& job) {
  FAULT_POINT("backfill.before_active");
  const Catalog::Edit change = [&what](TableDefinition& table) { return make_active(table, what.index); };
  const auto edited = co_await services.catalog.edit(what.account, what.name, what.table_id, change);
  FAULT_POINT("backfill.after_active");
  if (!edited.ok() && !edited.error().is(Code::not_found)) co_return edited.error();
  co_return end(job, "");
}

}  // namespace

Task<Status> index_backfill_step(Services& services, recovery::Job& job) {
  CO_TRY_ASSIGN(const TableJob what, decode_table_job(job.arguments));
  const TablePtr table = services.catalog.find(what.account, what.name);
  if (!table || table->id != what.table_id) co_return end(job, "the table is gone");
  const GlobalIndex* const index = table->global_index(what.index);
  if (index == nullptr || index->status != IndexStatus::creating) co_return end(job, "there is nothing left to do");
  if (job.checkpoint.empty() && !services.catalog.settled(what.table_id)) {
    co_return unavailable("requests that began before the index was added are still under way");
  }

  history::ScanRequest request;
  request.space = table->space;
  request.max_rows = page_rows;
  request.max_bytes = page_bytes;
  if (!job.checkpoint.empty()) request.range.lower = job.checkpoint + '\0';
  CO_TRY_ASSIGN(const auto page, co_await services.store.scan(request));
  const IndexView view = view_of(*index);
  for (std::size_t first = 0; first < page.rows.size(); first += batch_rows) {
    std::vector<Bytes> keys;
    for (std::size_t i = first; i < std::min(page.rows.size(), first + batch_rows); ++i) {
      // Whether there is an entry to make is decided under the lock; an item that can have none needs no lock.
      if (index_entry(*table, view, ItemView(page.rows[i].value))) keys.emplace_back(page.rows[i].key);
    }
    if (keys.empty()) continue;
    const Status filled = co_await fill_batch(services.store, *table, view, std::move(keys));
    // The table or the index has just been deleted: the next step will see.
    if (filled.is(Code::not_found)) co_return conflict(std::string(filled.message()));
    if (!filled.ok()) co_return filled;
  }
  job.done += page.rows.size();
  if (const auto info = space_info(services.store, table->space)) job.total = info->keys;
  if (page.resume_after) {
    job.checkpoint = *page.resume_after;
    co_return Status();
  }
  co_return co_await finish(services, what, job);
}

}  // namespace reprise::dynamo
