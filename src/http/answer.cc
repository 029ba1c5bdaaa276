// Keeps: a body is sent with exactly the length its head announced, or the connection ends without its last byte.
#include "http/answer.h"

#include <charconv>

#include "base/log.h"

namespace reprise::http {

namespace {

// Pieces sent without a wait before other connections of the thread get their turn.
constexpr int pieces_per_turn_max = 16;

constexpr std::string_view last_chunk = "0\r\n\r\n";

// "1f40\r\n"
std::string_view chunk_head(std::size_t size, std::array<char, 20>& text) {
  char* end = std::to_chars(text.data(), text.data() + text.size() - 2, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {text.data(), static_cast<std::size_t>(end - text.data())};
}

Task<Wait> send_stream(Channel& channel, Response& response, ResponseFraming framing, Bytes piece, std::string& head,
                       const Limits& limits) {
  std::array<char, 20> chunk_text{};
  std::uint64_t left = framing.content_length.value_or(0);
  BytesView before = head;
  for (int pieces = 1;; ++pieces) {
    if (framing.content_length) {
      if (piece.size() > left || (piece.empty() && left > 0)) {
        REPRISE_LOG(LogLevel::error, "http", "a streamed answer does not have the length it announced");
        co_return Wait::failed;
      }
      left -= piece.size();
    }
    Channel::Pieces out{before, {}, piece, {}};
    if (framing.chunked) {
      out[1] = piece.empty() ? last_chunk : chunk_head(piece.size(), chunk_text);
      if (!piece.empty()) out[3] = "\r\n";
    }
    const Wait wait = co_await channel.write_all(out, limits.write_stall_time_max);
    if (wait != Wait::ok || piece.empty()) co_return wait;
    before = {};
    if (pieces % pieces_per_turn_max == 0) co_await ResumeOn{*Executor::current()};
    response.stream->give_back(std::move(piece));
    Result<Bytes> next = co_await response.stream->read();
    if (!next.ok()) {
      REPRISE_LOG(LogLevel::warn, "http", "a streamed answer was cut short",
                  log_field("error", next.error().to_string()));
      next.error().ignore();
      co_return Wait::failed;
    }
    piece = std::move(next).value();
  }
}

}  // namespace

ResponseFraming plan_answer(const Response& response, bool http11, bool head_request, bool keep_alive) {
  ResponseFraming framing;
  framing.http11 = http11;
  framing.head_request = head_request;
  framing.keep_alive = keep_alive;
  if (!status_has_body(response.status)) return framing;
  if (!response.stream) {
    framing.content_length = response.body.size();
    return framing;
  }
  framing.content_length = response.stream->length();
  if (framing.content_length || head_request) return framing;
  framing.chunked = http11;
  framing.keep_alive = keep_alive && http11;
  return framing;
}

bool sends_body(const Response& response, const ResponseFraming& framing) {
  return status_has_body(response.status) && !framing.head_request;
}

Task<Wait> send_answer(Channel& channel, Response& response, const ResponseFraming& framing, Bytes first,
                       std::string& head, const Limits& limits) {
  head.clear();
  append_response_head(head, response, framing);
  const bool body = sends_body(response, framing);
  if (body && response.stream) return send_stream(channel, response, framing, std::move(first), head, limits);
  const Channel::Pieces pieces{head, body ? BytesView(response.body) : BytesView()};
  return channel.write_all(pieces, limits.write_stall_time_max);
}

}  // namespace reprise::http
