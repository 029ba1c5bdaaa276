// Whether writes are stopped after a fault, and why; shared by the committer, RocksDB's background threads and the one
// that resumes (room_keeper.h).
//
// A stop for lack of room ends when there is room again. Any other is for good: after a failed fsync a later success
// proves nothing. The first reason stays, but a lasting one replaces one that would pass.
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/status.h"

namespace reprise::kv {

class WriteStop {
 public:
  // What can end the stop.
  enum class Until : std::uint8_t { room, restart };

  void stop(Status reason, Until until);
  [[nodiscard]] bool stopped() const noexcept { return stopped_.load(std::memory_order_acquire); }
  // Of a stop.
  [[nodiscard]] Status reason() const;

  // What resume() wants to be told; nothing is to be resumed when `waits_for_room` is false.
  struct State {
    bool waits_for_room = false;
    std::uint64_t stops = 0;
  };
  [[nodiscard]] State state() const;
  // Lets writes go on, unless there was another reason to stop since `seen`; says whether they do.
  bool resume(const State& seen);

 private:
  std::atomic<bool> stopped_{false};
  mutable std::mutex mutex_;
  Status reason_;
  Until until_ = Until::room;
  std::uint64_t stops_ = 0;  // how often stop() was called
};

}  // namespace reprise::kv
