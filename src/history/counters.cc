// How many keys a space holds: kept in memory, noted in the metadata now and then, and counted again after an unclean
// stop.
//
// A count goes page by page while the space is in use. It moves on only while the space is frozen, so for every commit
// it is clear whether the count has passed its key already (then the commit changes the sums) or will still see it.
#include <algorithm>

#include "history/record.h"
#include "history/store_impl.h"

namespace reprise::history {

namespace {

constexpr std::size_t records_per_write = 500;
constexpr kv::PageLimit recount_page_limit{4096, 4 << 20};

}  // namespace

Task<Status> StoreImpl::checkpoint_counters(std::size_t most) {
  std::vector<kv::Write> writes;
  std::vector<std::pair<Space*, CounterRecord>> noted;
  const auto flush = [&] {
    for (auto& [space, record] : noted) space->checkpointed = record;
    noted.clear();
    return std::move(writes);
  };
  const Timestamp at = keeper_.now();
  for (Space* const space : table_.all()) {
    const CounterRecord record = space->counters.get();
    if (record == space->checkpointed || most == 0) continue;
    --most;
    writes.push_back(write_counters(at, space->id(), record));
    noted.emplace_back(space, record);
    if (writes.size() < records_per_write) continue;
    CO_TRY(co_await write_meta(flush()));
    writes.clear();
  }
  if (writes.empty()) co_return Status();
  co_return co_await write_meta(flush());
}

Task<Result<bool>> StoreImpl::recount(std::size_t max_rows) {
  std::size_t left = std::max<std::size_t>(1, max_rows);
  const auto held = co_await administer();
  for (Space* const space : table_.all()) {
    if (space->state()->dropped()) space->counters_doubtful = false;
    while (space->counters_doubtful) {
      if (left == 0) co_return false;
      CO_TRY_ASSIGN(const std::size_t seen, co_await recount_page(*space));
      left -= std::min(left, std::max<std::size_t>(1, seen));
    }
  }
  co_return true;
}

Task<Result<std::size_t>> StoreImpl::recount_page(Space& space) {
  std::vector<Space*> alone(1, &space);
  auto change = transition_of(alone);
  CO_TRY(co_await freeze(change));
  Recount& recount = space.recount;
  Range range;
  if (recount.active) range.lower = recount.position;
  const auto data = space.present();
  auto page = co_await engine_.scan(data, range, Direction::forward, recount_page_limit);
  auto status = page.ok() ? space.advance_recount(*page) : page.error();
  undo_freeze(change);
  CO_TRY(std::move(status));
  co_return page->rows.size();
}

bool Space::recounted(BytesView key) {
  if (!recount.active.load()) return false;
  const std::lock_guard lock(recount.mutex);
  return key < recount.position;
}

void Space::count(const CounterRecord& effect, bool recounted) {
  counters.add(effect);
  if (!recounted) return;
  const std::lock_guard lock(recount.mutex);
  recount.sums.keys += effect.keys;
  recount.sums.bytes += effect.bytes;
  recount.sums.whiteouts += effect.whiteouts;
}

Status Space::advance_recount(const kv::Page& page) {
  const std::lock_guard lock(recount.mutex);
  if (!recount.active) recount.sums = CounterRecord{};
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    TRY_ASSIGN(const auto record, decode_record(page.rows[i].value));
    recount.sums.keys += record.whiteout ? 0 : 1;
    recount.sums.bytes += static_cast<std::int64_t>(record.payload.size());
    recount.sums.whiteouts += record.whiteout ? 1 : 0;
  }
  recount.active = page.more;
  if (page.more) {
    recount.position = Bytes(page.rows[page.rows.size() - 1].key) + '\0';
    return {};
  }
  const CounterRecord before = counters.get();
  recount.sums.delta_keys = before.delta_keys;
  recount.sums.delta_bytes = before.delta_bytes;
  counters.set(recount.sums);
  recount.position.clear();
  counters_doubtful = false;
  return {};
}

}  // namespace reprise::history
