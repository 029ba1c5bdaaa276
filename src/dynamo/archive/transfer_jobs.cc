#include "dynamo/archive/transfer_jobs.h"

#include <algorithm>
#include <utility>

#include "base/fault_point.h"
#include "dynamo/archive/transfer_store.h"
#include "recovery/jobs.h"

namespace reprise::dynamo {

namespace {

constexpr std::uint64_t kept_micros = std::uint64_t{90} * 24 * 3600 * 1'000'000;
constexpr std::size_t page_records = 1000;

bool has_job(Services& services, const TransferKind& kind, BytesView key) {
  const auto jobs = services.jobs.list();
  return std::any_of(jobs.begin(), jobs.end(), [&](const recovery::Job& job) {
    return job.state == recovery::JobState::running && job.kind == kind.job_kind && job.arguments == key;
  });
}

Task<Status> tend(Services& services, const TransferKind& kind, Bytes key, Bytes value) {
  CO_TRY_ASSIGN(const TransferGlance seen, kind.glance(value));
  if (!seen.in_progress) {
    if (seen.end_micros + kept_micros >= services.wall.now_micros()) co_return Status();
    co_return co_await put_record(services, key, std::nullopt);
  }
  // Under the account's lock, so that the request that makes the record has started its job.
  const auto guard = co_await lock_records_of(services, key);
  CO_TRY_ASSIGN(const auto stored, co_await find_record(services, key));
  if (!stored) co_return Status();
  CO_TRY_ASSIGN(TransferGlance now, kind.glance(*stored));
  if (!now.in_progress || has_job(services, kind, key)) co_return Status();
  co_return co_await start_transfer_job(services, kind, key, std::move(now.table_name));
}

}  // namespace

Task<Status> start_transfer_job(Services& services, const TransferKind& kind, Bytes key, std::string table_name) {
  FAULT_POINT("transfer.before_job");
  std::string subject = std::string(kind.subject) + table_name;
  CO_TRY(co_await services.jobs.start(std::string(kind.job_kind), std::move(subject), std::move(key)));
  FAULT_POINT("transfer.after_job");
  co_return Status();
}

Task<Status> tend_transfers(Services& services, const TransferKind& kind) {
  Bytes after;
  for (;;) {
    CO_TRY_ASSIGN(const Records records, co_await list_records(services, Bytes(kind.prefix), after, page_records));
    for (const auto& [key, value] : records) CO_TRY(co_await tend(services, kind, key, value));
    if (records.size() < page_records) co_return Status();
    after = records.back().first;
  }
}

bool is_worth_retrying(const Status& status) {
  return status.is(Code::unavailable) || status.is(Code::conflict) || status.is(Code::moved);
}

}  // namespace reprise::dynamo
