// The connection's life: keep-alive, pipelining, versions, methods; and where handlers run.
#include "http/server.h"

#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "http/server_for_tests.h"

namespace reprise::http {
namespace {

TEST(ListenAddress, ParsesWhatItPrints) {
  for (const char* text : {"127.0.0.1:8000", "localhost:0", "[::1]:65535", "[::]:80"}) {
    const auto address = ListenAddress::parse(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->to_string(), text);
  }
  for (const char* text :
       {"", "8000", "127.0.0.1", "127.0.0.1:", ":8000", "127.0.0.1:65536", "127.0.0.1:80x", "::1:80"}) {
    const auto address = ListenAddress::parse(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_TRUE(address.error().is(Code::invalid));
  }
}

TEST(Server, AnswersManyRequestsOnOneConnection) {
  TestServer server(echo);
  auto client = server.connect();
  for (int i = 0; i < 100; ++i) {
    const std::string body(static_cast<std::size_t>(i) * 10, 'b');
    const auto answer = client.ask(post("/n" + std::to_string(i), body));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "POST /n" + std::to_string(i) + "\n" + body);
    EXPECT_FALSE(answer->header("Date").empty());
    EXPECT_EQ(answer->header("Connection"), "");
  }
  const auto stats = server->stats();
  EXPECT_EQ(stats.requests_total, 100u);
  EXPECT_EQ(stats.connections_total, 1u);
  EXPECT_EQ(stats.connections_open, 1u);
  EXPECT_EQ(stats.requests_refused, 0u);
  EXPECT_GT(stats.bytes_in, 49'500u);
  EXPECT_GT(stats.bytes_out, 49'500u);
}

TEST(Server, TellsTheHandlerAboutTheRequest) {
  std::promise<std::tuple<std::string, std::string, bool>> seen;
  TestServer server([&](Request& request) -> Task<Response> {
    seen.set_value({request.peer, request.id, request.secure});
    Response response;
    response.status = 204;
    return response;
  });
  auto client = server.connect();
  const auto answer = client.ask(get("/"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(answer->header("Content-Length"), "");
  sockaddr_in own{};
  socklen_t size = sizeof own;
  ASSERT_EQ(getsockname(client.native(), reinterpret_cast<sockaddr*>(&own), &size), 0);
  const auto [peer, id, secure] = seen.get_future().get();
  EXPECT_EQ(peer, "127.0.0.1:" + std::to_string(ntohs(own.sin_port)));
  EXPECT_EQ(id.size(), 52u);
  EXPECT_FALSE(secure);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server(echo);
  auto client = server.connect();
  std::string requests;
  constexpr int count = 500;  // far more than a turn
  for (int i = 0; i < count; ++i)
    requests += i % 2 == 0 ? get("/" + std::to_string(i)) : post("/" + std::to_string(i), "x");
  std::thread sender([&] { client.send(requests); });
  for (int i = 0; i < count; ++i) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->body, i % 2 == 0 ? "GET /" + std::to_string(i) + "\n" : "POST /" + std::to_string(i) + "\nx");
  }
  sender.join();
}

TEST(Server, ReadsRequestsByteByByte) {
  TestServer server(echo);
  auto client = server.connect();
  for (const char byte : post("/slow", "body")) ASSERT_TRUE(client.send(std::string_view(&byte, 1)));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "POST /slow\nbody");
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
  TestServer server(hello);
  auto client = server.connect();
  const auto answer = client.ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(answer->body, "hello");
  EXPECT_TRUE(client.closed_by_server());
}

TEST(Server, ClosesWhenTheHandlerAsksForIt) {
  TestServer server([](Request&) -> Task<Response> {
    Response response;
    response.close = true;
    return response;
  });
  auto client = server.connect();
  const auto answer = client.ask(get("/"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(answer->header("Content-Length"), "0");
  EXPECT_TRUE(client.closed_by_server());
}

TEST(Server, SpeaksHttp10) {
  TestServer server(hello);
  auto once = server.connect();
  const auto answer = once.ask("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "hello");
  EXPECT_TRUE(once.closed_by_server());
  auto kept = server.connect();
  for (int i = 0; i < 3; ++i) {
    const auto again = kept.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->header("Connection"), "keep-alive");
    EXPECT_EQ(again->body, "hello");
  }
}

TEST(Server, SendsNoBodyWhereThereIsNone) {
  TestServer server([](Request& request) -> Task<Response> {
    Response response;
    response.status = request.target == "/304" ? 304 : 200;
    response.body = "never seen";
    if (request.target == "/told") response.headers.add("Content-Length", "123456");
    return response;
  });
  auto client = server.connect();
  const auto head = client.ask("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", true);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->header("Content-Length"), "10");
  const auto told = client.ask("HEAD /told HTTP/1.1\r\nHost: h\r\n\r\n", true);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->header("Content-Length"), "123456");
  const auto unchanged = client.ask(get("/304"));
  ASSERT_TRUE(unchanged.has_value());
  EXPECT_EQ(unchanged->status, 304);
  const auto full = client.ask(get("/"));
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->body, "never seen");
}

// A handler that waits for another thread.
struct Errand {
  std::thread worker;
  std::thread::id before;
  std::thread::id after;
  Executor* executor = nullptr;
};

Task<Response> run_errand(Errand& errand) {
  errand.before = std::this_thread::get_id();
  errand.executor = Executor::current();
  Completion<int> completion;
  errand.worker = std::thread([&completion] { completion.complete(42); });
  const int value = co_await completion;
  errand.after = std::this_thread::get_id();
  Response response;
  response.body = std::to_string(value);
  co_return response;
}

TEST(Server, HandlersResumeOnTheirOwnThread) {
  Errand errand;
  {
    TestServer server([&](Request&) { return run_errand(errand); }, {}, 3);
    auto client = server.connect();
    for (int i = 0; i < 50; ++i) {
      const auto answer = client.ask(get("/"));
      ASSERT_TRUE(answer.has_value());
      EXPECT_EQ(answer->body, "42");
      EXPECT_NE(errand.executor, nullptr);
      EXPECT_EQ(errand.before, errand.after);
      errand.worker.join();
    }
  }
}

TEST(Server, SpreadsConnectionsOverItsThreads) {
  TestServer server(
      [](Request&) -> Task<Response> {
        Response response;
        response.body = std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id()));
        return response;
      },
      {}, 4);
  std::vector<RawClient> clients;
  std::multiset<std::string> threads;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(server.connect());
    const auto answer = clients.back().ask(get("/"));
    ASSERT_TRUE(answer.has_value());
    threads.insert(answer->body);
  }
  for (const auto& thread : threads) EXPECT_EQ(threads.count(thread), 2u);
}

