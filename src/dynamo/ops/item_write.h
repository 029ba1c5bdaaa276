// Writing items: read the old one under its key's lock, decide, and commit the item and its index entries together.
//
// Invariants:
//   - an item and its entries in all indexes change in one commit (the entries of global indexes as derived changes);
//   - a decision is made on the item that the commit then replaces: a guard that fails is a new round, not an error;
//   - an index that is added while a write is under way misses no item: the table is looked up under the lock and held
//     until the commit is done, and whoever fills an index waits until nobody holds an older definition
//     (Catalog::settled) and then reads each item under the same lock.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/task.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/operation.h"
#include "history/version.h"

namespace reprise::history {
struct Commit;
}

namespace reprise::dynamo {

// What becomes of an item.
struct Decision {
  enum class Kind : std::uint8_t { leave, put, erase };
  Kind kind = Kind::leave;
  Bytes item;  // put: the new item
};

// What is there afterwards; looks into the decision or `before`.
ItemView item_after(const Decision& decision, ItemView before);

// Decides, possibly several times: each time the old item has changed meanwhile. Lives until the write is done.
class ItemChange {
 public:
  virtual ~ItemChange() = default;
  // `before` is the old item, or none. An error ends the write; nothing is changed.
  virtual Outcome<Decision> decide(const TableDefinition& table, ItemView before) = 0;
};

// What the caller wants to see afterwards; the rest is not copied.
struct WriteKeep {
  bool before = false;
  bool after = false;
  bool unlimited = false;  // the service's own work: not charged to the table's throughput (throughput_limit.h)
};

struct ItemWritten {
  TablePtr table;           // as it was when the write was made
  history::Version before;  // if kept
  Bytes after;              // if kept; empty when the item is gone
  [[nodiscard]] ItemView old_item() const { return before.exists() ? ItemView(before.value()) : ItemView(); }
};

Task<Outcome<ItemWritten>> write_item(Services& services, TablePtr table, Bytes key, ItemChange& change,
                                      WriteKeep keep);

// The same for many items of any tables, in one commit. No two of the writes are of one item.
struct BatchedWrite {
  TablePtr table;
  Bytes key;
  Bytes item;                // empty: erase
  history::Version before;   // filled in, if kept
  bool limited = false;      // charged to the table's throughput; when that is used up, left out:
  bool unprocessed = false;  // filled in
};
Task<Check> write_items(Services& services, std::vector<BatchedWrite>& writes, WriteKeep keep);

// The table of that id as it is now: what a write looks up once it holds its locks. Null when it is gone or about to
// be.
TablePtr current_table(const Services& services, const TableDefinition& table);
// A failure that another round may cure: somebody else was first, or an index has gone whose space was written to.
bool worth_another_round(const Status& status);
// Rounds of one write. With the key's lock held only background work (a backfill) can interfere, so a second round is
// rare and a tenth a bug.
inline constexpr int write_rounds_max = 10;

// Adds to `commit` what turning `before` (the item at `key`) into the decision's item takes: the item itself and its
// entries in every index. Reads the entries' present versions. The key's lock is held.
Task<Status> stage_write(history::Store& store, TablePtr table, Bytes key, history::Version before, Decision decision,
                         history::Commit& commit);

}  // namespace reprise::dynamo
