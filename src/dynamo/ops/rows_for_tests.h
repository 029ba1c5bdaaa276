// For tests: whole spaces to compare, and the entries that indexes must have.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "base/bytes.h"
#include "base/task.h"
#include "dynamo/ops/index_entries.h"
#include "history/store.h"

namespace reprise::dynamo {

using Rows = std::map<Bytes, Bytes>;

inline Rows all_rows(history::Store& store, SpaceId space) {
  Rows rows;
  history::ScanRequest request;
  request.space = space;
  for (;;) {
    auto page = sync_wait(store.scan(request));
    EXPECT_TRUE(page.ok()) << page.error().to_string();
    if (!page.ok()) return rows;
    for (std::size_t i = 0; i < page->rows.size(); ++i) rows.emplace(page->rows[i].key, page->rows[i].value);
    if (!page->resume_after) return rows;
    request.range.lower = *page->resume_after + '\0';
  }
}

// The entries an index must have for these items.
inline Rows entries_of(const TableDefinition& table, const IndexView& index, const Rows& items) {
  Rows entries;
  for (const auto& [key, item] : items) {
    if (auto entry = index_entry(table, index, ItemView(item))) entries.emplace(entry->key, entry->value);
  }
  return entries;
}

// That every index holds exactly what its items give.
inline void expect_indexes_right(history::Store& store, const TableDefinition& table) {
  const Rows items = all_rows(store, table.space);
  for_each_index(table, [&](const IndexView& index) {
    EXPECT_TRUE(all_rows(store, index.space) == entries_of(table, index, items)) << table.name << " " << index.name;
  });
}

}  // namespace reprise::dynamo
