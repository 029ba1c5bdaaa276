// ConsumedCapacity: what a request would have cost, for ReturnConsumedCapacity. Nothing is throttled by it.
//
// Rules (developer guide, "Read and write capacity"): a write costs one unit per started KB of the larger of the old
// and the new item, and for each index entry that changes one unit per started KB, twice when the entry moves; a read
// one unit per started 4 KB when consistent, half of that when not.
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

  [[nodiscard]] double total() const;
  // {"TableName": ..., "CapacityUnits": ...}
  void print(codec::JsonWriter& writer, const TableDefinition& table, CapacityReport report) const;

 private:
  struct Index {
    std::string name;
    bool global;
    double units;
  };
  void print_indexes(codec::JsonWriter& writer, std::string_view member, bool global) const;

  double table_ = 0;
  std::vector<Index> indexes_;
};

// ItemCollectionMetrics of one item: its partition key, and how large the collection is in GB. The estimate is the
// smallest range; Reprise sets no limit on collections.
void print_item_collection(codec::JsonWriter& writer, const TableDefinition& table, ItemView item);
// Whether the request wants them and the table has any (collections matter to tables with local indexes).
bool wants_item_collections(const Fields& in, const TableDefinition& table);

}  // namespace reprise::dynamo
