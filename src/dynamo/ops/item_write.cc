// See item_write.h for the invariants.
#include "dynamo/ops/item_write.h"

#include <optional>
#include <utility>

#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/throughput_limit.h"
#include "history/store.h"

namespace reprise::dynamo {
namespace {

using history::Change;
using history::Commit;
using history::KeyLocks;
using history::Version;

ApiError table_gone() { return api_error(ErrorKind::resource_not_found, "Requested resource not found"); }

// Streams and the like look at the items' own log; nobody asks for the changes of an index.
void add_unlogged(std::vector<history::Change>& changes, history::Change change) {
  change.unlogged = true;
  changes.push_back(std::move(change));
}

// Adds the change of one index entry, if there is one.
Task<Status> stage_entry(history::Store& store, const TableDefinition& table, IndexView index, ItemView before,
                         ItemView after, Commit& commit) {
  auto old_entry = index_entry(table, index, before);
  auto new_entry = index_entry(table, index, after);
  if (!old_entry && !new_entry) co_return Status();
  auto& changes = index.global != nullptr ? commit.derived : commit.changes;
  const bool moves = old_entry && (!new_entry || old_entry->key != new_entry->key);
  if (moves) {
    CO_TRY_ASSIGN(Version present, co_await store.get(index.space, old_entry->key));
    // An index that is still being filled may not have it.
    if (present) add_unlogged(changes, {index.space, std::move(old_entry->key), std::nullopt, std::move(present)});
  }
  if (!new_entry) co_return Status();
  CO_TRY_ASSIGN(Version present, co_await store.get(index.space, new_entry->key));
  if (!present || present.value() != new_entry->value) {
    add_unlogged(changes, {index.space, std::move(new_entry->key), std::move(new_entry->value), std::move(present)});
  }
  co_return Status();
}

// Takes from the table's throughput what a decision costs; a condition that does not hold costs as much as a write.
Check charge(const Services& services, const TableDefinition& table, ItemView before,
             const Outcome<Decision>& decision) {
  if (services.throughput == nullptr) return Passed{};
  if (decision.ok()) return charge_write(services, table, before, item_after(*decision, before));
  if (decision.error().kind != ErrorKind::conditional_check_failed) return Passed{};
  return charge_write(services, table, before, before);
}

struct Round {
  bool again = false;
  ItemWritten written;
};

// One attempt, with the lock held.
Task<Outcome<Round>> attempt(Services& services, TablePtr table, Bytes key, ItemChange& change, WriteKeep keep) {
  Round round;
  auto found = co_await services.store.get(table->space, key);
  if (!found.ok()) {
    if (!worth_another_round(found.error())) co_return store_error(found.error());
    round.again = true;
    co_return round;
  }
  Version before = std::move(found).value();
  const ItemView old_item = before ? ItemView(before.value()) : ItemView();
  auto decided = change.decide(*table, old_item);
  if (!keep.unlimited) CO_TRY(charge(services, *table, old_item, decided));
  CO_TRY_ASSIGN(Decision decision, std::move(decided));
  if (keep.after)
    round.written.after = decision.kind == Decision::Kind::leave ? Bytes(old_item.encoded()) : decision.item;
  if (keep.before) round.written.before = before;
  round.written.table = table;

  Commit commit;
  const auto staged =
      co_await stage_write(services.store, table, std::move(key), std::move(before), std::move(decision), commit);
  if (!staged.ok()) {
    if (!worth_another_round(staged)) co_return store_error(staged);
    round.again = true;
    co_return round;
  }
  if (commit.changes.empty() && commit.derived.empty()) co_return round;
  const auto done = co_await services.store.commit(std::move(commit));
  if (!done.ok()) {
    if (!worth_another_round(done.error())) co_return store_error(done.error());
    round.again = true;
  }
  co_return round;
}

}  // namespace

TablePtr current_table(const Services& services, const TableDefinition& table) {
  auto now = services.catalog.find(table.account, table.name);
  if (now == nullptr || now->id != table.id || now->status == TableStatus::deleting) return nullptr;
  return now;
}

ItemView item_after(const Decision& decision, ItemView before) {
  switch (decision.kind) {
    case Decision::Kind::leave: return before;
    case Decision::Kind::erase: return {};
    case Decision::Kind::put: return ItemView(decision.item);
  }
  return before;
}

bool worth_another_round(const Status& status) { return status.is(Code::conflict) || status.is(Code::not_found); }

Task<Status> stage_write(history::Store& store, TablePtr table, Bytes key, Version before, Decision decision,
                         Commit& commit) {
  if (decision.kind == Decision::Kind::leave) co_return Status();
  if (decision.kind == Decision::Kind::erase && !before) co_return Status();
  const ItemView old_item = before ? ItemView(before.value()) : ItemView();
  const ItemView new_item = decision.kind == Decision::Kind::put ? ItemView(decision.item) : ItemView();
  if (old_item && old_item.encoded() == new_item.encoded()) co_return Status();

  for (const auto& index : table->local_indexes) {
    const IndexView view = view_of(index);
    CO_TRY(co_await stage_entry(store, *table, view, old_item, new_item, commit));
  }
  for (const auto& index : table->global_indexes) {
    if (!is_maintained(index)) continue;
    const IndexView view = view_of(index);
    CO_TRY(co_await stage_entry(store, *table, view, old_item, new_item, commit));
  }
  std::optional<Bytes> value;
  if (new_item) value = std::move(decision.item);
  commit.changes.push_back({table->space, std::move(key), std::move(value), std::move(before)});
  co_return Status();
}

Task<Outcome<ItemWritten>> write_item(Services& services, TablePtr table, Bytes key, ItemChange& change,
                                      WriteKeep keep) {
  const KeyLocks::Guard guard = co_await services.store.locks().lock(table->space, key);
  for (int n = 0; n < write_rounds_max; ++n) {
    table = current_table(services, *table);
    if (table == nullptr) co_return table_gone();
    CO_TRY_ASSIGN(Round round, co_await attempt(services, table, key, change, keep));
    if (!round.again) co_return std::move(round.written);
  }
  co_return store_error(conflict("an item kept changing under its lock"));
}

Task<Check> write_items(Services& services, std::vector<BatchedWrite>& writes, WriteKeep keep) {
  std::vector<KeyLocks::LockKey> keys;
  keys.reserve(writes.size());
  for (const auto& write : writes) keys.push_back({write.table->space, write.key});
  const KeyLocks::Guard guard = co_await services.store.locks().lock(std::move(keys));

  for (int n = 0; n < write_rounds_max; ++n) {
    Commit commit;
    Status failed;
    for (auto& write : writes) {
      write.table = current_table(services, *write.table);
      if (write.table == nullptr) co_return table_gone();
      auto found = co_await services.store.get(write.table->space, write.key);
      if (!found.ok()) {
        failed = found.error();
        break;
      }
      Version before = std::move(found).value();
      if (keep.before) write.before = before;
      if (write.limited) {
        const ItemView old_item = before ? ItemView(before.value()) : ItemView();
        write.unprocessed = !charge_write(services, *write.table, old_item, ItemView(write.item)).ok();
        if (write.unprocessed) continue;
      }
      Decision decision{write.item.empty() ? Decision::Kind::erase : Decision::Kind::put, write.item};
      failed =
          co_await stage_write(services.store, write.table, write.key, std::move(before), std::move(decision), commit);
      if (!failed.ok()) break;
    }
    if (failed.ok() && (!commit.changes.empty() || !commit.derived.empty())) {
      const auto done = co_await services.store.commit(std::move(commit));
      if (!done.ok()) failed = done.error();
    }
    if (failed.ok()) co_return Passed{};
    if (!worth_another_round(failed)) co_return store_error(failed);
  }
  co_return store_error(conflict("items kept changing under their locks"));
}

}  // namespace reprise::dynamo
