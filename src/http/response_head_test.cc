#include "http/response_head.h"

#include <gtest/gtest.h>

#include "http/request_id.h"

namespace reprise::http {
namespace {

// Without the Date line, whose value no test can know.
std::string head_of(const Response& response, const ResponseFraming& framing) {
  std::string out;
  append_response_head(out, response, framing);
  const auto date = out.find("Date: ");
  EXPECT_NE(date, std::string::npos);
  out.erase(date, out.find("\r\n", date) + 2 - date);
  return out;
}

TEST(ResponseHead, FramesTheBody) {
  Response response;
  response.headers.add("Content-Type", "text/plain");
  ResponseFraming framing;
  framing.content_length = 5;
  EXPECT_EQ(head_of(response, framing), "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
  framing.content_length.reset();
  framing.chunked = true;
  framing.keep_alive = false;
  EXPECT_EQ(head_of(response, framing),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
  framing = {};
  framing.http11 = false;
  response.status = 204;
  response.headers.clear();
  EXPECT_EQ(head_of(response, framing), "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
  response.status = 599;
  EXPECT_EQ(head_of(response, framing), "HTTP/1.1 599 \r\nConnection: keep-alive\r\n\r\n");
}

TEST(ResponseHead, NoValueCanEndItsLine) {
  Response response;
  response.headers.add("X-Name", std::string_view("a\r\nInjected: yes\0\x7f", 18));
  response.headers.add("X\r\n", "b\tc");
  EXPECT_EQ(head_of(response, {}), "HTTP/1.1 200 OK\r\nX-Name: a  Injected: yes  \r\nX  : b\tc\r\n\r\n");
}

TEST(ResponseHead, FramingFieldsOfHandlersAreIgnored) {
  Response response;
  response.headers.add("content-length", "77");
  response.headers.add("Transfer-Encoding", "chunked");
  response.headers.add("connection", "upgrade");
  response.headers.add("DATE", "never");
  ResponseFraming framing;
  framing.content_length = 5;
  EXPECT_EQ(head_of(response, framing), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  // But HEAD may tell the length of a body that nobody opened.
  framing.head_request = true;
  EXPECT_EQ(head_of(response, framing), "HTTP/1.1 200 OK\r\ncontent-length: 77\r\n\r\n");
}

TEST(ResponseHead, FormatsDates) {
  EXPECT_EQ(format_http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(RequestId, Is52CharactersAndNew) {
  std::string first;
  std::string second;
  make_request_id(first);
  make_request_id(second);
  EXPECT_NE(first, second);
  for (const auto& id : {first, second}) {
    EXPECT_EQ(id.size(), 52u);
    EXPECT_EQ(id.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), std::string::npos);
  }
}

}  // namespace
}  // namespace reprise::http
