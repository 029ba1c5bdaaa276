// Each stripe is a flag and a queue of suspended waiters. A release with waiters hands the stripe to the oldest one
// without clearing the flag, so nobody overtakes.
#include "history/key_locks.h"

#include <algorithm>
#include <functional>

namespace reprise::history {

struct KeyLocks::Stripe {
  std::mutex mutex;
  bool held = false;
  Acquire* oldest = nullptr;
  Acquire* newest = nullptr;
};

// Awaitable; lives in the waiter's frame while it queues.
struct KeyLocks::Acquire {
  Stripe& stripe;
  std::coroutine_handle<> handle{};
  Executor* executor = nullptr;
  Acquire* next = nullptr;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    const std::lock_guard lock(stripe.mutex);
    if (!stripe.held) {
      stripe.held = true;
      return false;
    }
    handle = waiting;
    executor = Executor::current();
    if (stripe.newest != nullptr) {
      stripe.newest->next = this;
    } else {
      stripe.oldest = this;
    }
    stripe.newest = this;
    return true;
  }
  void await_resume() const noexcept {}
};

KeyLocks::KeyLocks(std::size_t stripes) : count_(stripes), stripes_(std::make_unique<Stripe[]>(stripes)) {
  ASSERT(stripes > 0);
}
KeyLocks::~KeyLocks() = default;

KeyLocks::Guard& KeyLocks::Guard::operator=(Guard&& other) noexcept {
  if (this != &other) {
    release();
    owner_ = std::exchange(other.owner_, nullptr);
    first_ = other.first_;
    rest_ = std::move(other.rest_);
  }
  return *this;
}

void KeyLocks::Guard::release() {
  KeyLocks* const owner = std::exchange(owner_, nullptr);
  if (owner == nullptr) return;
  const auto rest = std::move(rest_);
  owner->unlock(first_);
  for (const auto stripe : rest) owner->unlock(stripe);
}

std::uint32_t KeyLocks::stripe_of(SpaceId space, BytesView key) const {
  const std::uint64_t mixed = std::hash<BytesView>()(key) ^ (space.value() * 0x9e3779b97f4a7c15U);
  return static_cast<std::uint32_t>((mixed ^ (mixed >> 29)) % count_);
}

bool KeyLocks::try_lock(std::uint32_t index) {
  Stripe& stripe = stripes_[index];
  const std::lock_guard lock(stripe.mutex);
  return !std::exchange(stripe.held, true);
}

void KeyLocks::unlock(std::uint32_t index) {
  Stripe& stripe = stripes_[index];
  std::coroutine_handle<> handle;
  Executor* executor = nullptr;
  {
    const std::lock_guard lock(stripe.mutex);
    Acquire* const heir = stripe.oldest;
    if (heir == nullptr) {
      stripe.held = false;
      return;
    }
    stripe.oldest = heir->next;
    if (stripe.oldest == nullptr) stripe.newest = nullptr;
    handle = heir->handle;
    executor = heir->executor;
  }
  resume_on(executor, handle);
}

Task<KeyLocks::Guard> KeyLocks::lock(SpaceId space, BytesView key) {
  const auto stripe = stripe_of(space, key);
  if (!try_lock(stripe)) return lock_slowly(this, Guard(), {stripe});
  Guard guard;
  guard.owner_ = this;
  guard.first_ = stripe;
  return guard;
}

Task<KeyLocks::Guard> KeyLocks::lock(std::vector<LockKey> keys) {
  std::vector<std::uint32_t> wanted;
  wanted.reserve(keys.size());
  for (const auto& [space, key] : keys) wanted.push_back(stripe_of(space, key));
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  if (wanted.empty()) return Guard();
  // Inline as far as possible; the rest in a coroutine.
  Guard guard;
  std::size_t taken = 0;
  for (; taken < wanted.size() && try_lock(wanted[taken]); ++taken) {
    if (taken == 0) {
      guard.owner_ = this;
      guard.first_ = wanted[0];
    } else {
      guard.rest_.push_back(wanted[taken]);
    }
  }
  if (taken == wanted.size()) return guard;
  wanted.erase(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(taken));
  return lock_slowly(this, std::move(guard), std::move(wanted));
}

Task<KeyLocks::Guard> KeyLocks::lock_slowly(KeyLocks* self, Guard held, std::vector<std::uint32_t> wanted) {
  for (const auto stripe : wanted) {
    Acquire acquire{self->stripes_[stripe]};
    co_await acquire;
    if (held.owner_ == nullptr) {
      held.owner_ = self;
      held.first_ = stripe;
    } else {
      held.rest_.push_back(stripe);
    }
  }
  co_return held;
}

}  // namespace reprise::history
