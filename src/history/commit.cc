// Commits: from changes to write sets of the engine.
//
// What a change writes, all with the commit's one timestamp:
//   data     the new value, or nothing, or a whiteout where a clone's base has (or may have) the key;
//   history  the version that ends, with its whole interval; of a whiteout, too, so that no read falls through it;
//   log      the kind of change, what it replaced, and the key; not of changes that are to stay unlogged.
// History and log are written only while the space keeps its past.
//
// Order. A guard on a version cannot be fooled, versions being unique; a guard on absence can: somebody may have put
// and deleted the key meanwhile. Changes that find nothing or leave nothing therefore hold an order lock on their key
// from before their timestamp is taken until the engine is done, so that the timestamps of one key rise in the order of
// its changes. A caller that holds its key locks, as it should, never waits for it.
#include <algorithm>

#include "base/fault_point.h"
#include "history/record.h"
#include "history/store_impl.h"

namespace reprise::history {

namespace {

using Origin = Version::Origin;

bool guards_absence(const Change& change) {
  return change.before.origin() == Origin::nowhere || change.before.origin() == Origin::base;
}

Timestamp newest_before(const Commit& commit) {
  Timestamp newest;
  for (const auto* const changes : {&commit.changes, &commit.derived}) {
    for (const auto& change : *changes) newest = std::max(newest, change.before.begin());
  }
  return newest;
}

Status check_shape(const Commit& commit) {
  if (commit.changes.empty()) return invalid("a commit needs a change");
  for (const auto* const changes : {&commit.changes, &commit.derived}) {
    for (const auto& change : *changes) {
      if (change.before.origin() == Origin::history) return invalid("a commit cannot replace a version of the past");
    }
  }
  const auto unread = [](const Change& change) { return !change.before.was_read(); };
  if (std::any_of(commit.changes.begin(), commit.changes.end(), unread)) {
    return invalid("a change must have read what it replaces");
  }
  return {};
}

}  // namespace

bool only_deletes(const Commit& commit) {
  const auto adds_nothing = [](const Change& change) { return !change.value || change.only_check; };
  return std::all_of(commit.changes.begin(), commit.changes.end(), adds_nothing) &&
         std::all_of(commit.derived.begin(), commit.derived.end(), adds_nothing);
}

// Turns one commit into write sets under the states it found. Used once.
class CommitBuilder {
 public:
  CommitBuilder(const StoreImpl& store, Timestamp at) : store_(store), at_(at) {}

  // Looks up the spaces. A space in `frozen` means: wait for it and begin again.
  Status resolve(const Commit& commit, Space*& frozen) {
    targets_.reserve(commit.changes.size() + commit.derived.size());
    for (const auto* const changes : {&commit.changes, &commit.derived}) {
      for (const auto& change : *changes) TRY(resolve_one(change, frozen));
    }
    return {};
  }

  // Takes the commit's keys and values.
  void build(Commit& commit) {
    std::size_t target = 0;
    by_service_ = commit.by_service;
    for (auto& change : commit.changes) add(change, targets_[target++]);
    for (auto& change : commit.derived) add_derived(change, targets_[target++]);
  }

  std::vector<kv::WriteSet>& sets() { return sets_; }

  void count() const {
    for (const auto& effect : effects_) effect.space->count(effect.change, effect.recounted);
  }

 private:
  struct Target {
    Space* space;
    const SpaceState* state;
  };
  struct Effect {
    Space* space;
    CounterRecord change;
    bool recounted;  // the count under way has passed the key already
  };

  Status resolve_one(const Change& change, Space*& frozen) {
    if (!targets_.empty() && targets_.back().space->id() == change.space) {
      targets_.push_back(targets_.back());
      return check_read(change, *targets_.back().state);
    }
    TRY_ASSIGN(Space* const space, store_.find_any(change.space));
    const SpaceState* const state = space->state();
    if (state->frozen) frozen = space;
    if (state->dropped()) return not_found("space " + std::to_string(change.space.value()) + " has been dropped");
    targets_.push_back({space, state});
    return check_read(change, *state);
  }

  static Status check_read(const Change& change, const SpaceState& state) {
    if (change.before.was_read() || (!state.writes_history() && !state.base)) return {};
    return conflict("what is deleted must be read where its past is kept");
  }

  kv::WriteSet& set_of(const Target& target) {
    for (std::size_t i = 0; i < set_spaces_.size(); ++i) {
      if (set_spaces_[i] == target.space) return sets_[i];
    }
    set_spaces_.push_back(target.space);
    return sets_.emplace_back();
  }

  // Whether the data partition holds the version: a copy job may have put it there since it was read through the base.
  static bool in_data(const Change& change, const Target& target) {
    const auto origin = change.before.origin();
    return origin == Origin::data || origin == Origin::whiteout || (origin == Origin::base && !target.state->base);
  }

  void add(Change& change, const Target& target) {
    kv::WriteSet& set = set_of(target);
    std::optional<std::uint64_t> version;
    if (in_data(change, target)) version = change.before.begin().bits();
    set.guards.push_back({target.space->present(), change.key, version});
    if (change.only_check) return;
    add_writes(change, target, set.preceding, set.atomic);
  }

  void add_derived(Change& change, const Target& target) {
    if (change.only_check) return;
    // Whoever writes a derived key excludes others by the lock of what it is derived from, which the copying of a clone
    // does not take: what was read through the base may have been copied, and counted, since.
    if (change.before.origin() == Origin::base && target.state->base) {
      set_of(target).guards.push_back({target.space->present(), change.key, std::nullopt});
    }
    auto& following = sets_.front().following;
    add_writes(change, target, following, following);
  }

