// One client's connection: reads requests, asks the handler, writes answers, one after another until either side ends
// it. And what connections share: their server, and the part of it that lives on their thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/answer.h"
#include "http/channel.h"
#include "http/io_pool.h"
#include "http/request_body.h"
#include "http/request_parser.h"
#include "http/server.h"

namespace reprise::http {

class Connection;
class Listener;

// One server's connections on one thread, and used there only, but for the counters.
struct Shard {
  explicit Shard(IoThread& on) : thread(on) {}

  IoThread& thread;
  IoCounters counters;
  std::vector<Connection*> connections;
  std::unique_ptr<PeriodicTimer> ticker;
  bool draining = false;  // no new connections; each answer is its connection's last
};

// What a server is made of. Shared with its connections, so that the last of them may end after the Server is gone.
class ServerCore {
 public:
  ServerCore(IoPool& pool, ServerOptions options, Handler handler);
  ~ServerCore();

  // Whether a connection may be served, must be turned away with 503, or closed without a word. Thread-safe; leave()
  // is due for each that was not `closed`.
  enum class Admission : unsigned char { served, turned_away, closed };
  Admission enter();
  void leave(Admission admission);
  // Waits until all have left, at most until then. True when they have.
  bool wait_until_empty(std::chrono::steady_clock::time_point until);
  [[nodiscard]] ServerStats stats() const;
  // The server's own answer; closes the connection.
  [[nodiscard]] Response refusal_answer(const Refusal& refusal, const Request& request) const;

  const ServerOptions options;
  const Handler handler;
  std::vector<std::unique_ptr<Shard>> shards;  // one for each thread of the pool
  std::unique_ptr<Listener> listener;

 private:
  mutable std::mutex mutex_;
  std::condition_variable left_;
  std::size_t served_ = 0;
  std::size_t turned_away_ = 0;
  std::uint64_t accepted_total_ = 0;
  std::uint64_t refused_total_ = 0;
};

class Connection {
 public:
  // Runs a connection from its acceptance to its end, on shard.thread, where this is called.
  static void run(std::shared_ptr<ServerCore> core, Shard& shard, std::unique_ptr<Transport> transport,
                  std::string peer);

  Connection(ServerCore& core, Shard& shard, std::unique_ptr<Transport> transport, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // For the server, on the shard's thread.
  void check_deadline(std::chrono::steady_clock::time_point now) { channel_.check_deadline(now); }
  void close_if_idle();
  void abort() { channel_.abort(); }

 private:
  enum class Head : unsigned char { request, refused, closed };

  static Task<void> live(std::shared_ptr<ServerCore> core, std::unique_ptr<Connection> self,
                         ServerCore::Admission admission);
  Task<void> serve();
  Task<bool> serve_request();
  Task<Head> read_head();
  Task<bool> refuse(Refusal refusal);
  Task<bool> answer(Response response);
  Task<bool> send(Response& response, bool keep_alive);
  Task<void> finish();
  void begin_request();
  void log_request(const Response& response, std::chrono::steady_clock::time_point began) const;

  ServerCore& core_;
  Shard& shard_;
  const Limits& limits_;
  Channel channel_;
  RequestParser parser_;
  RequestBody body_;
  std::string peer_;
  Request request_;        // one at a time; its memory is used again
  Refusal refusal_;        // valid after Head::refused
  std::string head_;       // of the answer
  std::size_t index_ = 0;  // in shard_.connections
  bool idle_ = true;       // between two requests, or ending: may be closed at any moment
  bool unread_ = false;    // the client may still be sending: close with care
};

}  // namespace reprise::http
