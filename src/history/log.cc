// The change log, and the timeline of one key.
//
// The log is never trusted alone: an entry counts only if the versions agree, because a crash may leave entries of
// commits that never happened. A put happened if a version begins at its time; a deletion if a version ends there and
// none is live.
#include <algorithm>
#include <map>

#include "history/record.h"
#include "history/store_impl.h"

namespace reprise::history {

namespace {

constexpr std::size_t log_page_rows = 1000;
constexpr std::size_t log_page_bytes = 1 << 20;
constexpr std::uint32_t sequence_max = 0xffffffff;

}  // namespace

Task<Result<bool>> StoreImpl::happened(const Space& space, const SpaceState& state, const LogEntry& entry) {
  if (entry.kind == ChangeKind::put) {
    CO_TRY_ASSIGN(const auto past, co_await find_past(space, state, entry.key, entry.at));
    co_return past.version.exists() && past.version.begin() == entry.at;
  }
  const auto partition = space.partition(kv::Kind::history, bucket_of(state.epochs, entry.at));
  const Range range = history_range_of_key(escape_key(entry.key), entry.at.previous());
  CO_TRY_ASSIGN(const auto ended, co_await first_ended(partition, range));
  if (!ended || ended->end != entry.at || !ended->version.exists()) co_return false;
  // The record may be an orphan of the same crash: then its version lived on.
  CO_TRY_ASSIGN(const auto then, co_await find_past(space, state, entry.key, entry.at));
  co_return !then.version.exists();
}

Task<Result<StoreImpl::LogCursor>> StoreImpl::open_log(const Space& space, const SpaceState& state, LogPosition after,
                                                       Timestamp to) {
  const Timestamp closed = keeper_.closed();
  to = std::min(to, closed);
  if (state.dropped()) to = std::min(to, state.dropped_at.previous());
  if (!state.writes_history()) co_return invalid("no past is kept here");
  CO_TRY(co_await learn_buckets(space));
  // Behind the horizon the log has gone, or is about to.
  const Timestamp horizon = state.horizon(closed);
  if (after.at < horizon) after = {horizon.previous(), sequence_max};
  LogCursor cursor;
  cursor.range = Range{log_key(after.at, after.sequence) + '\0', log_key(to, sequence_max) + '\0'};
  cursor.to = to;
  if (cursor.range.lower < cursor.range.upper) {
    cursor.bucket = space.log_buckets.next(bucket_of(state.epochs, after.at));
    if (cursor.bucket && *cursor.bucket > to.bits()) cursor.bucket.reset();
  }
  co_return cursor;
}

Task<Result<StoreImpl::LogPage>> StoreImpl::read_log(const Space& space, LogCursor& cursor, std::size_t limit) {
  LogPage found;
  found.bucket = *cursor.bucket;
  const auto partition = space.partition(kv::Kind::log, found.bucket);
  const kv::PageLimit page_limit{std::min(log_page_rows, limit), log_page_bytes};
  CO_TRY_ASSIGN(const auto page, co_await engine_.scan(partition, cursor.range, Direction::forward, page_limit));
  found.entries.reserve(page.rows.size());
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    CO_TRY_ASSIGN(auto entry, decode_log_entry(page.rows[i].key, page.rows[i].value));
    found.entries.push_back(std::move(entry));
  }
  if (page.more) {
    cursor.range.lower = Bytes(page.rows[page.rows.size() - 1].key) + '\0';
    if (cursor.range.lower >= cursor.range.upper) cursor.bucket.reset();
  } else {
    cursor.bucket = space.log_buckets.next(found.bucket + 1);
    if (cursor.bucket && *cursor.bucket > cursor.to.bits()) cursor.bucket.reset();
  }
  co_return found;
}

