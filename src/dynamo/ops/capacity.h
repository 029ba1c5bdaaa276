// ConsumedCapacity: what a request would have cost, for ReturnConsumedCapacity. Nothing is throttled by it.
//
// Rules (developer guide, "Read and write capacity"): a write costs one unit per started KB of the larger of the old
// and the new item, and for each index entry that changes one unit per started KB, twice when the entry moves; a read
// one unit per started 4 KB when consistent, half of that when not. A transaction costs the table twice that, its
// indexes once, and says which kind of units it reports ("Transactional operations"; observed).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/request.h"

namespace reprise::dynamo {

enum class CapacityReport : std::uint8_t { none, total, indexes };
CapacityReport capacity_report(const Fields& in);

// The units of one table and its indexes.
class ConsumedCapacity {
 public:
  void add_table(double units) { table_ += units; }
  void add_index(std::string_view name, bool global, double units);

  // A write that turned `before` into `after` (either may be no item), on the table and its indexes.
  void add_write(const TableDefinition& table, ItemView before, ItemView after);
  // The same in a transaction; a mere check turns an item into itself.
  void add_transact_write(const TableDefinition& table, ItemView before, ItemView after);
  // A read of an item of so many bytes (0: there is none) in a transaction, or the repetition of a write of it.
  void add_transact_read(std::size_t bytes);

  [[nodiscard]] double total() const;
  // What the table's own throughput pays for.
  [[nodiscard]] double of_table_and_local_indexes() const {
    double units = table_;
    for (const auto& index : indexes_) units += index.global ? 0 : index.units;
    return units;
  }
  // Calls f(name, units) for every global index that costs something.
  template <class F>
  void for_each_global_index(F f) const {
    for (const auto& index : indexes_) {
      if (index.global) f(std::string_view(index.name), index.units);
    }
  }
  // {"TableName": ..., "CapacityUnits": ...}
  void print(codec::JsonWriter& writer, const TableDefinition& table, CapacityReport report) const;

 private:
  struct Index {
    std::string name;
    bool global;
    double units;
  };
  // Which kind of units is told; only transactions tell.
  enum class Told : std::uint8_t { no, read, write };

  void add_index_writes(const TableDefinition& table, ItemView before, ItemView after);
  void print_units(codec::JsonWriter& writer, double units) const;
  void print_indexes(codec::JsonWriter& writer, std::string_view member, bool global) const;

  Told told_ = Told::no;
  double table_ = 0;
  std::vector<Index> indexes_;
};

// ItemCollectionMetrics of one item: its partition key, and how large the collection is in GB. The estimate is the
// smallest range; Reprise sets no limit on collections.
void print_item_collection(codec::JsonWriter& writer, const TableDefinition& table, ItemView item);
// Whether the request wants them and the table has any (collections matter to tables with local indexes).
bool wants_item_collections(const Fields& in, const TableDefinition& table);

}  // namespace reprise::dynamo
