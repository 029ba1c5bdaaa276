// Clones: made by naming a base, completed by copying what they still read through it.
//
// Invariants:
//   - while the base link stands, a key that the clone has touched has a record in its data partition, a whiteout if it
//     was deleted; so a key that is absent there is as the base has it, and only such keys are copied;
//   - what is copied begins when the clone was made, as the base's version did through the link: no reader can tell;
//   - the link is dropped when every key of the base has a record; whiteouts go later, when nobody can look through the
//     link any more.
#include <algorithm>

#include "base/fault_point.h"
#include "history/record.h"
#include "history/store_impl.h"

namespace reprise::history {

namespace {

constexpr std::size_t copy_page_rows = 1024;
constexpr std::size_t copy_page_bytes = 1 << 20;
// Rows of one commit: so many keys are locked for one durable write.
constexpr std::size_t copy_batch_rows = 128;
// Against writers that come without the key locks.
constexpr int copy_attempts = 16;
constexpr kv::PageLimit whiteout_page{4096, 4 << 20};

constexpr Timestamp present = Timestamp::max();

}  // namespace

Task<Result<std::vector<SpaceId>>> StoreImpl::clone(std::vector<CloneRequest> requests) {
  for (const auto& request : requests) {
    if (request.retention.count() < 0) co_return invalid("a retention cannot be negative");
    if (request.at != present) CO_TRY(co_await keeper_.wait_closed(request.at));
  }
  const auto held = co_await administer();
  std::vector<Space*> bases;
  std::vector<Space*> stopped;
  for (const auto& request : requests) {
    CO_TRY_ASSIGN(Space* const base, request.at == present ? find_live(request.base) : find_any(request.base));
    if (request.at != present) CO_TRY(check_window(*base, request.at));
    bases.push_back(base);
    if (request.at == present) stopped.push_back(base);
  }
  auto change = transition_of(stopped);
  Timestamp boundary;
  if (!stopped.empty()) {
    CO_TRY_ASSIGN(boundary, co_await freeze(change));
  }
  const std::size_t frozen_parts = change.parts.size();
  for (auto& request : requests) request.at = request.at == present ? boundary : request.at;
  for (std::size_t i = 0; i < bases.size(); ++i) bases[i]->pins.insert(requests[i].at);
  for (auto& part : transition_of(bases).parts) {
    const bool known = std::any_of(change.parts.begin(), change.parts.end(),
                                   [&](const auto& other) { return other.space == part.space; });
    if (!known) change.parts.push_back({part.space, part.next, false});
  }
  for (std::size_t i = 0; i < change.parts.size(); ++i) {
    auto& part = change.parts[i];
    part.next.oldest_pin = *part.space->pins.begin();
    if (i < frozen_parts) settle(part.next, *part.space, boundary);
  }
  auto states = clone_states(requests, bases);
  auto made = co_await add_spaces(std::move(states), std::move(change));
  if (!made.ok()) {
    for (std::size_t i = 0; i < bases.size(); ++i) bases[i]->pins.erase(bases[i]->pins.find(requests[i].at));
  }
  co_return made;
}

std::vector<SpaceState> StoreImpl::clone_states(const std::vector<CloneRequest>& requests,
                                                const std::vector<Space*>& bases) {
  const Timestamp created = keeper_.now();
  std::vector<SpaceState> states(requests.size());
  for (std::size_t i = 0; i < states.size(); ++i) {
    const SpaceInfo base = describe(*bases[i]);
    auto& state = states[i];
    state.created = created;
    state.retention = requests[i].retention;
    state.large_values = bases[i]->state()->large_values;
    state.base = BaseLink{requests[i].base, requests[i].at, base.keys, base.bytes};
    state.base_space = bases[i];
    if (state.retention.count() == 0) continue;
    state.history_from = created;
    add_epoch(state.epochs, created, width_for(state.retention));
  }
  return states;
}

Task<Result<CopyProgress>> StoreImpl::copy_from_base(SpaceId clone, std::size_t max_bytes) {
  const auto alone = co_await copy_locks_.lock(clone, BytesView());
  const auto ticket = gate_.enter();
  CO_TRY_ASSIGN(Space* const space, find_live(clone));
  std::size_t left = std::max<std::size_t>(1, max_bytes);
  while (space->state()->base && left > 0) {
    CO_TRY_ASSIGN(const auto page, co_await copy_page(*space, left));
    left -= std::min(left, std::max<std::size_t>(1, page.bytes));
    if (!page.at_end) continue;
    FAULT_POINT("history.copied_all");
    CO_TRY(co_await unlink(*space));
  }
  co_return CopyProgress{!space->state()->base, space->keys_copied};
}

Task<Result<StoreImpl::CopiedPage>> StoreImpl::copy_page(Space& space, std::size_t max_bytes) {
  const SpaceState& state = *space.state();
  const Space& base = *state.base_space;
  const SpaceState& base_state = *base.state();
  ScanPlan plan;
  if (!space.copied_to.empty()) plan.range.lower = space.copied_to + '\0';
  plan.max_rows = copy_page_rows;
  plan.max_bytes = std::min(max_bytes, copy_page_bytes);
  plan.examine_rows = 8 * copy_page_rows;
  plan.examine_bytes = 8 * copy_page_bytes;
  const Timestamp at = state.base->at;
  CO_TRY_ASSIGN(auto page, co_await scan_past(base, base_state, at, std::move(plan)));
  for (std::size_t first = 0; first < page.rows.size(); first += copy_batch_rows) {
    const std::size_t last = std::min(page.rows.size(), first + copy_batch_rows);
    CO_TRY(co_await copy_rows(space, page.rows, first, last));
    FAULT_POINT("history.copied_batch");
  }
  if (page.resume_after) space.copied_to = std::move(*page.resume_after);
  co_return CopiedPage{page.rows.bytes(), !page.resume_after};
}

Task<Status> StoreImpl::copy_rows(Space& space, const VersionRows& rows, std::size_t first, std::size_t last) {
  std::vector<KeyLocks::LockKey> keys;
  for (std::size_t i = first; i < last; ++i) keys.push_back({space.id(), rows[i].key});
  const auto held = co_await locks_.lock(std::move(keys));
  for (int attempt = 0; attempt < copy_attempts; ++attempt) {
    auto status = co_await copy_locked(space, rows, first, last);
    if (!status.is(Code::conflict)) co_return status;
  }
  co_return conflict("the copy of a clone keeps losing against writers that do not lock their keys");
}

// Under the key locks of the rows.
Task<Status> StoreImpl::copy_locked(Space& space, const VersionRows& rows, std::size_t first, std::size_t last) {
  Timekeeper::InFlight flight(keeper_, Timestamp());
  const SpaceState& state = *space.state();
  if (state.frozen) {
    flight.end();
    co_await space.thawed();
    co_return conflict("the space was frozen");
  }
  if (state.dropped()) co_return not_found("the clone has been dropped");
  const auto data = space.present();
  std::vector<Bytes> keys;
  for (std::size_t i = first; i < last; ++i) keys.emplace_back(rows[i].key);
  CO_TRY_ASSIGN(const auto own, co_await engine_.multi_get(data, keys));
  kv::WriteSet set;
  std::vector<std::pair<Bytes, CounterRecord>> effects;
  for (std::size_t i = first; i < last; ++i) {
    if (own[i - first]) continue;
    const auto row = rows[i];
    effects.emplace_back(row.key, CounterRecord{1, static_cast<std::int64_t>(row.value.size()), 0, 0, 0});
    set.guards.push_back({data, Bytes(row.key), std::nullopt});
    set.atomic.push_back({data, Bytes(row.key), encode_record(state.created, Bytes(row.value))});
  }
  const CopyRecord progress{space.keys_copied + effects.size(), keys.back()};
  if (!effects.empty()) {
    set.following.push_back(write_copy(flight.at(), space.id(), progress));
    CO_TRY(co_await engine_.commit(std::move(set)));
  }
  for (const auto& [key, effect] : effects) space.count(effect, space.recounted(key));
  space.keys_copied = progress.keys;
  space.copied_to = progress.position;
  co_return Status();
}

Task<Status> StoreImpl::unlink(Space& space) {
  const auto held = co_await administer();
  if (space.state()->dropped()) co_return not_found("the clone has been dropped");
  if (!space.state()->base) co_return Status();
  Space* const base = space.state()->base_space;
  const Timestamp at = space.state()->base->at;
  std::vector<Space*> alone(1, &space);
  auto change = transition_of(alone);
  CO_TRY(co_await freeze(change));
  auto& next = change.parts.front().next;
  next.base.reset();
  next.base_space = nullptr;
  next.whiteouts_left = space.counters_doubtful || space.counters.get().whiteouts != 0;
  change.writes.push_back(erase_copy(space.id()));
  CO_TRY(co_await finish(change));
  FAULT_POINT("history.unlinked");
  space.unlinked_generation = gate_.advance();
  std::vector<Space*> bases(1, base);
  co_return co_await release_pins(std::move(bases), at, {});
}

// The next part of the whiteouts that a base link has left; under the administration lock.
Task<Status> StoreImpl::remove_whiteouts(Space& space) {
  const auto data = space.present();
  Range range;
  if (!space.whiteouts_cleaned_to.empty()) range.lower = space.whiteouts_cleaned_to + '\0';
  CO_TRY_ASSIGN(const auto page, co_await engine_.scan(data, range, Direction::forward, whiteout_page));
  kv::WriteSet set;
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    const auto row = page.rows[i];
    CO_TRY_ASSIGN(const auto record, decode_record(row.value));
    if (!record.whiteout) continue;
    set.guards.push_back({data, Bytes(row.key), record.time.bits()});
    set.atomic.push_back({data, Bytes(row.key), std::nullopt});
  }
  if (!set.atomic.empty()) {
    set.frees_room = true;
    const CounterRecord effect{0, 0, -static_cast<std::int64_t>(set.atomic.size()), 0, 0};
    auto status = co_await engine_.commit(std::move(set));
    if (status.is(Code::conflict)) co_return Status();  // somebody has just overwritten one; the next call sees it
    CO_TRY(std::move(status));
    space.counters.add(effect);
  }
  if (page.more) {
    space.whiteouts_cleaned_to = Bytes(page.rows[page.rows.size() - 1].key);
    co_return Status();
  }
  space.whiteouts_cleaned_to.clear();
  std::vector<Space*> alone(1, &space);
  auto change = transition_of(alone);
  change.parts.front().next.whiteouts_left = false;
  co_return co_await finish(change);
}

}  // namespace reprise::history
