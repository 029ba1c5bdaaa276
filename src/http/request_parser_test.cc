#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <optional>

namespace reprise::http {
namespace {

struct Parsed {
  RequestParser::Progress progress = RequestParser::Progress::need_more;
  int status = 0;  // of the refusal
  Request request;
  Framing framing;
  std::size_t consumed = 0;
};

// Feeds `bytes` so many at a time, presenting again what was not consumed.
Parsed parse(std::string_view bytes, std::size_t step_bytes, const Limits& limits = {}) {
  RequestParser parser(limits);
  Parsed parsed;
  parser.start(parsed.request);
  std::size_t arrived = 0;
  while (arrived < bytes.size() && parsed.progress == RequestParser::Progress::need_more) {
    arrived = std::min(bytes.size(), arrived + step_bytes);
    const auto step = parser.feed_head(bytes.substr(parsed.consumed, arrived - parsed.consumed));
    parsed.consumed += step.consumed;
    parsed.progress = step.progress;
  }
  parsed.framing = parser.framing();
  parsed.status = parser.refusal().status;
  return parsed;
}

int refusal(std::string_view bytes, const Limits& limits = {}) {
  const auto whole = parse(bytes, bytes.size(), limits);
  const auto bytewise = parse(bytes, 1, limits);
  EXPECT_EQ(whole.progress, bytewise.progress) << bytes;
  EXPECT_EQ(whole.status, bytewise.status) << bytes;
  return whole.status;
}

std::string with(std::string_view fields) {
  return "POST /path?a=b HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

TEST(RequestParser, ReadsAHeadInAnyPortions) {
  const std::string bytes = with("X-A:  one two \r\ncontent-length: 5\r\nExpect: 100-continue\r\n");
  for (const std::size_t step : {1u, 2u, 3u, 7u, 1000u}) {
    const auto parsed = parse(bytes + "hello", step);
    ASSERT_EQ(parsed.progress, RequestParser::Progress::complete) << step;
    EXPECT_EQ(parsed.consumed, bytes.size());
    EXPECT_EQ(parsed.request.method, "POST");
    EXPECT_EQ(parsed.request.target, "/path?a=b");
    EXPECT_EQ(parsed.request.headers.size(), 4u);
    EXPECT_EQ(parsed.request.headers.get("x-a"), "one two");
    EXPECT_TRUE(parsed.framing.http11);
    EXPECT_TRUE(parsed.framing.keep_alive);
    EXPECT_TRUE(parsed.framing.expect_continue);
    EXPECT_FALSE(parsed.framing.chunked);
    EXPECT_EQ(parsed.framing.content_length, 5u);
  }
}

TEST(RequestParser, KnowsWhenTheConnectionIsKept) {
  EXPECT_FALSE(parse(with("Connection: close\r\n"), 1000).framing.keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n", 1000).framing.keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 1000).framing.keep_alive);
}

TEST(RequestParser, SkipsEmptyLinesInFront) {
  const auto parsed = parse("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 1);
  EXPECT_EQ(parsed.progress, RequestParser::Progress::complete);
  EXPECT_EQ(parsed.request.method, "GET");
}

TEST(RequestParser, RefusesWhatIsNotHttp) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: h\n\n"), 400);  // bare line feeds
  EXPECT_EQ(refusal(with("X : y\r\n")), 400);              // blank before the colon
  EXPECT_EQ(refusal(with("no colon\r\n")), 400);
  EXPECT_EQ(refusal(with("X: a\nY: b\r\n")), 400);
  EXPECT_EQ(refusal(with(std::string_view("X: a\0b\r\n", 8))), 400);
  EXPECT_EQ(refusal("\x16\x03\x01\x02\x05 / HTTP/1.1\r\n\r\n"), 400);  // a TLS client on a plain port
  EXPECT_EQ(refusal("GET /\r\n\r\n"), 400);                            // HTTP/0.9
  EXPECT_EQ(refusal("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400);                        // no Host
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);  // two
  EXPECT_EQ(refusal("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(refusal("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(refusal("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"), 400);  // the version is fine, the target is not
  EXPECT_EQ(refusal("GET / JUNK/1.1\r\nHost: a\r\n\r\n"), 400);
}

// Every one of these has been used to smuggle a request past a proxy.
TEST(RequestParser, RefusesAmbiguousFraming) {
  EXPECT_EQ(refusal(with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(refusal(with("Content-Length: 5\r\nContent-Length: 6\r\n")), 400);
  EXPECT_EQ(refusal(with("Content-Length: 5, 6\r\n")), 400);
  EXPECT_EQ(refusal(with("Content-Length: 5, 5\r\n")), 400);
  EXPECT_EQ(refusal(with("Content-Length: +5\r\n")), 400);
  EXPECT_EQ(refusal(with("Content-Length: -5\r\n")), 400);
  EXPECT_EQ(refusal(with("Content-Length: 0x5\r\n")), 400);
  EXPECT_EQ(refusal(with("Content-Length: 99999999999999999999999\r\n")), 400);
  EXPECT_EQ(refusal(with("Content-Length:\r\n")), 400);
  EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refusal(with("Transfer-Encoding: xchunked\r\n")), 501);
  EXPECT_EQ(refusal(with("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(refusal(with("Transfer-Encoding: chunked, identity\r\n")), 501);
  EXPECT_EQ(refusal(with("Transfer-Encoding: identity\r\n")), 501);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(refusal(with("Content-Length: 5\r\nContent-Length: 5\r\n")), 0);  // the same twice is harmless
  EXPECT_EQ(refusal(with("Transfer-Encoding: Chunked\r\n")), 0);
}

TEST(RequestParser, RefusesOtherExpectations) {
  EXPECT_EQ(refusal(with("Expect: 200-ok\r\n")), 417);
  EXPECT_FALSE(parse(with("Expect: 100-continue\r\n"), 1000).framing.expect_continue);  // no body to wait for
}

TEST(RequestParser, HoldsTheHeaderLimitOnBothSides) {
  Limits limits;
  limits.header_bytes_max = 1000;
  const std::string empty = with("X: \r\n");
  const std::string fits = with("X: " + std::string(1000 - empty.size(), 'a') + "\r\n");
  ASSERT_EQ(fits.size(), 1000u);
  const std::string exceeds = with("X: " + std::string(1001 - empty.size(), 'a') + "\r\n");
  EXPECT_EQ(refusal(fits, limits), 0);
  EXPECT_EQ(refusal(exceeds, limits), 431);
  // Without an end, and in many small fields, too.
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nX: " + std::string(5000, 'a'), limits), 431);
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 500; ++i) many += "X: y\r\n";
  limits.header_fields_max = 10'000;
  EXPECT_EQ(refusal(many, limits), 431);
}

TEST(RequestParser, HoldsTheFieldCountOnBothSides) {
  Limits limits;
  limits.header_fields_max = 10;
  std::string nine;
  for (int i = 0; i < 9; ++i) nine += "X: y\r\n";
  EXPECT_EQ(refusal(with(nine), limits), 0);  // with Host: ten
  EXPECT_EQ(refusal(with(nine + "X: y\r\n"), limits), 431);
}

TEST(RequestParser, HoldsTheTargetLimitOnBothSides) {
  Limits limits;
  limits.header_bytes_max = 1000;
  limits.target_bytes_max = 100;
  const auto request = [](std::size_t size) {
    return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
  };
  EXPECT_EQ(refusal(request(100), limits), 0);
  EXPECT_EQ(refusal(request(101), limits), 414);
  EXPECT_EQ(refusal("GET /" + std::string(5000, 'a'), limits), 414);
}

TEST(RequestParser, HoldsTheBodyLimitOnBothSides) {
  Limits limits;
  limits.body_bytes_max = 100;
  EXPECT_EQ(refusal(with("Content-Length: 100\r\n"), limits), 0);
  EXPECT_EQ(refusal(with("Content-Length: 101\r\n"), limits), 413);
}

struct Chunked {
  RequestParser::Progress progress = RequestParser::Progress::need_more;
  Bytes body;
  std::size_t consumed = 0;
  int status = 0;
  std::size_t fields = 0;  // of the request afterwards
};

Chunked unchunk(std::string_view bytes, std::size_t step_bytes, std::size_t out_bytes_max, const Limits& limits = {}) {
  RequestParser parser(limits);
  Request request;
  parser.start(request);
  EXPECT_EQ(parser.feed_head(with("Transfer-Encoding: chunked\r\n")).progress, RequestParser::Progress::complete);
  Chunked result;
  std::size_t arrived = 0;
  while (result.progress == RequestParser::Progress::need_more) {
    Bytes piece;
    const std::size_t before = arrived;
    arrived = std::min(bytes.size(), arrived + step_bytes);
    const auto step =
        parser.feed_chunks(bytes.substr(result.consumed, arrived - result.consumed), piece, out_bytes_max);
    EXPECT_LE(piece.size(), out_bytes_max);
    result.consumed += step.consumed;
    result.progress = step.progress;
    result.body += piece;
    if (arrived == before && step.consumed == 0) break;
  }
  result.status = parser.refusal().status;
  result.fields = request.headers.size();
  return result;
}

TEST(RequestParser, ReadsChunksInAnyPortions) {
  const std::string_view bytes =
      "5\r\nhello\r\n1;name=value\r\n,\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1";
  for (const std::size_t step : {1u, 2u, 5u, 1000u}) {
    for (const std::size_t out : {1u, 4u, 1000u}) {
      const auto result = unchunk(bytes, step, out);
      ASSERT_EQ(result.progress, RequestParser::Progress::complete) << step << " " << out;
      EXPECT_EQ(result.body, "hello,0123456789");
      EXPECT_EQ(bytes.substr(result.consumed), "GET / HTTP/1.1");
      EXPECT_EQ(result.fields, 2u) << "a trailer must not add to the header";
    }
  }
}

TEST(RequestParser, RefusesBrokenChunks) {
  for (const std::string_view bytes : {"x\r\n", "5\nhello\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n",
                                       "-1\r\n", "\r\n", "5 5\r\nhello\r\n"}) {
    EXPECT_EQ(unchunk(bytes, 1000, 1000).status, 400) << bytes;
    EXPECT_EQ(unchunk(bytes, 1, 1000).status, 400) << bytes;
  }
  Limits limits;
  limits.header_bytes_max = 1000;
  EXPECT_EQ(unchunk("5;" + std::string(2000, 'x'), 100, 1000, limits).status, 400);
}

TEST(RequestParser, HoldsTheBodyLimitForChunks) {
  Limits limits;
  limits.body_bytes_max = 10;
  EXPECT_EQ(unchunk("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", 1, 100, limits).status, 0);
  EXPECT_EQ(unchunk("5\r\nhello\r\n6\r\nworld!\r\n0\r\n\r\n", 1, 100, limits).status, 413);
  EXPECT_EQ(unchunk("b\r\n", 1, 100, limits).status, 413);
}

}  // namespace
}  // namespace reprise::http
