#include "base/executor.h"

namespace reprise {

namespace {
thread_local Executor* current_executor = nullptr;
}  // namespace

Executor* Executor::current() noexcept { return current_executor; }

Executor::Scope::Scope(Executor* executor) noexcept : previous_(current_executor) { current_executor = executor; }
Executor::Scope::~Scope() { current_executor = previous_; }

void resume_on(Executor* executor, std::coroutine_handle<> handle) {
  if (executor != nullptr) {
    executor->post(handle);
  } else {
    handle.resume();
  }
}

ThreadExecutor::ThreadExecutor(std::size_t threads) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

ThreadExecutor::~ThreadExecutor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

// Both notify with the mutex held: what they post may let the owner destroy the executor as soon as it is released.
void ThreadExecutor::post(std::span<const std::coroutine_handle<>> handles) {
  const std::lock_guard lock(mutex_);
  ready_.insert(ready_.end(), handles.begin(), handles.end());
  if (handles.size() == 1) {
    wake_.notify_one();
  } else {
    wake_.notify_all();
  }
}

void ThreadExecutor::post_after(std::chrono::milliseconds delay, std::coroutine_handle<> handle) {
  const std::lock_guard lock(mutex_);
  timers_.emplace(std::chrono::steady_clock::now() + delay, handle);
  wake_.notify_one();
}

void ThreadExecutor::run() {
  const Scope scope(this);
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    while (!timers_.empty() && timers_.begin()->first <= now) {
      ready_.push_back(timers_.begin()->second);
      timers_.erase(timers_.begin());
    }
    if (!ready_.empty()) {
      const auto handle = ready_.front();
      ready_.pop_front();
      lock.unlock();
      handle.resume();
      lock.lock();
    } else if (stopping_) {
      return;
    } else if (timers_.empty()) {
      wake_.wait(lock);
    } else {
      // A copy: wait_until keeps a reference, and another thread may take this timer meanwhile.
      const auto next = timers_.begin()->first;
      wake_.wait_until(lock, next);
    }
  }
}

}  // namespace reprise
