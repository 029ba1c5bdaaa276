// Executor: where coroutines are resumed.
//
// A server thread is an executor (an io_context in http/); tests and background work use ThreadExecutor. An
// operation that suspends notes Executor::current() and is resumed there, so a request stays on its thread and
// its connection needs no lock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace reprise {

// Thread-safe: any thread may post.
class Executor {
 public:
  virtual ~Executor() = default;

  // Resumes each handle once, in order, on a thread of this executor. Never resumes inside the call.
  virtual void post(std::span<const std::coroutine_handle<>> handles) = 0;
  void post(std::coroutine_handle<> handle) { post(std::span<const std::coroutine_handle<>>(&handle, 1)); }

  // The same after at least `delay`.
  virtual void post_after(std::chrono::milliseconds delay, std::coroutine_handle<> handle) = 0;

  // The executor whose thread is running, or null on a foreign thread.
  static Executor* current() noexcept;

  // Marks the calling thread as `executor`'s for as long as the scope lives. For implementers.
  class Scope {
   public:
    explicit Scope(Executor* executor) noexcept;
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Executor* previous_;
  };
};

// Resumes `handle` on `executor`, or right here when there is none.
void resume_on(Executor* executor, std::coroutine_handle<> handle);

// A fixed pool of threads. The destructor runs what has been posted, drops timers that are not due, and joins;
// coroutines that are still suspended then are their owners' to cancel first.
class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(std::size_t threads);
  ~ThreadExecutor() override;
  ThreadExecutor(const ThreadExecutor&) = delete;
  ThreadExecutor& operator=(const ThreadExecutor&) = delete;

  using Executor::post;
  void post(std::span<const std::coroutine_handle<>> handles) override;
  void post_after(std::chrono::milliseconds delay, std::coroutine_handle<> handle) override;

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::coroutine_handle<>> ready_;
  std::multimap<std::chrono::steady_clock::time_point, std::coroutine_handle<>> timers_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace reprise
