// The connection loop.
//
// Keeps: answers leave in the order of their requests, each exactly once; after anything that leaves the end of a
// request unknown, the connection is closed; every wait for the peer has a deadline (limits.h).
#include "http/connection.h"

#include "base/assert.h"
#include "base/log.h"
#include "http/request_id.h"

namespace reprise::http {

using Clock = std::chrono::steady_clock;

Connection::Connection(ServerCore& core, Shard& shard, std::unique_ptr<Transport> transport, std::string peer)
    : core_(core),
      shard_(shard),
      limits_(core.options.limits),
      channel_(std::move(transport), shard.counters),
      parser_(limits_),
      body_(channel_, parser_, limits_),
      peer_(std::move(peer)),
      index_(shard.connections.size()) {
  shard_.connections.push_back(this);
}

Connection::~Connection() {
  shard_.connections[index_] = shard_.connections.back();
  shard_.connections[index_]->index_ = index_;
  shard_.connections.pop_back();
}

void Connection::run(std::shared_ptr<ServerCore> core, Shard& shard, std::unique_ptr<Transport> transport,
                     std::string peer) {
  if (shard.draining) return;
  const auto admission = core->enter();
  if (admission == ServerCore::Admission::closed) return;
  auto connection = std::make_unique<Connection>(*core, shard, std::move(transport), std::move(peer));
  spawn(shard.thread, live(std::move(core), std::move(connection), admission));
}

Task<void> Connection::live(std::shared_ptr<ServerCore> core, std::unique_ptr<Connection> self,
                            ServerCore::Admission admission) {
  if (admission == ServerCore::Admission::served) {
    co_await self->serve();
  } else if (!self->channel_.secure()) {
    const Refusal refusal{503, "Too many connections."};
    make_request_id(self->request_.id);
    co_await self->refuse(refusal);
  }
  co_await self->finish();
  self.reset();
  core->leave(admission);
}

Task<void> Connection::serve() {
  if (co_await channel_.handshake(limits_.header_time_max) != Wait::ok) co_return;
  for (std::size_t turn = 1; co_await serve_request(); ++turn) {
    // Only pipelined requests get here without a wait; taking turns keeps them from starving the thread's others.
    if (turn % limits_.requests_per_turn_max == 0 && !channel_.input().empty()) co_await ResumeOn{shard_.thread};
  }
}

void Connection::close_if_idle() {
  if (idle_) channel_.stop();
}

// The next request's head, filled into request_.
Task<Connection::Head> Connection::read_head() {
  parser_.start(request_);
  idle_ = channel_.input().empty();
  if (idle_) channel_.trim_input();
  auto until = Clock::time_point::max();
  for (;;) {
    if (!channel_.input().empty()) {
      idle_ = false;
      const auto step = parser_.feed_head(channel_.input());
      channel_.consume(step.consumed);
      if (step.progress == RequestParser::Progress::complete) co_return Head::request;
      if (step.progress == RequestParser::Progress::refused) {
        refusal_ = parser_.refusal();
        co_return Head::refused;
      }
      if (until == Clock::time_point::max()) until = Clock::now() + limits_.header_time_max;
    } else if (idle_ && shard_.draining) {
      co_return Head::closed;
    }
    // The time for the whole head does not start anew with each byte of it.
    const auto patience =
        idle_ ? limits_.idle_time_max : std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    const auto outcome = co_await channel_.fill(patience);
    if (outcome.wait == Wait::timed_out && !idle_) {
      refusal_ = {408, "The request's header fields came too slowly."};
      co_return Head::refused;
    }
    if (outcome.wait != Wait::ok) co_return Head::closed;
  }
}

void Connection::begin_request() {
  shard_.counters.requests.add(1);
  make_request_id(request_.id);
  request_.peer = peer_;
  request_.secure = channel_.secure();
  request_.tls_version = channel_.tls_version();
  body_.start(parser_.framing());
  if (!request_.body) request_.body = body_.reader();
}

// One request and its answer. False when the connection is to end.
Task<bool> Connection::serve_request() {
  const Head head = co_await read_head();
  if (head == Head::closed) co_return false;
  if (head == Head::refused) {
    make_request_id(request_.id);
    co_return co_await refuse(refusal_);
  }
  begin_request();
  const bool logged = log_enabled(LogLevel::debug);
  const auto began = logged ? Clock::now() : Clock::time_point();
  // The handler may take the request apart.
  const bool head_request = request_.method == "HEAD";
  Response response = co_await core_.handler(request_);
  if (head_request) request_.method = "HEAD";
  if (logged) log_request(response, began);
  co_return co_await answer(std::move(response));
}

Task<bool> Connection::refuse(Refusal refusal) {
  shard_.counters.refusals.add(1);
  REPRISE_LOG(LogLevel::debug, "http", "refused",
              log_field("status", refusal.status) + log_field("reason", refusal.reason) + log_field("peer", peer_));
  unread_ = true;
  Response response = core_.refusal_answer(refusal, request_);
  co_await send(response, false);
  co_return false;
}

Task<bool> Connection::answer(Response response) {
  const bool wanted = parser_.framing().keep_alive && !response.close && !shard_.draining && body_.worth_discarding();
  const bool kept = co_await send(response, wanted);
  if (kept && body_.done()) co_return true;
  if (kept && co_await body_.discard_rest()) co_return true;
  unread_ = !body_.done() || !channel_.input().empty();
  co_return false;
}

// Sends an answer; false when the connection cannot be kept, for whatever reason.
Task<bool> Connection::send(Response& response, bool keep_alive) {
  const bool head_request = request_.method == "HEAD";
  const bool http11 = parser_.framing().http11;
  ResponseFraming framing = plan_answer(response, http11, head_request, keep_alive);
  Bytes first;
  if (response.stream && sends_body(response, framing)) {
    // Before the head is sent, a stream that fails can still be told as what it is.
    Result<Bytes> piece = co_await response.stream->read();
    if (piece.ok()) {
      first = std::move(piece).value();
    } else {
      REPRISE_LOG(LogLevel::error, "http", "an answer could not be read",
                  log_field("error", piece.error().to_string()));
      piece.error().ignore();
      const Refusal refusal{500, "The answer could not be read."};
      response = core_.refusal_answer(refusal, request_);
      framing = plan_answer(response, http11, head_request, false);
      unread_ = true;
    }
  }
  const Wait wait = co_await send_answer(channel_, response, framing, std::move(first), head_, limits_);
  if (wait != Wait::ok) {
    channel_.close();  // there is nobody to be careful for
    co_return false;
  }
  co_return framing.keep_alive;
}

// Ends the connection so that the peer gets what was sent: closing a socket with unread input would reset it.
Task<void> Connection::finish() {
  idle_ = true;  // nothing is owed to the peer any more
  if (!shard_.draining && (unread_ || channel_.secure())) {
    co_await channel_.linger(limits_.linger_time_max, limits_.linger_bytes_max);
  } else if (unread_) {
    // Stopping: the answer was refused or cut off anyway, but give it a moment.
    co_await channel_.linger(std::chrono::milliseconds(100), limits_.linger_bytes_max);
  }
  channel_.close();
}

void Connection::log_request(const Response& response, Clock::time_point began) const {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
  // The path alone: a query may hold a signature.
  std::string fields = log_field("method", request_.method) + log_field("path", request_.path()) +
                       log_field("status", response.status) + log_field("micros", took.count()) +
                       log_field("id", request_.id) + log_field("peer", peer_);
  if (!response.operation.empty()) fields += log_field("operation", response.operation);
  if (!response.error_code.empty()) fields += log_field("error", response.error_code);
  log_line(LogLevel::debug, "http", "request", fields);
}

}  // namespace reprise::http
