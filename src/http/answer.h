// Sends one answer: head and body, in as few system calls as the body allows.
#pragma once

#include <string>

#include "http/channel.h"
#include "http/limits.h"
#include "http/message.h"
#include "http/response_head.h"

namespace reprise::http {

// How an answer to such a request is framed. Clears framing.keep_alive where only the connection's end can tell the
// body's end (a stream of unknown length for HTTP/1.0).
[[nodiscard]] ResponseFraming plan_answer(const Response& response, bool http11, bool head_request, bool keep_alive);
// Whether the body follows the head.
[[nodiscard]] bool sends_body(const Response& response, const ResponseFraming& framing);

// Sends the answer as planned. `first` is what was already read of response.stream. `head` is scratch space, kept for
// its memory; both must live until the end. Wait::failed when the stream failed or did not have the length it
// announced: the peer must notice, so the connection cannot be kept.
Task<Wait> send_answer(Channel& channel, Response& response, const ResponseFraming& framing, Bytes first,
                       std::string& head, const Limits& limits);

}  // namespace reprise::http