  void add_writes(Change& change, const Target& target, std::vector<kv::Write>& past, std::vector<kv::Write>& present) {
    const bool existed = change.before.exists();
    if (!change.value && !existed) return;  // there is nothing to delete
    const bool leaves_whiteout = !change.value && target.state->base.has_value();
    note_effect(change, target, leaves_whiteout);
    if (target.state->writes_history()) add_past(change, target, past);
    std::optional<Bytes> record;
    if (change.value) record = encode_record(at_, std::move(*change.value));
    if (leaves_whiteout) record = encode_whiteout(at_);
    present.push_back({target.space->present(), std::move(change.key), std::move(record)});
  }

  void add_past(Change& change, const Target& target, std::vector<kv::Write>& past) {
    const std::uint64_t bucket = bucket_of(target.state->epochs, at_);
    if (!change.unlogged) add_log(change, target, bucket, past);
    if (change.before.origin() == Origin::nowhere) return;
    target.space->history_buckets.add(bucket);
    Bytes ended_key = history_key(change.key, change.before.begin());
    Bytes ended = std::move(change.before).take_stored();
    set_record_time(ended, at_);
    past.push_back({target.space->partition(kv::Kind::history, bucket), std::move(ended_key), std::move(ended)});
  }

  void add_log(const Change& change, const Target& target, std::uint64_t bucket, std::vector<kv::Write>& past) {
    LogEntry entry;
    entry.kind = change.value ? ChangeKind::put : ChangeKind::erase;
    entry.key = change.key;
    entry.by_service = by_service_;
    entry.replaced = change.before.exists() ? change.before.begin() : Timestamp();
    target.space->log_buckets.add(bucket);
    past.push_back({target.space->partition(kv::Kind::log, bucket), log_key(at_, sequence_++), log_value(entry)});
  }

  void note_effect(const Change& change, const Target& target, bool leaves_whiteout) {
    const auto size = [](std::size_t bytes) { return static_cast<std::int64_t>(bytes); };
    const bool existed = change.before.exists();
    const std::int64_t old_size = existed ? size(change.before.value_bytes()) : 0;
    const std::int64_t new_size = change.value ? size(change.value->size()) : 0;
    const bool was_own = existed && in_data(change, target);
    CounterRecord effect;
    effect.keys = (change.value ? 1 : 0) - (was_own ? 1 : 0);
    effect.bytes = new_size - (was_own ? old_size : 0);
    effect.whiteouts = (leaves_whiteout ? 1 : 0) - (change.before.origin() == Origin::whiteout ? 1 : 0);
    effect.delta_keys = (change.value ? 1 : 0) - (existed ? 1 : 0);
    effect.delta_bytes = new_size - old_size;
    effects_.push_back({target.space, effect, target.space->recounted(change.key)});
  }

  const StoreImpl& store_;
  const Timestamp at_;
  bool by_service_ = false;
  std::uint32_t sequence_ = 0;
  std::vector<Target> targets_;
  std::vector<Space*> set_spaces_;  // of sets_
  std::vector<kv::WriteSet> sets_;
  std::vector<Effect> effects_;
};

Task<KeyLocks::Guard> StoreImpl::lock_order(const Commit& commit) {
  // A mere check of a version changes nothing and cannot be fooled: what many writers check (a bucket's entry of life)
  // must not queue them.
  const auto needs_order = [](const Change& change) {
    return guards_absence(change) || (!change.value && !change.only_check);
  };
  if (commit.changes.size() == 1) {
    const auto& change = commit.changes.front();
    if (!needs_order(change)) return KeyLocks::Guard();
    return order_locks_.lock(change.space, change.key);
  }
  std::vector<KeyLocks::LockKey> keys;
  for (const auto& change : commit.changes) {
    if (needs_order(change)) keys.push_back({change.space, change.key});
  }
  return order_locks_.lock(std::move(keys));
}

Task<Result<Timestamp>> StoreImpl::commit(Commit commit) {
  CO_TRY(check_shape(commit));
  const bool frees_room = commit.frees_room || only_deletes(commit);
  const auto order = co_await lock_order(commit);
  for (;;) {
    const auto ticket = gate_.enter();
    Timekeeper::InFlight flight(keeper_, newest_before(commit));
    CommitBuilder builder(*this, flight.at());
    Space* frozen = nullptr;
    CO_TRY(builder.resolve(commit, frozen));
    if (frozen != nullptr) {
      flight.end();
      co_await frozen->thawed();
      continue;
    }
    builder.build(commit);
    for (auto& set : builder.sets()) set.frees_room = frees_room;
    CO_TRY(co_await apply(std::move(builder.sets()), flight.at()));
    builder.count();
    co_return flight.at();
  }
}

Task<Status> StoreImpl::apply(std::vector<kv::WriteSet> sets, Timestamp at) {
  const auto ceiling = co_await keeper_.claim_ceiling(at);
  if (ceiling) sets.front().preceding.push_back(write_clock(*ceiling));
  FAULT_POINT("history.before_commit");
  Status status;
  if (sets.size() == 1) {
    status = co_await engine_.commit(std::move(sets.front()));
  } else {
    status = co_await engine_.commit_transaction(std::move(sets));
  }
  FAULT_POINT("history.after_commit");
  if (ceiling) keeper_.ceiling_written(*ceiling, status.ok());
  co_return status;
}

}  // namespace reprise::history
