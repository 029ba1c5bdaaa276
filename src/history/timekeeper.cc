// Commits under way stand in a queue in the order of their timestamps, because a timestamp is taken and queued under
// one lock. What is done at the front leaves; closed() is just before the front, or now when the queue is empty.
#include "history/timekeeper.h"

#include <algorithm>
#include <atomic>

namespace reprise::history {

Timekeeper::Timekeeper(const WallClock& wall, Timestamp ceiling, std::chrono::microseconds reserve)
    : clock_(wall, ceiling),
      reserve_(Timestamp::from_micros(static_cast<std::uint64_t>(reserve.count())).bits()),
      ceiling_(ceiling.bits()) {}

Timestamp Timekeeper::peek() const {
  return std::max(clock_.last(), Timestamp::from_micros(clock_.wall().now_micros()));
}

Timestamp Timekeeper::closed_locked() {
  const Timestamp closed = under_way_.empty() ? clock_.now() : under_way_.front().at.previous();
  closed_hint_.store(std::max(closed_hint_.load(), closed.bits()));
  return closed;
}

Timestamp Timekeeper::closed() {
  const std::lock_guard lock(mutex_);
  return closed_locked();
}

Task<Status> Timekeeper::wait_closed(Timestamp t) {
  if (t.bits() <= closed_hint_.load()) return Status();
  // The microsecond that has begun counts as the present: "as of T" means the last moment of T's microsecond.
  if (t.micros() > peek().micros()) return invalid("the time asked for lies in the future");
  {
    const std::lock_guard lock(mutex_);
    clock_.observe(t);
    if (closed_locked() >= t) return Status();
  }
  return wait_closed_slowly(this, t);
}

Task<Status> Timekeeper::wait_closed_slowly(Timekeeper* self, Timestamp t) {
  Completion<bool> done;
  {
    const std::lock_guard lock(self->mutex_);
    if (self->closed_locked() >= t) co_return Status();
    self->closed_waiters_.push_back({t, &done});
  }
  co_await done;
  co_return Status();
}

Timekeeper::InFlight::InFlight(Timekeeper& keeper, Timestamp more_than) : keeper_(&keeper) {
  const std::lock_guard lock(keeper.mutex_);
  keeper.clock_.observe(more_than);
  at_ = keeper.clock_.now();
  position_ = keeper.first_position_ + keeper.under_way_.size();
  keeper.under_way_.push_back({at_});
}

void Timekeeper::InFlight::end() {
  Timekeeper* const keeper = std::exchange(keeper_, nullptr);
  if (keeper == nullptr) return;
  std::vector<ClosedWaiter> due;
  {
    const std::lock_guard lock(keeper->mutex_);
    auto& queue = keeper->under_way_;
    queue[position_ - keeper->first_position_].done = true;
    if (position_ != keeper->first_position_) return;
    while (!queue.empty() && queue.front().done) {
      queue.pop_front();
      ++keeper->first_position_;
    }
    auto& waiters = keeper->closed_waiters_;
    if (waiters.empty()) return;
    const Timestamp closed = keeper->closed_locked();
    const auto first_due = std::partition(waiters.begin(), waiters.end(),
                                          [&](const ClosedWaiter& waiter) { return waiter.until > closed; });
    due.assign(first_due, waiters.end());
    waiters.erase(first_due, waiters.end());
  }
  for (const auto& waiter : due) waiter.done->complete(true);
}

// `settled`: the answer stands; else somebody else's write must be waited for.
std::optional<Timestamp> Timekeeper::try_claim(Timestamp at, bool& settled) {
  settled = true;
  const std::uint64_t ceiling = ceiling_.load();
  if (at.bits() + reserve_ / 2 <= ceiling) return std::nullopt;
  if (ceiling_claimed_.load()) {
    settled = at.bits() <= ceiling;
    return std::nullopt;
  }
  ceiling_claimed_.store(true);
  return Timestamp(at.bits() + reserve_);
}

Task<std::optional<Timestamp>> Timekeeper::claim_ceiling(Timestamp at) {
  if (at.bits() + reserve_ / 2 <= ceiling_.load()) return std::optional<Timestamp>();
  return claim_ceiling_slowly(at);
}

Task<std::optional<Timestamp>> Timekeeper::claim_ceiling_slowly(Timestamp at) {
  for (;;) {
    Completion<bool> changed;
    {
      const std::lock_guard lock(ceiling_mutex_);
      bool settled = false;
      const auto claimed = try_claim(at, settled);
      if (settled) co_return claimed;
      ceiling_waiters_.push_back(&changed);
    }
    co_await changed;
  }
}

void Timekeeper::ceiling_written(Timestamp ceiling, bool durable) {
  std::vector<Completion<bool>*> waiters;
  {
    const std::lock_guard lock(ceiling_mutex_);
    if (durable) ceiling_.store(std::max(ceiling_.load(), ceiling.bits()));
    ceiling_claimed_.store(false);
    waiters.swap(ceiling_waiters_);
  }
  for (auto* const waiter : waiters) waiter->complete(true);
}

}  // namespace reprise::history
