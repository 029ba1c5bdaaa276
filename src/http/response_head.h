// The status line and header fields of an answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace reprise::http {

// How the body that follows is framed, which is the connection's decision.
struct ResponseFraming {
  bool http11 = true;  // the request's version
  bool keep_alive = true;
  bool head_request = false;  // no body follows, whatever the length says
  bool chunked = false;
  // Absent and not chunked: no length is announced (204, 304, or a body that ends with the connection).
  std::optional<std::uint64_t> content_length;
};

// 1xx, 204 and 304 have no body.
[[nodiscard]] bool status_has_body(int status) noexcept;
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

// Appends "HTTP/1.1 200 OK" to the empty line to `out`. Control characters in header names and values become blanks,
// so that no value can end its line.
void append_response_head(std::string& out, const Response& response, const ResponseFraming& framing);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
[[nodiscard]] std::string format_http_date(std::uint64_t seconds_since_epoch);

}  // namespace reprise::http
