// The background work of tables: what is asked of the job runner, and how it is found again after a crash.
//
// Kinds:
//   index-backfill  fills an index that was added to a table with items (index_backfill.h)
//   clone-copy      copies what a restored table still reads through its source
//   index-drop      lets the space of a deleted index go once no request uses it any more
// Every one is idempotent; two of the same kind on the same table only cost time.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/task.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

inline constexpr std::string_view index_backfill_kind = "index-backfill";
inline constexpr std::string_view clone_copy_kind = "clone-copy";
inline constexpr std::string_view index_drop_kind = "index-drop";

// The arguments of all of them; members that a kind has no use for stay empty.
struct TableJob {
  std::string account;
  std::string name;
  std::string table_id;
  std::string index;     // index-backfill
  SpaceId space;         // index-drop
  Timestamp keep_until;  // index-drop
  bool operator==(const TableJob&) const = default;
};
Bytes encode_table_job(const TableJob& job);
Result<TableJob> decode_table_job(BytesView text);

// Start a job, unless an equal one runs already. A failure is logged and not fatal: the definition shows what is left
// to do, and start_missing_jobs does it later.
Task<void> start_index_backfill(Services& services, const TableDefinition& table, std::string index);
Task<void> start_clone_copy(Services& services, const TableDefinition& table);
Task<void> start_index_drop(Services& services, const TableDefinition& table, SpaceId space, Timestamp keep_until);

// Starts what a crash kept from being started: backfills of indexes that are being created, copies of clones.
Task<Status> start_missing_jobs(Services& services);

}  // namespace reprise::dynamo
