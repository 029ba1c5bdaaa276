// Point-in-time recovery of a table: what its settings mean for the store, and between which times it can be restored.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/task.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/operation.h"
#include "history/store.h"

namespace reprise::dynamo {

// How long the spaces of the table's indexes keep their past: a little more than the recovery period while recovery is
// on, else not at all.
history::Retention retention_of(const TableDefinition& table);
// How long that of its items does: as long, and a little more than a stream's window while a stream can be read.
history::Retention item_retention_of(const TableDefinition& table);
// Both, in the order of spaces_of().
std::vector<history::Retention> retentions_of(const TableDefinition& table);
// What the store is asked for when all of the table's spaces are to be made.
std::vector<history::NewSpace> new_spaces_of(const TableDefinition& table);
// Tells the store. Nothing is written where nothing changes; spaces that are gone are left out.
Task<Status> set_retentions(history::Store& store, TablePtr table);

// A table that is about to be made gets what the environment says (Settings::protect_new_tables) unless the request
// says otherwise about deletion protection. creation_micros is set.
void protect_new_table(TableDefinition& table, const Settings& settings, std::optional<bool> deletion_protection);

// Gives new spaces to the table and its indexes, in the order of spaces_of().
void assign_spaces(TableDefinition& table, const std::vector<SpaceId>& spaces);

// How long the past of a table that is deleted now must stay, for restores (of its system backup: 35 days at least) and
// for the readers of its streams; the zero Timestamp when it need not.
Timestamp keep_deleted_until(const TableDefinition& table, Timestamp now);
// How long that of its indexes must, or of one that is deleted alone: for restores only.
Timestamp keep_indexes_until(const TableDefinition& table, Timestamp now);

// What the store knows about a space; nothing when the space is gone, which is an ordinary thing beside deletions.
std::optional<history::SpaceInfo> space_info(const history::Store& store, SpaceId space);

// The times a table can be restored to, both included.
struct RecoveryWindow {
  Timestamp earliest;
  Timestamp latest;
};

// The window of a live table, or of a deleted one (which ends when it was deleted); nothing when recovery is off or
// when the window of a deleted table has passed. Earliest is the latest of: recovery was switched on; now less the
// period; what shortening the period has let go; the horizon of the table's spaces. Latest is now: there is no delay, a
// restore waits for the moments until everything up to then is durable.
std::optional<RecoveryWindow> recovery_window(const TableDefinition& table, history::Store& store);

// The moment in the window that a request for `micros` means: what was acknowledged by then is in. Clients cut times to
// whole seconds (and print what they were told cut), so any time within the second in which the window opens means its
// opening. Nothing: outside the window.
std::optional<Timestamp> moment_in(const RecoveryWindow& window, std::uint64_t micros);

}  // namespace reprise::dynamo
