// Bodies in both directions: lengths, chunks, Expect: 100-continue, streams and backpressure, unread bodies.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "http/server_for_tests.h"

namespace reprise::http {
namespace {

TEST(RequestBody, LargeBodiesArriveWhole) {
  ServerOptions options;
  options.limits.body_bytes_max = std::uint64_t{64} << 20;
  TestServer server(echo, options);
  auto client = server.connect();
  std::string body(20'000'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7919 >> 5);
  std::thread sender([&] { client.send(post("/", body) + get("/next")); });
  const auto answer = client.receive();
  const auto next = client.receive();
  sender.join();
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->body == "POST /\n" + body);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, "GET /next\n");
}

TEST(RequestBody, ChunkedBodiesAreJoined) {
  TestServer server(echo);
  auto client = server.connect();
  const std::string head = "PUT /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string chunks;
  std::string whole;
  for (int i = 1; i < 300; ++i) {
    const std::string piece(static_cast<std::size_t>(i * 7), static_cast<char>('a' + i % 26));
    char size[16];
    std::snprintf(size, sizeof size, "%zx", piece.size());
    chunks += std::string(size) + "\r\n" + piece + "\r\n";
    whole += piece;
  }
  for (int round = 0; round < 2; ++round) {
    const auto answer = client.ask(head + chunks + "0\r\n\r\n");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "PUT /k\n" + whole);
  }
  const auto broken = client.ask(head + "5\r\nhelloXX\r\n");
  ASSERT_TRUE(broken.has_value());
  EXPECT_EQ(broken->status, 400);
  EXPECT_EQ(broken->header("Connection"), "close");
  EXPECT_TRUE(client.closed_by_server());
}

TEST(RequestBody, ContinueIsSentWhenTheBodyIsRead) {
  TestServer server(echo);
  auto client = server.connect();
  const std::string head = "PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  for (int round = 0; round < 2; ++round) {
    const auto go_on = client.ask(head);
    ASSERT_TRUE(go_on.has_value());
    EXPECT_EQ(go_on->status, 100);
    const auto answer = client.ask("data");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "PUT /k\ndata");
  }
  // Not to a client that did not wait.
  const auto at_once = client.ask(head + "data");
  ASSERT_TRUE(at_once.has_value());
  EXPECT_EQ(at_once->status, 200);
  EXPECT_EQ(at_once->body, "PUT /k\ndata");
}

// botocore waits before every body, also before one of no bytes, and takes a final answer in that place for the next
// request's as well.
TEST(RequestBody, ContinueIsSentForABodyOfNoBytes) {
  const std::string head = "PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n";
  TestServer server(echo);
  auto client = server.connect();
  for (int round = 0; round < 2; ++round) {
    const auto go_on = client.ask(head);
    ASSERT_TRUE(go_on.has_value());
    EXPECT_EQ(go_on->status, 100);
    const auto answer = client.ask("");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "PUT /k\n");
    EXPECT_EQ(answer->header("Connection"), "");
  }
  TestServer unread(hello);
  auto waiting = unread.connect();
  const auto answer = waiting.ask(head);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("Connection"), "close") << "whoever got no go-on starts anew";
}

