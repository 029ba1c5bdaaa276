// An HTTP/1.1 server: one address, one handler, on the threads of an IoPool that several servers may share.
//
//   TRY_ASSIGN(auto pool, IoPool::start({.threads = 2}));
//   TRY_ASSIGN(auto api, Server::start(*pool, api_options, api_handler));
//   TRY_ASSIGN(auto console, Server::start(*pool, console_options, console_handler));
//   ... wait for SIGTERM ...
//   api->begin_drain(); console->begin_drain();
//   api->drain(10s); console->drain(1s);
//   (destroy the servers, then what their handlers use, then the pool)
//
// Speaks: keep-alive, pipelining (answers in order), Expect: 100-continue, chunked bodies both ways, HEAD, HTTP/1.0,
// TLS 1.2 and newer. Bounds: limits.h. What is not valid HTTP is refused before any handler sees it
// (request_parser.h); such answers close the connection.
//
// Threading: the members may be called from any thread that does not belong to the pool; stats() from anywhere. A
// handler runs on its connection's thread and may suspend; a client that leaves meanwhile does not cancel it, its
// answer is dropped.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/io_pool.h"
#include "http/limits.h"
#include "http/message.h"
#include "http/request_parser.h"

namespace reprise::http {

struct ListenAddress {
  std::string host = "127.0.0.1";  // an address, or a name of this machine
  std::uint16_t port = 0;          // 0: any free one; Server::port tells which

  [[nodiscard]] std::string to_string() const;  // "127.0.0.1:8000", "[::1]:8000"
  // Parses what to_string gives. Fails with Code::invalid.
  static Result<ListenAddress> parse(std::string_view text);
};

// An answer that the server gives without its handler, status and all. `request` is what was understood of the request
// before it was refused, perhaps nothing but its id; it has no body.
using RefusalAnswer = std::function<Response(const Refusal& refusal, const Request& request)>;

struct ServerOptions {
  ListenAddress listen;
  std::string listen_flag = "--listen";  // what the error for a taken port tells the operator to change
  // PEM files; both or none. See tls.h.
  std::string tls_certificate_file;
  std::string tls_key_file;
  Limits limits;
  RefusalAnswer refusal_answer;  // default: one line of text
};

struct ServerStats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;    // accepted, ever
  std::uint64_t connections_refused = 0;  // of those, told 503 for being too many
  std::uint64_t requests_total = 0;       // given to the handler
  std::uint64_t requests_refused = 0;     // answered without it (400, 408, 413, 414, 417, 431, 501, 503, 505)
  std::uint64_t timeouts_total = 0;       // waits for a client that were given up, idle connections among them
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

class ServerCore;

class Server {
 public:
  // Listens when it returns. `pool` must outlive the server; `handler` is called on all its threads at once. Fails
  // with Code::unavailable when the address is taken or not ours, with Code::invalid for TLS files that cannot be used.
  static Result<std::unique_ptr<Server>> start(IoPool& pool, ServerOptions options, Handler handler);
  // Closes every connection and waits for handlers that are still running; when it returns the handler is no longer in
  // use. Call drain() first to let clients have their answers.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // With the port that was chosen: "127.0.0.1:41234".
  [[nodiscard]] std::string address() const;

  // Stops listening and closes idle connections. Requests under way, and those whose first byte has arrived, are
  // answered with `Connection: close`.
  void begin_drain();
  // begin_drain(), then waits for all connections to end; after `patience` it closes those that are left. True when
  // none was. Handlers of closed connections may still be running: see ~Server.
  bool drain(std::chrono::milliseconds patience);

  [[nodiscard]] ServerStats stats() const;

 private:
  explicit Server(std::shared_ptr<ServerCore> core);
  std::shared_ptr<ServerCore> core_;
};

}  // namespace reprise::http
