// Every bound of limits.h as a client meets it. What the parser alone decides is in request_parser_test.cc.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>

#include "http/server_for_tests.h"

namespace reprise::http {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

int refused_with(TestServer& server, std::string_view request) {
  auto client = server.connect();
  const auto answer = client.ask(request);
  if (!answer) return -1;
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_FALSE(answer->body.empty());
  client.shutdown_send();
  EXPECT_TRUE(client.closed_by_server());
  return answer->status;
}

TEST(Limits, RefusalsAreAnsweredAndCloseTheConnection) {
  std::atomic<int> handled{0};
  ServerOptions options;
  options.limits.body_bytes_max = 1000;
  TestServer server(
      [&](Request& request) {
        ++handled;
        return echo(request);
      },
      options);
  EXPECT_EQ(refused_with(server, "nonsense\r\n\r\n"), 400);
  EXPECT_EQ(refused_with(server, "GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refused_with(server, "GET / HTTP/3.0\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(refused_with(server, "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n"), 501);
  EXPECT_EQ(refused_with(server, "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(refused_with(server, "GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n"), 414);
  EXPECT_EQ(refused_with(server, post("/", std::string(1001, 'x'))), 413);
  EXPECT_EQ(handled, 0);
  EXPECT_EQ(server->stats().requests_refused, 7u);
  EXPECT_EQ(server->stats().requests_total, 0u);
  auto client = server.connect();
  const auto fits = client.ask(post("/", std::string(1000, 'x')));
  ASSERT_TRUE(fits.has_value());
  EXPECT_EQ(fits->status, 200);
  // An announced length is not there for chunks: the handler's read tells.
  const auto chunked = client.ask("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n");
  ASSERT_TRUE(chunked.has_value());
  EXPECT_EQ(chunked->status, 413);
  EXPECT_EQ(chunked->body, "exhausted: The request body is too long.");
  EXPECT_EQ(chunked->header("Connection"), "close");
}

TEST(Limits, ALargeHeaderWithinTheLimitIsServed) {
  TestServer server(echo);
  auto client = server.connect();
  for (int round = 0; round < 2; ++round) {
    const auto answer = client.ask("GET /" + std::string(30'000, 'a') +
                                   " HTTP/1.1\r\nHost: h\r\nX: " + std::string(30'000, 'x') + "\r\n\r\n");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
  }
}

// A refusal must reach a client that is still sending: a reset would take it away.
TEST(Limits, ARefusalReachesAClientInTheMiddleOfItsBody) {
  ServerOptions options;
  options.limits.body_bytes_max = 1000;
  TestServer server(echo, options);
  for (int round = 0; round < 5; ++round) {
    auto client = server.connect();
    client.send(post("/", std::string(2'000'000, 'x')));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 413);
  }
}

TEST(Limits, TheOwnerMayWordRefusals) {
  ServerOptions options;
  options.refusal_answer = [](const Refusal& refusal, const Request& request) {
    Response response;
    response.status = refusal.status + 1;
    response.headers.add("x-amzn-RequestId", request.id);
    response.headers.add("x-target", request.method + " " + request.target);
    response.body = "{\"message\":\"" + std::string(refusal.reason) + "\"}";
    return response;
  };
  TestServer server(hello, options);
  auto client = server.connect();
  const auto answer = client.ask("GET /a?b HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 401);
  EXPECT_EQ(answer->header("x-target"), "GET /a?b");
  EXPECT_EQ(answer->body, "{\"message\":\"The request has no Host header.\"}");
  EXPECT_EQ(answer->header("x-amzn-requestid").size(), 52u);
}

TEST(Limits, ASlowHeaderIsAnswered408) {
  ServerOptions options;
  options.limits.header_time_max = milliseconds(150);
  TestServer server(hello, options);
  const auto began = Clock::now();  // the server may count from the moment of the connection
  auto client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: ");
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_GE(Clock::now() - began, milliseconds(150));
  client.shutdown_send();
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(server->stats().timeouts_total, 1u);
}

TEST(Limits, DrippingDoesNotExtendTheHeaderTime) {
  ServerOptions options;
  options.limits.header_time_max = milliseconds(200);
  TestServer server(hello, options);
  auto client = server.connect();
  // One byte each few milliseconds would keep the connection for a second and more.
  for (const char byte : get("/" + std::string(2000, 'x'))) {
    if (!client.send(std::string_view(&byte, 1)) || client.readable_within(milliseconds(5))) break;
  }
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
}

TEST(Limits, AnIdleConnectionIsClosedWithoutAWord) {
  ServerOptions options;
  options.limits.idle_time_max = milliseconds(100);
  TestServer server(hello, options);
  auto never_used = server.connect();
  EXPECT_TRUE(never_used.closed_by_server());
  auto used = server.connect();
  ASSERT_TRUE(used.ask(get("/")).has_value());
  EXPECT_TRUE(used.closed_by_server());
  EXPECT_EQ(server->stats().requests_refused, 0u);
}

TEST(Limits, AStalledBodyFailsTheRead) {
  ServerOptions options;
  options.limits.body_stall_time_max = milliseconds(100);
  TestServer server(echo, options);
  auto client = server.connect();
  const auto answer = client.ask("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, "io_error: the request body came too slowly");
  EXPECT_EQ(answer->header("Connection"), "close");
  client.shutdown_send();
  EXPECT_TRUE(client.closed_by_server());
}

TEST(Limits, ABodyMustKeepAMinimumRate) {
  ServerOptions options;
  options.limits.body_grace_time = milliseconds(200);
  options.limits.body_bytes_per_second_min = 1'000'000;
  TestServer server(echo, options);
  auto client = server.connect();
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  for (int i = 0; i < 100'000 && client.send("x") && !client.readable_within(milliseconds(5)); ++i) {
  }
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, "io_error: the request body came too slowly");
}

TEST(Limits, AClientThatDoesNotReadIsDropped) {
  ServerOptions options;
  options.limits.write_stall_time_max = milliseconds(150);
  TestServer server(
      [](Request&) -> Task<Response> {
        Response response;
        response.stream = std::make_unique<PiecesReader>(1 << 16, 100'000, false);
        return response;
      },
      options);
  auto client = server.connect();
  client.send(get("/"));
  while (server->stats().requests_total == 0) std::this_thread::yield();
  // Not reading is all this client does; the connection must end by itself.
  EXPECT_TRUE(server->drain(std::chrono::seconds(20)));
  EXPECT_EQ(server->stats().timeouts_total, 1u);
}

TEST(Limits, TooManyConnectionsAreTurnedAway) {
  ServerOptions options;
  options.limits.connections_max = 3;
  TestServer server(hello, options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(server.connect());
    ASSERT_TRUE(clients.back().ask(get("/")).has_value());
  }
  {
    auto excess = server.connect();
    const auto answer = excess.ask(get("/"));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 503);
    excess.shutdown_send();
    EXPECT_TRUE(excess.closed_by_server());
  }
  EXPECT_EQ(server->stats().connections_open, 3u);
  EXPECT_EQ(server->stats().connections_refused, 1u);
  // A place that becomes free is given again.
  ASSERT_TRUE(clients[0].ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").has_value());
  ASSERT_TRUE(clients[0].closed_by_server());
  const auto deadline = Clock::now() + std::chrono::seconds(20);
  while (server->stats().connections_open == 3 && Clock::now() < deadline) std::this_thread::yield();
  auto next = server.connect();
  const auto answer = next.ask(get("/"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
}

// Files need descriptors as well: a thousand idle connections must not be the end of uploads.
TEST(Limits, HalfOfTheDescriptorsAreNotForConnections) {
  rlimit kept{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &kept), 0);
  rlimit few = kept;
  few.rlim_cur = 128;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  TestServer server(hello);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &kept), 0);  // the clients' ends are ours, too
  std::vector<RawClient> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(server.connect());
    ASSERT_TRUE(clients.back().ask(get("/")).has_value());
  }
  const auto answer = server.connect().ask(get("/"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
}

TEST(Limits, TurningAwayIsBoundedToo) {
  ServerOptions options;
  options.limits.connections_max = 0;
  options.limits.refusals_max = 2;
  options.limits.linger_time_max = std::chrono::seconds(60);
  TestServer server(hello, options);
  std::vector<RawClient> lingering;
  for (int i = 0; i < 2; ++i) {
    lingering.push_back(server.connect());
    const auto answer = lingering.back().receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 503);
  }
  auto excess = server.connect();
  EXPECT_TRUE(excess.closed_by_server());
  EXPECT_EQ(server->stats().connections_refused, 3u);
}

}  // namespace
}  // namespace reprise::http
