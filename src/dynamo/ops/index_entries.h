// Which entries an item has in the indexes of its table.
//
// Invariant that writes and backfills keep with these functions: the entries of an index are, for every item that has
// all of the index's key attributes with their types, exactly one key (model/key.h, index_key) with the projected
// attributes as its value. The table's and the index's key attributes are always among them.
//
// All functions are pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

// A local or a global index, looked at in its table's definition; valid while that is.
struct IndexView {
  std::string_view name;
  SpaceId space;
  const KeySchema* key = nullptr;
  const IndexProjection* projection = nullptr;
  const GlobalIndex* global = nullptr;  // null for a local index
};
IndexView view_of(const LocalIndex& index);
IndexView view_of(const GlobalIndex& index);

// The index called `name`; nothing when there is none or it is being deleted.
std::optional<IndexView> find_index(const TableDefinition& table, std::string_view name);

// Whether writes keep this index up to date: always, but while it is being deleted.
inline bool is_maintained(const GlobalIndex& index) { return index.status != IndexStatus::deleting; }

// Whether entries of the index hold the attribute.
bool projects(const TableDefinition& table, const IndexView& index, std::string_view attribute);

struct IndexEntry {
  Bytes key;
  Bytes value;
};
// The item's entry; nothing when it has none (or `item` is no item).
std::optional<IndexEntry> index_entry(const TableDefinition& table, const IndexView& index, ItemView item);

// The projected attributes of an item, as an item.
Bytes projected_item(const TableDefinition& table, const IndexView& index, ItemView item);

// Whether the item and its entries in local indexes are within the limit of an item together (guide, "Local secondary
// indexes"), by DynamoDB's measure.
bool fits_with_local_entries(const TableDefinition& table, ItemView item);

// Calls f(IndexView) for every index that writes keep up to date, local ones first.
template <class F>
void for_each_index(const TableDefinition& table, F f) {
  for (const auto& index : table.local_indexes) f(view_of(index));
  for (const auto& index : table.global_indexes) {
    if (is_maintained(index)) f(view_of(index));
  }
}

}  // namespace reprise::dynamo
