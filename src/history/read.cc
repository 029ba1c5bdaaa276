// Reads of single keys.
//
// The present: the data partition, and through it the base of a clone. As of T, the order of looking makes it right:
//   1. T is closed, then the state is loaded, then data is read: every commit up to T is in data or history;
//   2. a data record that begins at or before T is the answer;
//   3. otherwise what was live at T has ended, at or before the begin of the data record if there is one: the history
//      buckets from T's on hold it. Data is read first, so a version that ends meanwhile is found in one of the two;
//   4. otherwise a clone's base as of the clone's making tells, because a key that the clone ever touched has a record
//      (if only a whiteout) for every moment from then on.
#include "history/record.h"
#include "history/store_impl.h"

namespace reprise::history {

namespace {

constexpr int likely_buckets = 2;

Result<Version> version_of(Result<std::optional<Bytes>> found) {
  if (!found.ok()) return std::move(found).error();
  if (!found->has_value()) return Version();
  return decode_data(std::move(**found));
}

}  // namespace

Task<Result<Version>> StoreImpl::get(SpaceId id, BytesView key) {
  auto ticket = gate_.enter();
  auto space = find_live(id);
  if (!space.ok()) return Result<Version>(std::move(space).error());
  if ((*space)->state()->base) return get_through(std::move(ticket), **space, key);
  // Without a coroutine when the engine answers at once.
  const auto partition = (*space)->present();
  auto found = engine_.get(partition, key);
  if (found.await_ready()) return version_of(found.await_resume());
  return get_waiting(std::move(ticket), **space, key);
}

Task<Result<Version>> StoreImpl::get_waiting(ReadGate::Ticket ticket, Space& space, BytesView key) {
  const auto partition = space.present();
  auto found = co_await engine_.get(partition, key);
  ticket.release();
  co_return version_of(std::move(found));
}

Task<Result<Version>> StoreImpl::get_through(ReadGate::Ticket ticket, Space& space, BytesView key) {
  const auto partition = space.present();
  for (;;) {
    const SpaceState* const state = space.state();
    CO_TRY_ASSIGN(auto version, version_of(co_await engine_.get(partition, key)));
    if (version.origin() != Version::Origin::nowhere || !state->base) co_return std::move(version);
    // Once the base link is gone, a miss no longer means "never touched": what was copied may have been deleted.
    if (!space.state()->base) continue;
    auto through = co_await find_in_base(*state, key);
    ticket.release();
    co_return through;
  }
}

Task<Result<Version>> StoreImpl::find_in_base(const SpaceState& clone, BytesView key) {
  const Space& base = *clone.base_space;
  CO_TRY_ASSIGN(auto past, co_await find_past(base, *base.state(), key, clone.base->at));
  if (!past.version.exists()) co_return Version();
  co_return Version(Version::Origin::base, clone.created, std::move(past.version).take_stored(), record_header_size);
}

Status StoreImpl::check_readable(const SpaceState& state, Timestamp at) const {
  const Timestamp now = keeper_.peek();
  if (state.dropped() && (at >= state.dropped_at || state.expired(now))) {
    return not_found("space " + std::to_string(state.id.value()) + " has been dropped");
  }
  if (!state.writes_history()) return invalid("no past is kept here");
  if (const Timestamp horizon = state.horizon(now); at < horizon) {
    return invalid("the past before " + format_iso8601(horizon.micros()) + " is not kept");
  }
  return {};
}

Task<Result<const SpaceState*>> StoreImpl::enter_past(const Space& space, Timestamp at) {
  CO_TRY(co_await keeper_.wait_closed(at));
  const SpaceState* const state = space.state();
  CO_TRY(check_readable(*state, at));
  CO_TRY(co_await learn_buckets(space));
  co_return state;
}

Task<Result<Version>> StoreImpl::get(SpaceId id, BytesView key, Timestamp as_of) {
  const auto ticket = gate_.enter();
  CO_TRY_ASSIGN(const Space* const space, find_any(id));
  CO_TRY_ASSIGN(const SpaceState* const state, co_await enter_past(*space, as_of));
  CO_TRY_ASSIGN(auto past, co_await find_past(*space, *state, key, as_of));
  co_return std::move(past.version);
}

Task<Result<PastVersion>> StoreImpl::find_past(const Space& space, const SpaceState& state, BytesView key,
                                               Timestamp at) {
  const auto partition = space.present();
  CO_TRY_ASSIGN(auto present, version_of(co_await engine_.get(partition, key)));
  std::uint64_t last_bucket = Timestamp::max().bits();
  if (present.origin() != Version::Origin::nowhere) {
    if (present.begin() <= at) co_return PastVersion{std::move(present)};
    last_bucket = bucket_of(state.epochs, present.begin());
  }
  CO_TRY_ASSIGN(auto ended, co_await find_ended(space, state, key, at, last_bucket));
  if (ended) co_return std::move(*ended);
  if (!state.base || at < state.created) co_return PastVersion();
  CO_TRY_ASSIGN(auto through, co_await find_in_base(state, key));
  co_return PastVersion{std::move(through)};
}

Task<Result<std::optional<PastVersion>>> StoreImpl::first_ended(const kv::Partition& partition, const Range& range) {
  const kv::PageLimit one{1, 1};
  CO_TRY_ASSIGN(const auto page, co_await engine_.scan(partition, range, Direction::forward, one));
  if (page.rows.empty()) co_return std::optional<PastVersion>();
  CO_TRY_ASSIGN(const auto key, decode_history_key(page.rows[0].key));
  CO_TRY_ASSIGN(const auto record, decode_record(page.rows[0].value));
  const auto origin = record.whiteout ? Version::Origin::whiteout : Version::Origin::history;
  co_return PastVersion{Version(origin, key.begin, Bytes(page.rows[0].value), record_header_size), record.time};
}

// At most one record of a bucket is valid at `at`: if any, the one that begins last by then. It most likely is in the
// bucket of `at` or the next one. Beyond them a look at the newest record of the key rules most buckets out.
Task<Result<std::optional<PastVersion>>> StoreImpl::find_ended(const Space& space, const SpaceState& state,
                                                               BytesView key, Timestamp at, std::uint64_t last_bucket) {
  CO_TRY(co_await learn_buckets(space));
  const Bytes escaped = escape_key(key);
  const Range from_at = history_range_of_key(escaped, at);
  const Range from_newest = history_range_of_key(escaped, Timestamp::max());
  int looked_at = 0;
  for (auto bucket = space.history_buckets.next(bucket_of(state.epochs, at)); bucket && *bucket <= last_bucket;
       bucket = space.history_buckets.next(*bucket + 1)) {
    const auto partition = space.partition(kv::Kind::history, *bucket);
    bool lived_later = false;
    if (looked_at++ >= likely_buckets) {
      CO_TRY_ASSIGN(auto newest, co_await first_ended(partition, from_newest));
      if (!newest) continue;
      lived_later = newest->version.begin() > at;
      if (!lived_later && newest->end > at) co_return std::move(newest);
    }
    CO_TRY_ASSIGN(auto found, co_await first_ended(partition, from_at));
    if (found && found->end > at) co_return std::move(found);
    // The key lived again after `at`, and that ended here: what lived at `at` ended here or earlier.
    if (lived_later) break;
  }
  co_return std::optional<PastVersion>();
}

}  // namespace reprise::history
