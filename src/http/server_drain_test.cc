// Stopping: what drain() promises to idle connections, running requests and clients in the middle of sending.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "http/server_for_tests.h"

namespace reprise::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

// A handler that reports that it has begun and waits to be released.
struct Gate {
  std::promise<void> begun;
  Completion<int> released;
};

Task<Response> wait_at(Gate& gate) {
  gate.begun.set_value();
  Response response;
  response.body = std::to_string(co_await gate.released);
  co_return response;
}

TEST(Drain, ClosesIdleConnectionsAtOnce) {
  TestServer server(hello);
  auto fresh = server.connect();
  auto used = server.connect();
  ASSERT_TRUE(used.ask(get("/")).has_value());
  const auto began = Clock::now();
  EXPECT_TRUE(server->drain(seconds(20)));
  EXPECT_LT(Clock::now() - began, seconds(10));
  EXPECT_TRUE(fresh.closed_by_server());
  EXPECT_TRUE(used.closed_by_server());
  EXPECT_EQ(server->stats().connections_open, 0u);
  EXPECT_FALSE(RawClient(server->port()).connected());
  EXPECT_TRUE(server->drain(seconds(0)));  // twice is fine
}

TEST(Drain, RunningRequestsGetTheirAnswer) {
  Gate gate;
  TestServer server([&](Request&) { return wait_at(gate); });
  auto client = server.connect();
  client.send(get("/"));
  gate.begun.get_future().wait();
  server->begin_drain();
  EXPECT_FALSE(RawClient(server->port()).connected());
  auto drained = std::async(std::launch::async, [&] { return server->drain(seconds(20)); });
  gate.released.complete(7);
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "7");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_TRUE(drained.get());
}

TEST(Drain, ARequestThatHasBegunToArriveIsServed) {
  TestServer server(echo);
  auto client = server.connect();
  client.send("GET /half HTTP/1.1\r\n");
  while (server->stats().bytes_in == 0) std::this_thread::yield();
  server->begin_drain();
  client.send("Host: h\r\n\r\n");
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "GET /half\n");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(server->drain(seconds(20)));
}

TEST(Drain, AfterItsPatienceItClosesWhatIsLeft) {
  Gate gate;
  TestServer server([&](Request&) { return wait_at(gate); });
  auto running = server.connect();
  running.send(get("/"));
  gate.begun.get_future().wait();
  auto sending = server.connect();
  sending.send("GET / HT");
  EXPECT_FALSE(server->drain(milliseconds(50)));
  EXPECT_TRUE(sending.closed_by_server());
  EXPECT_TRUE(running.closed_by_server());
  // The handler is still there, and the server waits for it.
  std::atomic<bool> destroyed{false};
  std::thread destroyer([&] {
    server.destroy_server();
    destroyed = true;
  });
  EXPECT_FALSE(destroyed);
  gate.released.complete(7);
  destroyer.join();
  EXPECT_TRUE(destroyed);
}

TEST(Drain, DestroyingAServerEndsEverything) {
  std::vector<RawClient> clients;
  {
    TestServer server(echo);
    for (int i = 0; i < 10; ++i) clients.push_back(server.connect());
    for (std::size_t i = 0; i < 5; ++i) ASSERT_TRUE(clients[i].ask(get("/")).has_value());
    clients[6].send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
    while (server->stats().requests_total < 6) std::this_thread::yield();
  }
  for (auto& client : clients) client.drain();
  for (auto& client : clients) EXPECT_TRUE(client.closed_by_server());
}

TEST(Drain, UnderLoadEveryAnswerIsWholeOrAbsent) {
  TestServer server(echo);
  std::atomic<int> answered{0};
  std::atomic<int> broken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      RawClient client(server->port());
      const std::string body(5000, 'x');
      while (client.send(post("/", body))) {
        const auto answer = client.receive();
        if (!answer) {
          // Closed before the request was read: nothing of an answer may have come.
          if (!client.pending().empty()) ++broken;
          return;
        }
        if (answer->body != "POST /\n" + body) ++broken;
        ++answered;
      }
    });
  }
  while (answered < 500) std::this_thread::yield();
  EXPECT_TRUE(server->drain(seconds(20)));
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(broken, 0);
}

TEST(Server, AnAnswerToAClientThatLeftIsDropped) {
  Gate gate;
  TestServer server([&](Request&) { return wait_at(gate); });
  auto client = server.connect();
  client.send(get("/"));
  gate.begun.get_future().wait();
  client.close();
  gate.released.complete(1);
  EXPECT_TRUE(server->drain(seconds(20)));
}

}  // namespace
}  // namespace reprise::http
