// The catalogue: which tables exist, and which deleted ones can still be restored. Durable in a versioned space of its
// own, with a snapshot in memory that reads take without waiting.
//
// Invariants: a table that CreateTable answered is there after a crash; names are unique within an account; every space
// that no catalogue entry names is dropped at start (a crash between making spaces and naming them), and every space
// that one names keeps as much of its past as the entry says. Threading: all calls from any thread. A Table is
// immutable; a change makes a new one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/task.h"
#include "dynamo/model/schema.h"
#include "history/key_locks.h"
#include "recovery/root.h"

namespace reprise::history {
class Store;
}

namespace reprise::dynamo {

// One table as the catalogue has it. TableDefinition (model/schema.h) holds everything that is stored: names, schema,
// indexes with their spaces and states, billing, protection, PITR settings.
using TablePtr = std::shared_ptr<const TableDefinition>;

class Catalog {
 public:
  // Loads every entry from the catalogue space. Drops spaces that nobody names, neither here nor in `named_elsewhere`
  // (those of buckets), and puts the retention of the others right.
  static Task<Result<std::unique_ptr<Catalog>>> open(history::Store& store, recovery::RootSpaces root,
                                                     std::set<SpaceId> named_elsewhere = {});
  virtual ~Catalog() = default;

  // The live table; null when there is none.
  [[nodiscard]] virtual TablePtr find(std::string_view account, std::string_view name) const = 0;
  // Names in order, beginning after `start_after`, at most `limit`; `more` tells whether there are others.
  struct Names {
    std::vector<std::string> names;
    bool more = false;
  };
  [[nodiscard]] virtual Names list(std::string_view account, std::string_view start_after, std::size_t limit) const = 0;
  [[nodiscard]] virtual std::size_t count(std::string_view account) const = 0;
  // Deleted tables of that name whose past is still kept (if only for a stream: recovery_window() tells), newest first.
  [[nodiscard]] virtual std::vector<TablePtr> deleted(std::string_view account, std::string_view name) const = 0;
  // All of the account's, by name, the oldest of a name first. Kept for restores, or only for readers of their streams.
  [[nodiscard]] virtual std::vector<TablePtr> deleted_of(std::string_view account) const = 0;
  // Every live table, for background jobs and metrics.
  [[nodiscard]] virtual std::vector<TablePtr> all() const = 0;
  // The table (by its id) as its entry was at T; of the first moment after T when it had none yet; null when it had
  // none any more. invalid: the catalogue does not reach back that far.
  virtual Task<Result<TablePtr>> find_as_of(std::string account, std::string name, std::string table_id,
                                            Timestamp at) = 0;
  // Whether nobody holds a TablePtr of that table from before its latest edit any more. Operations hold one from find()
  // until they have answered, so after this every write follows the present definition: what an index needs before it
  // can be filled, and before the space of one that was taken away can go.
  [[nodiscard]] virtual bool settled(std::string_view table_id) const = 0;

  // Queues operations that make, change or remove the table of that name. These locks are the catalogue's own: holding
  // one while waiting for a lock of the store is safe, holding two of these is not.
  virtual Task<history::KeyLocks::Guard> lock_name(std::string account, std::string name) = 0;

  // Adds a table. already_exists when the name is taken. Durable when done. After any other failure the entry may turn
  // out to be there at the next start: its spaces must be left alone.
  virtual Task<Status> add(TableDefinition definition) = 0;
  // Replaces a live table's entry by what `change` makes of the current one (called under the table's own lock, so that
  // changes do not overwrite each other). not_found when the table (by id) is gone. `change` may refuse by a Status.
  using Edit = std::function<Status(TableDefinition&)>;
  virtual Task<Result<TablePtr>> edit(std::string account, std::string name, std::string table_id, Edit change) = 0;
  // Moves a live table to the deleted ones, where it stays until `keep_until` (its past with it), or removes it at once
  // when that is in the past. Its spaces are the caller's to drop, after this.
  virtual Task<Status> remove(std::string account, std::string name, std::string table_id, Timestamp keep_until) = 0;
  // Forgets deleted tables whose time has come. Called by a background job.
  virtual Task<Status> purge_deleted() = 0;
};

}  // namespace reprise::dynamo
