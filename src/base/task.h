// Task<T>: the one coroutine type of the project.
//
// A Task is lazy: it runs when awaited, and is awaited once. It may also be made from a finished value
// (`Task<T>(value)`), which costs no coroutine frame: that is how embedded reads complete inline behind an
// interface that a distributed engine can implement with real waits.
//
// Where it resumes: on whatever thread finished what it waited for; sources of suspension (Completion, sleep_for)
// post to the executor they were awaited on. Loops over tasks that complete inline use no extra stack.
//
// Exceptions do not cross a Task: one that escapes a coroutine is a bug and terminates.
//
// Beware (GCC 12): bind arguments of a coroutine call to named variables when they are aggregates made in the
// call, and never use a capturing lambda as a coroutine: its captures die with the lambda. Pass parameters by value.
// Never await inside a conditional expression (`c ? co_await f() : x` runs f whatever c is) or in the condition of an
// if or while: bind the result to a variable first.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <exception>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "base/executor.h"

namespace reprise {

template <class T>
class Task;

namespace detail {

class TaskPromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      auto& promise = handle.promise();
      // Whoever comes second continues the parent: us, if it already suspended; else its await_suspend.
      if (promise.met_.exchange(true, std::memory_order_acq_rel)) promise.continuation_.resume();
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { std::terminate(); }

  // Runs the coroutine; true when `parent` has to stay suspended.
  bool start(std::coroutine_handle<> self, std::coroutine_handle<> parent) noexcept {
    continuation_ = parent;
    self.resume();
    return !met_.exchange(true, std::memory_order_acq_rel);
  }

 private:
  std::coroutine_handle<> continuation_;
  std::atomic<bool> met_{false};
};

template <class T>
class TaskPromise final : public TaskPromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    ASSERT(value_.has_value());
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> final : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() noexcept {}
};

struct Nothing {};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;
  using Stored = std::conditional_t<std::is_void_v<T>, detail::Nothing, T>;

  // A task that is finished already.
  Task(Stored value) : ready_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})), ready_(std::move(other.ready_)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, {});
      ready_ = std::move(other.ready_);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return !handle_; }
  bool await_suspend(std::coroutine_handle<> parent) noexcept { return handle_.promise().start(handle_, parent); }
  T await_resume() {
    if (handle_) return handle_.promise().take();
    if constexpr (!std::is_void_v<T>) return std::move(*ready_);
  }

 private:
  Handle handle_;
  std::optional<Stored> ready_;
};

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

// A coroutine that nobody awaits; frees itself when done.
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};
}  // namespace detail

inline Task<void> ready_task() { return Task<void>(detail::Nothing{}); }

// Awaitable: continue on a thread of `executor`.
struct ResumeOn {
  Executor& executor;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const { executor.post(handle); }
  void await_resume() const noexcept {}
};

// Awaitable: continue on the current executor after `delay`. Must be awaited on an executor's thread.
struct SleepFor {
  std::chrono::milliseconds delay;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const {
    ASSERT(Executor::current() != nullptr);
    Executor::current()->post_after(delay, handle);
  }
  void await_resume() const noexcept {}
};
inline SleepFor sleep_for(std::chrono::milliseconds delay) { return {delay}; }

// Runs `task` on `executor` without waiting for it.
inline void spawn(Executor& executor, Task<void> task) {
  [](Executor& where, Task<void> owned) -> detail::Detached {
    co_await ResumeOn{where};
    co_await owned;
  }(executor, std::move(task));
}

// Runs `task` and blocks the calling thread until it is done. For main, tests and tools; never on an
// executor's own thread.
template <class T>
T sync_wait(Task<T> task) {
  struct Shared {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<typename Task<T>::Stored> value;
  } shared;
  [](Task<T> owned, Shared* state) -> detail::Detached {
    if constexpr (std::is_void_v<T>) {
      co_await owned;
      const std::lock_guard lock(state->mutex);
      state->value.emplace();
      state->done.notify_one();
    } else {
      auto value = co_await owned;
      const std::lock_guard lock(state->mutex);
      state->value.emplace(std::move(value));
      state->done.notify_one();
    }
  }(std::move(task), &shared);
  std::unique_lock lock(shared.mutex);
  shared.done.wait(lock, [&] { return shared.value.has_value(); });
  if constexpr (!std::is_void_v<T>) return std::move(*shared.value);
}

// A value that one coroutine awaits and one other party delivers, once, from any thread. The waiter resumes on
// the executor it waited on. The Completion must outlive both.
template <class T>
class Completion {
 public:
  // Delivers. Returns the waiter to resume (and where) instead of resuming it, so that a producer that completes
  // many can hand them over executor by executor; `complete` does it for one.
  struct Waiter {
    Executor* executor = nullptr;
    std::coroutine_handle<> handle;
  };
  [[nodiscard]] Waiter set(T value) {
    value_.emplace(std::move(value));
    // After this exchange the Completion may be gone if the waiter had not suspended yet.
    if (met_.exchange(true, std::memory_order_acq_rel)) return {executor_, handle_};
    return {};
  }
  void complete(T value) {
    if (const auto waiter = set(std::move(value)); waiter.handle) resume_on(waiter.executor, waiter.handle);
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle) noexcept {
    executor_ = Executor::current();
    handle_ = handle;
    return !met_.exchange(true, std::memory_order_acq_rel);
  }
  T await_resume() { return std::move(*value_); }

 private:
  std::optional<T> value_;
  std::atomic<bool> met_{false};
  Executor* executor_ = nullptr;
  std::coroutine_handle<> handle_;
};

}  // namespace reprise
