// One io_context and one thread each. Keeps: Executor::current() is the IoThread on its own thread for as long as that
// runs, and a handle is resumed exactly once, unless the pool is destroyed first.
#include "http/io_pool.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <system_error>
#include <thread>
#include <utility>

#include "base/assert.h"

namespace reprise::http {

namespace asio = boost::asio;

struct IoThread::State {
  // The hint says that one thread runs it; posting from others stays safe.
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::thread thread;
};

IoThread::IoThread(std::unique_ptr<State> state) : state_(std::move(state)) {}

IoThread::~IoThread() {
  if (!state_->thread.joinable()) return;
  // After everything that was posted before.
  asio::post(state_->context, [this] { state_->context.stop(); });
  state_->thread.join();
}

void IoThread::post(std::span<const std::coroutine_handle<>> handles) {
  if (handles.empty()) return;
  if (handles.size() == 1) {
    asio::post(state_->context, [handle = handles.front()] { handle.resume(); });
    return;
  }
  asio::post(state_->context, [batch = std::vector<std::coroutine_handle<>>(handles.begin(), handles.end())] {
    for (const auto handle : batch) handle.resume();
  });
}

void IoThread::post_after(std::chrono::milliseconds delay, std::coroutine_handle<> handle) {
  auto timer = std::make_unique<asio::steady_timer>(state_->context, delay);
  auto& armed = *timer;
  armed.async_wait([owned = std::move(timer), handle](boost::system::error_code error) {
    if (!error) handle.resume();
  });
}

void IoThread::run_soon(std::function<void()> work) { asio::post(state_->context, std::move(work)); }

void IoThread::run_and_wait(std::function<void()> work) {
  ASSERT(dynamic_cast<IoThread*>(Executor::current()) == nullptr);
  // Shared: the waiter may be gone before set_value returns.
  const auto done = std::make_shared<std::promise<void>>();
  auto waited = done->get_future();
  run_soon([work = std::move(work), done] {
    work();
    done->set_value();
  });
  waited.wait();
}

asio::io_context& IoThread::context() { return state_->context; }

Result<std::unique_ptr<IoPool>> IoPool::start(IoPoolOptions options) {
  const std::size_t count =
      options.threads != 0 ? options.threads : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  std::unique_ptr<IoPool> pool(new IoPool);
  try {
    for (std::size_t i = 0; i < count; ++i) {
      std::unique_ptr<IoThread> created(new IoThread(std::make_unique<IoThread::State>()));
      IoThread& thread = *created;
      pool->threads_.push_back(std::move(created));
      thread.state_->thread = std::thread([&thread] {
        const Executor::Scope scope(&thread);
        thread.state_->context.run();
      });
    }
  } catch (const std::system_error& error) {
    return Status(Code::exhausted, std::string("cannot start ") + std::to_string(count) + " threads: " + error.what());
  }
  return pool;
}

IoPool::~IoPool() = default;

struct PeriodicTimer::State {
  State(IoThread& thread, std::chrono::milliseconds every, std::function<void()> what)
      : timer(thread.context()), period(every), work(std::move(what)) {}
  asio::steady_timer timer;
  std::chrono::milliseconds period;
  std::function<void()> work;
  bool stopped = false;
};

PeriodicTimer::PeriodicTimer(IoThread& thread, std::chrono::milliseconds period, std::function<void()> work)
    : state_(std::make_shared<State>(thread, period, std::move(work))) {
  arm(state_);
}

PeriodicTimer::~PeriodicTimer() {
  state_->stopped = true;
  state_->timer.cancel();
}

void PeriodicTimer::arm(const std::shared_ptr<State>& state) {
  state->timer.expires_after(state->period);
  state->timer.async_wait([state](boost::system::error_code error) {
    if (error || state->stopped) return;
    state->work();
    if (!state->stopped) arm(state);
  });
}

}  // namespace reprise::http
