// Alarm: pauses of background work that can be cut short.
//
// A coroutine that waits here is resumed on the executor it waited on, after its pause or when ring() is called,
// whichever comes first; never twice. One thread serves all pauses, so that stopping needs no timer to run out and
// nothing stays suspended behind it.
//
// Threading: all calls from any thread. The destructor rings; waiters must be able to run then.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/task.h"

namespace reprise::recovery {

class Alarm {
 public:
  Alarm();
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // Waits for `pause`. False when cut short (or when it was rung before).
  Task<bool> wait(std::chrono::milliseconds pause);
  // Ends every pause, present and future. Idempotent.
  void ring();

 private:
  using Clock = std::chrono::steady_clock;
  void serve();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<Clock::time_point, Completion<bool>*> waiting_;
  bool rung_ = false;
  std::thread thread_;
};

}  // namespace reprise::recovery
