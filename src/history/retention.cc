// What is behind the horizon goes: whole buckets, and whole spaces that were dropped and are needed no more.
//
// Nothing is destroyed that a reader may be looking at. What is doomed is first out of reach of new readers (the
// horizon has passed it; the space is not in the table any more), and destroyed once the readers of before have left
// (read_gate.h), at once if there are none, else by a later collect().
#include <algorithm>

#include "base/fault_point.h"
#include "history/store_impl.h"

namespace reprise::history {

namespace {

constexpr std::size_t counters_per_collect = 1000;
constexpr int rounds_max = 8;  // a removed clone may free its base, and so on

}  // namespace

Task<Status> StoreImpl::collect() {
  const auto held = co_await administer();
  for (int round = 0; round < rounds_max; ++round) {
    const Timestamp now = keeper_.now();
    for (Space* const space : table_.all()) CO_TRY(co_await gather(*space, now));
    const std::uint64_t generation = gate_.advance();
    for (auto& bucket : doomed_buckets_) bucket.generation = std::min(bucket.generation, generation);
    for (auto& space : doomed_spaces_) space.generation = std::min(space.generation, generation);
    if (doomed_buckets_.empty() && doomed_spaces_.empty()) break;
    // Not even a wall clock that is set back before the next start may bring back a horizon at which this is needed.
    CO_TRY(co_await write_meta({}));
    CO_TRY_ASSIGN(const bool spaces_gone, co_await finish_removals());
    if (!spaces_gone) break;
  }
  const std::uint64_t drained = gate_.drained();
  for (Space* const space : table_.all()) {
    space->free_states(drained);
    const SpaceState& state = *space->state();
    if (state.whiteouts_left && !state.dropped() && drained >= space->unlinked_generation) {
      CO_TRY(co_await remove_whiteouts(*space));
    }
  }
  co_return co_await checkpoint_counters(counters_per_collect);
}

Task<Status> StoreImpl::gather(Space& space, Timestamp now) {
  const SpaceState& state = *space.state();
  if (state.expired(now)) {
    doomed_spaces_.push_back({table_.remove(space.id()), undecided});
    co_return Status();
  }
  CO_TRY(co_await learn_buckets(space));
  const Timestamp horizon = state.horizon(now);
  const auto doom = [&](kv::Kind kind, std::uint64_t bucket) {
    if (state.writes_history() && bucket_end(state.epochs, bucket) > horizon) return;
    const bool known = std::any_of(doomed_buckets_.begin(), doomed_buckets_.end(), [&](const auto& doomed) {
      return doomed.space == space.id() && doomed.kind == kind && doomed.bucket == bucket;
    });
    if (!known) doomed_buckets_.push_back({space.id(), kind, bucket, undecided});
  };
  for (const auto bucket : space.history_buckets.all()) doom(kv::Kind::history, bucket);
  for (const auto bucket : space.log_buckets.all()) doom(kv::Kind::log, bucket);
  std::vector<Epoch> epochs = state.epochs;
  if (!forget_epochs(epochs, horizon)) co_return Status();
  std::vector<Space*> alone(1, &space);
  auto change = transition_of(alone);
  change.parts.front().next.epochs = std::move(epochs);
  co_return co_await finish(change);
}

Task<Result<bool>> StoreImpl::finish_removals() {
  const std::uint64_t drained = gate_.drained();
  for (std::size_t i = doomed_buckets_.size(); i-- > 0;) {
    const auto doomed = doomed_buckets_[i];
    if (doomed.generation > drained) continue;
    const kv::Partition partition{doomed.space, doomed.kind, ShardId(0), doomed.bucket};
    FAULT_POINT("history.before_drop_bucket");
    CO_TRY(co_await engine_.drop(partition));
    doomed_buckets_.erase(doomed_buckets_.begin() + static_cast<std::ptrdiff_t>(i));
    const Space* const space = table_.find(doomed.space);
    if (space == nullptr) continue;
    (doomed.kind == kv::Kind::history ? space->history_buckets : space->log_buckets).remove(doomed.bucket);
  }
  bool removed = false;
  for (std::size_t i = doomed_spaces_.size(); i-- > 0;) {
    if (doomed_spaces_[i].generation > drained) continue;
    CO_TRY(co_await remove_space(*doomed_spaces_[i].space));
    doomed_spaces_.erase(doomed_spaces_.begin() + static_cast<std::ptrdiff_t>(i));
    removed = true;
  }
  co_return removed;
}

// Repeats harmlessly after a crash: the metadata goes last.
Task<Status> StoreImpl::remove_space(const Space& space) {
  for (const auto kind : {kv::Kind::history, kv::Kind::log}) {
    CO_TRY_ASSIGN(const auto buckets, co_await engine_.buckets(space.id(), kind, ShardId(0)));
    for (const auto bucket : buckets) CO_TRY(co_await engine_.drop(space.partition(kind, bucket)));
  }
  const auto data = space.present();
  CO_TRY(co_await engine_.drop(data));
  FAULT_POINT("history.dropped_partitions");
  auto writes = erase_space(space.id());
  const SpaceState& state = *space.state();
  if (!state.base) co_return co_await write_meta(std::move(writes));
  std::vector<Space*> bases(1, state.base_space);
  co_return co_await release_pins(std::move(bases), state.base->at, std::move(writes));
}

}  // namespace reprise::history
