// Each thread owns its connections, an epoll set and its stream of requests; nothing is shared but the start time.
#include "load/driver.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "load/connection.h"
#include "load/request.h"

namespace reprise::bench {

namespace {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;

class Worker {
 public:
  Worker(const LoadOptions& options, unsigned index, TimePoint start)
      : options_(options),
        workload_(options.workload, index, options.threads),
        composer_(options),
        counted_from_(start + options.warmup),
        end_(start + options.warmup + options.duration),
        quota_(options.operations / options.threads + (index < options.operations % options.threads ? 1 : 0)),
        next_due_(start) {
    if (options.rate > 0) {
      interval_ = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 * options.threads / options.rate));
    }
  }

  Status run(unsigned connections) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    Status status = open(connections);
    while (status.ok() && !finished()) status = turn();
    ::close(epoll_);
    return status;
  }

  LoadResult result;

 private:
  struct Slot {
    Connection connection;
    TimePoint started;
  };

  Status open(unsigned connections) {
    for (unsigned i = 0; i < connections; ++i) {
      TRY_ASSIGN(auto connection, Connection::open(options_.host, options_.port));
      slots_.push_back({std::move(connection), {}});
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, slots_.back().connection.fd(), &event);
      idle_.push_back(i);
    }
    return {};
  }

  [[nodiscard]] bool may_send(TimePoint now) const {
    if (options_.operations > 0) return sent_ < quota_;
    return now < end_;
  }
  [[nodiscard]] bool finished() const { return idle_.size() == slots_.size() && !may_send(SteadyClock::now()); }

  Status turn() {
    auto now = SteadyClock::now();
    while (!idle_.empty() && may_send(now) && (!interval_ || next_due_ <= now)) {
      const auto index = idle_.front();
      idle_.pop_front();
      TRY(send(slots_[index], now));
      now = SteadyClock::now();
    }
    int wait_ms = 100;
    if (interval_ && !idle_.empty()) wait_ms = next_due_ > now ? 1 : 0;
    epoll_event events[256];
    const int count = ::epoll_wait(epoll_, events, 256, wait_ms);
    for (int i = 0; i < count; ++i) TRY(receive(events[i].data.u64));
    return {};
  }

  Status send(Slot& slot, TimePoint now) {
    slot.started = now;
    if (interval_) {
      slot.started = next_due_;
      next_due_ += *interval_;
    }
    ++sent_;
    const auto operation = workload_.next(body_);
    if (options_.service == "s3") {
      const std::string_view payload = operation == "PUT" ? workload_.payload() : std::string_view();
      composer_.compose_object(operation, body_, payload.size(), slot.connection.request());
      slot.connection.set_payload(payload);
    } else {
      composer_.compose(operation, body_, slot.connection.request());
    }
    return slot.connection.send();
  }

  Status receive(std::uint64_t index) {
    auto& slot = slots_[index];
    TRY_ASSIGN(const auto progress, slot.connection.receive());
    if (progress == Connection::Progress::waiting) return {};
    const auto now = SteadyClock::now();
    if (slot.connection.status() != 200) {
      if (result.errors.empty()) result.first_error = slot.connection.body();
      ++result.errors[slot.connection.status()];
    } else if (slot.started >= counted_from_) {
      ++result.operations;
      result.latency.add(static_cast<std::uint64_t>((now - slot.started).count()));
    }
    if (may_send(now) && !interval_) return send(slot, now);
    idle_.push_back(index);
    return {};
  }

  const LoadOptions& options_;
  Workload workload_;
  RequestComposer composer_;
  TimePoint counted_from_;
  TimePoint end_;
  std::uint64_t quota_;
  std::uint64_t sent_ = 0;
  std::optional<std::chrono::nanoseconds> interval_;
  TimePoint next_due_;
  int epoll_ = -1;
  std::vector<Slot> slots_;
  std::deque<std::uint64_t> idle_;
  std::string body_;
};

}  // namespace

Result<LoadResult> run_load(const LoadOptions& options) {
  const auto start = SteadyClock::now();
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<Status> outcomes(options.threads);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.threads; ++i) workers.push_back(std::make_unique<Worker>(options, i, start));
  for (unsigned i = 0; i < options.threads; ++i) {
    const unsigned share = options.connections / options.threads + (i < options.connections % options.threads ? 1 : 0);
    threads.emplace_back([&, i, share] { outcomes[i] = workers[i]->run(share); });
  }
  for (auto& thread : threads) thread.join();
  LoadResult total;
  total.seconds = std::chrono::duration<double>(SteadyClock::now() - start - options.warmup).count();
  for (unsigned i = 0; i < options.threads; ++i) {
    TRY(outcomes[i]);
    const auto& one = workers[i]->result;
    total.operations += one.operations;
    total.latency.merge(one.latency);
    for (const auto& [status, count] : one.errors) total.errors[status] += count;
    if (total.first_error.empty()) total.first_error = one.first_error;
  }
  return total;
}

Result<std::string> call(const LoadOptions& options, std::string_view operation, std::string_view body) {
  constexpr std::size_t largest_answer = std::size_t{64} << 20;
  TRY_ASSIGN(auto connection, Connection::open(options.host, options.port));
  connection.keep_bodies(largest_answer);
  RequestComposer(options).compose(operation, body, connection.request());
  TRY(connection.send());
  for (;;) {
    TRY_ASSIGN(const auto progress, connection.receive());
    if (progress == Connection::Progress::done) break;
    ::usleep(200);
  }
  if (connection.status() != 200) return io_error(std::string(connection.body()));
  return std::string(connection.body());
}

}  // namespace reprise::bench
