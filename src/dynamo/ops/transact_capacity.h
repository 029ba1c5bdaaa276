// What the answers of transactions say once for each table: TransactWriteItems, TransactGetItems, ExecuteTransaction.
#pragma once

#include <cstddef>
#include <vector>

#include "codec/json.h"
#include "dynamo/model/item.h"
#include "dynamo/ops/capacity.h"
#include "dynamo/ops/transact.h"

namespace reprise::dynamo {

// Calls f(first, members) for each table, in the order in which the actions name them: the index of its first action
// and those of all of them. An Action has a `table` (a TablePtr).
template <class Action, class F>
void for_each_table(const std::vector<Action>& actions, F f) {
  std::vector<bool> seen(actions.size(), false);
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (seen[i]) continue;
    std::vector<std::size_t> members;
    for (std::size_t j = i; j < actions.size(); ++j) {
      if (actions[j].table->space != actions[i].table->space) continue;
      seen[j] = true;
      members.push_back(j);
    }
    f(i, members);
  }
}

// "ConsumedCapacity": [...], unless `report` is none; add(consumed, i) adds what action i took.
template <class Action, class F>
void print_transact_capacity(codec::JsonWriter& writer, const std::vector<Action>& actions, CapacityReport report,
                             F add) {
  if (report == CapacityReport::none) return;
  writer.key("ConsumedCapacity");
  writer.begin_array();
  for_each_table(actions, [&](std::size_t first, const std::vector<std::size_t>& members) {
    ConsumedCapacity consumed;
    for (const std::size_t i : members) add(consumed, i);
    consumed.print(writer, *actions[first].table, report);
  });
  writer.end_array();
}

// What action i of a transaction that writes took: one that was repeated with its token has read what it had written.
inline void add_transact_written(ConsumedCapacity& consumed, const TransactWritten& done, std::size_t i) {
  if (done.repeated) {
    consumed.add_transact_read(i < done.sizes.size() ? done.sizes[i] : 0);
  } else {
    consumed.add_transact_write(*done.items[i].table, done.items[i].old_item(), ItemView(done.items[i].after));
  }
}

}  // namespace reprise::dynamo
