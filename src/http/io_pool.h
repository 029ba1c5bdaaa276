// The threads that serve connections. Several servers (the API listener, the console listener) share one pool.
//
// Each thread is an Executor of its own: a connection is pinned to one, its handler runs there, and whatever the
// handler waits for (a Completion, sleep_for) resumes it there, so nothing of a connection needs a lock.
//
// Lifetime: the pool outlives every Server on it and everything that posts to its threads. Its destructor runs what
// was posted before, drops timers that are not due, and joins.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/executor.h"
#include "base/status.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace reprise::http {

class IoThread final : public Executor {
 public:
  ~IoThread() override;

  using Executor::post;
  // A whole batch costs one wake-up of the thread.
  void post(std::span<const std::coroutine_handle<>> handles) override;
  void post_after(std::chrono::milliseconds delay, std::coroutine_handle<> handle) override;

  // Runs `work` on this thread, soon. Any thread may call.
  void run_soon(std::function<void()> work);
  // Runs `work` on this thread and waits for it. Never called on a thread of the pool.
  void run_and_wait(std::function<void()> work);

  // For the .cc files of http/.
  [[nodiscard]] boost::asio::io_context& context();

 private:
  friend class IoPool;
  struct State;
  explicit IoThread(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct IoPoolOptions {
  std::size_t threads = 0;  // 0: one for each processor
};

class IoPool {
 public:
  // Fails with Code::exhausted when the system gives no more threads.
  static Result<std::unique_ptr<IoPool>> start(IoPoolOptions options = {});
  ~IoPool();
  IoPool(const IoPool&) = delete;
  IoPool& operator=(const IoPool&) = delete;

  [[nodiscard]] std::size_t size() const { return threads_.size(); }
  [[nodiscard]] IoThread& thread(std::size_t index) { return *threads_.at(index); }

 private:
  IoPool() = default;
  std::vector<std::unique_ptr<IoThread>> threads_;
};

// Calls `work` on `thread` about every `period`, until destroyed, which happens on that thread.
class PeriodicTimer {
 public:
  PeriodicTimer(IoThread& thread, std::chrono::milliseconds period, std::function<void()> work);
  ~PeriodicTimer();
  PeriodicTimer(const PeriodicTimer&) = delete;
  PeriodicTimer& operator=(const PeriodicTimer&) = delete;

 private:
  struct State;
  static void arm(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

}  // namespace reprise::http
