// As with CreateTable, the spaces come first and the catalogue's entry second: a crash in between leaves spaces that
// nobody names, which go at the next start.
#include "dynamo/archive/import_table.h"

#include <map>
#include <utility>

#include "base/fault_point.h"
#include "dynamo/ops/item_write.h"
#include "dynamo/ops/recovery_window.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

// Items of one commit.
constexpr std::size_t batch_items = 1000;
constexpr std::size_t batch_bytes = 4 << 20;

Status status_of(const ApiError& error) {
  switch (error.kind) {
    case ErrorKind::service_unavailable: return unavailable(error.message);
    case ErrorKind::resource_not_found: return not_found("the table has been deleted");
    default: return internal_error(error.message);
  }
}

Task<Status> write_batch(Services& services, std::vector<BatchedWrite> writes) {
  if (writes.empty()) co_return Status();
  FAULT_POINT("import.before_batch");
  const Check done = co_await write_items(services, writes, WriteKeep{});
  if (!done.ok()) co_return status_of(done.error());
  FAULT_POINT("import.after_batch");
  co_return Status();
}

}  // namespace

Task<Status> make_import_table(Services& services, ImportTableRecord record) {
  CO_TRY_ASSIGN(TableDefinition table, decode_table(record.definition));
  const auto guard = co_await services.catalog.lock_name(table.account, table.name);
  if (const TablePtr there = services.catalog.find(table.account, table.name)) {
    if (there->id == table.id) co_return Status();
    co_return already_exists("Table already exists: " + table.name);
  }
  std::vector<history::NewSpace> wanted(1 + table.global_indexes.size(), retention_of(table));
  FAULT_POINT("import.before_spaces");
  CO_TRY_ASSIGN(const auto spaces, co_await services.store.create(std::move(wanted)));
  FAULT_POINT("import.after_spaces");
  assign_spaces(table, spaces);
  CO_TRY(co_await services.catalog.add(std::move(table)));
  FAULT_POINT("import.after_table");
  co_return Status();
}

Result<TablePtr> find_import_table(Services& services, const ImportTableRecord& record) {
  const TablePtr table = services.catalog.find(record.account, record.table_name);
  if (!table || table->id != record.table_id) return not_found("the table has been deleted");
  return table;
}

Task<Status> activate_import_table(Services& services, ImportTableRecord record) {
  FAULT_POINT("import.before_active");
  const Catalog::Edit change = [](TableDefinition& table) {
    if (table.status == TableStatus::creating) table.status = TableStatus::active;
    return Status();
  };
  const auto edited = co_await services.catalog.edit(record.account, record.table_name, record.table_id, change);
  if (!edited.ok() && !edited.error().is(Code::not_found)) co_return edited.error();
  FAULT_POINT("import.after_active");
  co_return Status();
}

Task<Status> write_imported(Services& services, TablePtr table, std::vector<ImportedItem> items) {
  std::map<BytesView, std::size_t> last;  // of each key the item that counts
  for (std::size_t i = 0; i < items.size(); ++i) last[items[i].key] = i;
  std::vector<std::size_t> order;
  for (const auto& [key, index] : last) order.push_back(index);
  std::vector<BatchedWrite> writes;
  std::size_t bytes = 0;
  for (const std::size_t index : order) {
    ImportedItem& item = items[index];
    bytes += item.item.size();
    BatchedWrite& write = writes.emplace_back();
    write.table = table;
    write.key = item.key;
    write.item = std::move(item.item);
    if (writes.size() < batch_items && bytes < batch_bytes) continue;
    CO_TRY(co_await write_batch(services, std::exchange(writes, {})));
    bytes = 0;
  }
  co_return co_await write_batch(services, std::move(writes));
}

}  // namespace reprise::dynamo
