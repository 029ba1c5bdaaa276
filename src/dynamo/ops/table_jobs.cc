// Jobs of tables hold no state of their own: every step looks at the catalogue and at the spaces, does the next part of
// what they show to be missing, and ends when nothing is.
#include "dynamo/ops/table_jobs.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/fault_point.h"
#include "base/log.h"
#include "codec/json.h"
#include "codec/json_members.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/client_token.h"
#include "dynamo/ops/index_backfill.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_operations.h"
#include "dynamo/ops/table_streams.h"
#include "dynamo/ops/time_to_live.h"
#include "history/store.h"
#include "recovery/jobs.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t copy_step_bytes = 4 << 20;
constexpr std::chrono::milliseconds missing_jobs_interval{5'000};
constexpr std::chrono::milliseconds purge_interval{60'000};
constexpr std::chrono::milliseconds token_interval{10'000};

// Starts a job unless an equal one is under way.
Task<void> start(Services& services, std::string_view kind, TableJob what, std::string subject) {
  Bytes arguments = encode_table_job(what);
  for (const recovery::Job& job : services.jobs.list()) {
    if (job.state != recovery::JobState::running) break;  // running ones come first
    if (job.kind == kind && job.arguments == arguments) co_return;
  }
  FAULT_POINT("table_jobs.before_start");
  const auto started = co_await services.jobs.start(std::string(kind), std::move(subject), std::move(arguments));
  if (!started.ok()) {
    log_line(LogLevel::warn, "dynamo", "a job could not be started; it will be tried again",
             log_field("kind", kind) + log_field("error", started.error().to_string()));
  }
}

TableJob job_of(const TableDefinition& table) {
  TableJob what;
  what.account = table.account;
  what.name = table.name;
  what.table_id = table.id;
  return what;
}

bool reads_through(history::Store& store, SpaceId space) {
  const auto info = space_info(store, space);
  return info && info->base.has_value();
}

bool needs_copy(history::Store& store, const TableDefinition& table) {
  const auto spaces = spaces_of(table);
  return std::any_of(spaces.begin(), spaces.end(), [&](SpaceId space) { return reads_through(store, space); });
}

bool has_unfilled(const TableDefinition& table) {
  return std::any_of(table.global_indexes.begin(), table.global_indexes.end(),
                     [](const GlobalIndex& index) { return index.status == IndexStatus::creating; });
}

// Copies the next part of the first space of the table that still reads through.
Task<Status> clone_copy_step(Services& services, recovery::Job& job) {
  CO_TRY_ASSIGN(const TableJob what, decode_table_job(job.arguments));
  const TablePtr table = services.catalog.find(what.account, what.name);
  const bool alive = table && table->id == what.table_id;
  if (alive) {
    std::uint64_t total = 0;
    for (const SpaceId space : spaces_of(*table)) {
      if (const auto info = space_info(services.store, space)) total += info->keys;
    }
    job.total = total;
    for (const SpaceId space : spaces_of(*table)) {
      if (!reads_through(services.store, space)) continue;
      FAULT_POINT("clone_copy.before_part");
      const auto progress = co_await services.store.copy_from_base(space, copy_step_bytes);
      // A table or index that is deleted meanwhile needs no copy.
      if (!progress.ok() && progress.error().is(Code::not_found)) continue;
      if (!progress.ok()) co_return progress.error();
      FAULT_POINT("clone_copy.after_part");
      job.done += progress.value().finished ? progress.value().keys_copied : 0;
      co_return Status();
    }
  } else {
    job.message = "the table is gone";
  }
  job.state = recovery::JobState::done;
  co_return Status();
}

Task<Status> index_drop_step(Services& services, recovery::Job& job) {
  CO_TRY_ASSIGN(const TableJob what, decode_table_job(job.arguments));
  if (!services.catalog.settled(what.table_id)) {
    co_return unavailable("requests that began before the index was deleted are still under way");
  }
  std::vector<SpaceId> spaces{what.space};
  CO_TRY(co_await services.store.drop(std::move(spaces), what.keep_until));
  FAULT_POINT("index_drop.after_drop");
  job.state = recovery::JobState::done;
  co_return Status();
}

// What one table still lacks. Under the name's lock, so that an operation that is about to start the same job has done
// so.
Task<void> start_missing_of(Services& services, TablePtr seen) {
  const auto guard = co_await services.catalog.lock_name(seen->account, seen->name);
  const TablePtr table = services.catalog.find(seen->account, seen->name);
  if (!table || table->id != seen->id) co_return;
  for (const GlobalIndex& index : table->global_indexes) {
    if (index.status == IndexStatus::creating) co_await start_index_backfill(services, *table, index.name);
  }
  if (needs_copy(services.store, *table)) co_await start_clone_copy(services, *table);
}

}  // namespace

Bytes encode_table_job(const TableJob& job) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.member("account", job.account);
  w.member("name", job.name);
  w.member("table_id", job.table_id);
  write_text(w, "index", job.index);
  if (job.space.value() != 0) {
    write_unsigned(w, "space", job.space.value());
    write_unsigned(w, "keep_until", job.keep_until.bits());
  }
  w.end_object();
  return out;
}

Result<TableJob> decode_table_job(BytesView text) {
  codec::JsonDocument document;
  TRY_ASSIGN(const codec::JsonValue json, document.parse(text));
  TableJob job;
  job.account = text_of(json, "account");
  job.name = text_of(json, "name");
  job.table_id = text_of(json, "table_id");
  job.index = text_of(json, "index");
  job.space = SpaceId(unsigned_of(json, "space"));
  job.keep_until = Timestamp(unsigned_of(json, "keep_until"));
  if (job.table_id.empty()) return corruption("a job's arguments name no table");
  return job;
}

Task<void> start_index_backfill(Services& services, const TableDefinition& table, std::string index) {
  TableJob what = job_of(table);
  std::string subject = "index " + index + " of table " + table.name;
  what.index = std::move(index);
  co_await start(services, index_backfill_kind, std::move(what), std::move(subject));
}

Task<void> start_clone_copy(Services& services, const TableDefinition& table) {
  co_await start(services, clone_copy_kind, job_of(table), "table " + table.name);
}

Task<void> start_index_drop(Services& services, const TableDefinition& table, SpaceId space, Timestamp keep_until) {
  TableJob what = job_of(table);
  what.space = space;
  what.keep_until = keep_until;
  co_await start(services, index_drop_kind, std::move(what), "an index of table " + table.name);
}

Task<Status> start_missing_jobs(Services& services) {
  for (const TablePtr& table : services.catalog.all()) {
    if (has_unfilled(*table) || needs_copy(services.store, *table)) co_await start_missing_of(services, table);
  }
  co_return Status();
}

void register_table_jobs(Services& services) {
  services.jobs.handle(std::string(index_backfill_kind),
                       [&services](recovery::Job& job) { return index_backfill_step(services, job); });
  services.jobs.handle(std::string(clone_copy_kind),
                       [&services](recovery::Job& job) { return clone_copy_step(services, job); });
  services.jobs.handle(std::string(index_drop_kind),
                       [&services](recovery::Job& job) { return index_drop_step(services, job); });
  services.jobs.every(missing_jobs_interval, "missing table jobs",
                      [&services] { return start_missing_jobs(services); });
  services.jobs.every(purge_interval, "old streams", [&services] { return forget_old_streams(services); });
  services.jobs.every(services.settings.ttl_interval, "expired items",
                      make_expiry_sweep(services, expiry_rows_per_run(services.settings)));
  services.jobs.every(purge_interval, "deleted tables", [&services] { return services.catalog.purge_deleted(); });
  services.jobs.every(token_interval, "old client tokens", [&services] { return sweep_tokens(services); });
}

}  // namespace reprise::dynamo
