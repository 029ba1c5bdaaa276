// How the metadata of spaces changes: create, drop, retention, pins.
//
// A change of rules (is history written, in which buckets, is there a base) goes in four steps, so that every commit
// happens wholly under the old rules or wholly under the new ones:
//   1. the spaces are frozen: commits that have not looked at them yet wait;
//   2. the commits under way end; the moment after that is the boundary between the rules;
//   3. the new record becomes durable;
//   4. it is shown, and the waiting commits go on.
// Changes exclude each other by the administration lock. Reads are never stopped.
#include <algorithm>

#include "base/fault_point.h"
#include "history/store_impl.h"

namespace reprise::history {

namespace {

Status already_dropped(SpaceId id) { return not_found("space " + std::to_string(id.value()) + " has been dropped"); }

// Each once.
std::vector<SpaceId> ids_of(const std::vector<Space*>& spaces) {
  std::vector<SpaceId> ids;
  for (const Space* const space : spaces) ids.push_back(space->id());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace

Task<Status> StoreImpl::write_meta(std::vector<kv::Write> writes, bool adds) {
  const Timestamp at = keeper_.now();
  const auto ceiling = co_await keeper_.claim_ceiling(at);
  kv::WriteSet set;
  if (writes.empty() && !ceiling) co_return Status();
  set.atomic = std::move(writes);
  set.frees_room = !adds;
  if (ceiling) set.preceding.push_back(write_clock(*ceiling));
  auto status = co_await engine_.commit(std::move(set));
  if (ceiling) keeper_.ceiling_written(*ceiling, status.ok());
  co_return status;
}

std::uint64_t StoreImpl::width_for(Retention retention) const {
  const auto divided = retention / std::max(1U, options_.buckets_per_retention);
  return duration_bits(retention.count() == 0 ? options_.bucket_width_pinned
                                              : std::max<Retention>(options_.bucket_width_min, divided));
}

Transition StoreImpl::transition_of(const std::vector<Space*>& spaces) {
  Transition change;
  for (Space* const space : spaces) {
    const bool known = std::any_of(change.parts.begin(), change.parts.end(),
                                   [space](const auto& part) { return part.space == space; });
    if (!known) change.parts.push_back({space, *space->state()});
  }
  return change;
}

Task<Result<Timestamp>> StoreImpl::freeze(Transition& change) {
  for (auto& part : change.parts) {
    part.next = *part.space->state();
    SpaceState frozen = part.next;
    frozen.frozen = true;
    part.space->publish(frozen);
  }
  auto waited = co_await keeper_.wait_closed(keeper_.now());
  if (!waited.ok()) {
    undo_freeze(change);
    co_return waited;
  }
  co_return keeper_.now();
}

void StoreImpl::undo_freeze(const Transition& change) {
  for (const auto& part : change.parts) {
    if (!part.space->state()->frozen) continue;
    SpaceState before = *part.space->state();
    before.frozen = false;
    part.space->publish(before);
  }
  retire_states(change);
}

void StoreImpl::retire_states(const Transition& change) {
  const auto generation = gate_.advance();
  const auto drained = gate_.drained();
  for (const auto& part : change.parts) {
    part.space->retire(generation);
    part.space->free_states(drained);
  }
}

Task<Status> StoreImpl::finish(Transition& change) {
  const Timestamp at = keeper_.now();
  std::vector<kv::Write> writes = std::move(change.writes);
  for (const auto& part : change.parts) {
    if (part.durable) writes.push_back(write_space(at, part.next));
  }
  if (!writes.empty()) {
    auto status = co_await write_meta(std::move(writes), change.adds);
    if (!status.ok()) {
      undo_freeze(change);
      co_return status;
    }
  }
  for (auto& part : change.parts) {
    part.next.frozen = false;
    part.space->publish(part.next);
  }
  retire_states(change);
  co_return Status();
}

void StoreImpl::settle(SpaceState& next, const Space& space, Timestamp at) const {
  next.oldest_pin = space.pins.empty() ? Timestamp::max() : *space.pins.begin();
  if (next.retention.count() == 0 && !next.pinned()) {
    next.history_from.reset();
    next.epochs.clear();
    return;
  }
  if (!next.history_from) {
    // What buckets there may still be are behind the new horizon.
    next.history_from = at;
    next.epochs.clear();
  }
  add_epoch(next.epochs, at, width_for(next.retention));
}

Result<std::vector<Space*>> StoreImpl::find_all(const std::vector<SpaceId>& ids, bool dropped_too) const {
  std::vector<Space*> spaces;
  for (const auto id : ids) {
    TRY_ASSIGN(Space* const space, dropped_too ? find_any(id) : find_live(id));
    spaces.push_back(space);
  }
  return spaces;
}

Task<Result<std::vector<SpaceId>>> StoreImpl::create(std::vector<NewSpace> spaces) {
  const auto held = co_await administer();
  const Timestamp at = keeper_.now();
  std::vector<SpaceState> states(spaces.size());
  for (std::size_t i = 0; i < states.size(); ++i) {
    const Retention retention = spaces[i].retention;
    if (retention.count() < 0) co_return invalid("a retention cannot be negative");
    states[i].created = at;
    states[i].retention = retention;
    states[i].large_values = spaces[i].large_values;
    if (retention.count() == 0) continue;
    states[i].history_from = at;
    add_epoch(states[i].epochs, at, width_for(retention));
  }
  co_return co_await add_spaces(std::move(states), Transition());
}

Task<Result<std::vector<SpaceId>>> StoreImpl::add_spaces(std::vector<SpaceState> states, Transition change) {
  std::vector<SpaceId> ids;
  const Timestamp at = keeper_.now();
  for (auto& state : states) {
    state.id = SpaceId(next_space_ + ids.size());
    ids.push_back(state.id);
    change.writes.push_back(write_space(at, state));
  }
  change.adds = true;
  change.writes.push_back(write_next_space(at, next_space_ + ids.size()));
  FAULT_POINT("history.before_add_spaces");
  CO_TRY(co_await finish(change));
  FAULT_POINT("history.after_add_spaces");
  next_space_ += ids.size();
  for (const auto& state : states) {
    auto space = std::make_unique<Space>(state);
    space->buckets_known = true;
    table_.insert(std::move(space));
  }
  co_return ids;
}

Task<Status> StoreImpl::drop(std::vector<SpaceId> spaces, Timestamp keep_until) {
  const auto held = co_await administer();
  std::vector<Space*> present;
  for (const auto id : spaces) {
    Space* const space = table_.find(id);
    if (space != nullptr && !space->state()->dropped()) present.push_back(space);
  }
  if (present.empty()) co_return Status();
  auto change = transition_of(present);
  CO_TRY_ASSIGN(const Timestamp at, co_await freeze(change));
  for (auto& part : change.parts) {
    part.next.dropped_at = at;
    part.next.keep_until = keep_until;
  }
  FAULT_POINT("history.before_drop");
  co_return co_await finish(change);
}

Task<Status> StoreImpl::set_retention(std::vector<SpaceId> spaces, Retention retention) {
  if (retention.count() < 0) co_return invalid("a retention cannot be negative");
  const auto held = co_await administer();
  CO_TRY_ASSIGN(auto found, find_all(spaces, false));
  std::erase_if(found, [retention](const Space* space) { return space->state()->retention == retention; });
  if (found.empty()) co_return Status();
  auto change = transition_of(found);
  CO_TRY_ASSIGN(const Timestamp at, co_await freeze(change));
  for (auto& part : change.parts) {
    // What the old rule had given up stays gone under a longer one.
    if (part.next.history_from) part.next.forgotten_before = part.next.unpinned_horizon(at);
    part.next.retention = retention;
    settle(part.next, *part.space, at);
  }
  FAULT_POINT("history.before_set_retention");
  co_return co_await finish(change);
}

Task<Status> StoreImpl::forget_before(std::vector<SpaceId> spaces, Timestamp t) {
  const auto held = co_await administer();
  if (t > keeper_.peek()) co_return invalid("the future cannot be forgotten");
  CO_TRY_ASSIGN(const auto found, find_all(spaces, true));
  auto change = transition_of(found);
  for (auto& part : change.parts) part.next.forgotten_before = std::max(part.next.forgotten_before, t);
  co_return co_await finish(change);
}

Status StoreImpl::check_window(const Space& space, Timestamp at) const {
  const SpaceState& state = *space.state();
  if (state.dropped() && (at >= state.dropped_at || state.expired(keeper_.peek()))) return already_dropped(space.id());
  return check_readable(state, at);
}

Task<Status> StoreImpl::hold(Pin pin, std::vector<Space*> spaces) {
  auto change = transition_of(spaces);
  for (auto& part : change.parts) {
    part.space->pins.insert(pin.at);
    part.next.oldest_pin = *part.space->pins.begin();
    part.durable = false;
  }
  change.adds = true;
  change.writes.push_back(write_pin(keeper_.now(), pin));
  auto status = co_await finish(change);
  if (!status.ok()) {
    for (auto& part : change.parts) part.space->pins.erase(part.space->pins.find(pin.at));
    co_return status;
  }
  std::string name = pin.name;
  pins_.emplace(std::move(name), std::move(pin));
  co_return Status();
}

Task<Status> StoreImpl::pin(std::string name, std::vector<SpaceId> spaces, Timestamp at) {
  CO_TRY(co_await keeper_.wait_closed(at));
  const auto held = co_await administer();
  if (pins_.contains(name)) co_return already_exists("there is a pin '" + name + "' already");
  CO_TRY_ASSIGN(auto found, find_all(spaces, true));
  for (const Space* const space : found) CO_TRY(check_window(*space, at));
  Pin pin{std::move(name), ids_of(found), at};
  co_return co_await hold(std::move(pin), std::move(found));
}

Task<Result<Timestamp>> StoreImpl::pin_present(std::string name, std::vector<SpaceId> spaces) {
  const auto held = co_await administer();
  if (pins_.contains(name)) co_return already_exists("there is a pin '" + name + "' already");
  CO_TRY_ASSIGN(auto found, find_all(spaces, false));
  auto change = transition_of(found);
  CO_TRY_ASSIGN(const Timestamp at, co_await freeze(change));
  Pin pin{std::move(name), ids_of(found), at};
  for (auto& part : change.parts) {
    part.space->pins.insert(at);
    settle(part.next, *part.space, at);
  }
  change.adds = true;
  change.writes.push_back(write_pin(at, pin));
  auto status = co_await finish(change);
  if (!status.ok()) {
    for (auto& part : change.parts) part.space->pins.erase(part.space->pins.find(at));
    co_return status;
  }
  std::string key = pin.name;
  pins_.emplace(std::move(key), std::move(pin));
  co_return at;
}

Task<Status> StoreImpl::release_pins(std::vector<Space*> spaces, Timestamp at, std::vector<kv::Write> writes) {
  std::vector<Space*> stopping;
  for (Space* const space : spaces) {
    if (space->state()->retention.count() == 0 && space->pins.size() == 1) stopping.push_back(space);
  }
  // Only spaces that stop writing history change their rules; the others are shown a later horizon.
  auto change = transition_of(stopping);
  Timestamp boundary = at;
  if (!stopping.empty()) {
    CO_TRY_ASSIGN(boundary, co_await freeze(change));
  }
  for (auto& part : change.parts) {
    part.space->pins.erase(part.space->pins.find(at));
    settle(part.next, *part.space, boundary);
  }
  change.writes = std::move(writes);
  auto status = co_await finish(change);
  if (!status.ok()) {
    for (const auto& part : change.parts) part.space->pins.insert(at);
    co_return status;
  }
  std::erase_if(spaces,
                [&](Space* space) { return std::find(stopping.begin(), stopping.end(), space) != stopping.end(); });
  auto rest = transition_of(spaces);
  for (auto& part : rest.parts) {
    part.space->pins.erase(part.space->pins.find(at));
    part.next.oldest_pin = part.space->pins.empty() ? Timestamp::max() : *part.space->pins.begin();
    part.durable = false;
  }
  co_return co_await finish(rest);
}

Task<Status> StoreImpl::unpin(std::string name) {
  const auto held = co_await administer();
  const auto found = pins_.find(name);
  if (found == pins_.end()) co_return Status();
  std::vector<Space*> spaces;
  for (const auto id : found->second.spaces) {
    if (Space* const space = table_.find(id)) spaces.push_back(space);
  }
  const Timestamp at = found->second.at;
  std::vector<kv::Write> writes;
  writes.push_back(erase_pin(name));
  CO_TRY(co_await release_pins(std::move(spaces), at, std::move(writes)));
  pins_.erase(name);
  co_return Status();
}

}  // namespace reprise::history
