// Invariant: a waiter is in `waiting_` until it is completed, once, by the serving thread; after ring() none enters.
#include "recovery/alarm.h"

namespace reprise::recovery {

Alarm::Alarm() : thread_([this] { serve(); }) {}

Alarm::~Alarm() {
  ring();
  thread_.join();
}

Task<bool> Alarm::wait(std::chrono::milliseconds pause) {
  Completion<bool> over;
  {
    const std::lock_guard lock(mutex_);
    if (rung_) co_return false;
    waiting_.emplace(Clock::now() + pause, &over);
  }
  wake_.notify_one();
  co_return co_await over;
}

void Alarm::ring() {
  {
    const std::lock_guard lock(mutex_);
    rung_ = true;
  }
  wake_.notify_one();
}

void Alarm::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (!waiting_.empty() && (rung_ || waiting_.begin()->first <= Clock::now())) {
      Completion<bool>* const over = waiting_.begin()->second;
      waiting_.erase(waiting_.begin());
      const bool whole = !rung_;
      // Outside the lock: a waiter without an executor is resumed right here.
      lock.unlock();
      over->complete(whole);
      lock.lock();
    }
    if (rung_) return;
    if (waiting_.empty()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, waiting_.begin()->first);
    }
  }
}

}  // namespace reprise::recovery
