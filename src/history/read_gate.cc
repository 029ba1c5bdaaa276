#include "history/read_gate.h"

#include <algorithm>

namespace reprise::history {

namespace {

std::size_t thread_number() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

}  // namespace

ReadGate::Ticket ReadGate::enter() noexcept {
  Slot& slot = slots_[thread_number() % slots];
  for (;;) {
    const std::uint64_t generation = generation_.load();
    auto& count = slot.counts[generation & 1];
    count.fetch_add(1);
    // Still current: whoever closes this generation looks at the count later than this, and sees us.
    if (generation_.load() == generation) return Ticket(&count);
    count.fetch_sub(1);
  }
}

bool ReadGate::empty(std::uint64_t generation) const {
  // A ticket never moves from one slot to another, so a sum of zeros is a moment of emptiness for a closed generation.
  return std::all_of(slots_.begin(), slots_.end(),
                     [&](const Slot& slot) { return slot.counts[generation & 1].load() == 0; });
}

void ReadGate::settle() {
  for (;;) {
    const std::uint64_t current = generation_.load();
    if (drained_ + 1 < current) {
      if (!empty(current - 1)) return;
      drained_ = current - 1;
    }
    if (wanted_ < current) return;
    generation_.store(current + 1);
  }
}

std::uint64_t ReadGate::advance() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t target = generation_.load();
  wanted_ = std::max(wanted_, target);
  settle();
  return target;
}

std::uint64_t ReadGate::drained() {
  const std::lock_guard lock(mutex_);
  settle();
  return drained_;
}

}  // namespace reprise::history
