// KeyLocks: coroutine mutexes for keys. Writers of one key queue here in order of arrival and are resumed one by one,
// so that contention never spins on Code::conflict.
//
// Locks are striped by hash: two keys may share one, which costs waiting and never correctness, as long as nobody who
// holds a lock asks the same KeyLocks for another: it may be the very one he holds, and he waits for himself for ever.
// Several keys are locked at once, in stripe order, so that transactions cannot deadlock. A thread is never blocked.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/executor.h"
#include "base/ids.h"
#include "base/task.h"

namespace reprise::history {

class KeyLocks {
 public:
  explicit KeyLocks(std::size_t stripes = 4096);
  ~KeyLocks();
  KeyLocks(const KeyLocks&) = delete;
  KeyLocks& operator=(const KeyLocks&) = delete;

  // Held locks; released by the destructor or release(), from any thread. Movable.
  class Guard {
   public:
    Guard() = default;
    Guard(Guard&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), first_(other.first_), rest_(std::move(other.rest_)) {}
    Guard& operator=(Guard&& other) noexcept;
    ~Guard() { release(); }
    void release();

   private:
    friend class KeyLocks;
    KeyLocks* owner_ = nullptr;
    std::uint32_t first_ = 0;  // held whenever there is an owner
    std::vector<std::uint32_t> rest_;
  };

  struct LockKey {
    SpaceId space;
    BytesView key;
  };
  // Completes inline when the lock is free. A waiter resumes on the executor it waited on; one that waited on a foreign
  // thread resumes inside the release() that hands the lock over. The keys need not outlive the call.
  Task<Guard> lock(SpaceId space, BytesView key);
  // Nothing to lock is locked at once.
  Task<Guard> lock(std::vector<LockKey> keys);

 private:
  struct Stripe;
  struct Acquire;
  static Task<Guard> lock_slowly(KeyLocks* self, Guard held, std::vector<std::uint32_t> wanted);
  bool try_lock(std::uint32_t stripe);
  void unlock(std::uint32_t stripe);
  [[nodiscard]] std::uint32_t stripe_of(SpaceId space, BytesView key) const;

  std::size_t count_;
  std::unique_ptr<Stripe[]> stripes_;
};

}  // namespace reprise::history