TEST(RequestBody, AFinalAnswerSparesTheBody) {
  TestServer server(hello);
  auto client = server.connect();
  const auto answer = client.ask("PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  // The body may come or not; the connection cannot be kept.
  EXPECT_EQ(answer->header("Connection"), "close");
  client.shutdown_send();
  EXPECT_TRUE(client.closed_by_server());
}

TEST(RequestBody, AnUnreadBodyIsDroppedUpToALimit) {
  ServerOptions options;
  options.limits.body_discard_bytes_max = 100'000;
  TestServer server(hello, options);
  auto client = server.connect();
  for (int round = 0; round < 3; ++round) {
    const auto answer = client.ask(post("/", std::string(100'000, 'x')));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->header("Connection"), "");
  }
  const auto chunked =
      client.ask("PUT /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  ASSERT_TRUE(chunked.has_value());
  const auto next = client.ask(get("/"));
  ASSERT_TRUE(next.has_value());
  const auto last = client.ask(post("/", std::string(100'001, 'x')));
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->body, "hello");
  EXPECT_EQ(last->header("Connection"), "close");
  client.shutdown_send();
  EXPECT_TRUE(client.closed_by_server());
}

TEST(RequestBody, AClientThatLeavesFailsTheRead) {
  std::atomic<bool> failed{false};
  {
    TestServer server([&](Request& request) -> Task<Response> {
      return [](Request& of, std::atomic<bool>& flag) -> Task<Response> {
        auto body = co_await read_all(*of.body, 1000);
        flag = !body.ok() && body.error().is(Code::io_error);
        Response response;
        co_return response;
      }(request, failed);
    });
    auto client = server.connect();
    client.send("PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
    while (server->stats().requests_total == 0) std::this_thread::yield();
    client.close();
    EXPECT_TRUE(server->drain(std::chrono::seconds(20)));
  }
  EXPECT_TRUE(failed);
}

Task<Response> stream(Request& request) {
  // "/known/PIECE_BYTES/PIECES"
  const std::string target = request.target;
  const bool known = target.rfind("/known/", 0) == 0;
  const auto first = target.find('/', 1);
  const auto second = target.find('/', first + 1);
  const std::size_t bytes = std::stoul(target.substr(first + 1, second - first - 1));
  const std::size_t pieces = std::stoul(target.substr(second + 1));
  Response response;
  response.stream = std::make_unique<PiecesReader>(bytes, pieces, known);
  return response;
}

TEST(ResponseStream, IsSentWholeWithAndWithoutALength) {
  TestServer server(stream);
  auto client = server.connect();
  for (const std::size_t pieces : {0u, 1u, 2u, 100u}) {
    const std::string rest = "/1000/" + std::to_string(pieces);
    const auto known = client.ask(get("/known" + rest));
    ASSERT_TRUE(known.has_value());
    EXPECT_EQ(known->header("Content-Length"), std::to_string(1000 * pieces));
    EXPECT_EQ(known->body, PiecesReader::whole(1000, pieces));
    const auto unknown = client.ask(get("/unknown" + rest));
    ASSERT_TRUE(unknown.has_value());
    EXPECT_EQ(unknown->header("Transfer-Encoding"), "chunked");
    EXPECT_EQ(unknown->body, PiecesReader::whole(1000, pieces));
    const auto head = client.ask("HEAD /known" + rest + " HTTP/1.1\r\nHost: h\r\n\r\n", true);
    ASSERT_TRUE(head.has_value());
    EXPECT_EQ(head->header("Content-Length"), std::to_string(1000 * pieces));
  }
  auto old = server.connect();
  const auto answer = old.ask("GET /unknown/1000/50 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(answer->body, PiecesReader::whole(1000, 50));
}

// Counts how far it was read.
class CountingReader final : public BodyReader {
 public:
  CountingReader(std::atomic<std::size_t>& read, std::size_t pieces) : read_(read), pieces_(pieces) {}
  Task<Result<Bytes>> read() override {
    if (read_ == pieces_) return Result<Bytes>(Bytes());
    ++read_;
    return Result<Bytes>(Bytes(1 << 16, 'x'));
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return std::nullopt; }

 private:
  std::atomic<std::size_t>& read_;
  std::size_t pieces_;
};

TEST(ResponseStream, ASlowReaderHoldsTheSourceBack) {
  constexpr std::size_t pieces = 2000;  // 131 MB: no socket buffer takes that
  std::atomic<std::size_t> read{0};
  TestServer server([&](Request& request) -> Task<Response> {
    Response response;
    if (request.target == "/big") response.stream = std::make_unique<CountingReader>(read, pieces);
    return response;
  });
  auto slow = server.connect();
  slow.send(get("/big"));
  // The head arrives, and the server still serves others on all its threads.
  ASSERT_TRUE(slow.more());
  for (int i = 0; i < 4; ++i) {
    auto other = server.connect();
    ASSERT_TRUE(other.ask(get("/")).has_value());
  }
  EXPECT_LT(read, pieces / 2);
  const auto answer = slow.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body.size(), pieces << 16);
  EXPECT_EQ(read, pieces);
}

// Ends other than its length says, or with an error.
class BadReader final : public BodyReader {
 public:
  BadReader(int good_pieces, bool fails, std::optional<std::uint64_t> length)
      : good_pieces_(good_pieces), fails_(fails), length_(length) {}
  Task<Result<Bytes>> read() override {
    if (good_pieces_-- > 0) return Result<Bytes>(Bytes("piece"));
    if (fails_) return Result<Bytes>(corruption("a block is damaged"));
    return Result<Bytes>(Bytes());
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }

 private:
  int good_pieces_;
  bool fails_;
  std::optional<std::uint64_t> length_;
};

TEST(ResponseStream, ABrokenSourceIsNotPassedOffAsWhole) {
  TestServer server([](Request& request) -> Task<Response> {
    Response response;
    if (request.target == "/late") response.stream = std::make_unique<BadReader>(3, true, std::nullopt);
    if (request.target == "/short") response.stream = std::make_unique<BadReader>(3, false, 20);
    if (request.target == "/long") response.stream = std::make_unique<BadReader>(3, false, 12);
    if (request.target == "/early") response.stream = std::make_unique<BadReader>(0, true, std::nullopt);
    return response;
  });
  for (const char* target : {"/late", "/short"}) {
    auto client = server.connect();
    EXPECT_FALSE(client.ask(get(target)).has_value()) << target;
  }
  auto exceeding = server.connect();
  exceeding.send(get("/long"));
  EXPECT_EQ(exceeding.drain().find("piecepiecepi\r"), std::string::npos);
  auto early = server.connect();
  const auto answer = early.ask(get("/early"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 500);
}

// Sends back what it reads, while it reads.
Task<Response> mirror(Request& request) {
  Response response;
  response.stream = std::move(request.body);
  return response;
}

TEST(ResponseStream, MayReadTheRequestsBody) {
  TestServer server(mirror);
  auto client = server.connect();
  for (int round = 0; round < 3; ++round) {
    const std::string body(200'000, static_cast<char>('a' + round));
    std::thread sender([&] { client.send(post("/", body)); });
    const auto answer = client.receive();
    sender.join();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, body);
  }
}

TEST(ResponseStream, AReaderThatLeavesEndsIt) {
  std::atomic<std::size_t> read{0};
  TestServer server([&](Request&) -> Task<Response> {
    Response response;
    response.stream = std::make_unique<CountingReader>(read, static_cast<std::size_t>(-1));
    return response;
  });
  auto client = server.connect();
  client.send(get("/"));
  ASSERT_TRUE(client.more());
  client.close();
  EXPECT_TRUE(server->drain(std::chrono::seconds(20)));
}

}  // namespace
}  // namespace reprise::http
