// Timekeeper: hands out commit timestamps, knows which are still under way, and keeps them unique across restarts.
//
// Invariants:
//   - timestamps strictly increase in the order they are taken, in this process and over all restarts;
//   - closed() never passes a commit that is under way;
//   - a commit is acknowledged only when a durable ceiling is at or above its timestamp. The ceiling is written with
//     the commits themselves, one write at a time (so that a smaller one never lands on a greater), about every half
//     of the reserve; it costs no durable write of its own.
// A restarted store begins above the ceiling. Times that were only read off now(), and that no commit carries, are not
// covered: if the wall clock is set back across a restart, they may be taken again.
// Thread-safe. A short mutex, never held while anything waits.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/status.h"
#include "base/task.h"

namespace reprise::history {

class Timekeeper {
 public:
  // `ceiling`: what is durable; every timestamp handed out is greater.
  Timekeeper(const WallClock& wall, Timestamp ceiling, std::chrono::microseconds reserve);

  // Unique, increasing.
  Timestamp now() { return clock_.now(); }
  // What now() would hardly exceed; nothing is consumed.
  [[nodiscard]] Timestamp peek() const;
  Timestamp closed();
  // Completes when closed() >= t. invalid: t lies in the future.
  Task<Status> wait_closed(Timestamp t);

  // A commit under way: counted from its construction (which takes the timestamp) until end() or the destructor.
  class InFlight {
   public:
    InFlight(Timekeeper& keeper, Timestamp more_than);
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;
    ~InFlight() { end(); }
    void end();
    [[nodiscard]] Timestamp at() const { return at_; }

   private:
    Timekeeper* keeper_;
    std::uint64_t position_ = 0;
    Timestamp at_;
  };

  // What the commit stamped `at` has to write along as the new ceiling, if anything. May wait for another commit's
  // write. Whoever gets a ceiling reports its fate with ceiling_written.
  Task<std::optional<Timestamp>> claim_ceiling(Timestamp at);
  void ceiling_written(Timestamp ceiling, bool durable);

 private:
  struct ClosedWaiter {
    Timestamp until;
    Completion<bool>* done;
  };
  static Task<Status> wait_closed_slowly(Timekeeper* self, Timestamp t);
  Task<std::optional<Timestamp>> claim_ceiling_slowly(Timestamp at);
  std::optional<Timestamp> try_claim(Timestamp at, bool& settled);
  [[nodiscard]] Timestamp closed_locked();

  HybridClock clock_;
  const std::uint64_t reserve_;  // in bits of a Timestamp

  std::mutex mutex_;
  struct Slot {
    Timestamp at;
    bool done = false;
  };
  std::deque<Slot> under_way_;        // by timestamp; the front is not done
  std::uint64_t first_position_ = 0;  // of the front
  std::vector<ClosedWaiter> closed_waiters_;
  std::atomic<std::uint64_t> closed_hint_{0};  // closed() has been at least this

  std::mutex ceiling_mutex_;
  std::atomic<std::uint64_t> ceiling_;        // durable
  std::atomic<bool> ceiling_claimed_{false};  // changed under the mutex
  std::vector<Completion<bool>*> ceiling_waiters_;
};

}  // namespace reprise::history
