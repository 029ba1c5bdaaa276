// A server on a free port of the loopback address, and handlers to put into it. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "http/raw_client_for_tests.h"
#include "http/server.h"

namespace reprise::http {

// "METHOD target\n" and the body.
inline Task<Response> echo(Request& request) {
  Response response;
  auto body = co_await read_all(*request.body, std::size_t{64} << 20);
  if (!body.ok()) {
    response.status = body.error().is(Code::exhausted) ? 413 : 400;
    response.body = std::string(code_name(body.error().code())) + ": " + std::string(body.error().message());
    co_return response;
  }
  response.body = request.method + " " + request.target + "\n" + *body;
  co_return response;
}

// Answers without looking at the body.
inline Task<Response> hello(Request& /*request*/) {
  Response response;
  response.body = "hello";
  return response;
}

// A body of given pieces; of known length if asked.
class PiecesReader final : public BodyReader {
 public:
  PiecesReader(std::size_t piece_bytes, std::size_t pieces, bool known_length)
      : piece_bytes_(piece_bytes), left_(pieces), known_length_(known_length), total_(piece_bytes * pieces) {}
  Task<Result<Bytes>> read() override {
    if (left_ == 0) return Result<Bytes>(Bytes());
    --left_;
    return Result<Bytes>(Bytes(piece_bytes_, static_cast<char>('a' + left_ % 26)));
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override {
    return known_length_ ? std::optional<std::uint64_t>(total_) : std::nullopt;
  }
  // All that a client should receive.
  static std::string whole(std::size_t piece_bytes, std::size_t pieces) {
    std::string all;
    for (std::size_t left = pieces; left-- > 0;) all.append(piece_bytes, static_cast<char>('a' + left % 26));
    return all;
  }

 private:
  std::size_t piece_bytes_;
  std::size_t left_;
  bool known_length_;
  std::uint64_t total_;
};

class TestServer {
 public:
  explicit TestServer(Handler handler, ServerOptions options = {}, std::size_t threads = 2) {
    IoPoolOptions pool_options;
    pool_options.threads = threads;
    auto pool = IoPool::start(pool_options);
    EXPECT_TRUE(pool.ok());
    pool_ = std::move(pool).value();
    auto server = Server::start(*pool_, std::move(options), std::move(handler));
    EXPECT_TRUE(server.ok()) << server.error().to_string();
    server_ = std::move(server).value();
  }

  Server& operator*() { return *server_; }
  Server* operator->() { return server_.get(); }
  IoPool& pool() { return *pool_; }
  [[nodiscard]] RawClient connect() const {
    RawClient client(server_->port());
    EXPECT_TRUE(client.connected());
    return client;
  }
  void destroy_server() { server_.reset(); }

 private:
  std::unique_ptr<IoPool> pool_;
  std::unique_ptr<Server> server_;
};

inline std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n";
}
inline std::string post(std::string_view target, std::string_view body, std::string_view fields = {}) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace reprise::http