Task<Result<std::vector<LogEntry>>> StoreImpl::changes(SpaceId id, LogPosition after, Timestamp to, std::size_t limit) {
  const auto ticket = gate_.enter();
  CO_TRY_ASSIGN(const Space* const space, find_any(id));
  const SpaceState& state = *space->state();
  CO_TRY_ASSIGN(LogCursor cursor, co_await open_log(*space, state, after, to));
  std::vector<LogEntry> entries;
  while (cursor.bucket && entries.size() < limit) {
    CO_TRY_ASSIGN(LogPage page, co_await read_log(*space, cursor, limit - entries.size()));
    for (LogEntry& entry : page.entries) {
      CO_TRY_ASSIGN(const bool real, co_await happened(*space, state, entry));
      if (real) entries.push_back(std::move(entry));
    }
  }
  co_return entries;
}

// The versions of `key` that ended in one bucket, into `found`, oldest first.
Task<Status> StoreImpl::gather_ended(kv::Partition partition, BytesView key, Timestamp from, Timestamp to,
                                     std::size_t limit, std::map<Timestamp, Interval>& found) {
  Range range = history_range_of_key(escape_key(key), to);
  const kv::PageLimit page_limit{log_page_rows, log_page_bytes};
  while (found.size() < limit) {
    CO_TRY_ASSIGN(const auto page, co_await engine_.scan(partition, range, Direction::backward, page_limit));
    for (std::size_t i = 0; i < page.rows.size() && found.size() < limit; ++i) {
      CO_TRY_ASSIGN(const auto stored_key, decode_history_key(page.rows[i].key));
      CO_TRY_ASSIGN(const auto record, decode_record(page.rows[i].value));
      if (record.whiteout || record.time <= from) continue;
      auto& interval = found[stored_key.begin];
      interval.begin = stored_key.begin;
      interval.end = std::max(interval.end, record.time);
      interval.value = Bytes(record.payload);
    }
    if (!page.more) break;
    range.upper = Bytes(page.rows[page.rows.size() - 1].key);
  }
  co_return Status();
}

Task<Result<std::vector<Interval>>> StoreImpl::versions(SpaceId id, BytesView key, Timestamp from, Timestamp to,
                                                        std::size_t limit) {
  const auto ticket = gate_.enter();
  CO_TRY_ASSIGN(const Space* const space, find_any(id));
  CO_TRY_ASSIGN(const SpaceState* const state, co_await enter_past(*space, from));
  to = std::min(to, keeper_.closed());
  std::map<Timestamp, Interval> found;
  // What lives now is read first: if it ends meanwhile, it is found twice and not missed.
  const Bytes wanted(key);
  const auto data = space->present();
  CO_TRY_ASSIGN(auto stored, co_await engine_.get(data, wanted));
  std::optional<Version> live;
  if (stored) {
    CO_TRY_ASSIGN(live, decode_data(std::move(*stored)));
  } else if (state->base) {
    CO_TRY_ASSIGN(live, co_await find_in_base(*state, wanted));
  }
  for (auto bucket = space->history_buckets.next(bucket_of(state->epochs, from)); bucket && found.size() < limit;
       bucket = space->history_buckets.next(*bucket + 1)) {
    const auto partition = space->partition(kv::Kind::history, *bucket);
    CO_TRY(co_await gather_ended(partition, wanted, from, to, limit, found));
  }
  // A history record of what lives now is an orphan, or from after `to`.
  if (live && found.contains(live->begin())) found[live->begin()].end = Timestamp::max();
  std::vector<Interval> intervals;
  for (auto& [begin, interval] : found) intervals.push_back(std::move(interval));
  for (std::size_t i = 0; i + 1 < intervals.size(); ++i)
    intervals[i].end = std::min(intervals[i].end, intervals[i + 1].begin);
  if (live && live->exists() && live->begin() <= to && !found.contains(live->begin()) && intervals.size() < limit) {
    intervals.push_back({live->begin(), Timestamp::max(), Bytes(live->value())});
  }
  co_return intervals;
}

}  // namespace reprise::history
