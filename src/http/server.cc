// Start, drain and stop. Keeps: `leave` is called once for every connection that entered; a Server is destroyed only
// when all have left, so nothing of the handler runs afterwards.
#include "http/server.h"

#include <sys/resource.h>

#include <algorithm>

#include "base/assert.h"
#include "http/connection.h"
#include "http/listener.h"

namespace reprise::http {

using Clock = std::chrono::steady_clock;

namespace {

// Whoever opens connections must not take the descriptors that files are opened with.
ServerOptions within_descriptors(ServerOptions options) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    options.limits.connections_max = std::min<std::size_t>(options.limits.connections_max, limit.rlim_cur / 2);
  }
  return options;
}

// Deadlines are looked at about once a second, or four times within the shortest.
std::chrono::milliseconds tick_of(const Limits& limits) {
  const auto shortest = std::min({limits.header_time_max, limits.idle_time_max, limits.body_stall_time_max,
                                  limits.body_grace_time, limits.write_stall_time_max, limits.linger_time_max * 2});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1000));
}

void start_ticking(Shard& shard, std::chrono::milliseconds period) {
  shard.ticker = std::make_unique<PeriodicTimer>(shard.thread, period, [&shard] {
    const auto now = Clock::now();
    for (Connection* connection : shard.connections) connection->check_deadline(now);
  });
}

}  // namespace

ServerCore::ServerCore(IoPool& pool, ServerOptions all_options, Handler answers)
    : options(within_descriptors(std::move(all_options))), handler(std::move(answers)) {
  for (std::size_t i = 0; i < pool.size(); ++i) shards.push_back(std::make_unique<Shard>(pool.thread(i)));
}
ServerCore::~ServerCore() = default;

ServerCore::Admission ServerCore::enter() {
  const std::lock_guard lock(mutex_);
  ++accepted_total_;
  if (served_ < options.limits.connections_max) {
    ++served_;
    return Admission::served;
  }
  ++refused_total_;
  if (turned_away_ >= options.limits.refusals_max) return Admission::closed;
  ++turned_away_;
  return Admission::turned_away;
}

void ServerCore::leave(Admission admission) {
  const std::lock_guard lock(mutex_);
  std::size_t& count = admission == Admission::served ? served_ : turned_away_;
  ASSERT(count > 0);
  --count;
  if (served_ + turned_away_ == 0) left_.notify_all();
}

bool ServerCore::wait_until_empty(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  const auto empty = [&] { return served_ + turned_away_ == 0; };
  if (until != Clock::time_point::max()) return left_.wait_until(lock, until, empty);
  left_.wait(lock, empty);
  return true;
}

ServerStats ServerCore::stats() const {
  ServerStats stats;
  {
    const std::lock_guard lock(mutex_);
    stats.connections_open = served_;
    stats.connections_total = accepted_total_;
    stats.connections_refused = refused_total_;
  }
  for (const auto& shard : shards) {
    stats.requests_total += shard->counters.requests.get();
    stats.requests_refused += shard->counters.refusals.get();
    stats.timeouts_total += shard->counters.timeouts.get();
    stats.bytes_in += shard->counters.bytes_in.get();
    stats.bytes_out += shard->counters.bytes_out.get();
  }
  return stats;
}

Response ServerCore::refusal_answer(const Refusal& refusal, const Request& request) const {
  if (options.refusal_answer) return options.refusal_answer(refusal, request);
  Response response;
  response.status = refusal.status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string(refusal.reason) + "\n";
  return response;
}

Result<std::unique_ptr<Server>> Server::start(IoPool& pool, ServerOptions options, Handler handler) {
  std::shared_ptr<TlsContext> tls;
  if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
    return invalid("TLS needs both a certificate and a key");
  }
  if (!options.tls_certificate_file.empty()) {
    TRY_ASSIGN(tls, TlsContext::load(options.tls_certificate_file, options.tls_key_file));
  }
  TRY_ASSIGN(auto listener, Listener::open(pool, options.listen, options.listen_flag, std::move(tls)));
  auto core = std::make_shared<ServerCore>(pool, std::move(options), std::move(handler));
  core->listener = std::move(listener);
  for (auto& shard : core->shards) {
    shard->thread.run_and_wait([&] { start_ticking(*shard, tick_of(core->options.limits)); });
  }
  core->listener->accept([core](std::size_t thread, std::unique_ptr<Transport> transport, std::string peer) {
    Connection::run(core, *core->shards[thread], std::move(transport), std::move(peer));
  });
  return std::unique_ptr<Server>(new Server(std::move(core)));
}

Server::Server(std::shared_ptr<ServerCore> core) : core_(std::move(core)) {}

Server::~Server() {
  drain(std::chrono::milliseconds(0));
  core_->wait_until_empty(Clock::time_point::max());
  for (auto& shard : core_->shards) {
    shard->thread.run_and_wait([&] { shard->ticker.reset(); });
  }
}

std::uint16_t Server::port() const { return core_->listener->address().port; }
std::string Server::address() const { return core_->listener->address().to_string(); }

void Server::begin_drain() {
  core_->listener->close();
  for (auto& shard : core_->shards) {
    shard->thread.run_and_wait([&] {
      if (std::exchange(shard->draining, true)) return;
      for (Connection* connection : shard->connections) connection->close_if_idle();
    });
  }
}

bool Server::drain(std::chrono::milliseconds patience) {
  begin_drain();
  if (core_->wait_until_empty(Clock::now() + patience)) return true;
  for (auto& shard : core_->shards) {
    shard->thread.run_and_wait([&] {
      for (Connection* connection : shard->connections) connection->abort();
    });
  }
  return false;
}

ServerStats Server::stats() const { return core_->stats(); }

}  // namespace reprise::http
