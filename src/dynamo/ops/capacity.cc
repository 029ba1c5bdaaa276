#include "dynamo/ops/capacity.h"

#include <algorithm>

#include "dynamo/model/item_json.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/index_entries.h"

namespace reprise::dynamo {
namespace {

// What the change of one index entry costs; 0 when the entry stays as it is.
double entry_units(const TableDefinition& table, const IndexView& index, ItemView before, ItemView after) {
  const auto old_entry = index_entry(table, index, before);
  const auto new_entry = index_entry(table, index, after);
  const auto size = [](const std::optional<IndexEntry>& entry) {
    return entry ? item_size(ItemView(entry->value)) : 0;
  };
  if (old_entry && new_entry && old_entry->key == new_entry->key) {
    if (old_entry->value == new_entry->value) return 0;
    return write_units(std::max(size(old_entry), size(new_entry)));
  }
  return (old_entry ? write_units(size(old_entry)) : 0) + (new_entry ? write_units(size(new_entry)) : 0);
}

}  // namespace

CapacityReport capacity_report(const Fields& in) {
  const auto text = in.string("ReturnConsumedCapacity");
  if (!text || *text == "NONE") return CapacityReport::none;
  return *text == "TOTAL" ? CapacityReport::total : CapacityReport::indexes;
}

void ConsumedCapacity::add_index(std::string_view name, bool global, double units) {
  for (auto& index : indexes_) {
    if (index.name == name) {
      index.units += units;
      return;
    }
  }
  indexes_.push_back({std::string(name), global, units});
}

void ConsumedCapacity::add_write(const TableDefinition& table, ItemView before, ItemView after) {
  add_table(write_units(std::max(item_size(before), item_size(after))));
  add_index_writes(table, before, after);
}

void ConsumedCapacity::add_transact_write(const TableDefinition& table, ItemView before, ItemView after) {
  told_ = Told::write;
  add_table(2 * write_units(std::max(item_size(before), item_size(after))));
  add_index_writes(table, before, after);
}

void ConsumedCapacity::add_transact_read(std::size_t bytes) {
  told_ = Told::read;
  add_table(2 * read_units(bytes, true));
}

void ConsumedCapacity::add_index_writes(const TableDefinition& table, ItemView before, ItemView after) {
  for_each_index(table, [&](const IndexView& index) {
    const double units = entry_units(table, index, before, after);
    if (units > 0) add_index(index.name, index.global != nullptr, units);
  });
}

double ConsumedCapacity::total() const {
  double units = table_;
  for (const auto& index : indexes_) units += index.units;
  return units;
}

void ConsumedCapacity::print_units(codec::JsonWriter& writer, double units) const {
  writer.key("CapacityUnits");
  writer.number(units);
  if (told_ == Told::no) return;
  writer.key(told_ == Told::read ? "ReadCapacityUnits" : "WriteCapacityUnits");
  writer.number(units);
}

void ConsumedCapacity::print_indexes(codec::JsonWriter& writer, std::string_view member, bool global) const {
  bool open = false;
  for (const auto& index : indexes_) {
    if (index.global != global) continue;
    if (!open) {
      writer.key(member);
      writer.begin_object();
      open = true;
    }
    writer.key(index.name);
    writer.begin_object();
    print_units(writer, index.units);
    writer.end_object();
  }
  if (open) writer.end_object();
}

void ConsumedCapacity::print(codec::JsonWriter& writer, const TableDefinition& table, CapacityReport report) const {
  writer.begin_object();
  writer.member("TableName", table.name);
  print_units(writer, total());
  if (report == CapacityReport::indexes) {
    writer.key("Table");
    writer.begin_object();
    print_units(writer, table_);
    writer.end_object();
    print_indexes(writer, "LocalSecondaryIndexes", false);
    print_indexes(writer, "GlobalSecondaryIndexes", true);
  }
  writer.end_object();
}

void print_item_collection(codec::JsonWriter& writer, const TableDefinition& table, ItemView item) {
  writer.begin_object();
  writer.key("ItemCollectionKey");
  writer.begin_object();
  for (const auto& attribute : table.key.hash) {
    writer.key(attribute.name);
    print_value(writer, item.find(attribute.name));
  }
  writer.end_object();
  writer.key("SizeEstimateRangeGB");
  writer.begin_array();
  writer.number(0);
  writer.number(1);
  writer.end_array();
  writer.end_object();
}

bool wants_item_collections(const Fields& in, const TableDefinition& table) {
  return !table.local_indexes.empty() && in.string_or("ReturnItemCollectionMetrics", "NONE") == "SIZE";
}

}  // namespace reprise::dynamo
