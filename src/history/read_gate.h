// ReadGate: tells when nobody can still be using what was visible a while ago.
//
// Readers and commits hold a ticket while they look at published metadata and touch partitions. Whoever takes something
// away (a bucket behind the horizon, a dropped space, a replaced state) first makes it unreachable for new tickets,
// then calls advance(), and destroys it once drained() has reached the generation that advance() returned. Nobody
// waits: the destroyer comes back later.
//
// Invariant: a ticket counts under a generation only if that generation was still the current one after it was counted.
// Thread-safe; a ticket may be released on another thread than it was taken on.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace reprise::history {

class ReadGate {
 public:
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Ticket& operator=(Ticket&& other) noexcept {
      if (this != &other) {
        release();
        count_ = std::exchange(other.count_, nullptr);
      }
      return *this;
    }
    ~Ticket() { release(); }
    void release() noexcept {
      if (auto* const count = std::exchange(count_, nullptr)) count->fetch_sub(1);
    }

   private:
    friend class ReadGate;
    explicit Ticket(std::atomic<std::int64_t>* count) : count_(count) {}
    std::atomic<std::int64_t>* count_ = nullptr;
  };

  [[nodiscard]] Ticket enter() noexcept;

  // Everything made unreachable before this call is out of use once drained() >= the generation returned. Starts a new
  // generation when the one before the current has drained; otherwise the current one has to do: call again later.
  std::uint64_t advance();
  // The newest generation that, with all before it, has no ticket left.
  [[nodiscard]] std::uint64_t drained();

 private:
  static constexpr std::size_t slots = 16;  // threads spread over them
  struct alignas(64) Slot {
    std::atomic<std::int64_t> counts[2] = {0, 0};
  };
  [[nodiscard]] bool empty(std::uint64_t generation) const;
  void settle();

  std::array<Slot, slots> slots_;
  std::atomic<std::uint64_t> generation_{1};
  std::mutex mutex_;  // of what follows, and of changing the generation
  std::uint64_t drained_ = 0;
  std::uint64_t wanted_ = 0;  // the newest generation somebody waits for
};

}  // namespace reprise::history