Task<Response> sleepy(Request& /*request*/) {
  co_await sleep_for(std::chrono::milliseconds(5));
  Response response;
  response.body = "rested";
  co_return response;
}

TEST(Server, HandlersMaySleep) {
  TestServer server(sleepy);
  std::vector<RawClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(server.connect());
    clients.back().send(get("/"));
  }
  for (auto& client : clients) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "rested");
  }
}

TEST(Server, TwoServersShareAPool) {
  TestServer api(hello);
  auto console = Server::start(api.pool(), {}, echo);
  ASSERT_TRUE(console.ok());
  auto api_client = api.connect();
  RawClient console_client((*console)->port());
  EXPECT_EQ(api_client.ask(get("/"))->body, "hello");
  EXPECT_EQ(console_client.ask(get("/x"))->body, "GET /x\n");
  console->reset();
  EXPECT_EQ(api_client.ask(get("/"))->body, "hello");
}

TEST(Server, ATakenPortIsAOneLineError) {
  TestServer server(hello);
  ServerOptions options;
  options.listen.port = server->port();
  options.listen_flag = "--console";
  const auto second = Server::start(server.pool(), options, hello);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().to_string(), "unavailable: cannot listen on " + server->address() +
                                            ": address already in use; choose another with --console");
  options.listen = {"192.0.2.1", 80};
  const auto foreign = Server::start(server.pool(), options, hello);
  ASSERT_FALSE(foreign.ok());
  EXPECT_TRUE(foreign.error().is(Code::unavailable));
  EXPECT_EQ(std::string(foreign.error().message()).find("cannot listen on 192.0.2.1:80: "), 0u);
}

TEST(Server, ServesManyClientsAtOnce) {
  TestServer server(echo);
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 10; ++round) {
        auto client = server.connect();
        for (int i = 0; i < 20; ++i) {
          const std::string body = std::to_string(t) + "," + std::to_string(i);
          const auto answer = client.ask(post("/", body));
          if (answer && answer->body == "POST /\n" + body) ++good;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 8 * 10 * 20);
  EXPECT_EQ(server->stats().connections_total, 80u);
  EXPECT_EQ(server->stats().requests_total, 1600u);
}

}  // namespace
}  // namespace reprise::http
