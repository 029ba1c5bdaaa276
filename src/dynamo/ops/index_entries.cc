#include "dynamo/ops/index_entries.h"

#include <algorithm>
#include <utility>

#include "dynamo/model/key.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"

namespace reprise::dynamo {

IndexView view_of(const LocalIndex& index) { return {index.name, index.space, &index.key, &index.projection, nullptr}; }
IndexView view_of(const GlobalIndex& index) { return {index.name, index.space, &index.key, &index.projection, &index}; }

std::optional<IndexView> find_index(const TableDefinition& table, std::string_view name) {
  if (const auto* local = table.local_index(name)) return view_of(*local);
  const auto* global = table.global_index(name);
  if (global == nullptr || !is_maintained(*global)) return std::nullopt;
  return view_of(*global);
}

bool projects(const TableDefinition& table, const IndexView& index, std::string_view attribute) {
  if (index.projection->type == ProjectionType::all) return true;
  if (table.key.find(attribute) != nullptr || index.key->find(attribute) != nullptr) return true;
  if (index.projection->type != ProjectionType::include) return false;
  const auto& names = index.projection->non_key_attributes;
  return std::find(names.begin(), names.end(), attribute) != names.end();
}

Bytes projected_item(const TableDefinition& table, const IndexView& index, ItemView item) {
  if (index.projection->type == ProjectionType::all) return Bytes(item.encoded());
  Bytes projected(1, ItemView::format_version);
  for (auto member = item.members(); member; member.advance()) {
    if (projects(table, index, member.name())) projected.append(member.encoded());  // stays in name order
  }
  return projected;
}

std::optional<IndexEntry> index_entry(const TableDefinition& table, const IndexView& index, ItemView item) {
  if (!item) return std::nullopt;
  auto key = index_key(*index.key, table.key, item);
  if (!key) return std::nullopt;
  return IndexEntry{std::move(*key), projected_item(table, index, item)};
}

bool fits_with_local_entries(const TableDefinition& table, ItemView item) {
  if (table.local_indexes.empty()) return true;
  std::size_t size = item_size(item);
  // No entry is larger than its item.
  if (size * (table.local_indexes.size() + 1) <= limits::item_size_max) return true;
  for (const auto& index : table.local_indexes) {
    const auto entry = index_entry(table, view_of(index), item);
    if (entry) size += item_size(ItemView(entry->value));
  }
  return size <= limits::item_size_max;
}

}  // namespace reprise::dynamo
