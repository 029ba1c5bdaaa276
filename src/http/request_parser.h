// From bytes to requests: HTTP/1.1 request heads and chunked bodies (RFC 9112), without a socket.
//
// Strict where laxness lets two servers disagree on where a request ends: one framing only (Content-Length or
// Transfer-Encoding, not both, neither twice with different values), no bare line feeds, no blank before a colon,
// exactly one Host in HTTP/1.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "http/limits.h"
#include "http/message.h"

namespace reprise::http {

// Why the server itself answers a request, without its handler.
struct Refusal {
  int status = 0;           // 400, 408, 413, 414, 417, 431, 500, 501, 503 or 505
  std::string_view reason;  // one sentence for a person; static text
};

// What a complete head says about the message around it.
struct Framing {
  bool http11 = false;
  bool keep_alive = false;       // the client wants the connection kept
  bool expect_continue = false;  // the client waits for "100 Continue" before it sends the body
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

class RequestParser {
 public:
  // `limits` must outlive the parser.
  explicit RequestParser(const Limits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Begins a new request: `request` is emptied (method, target, headers) and filled by the calls that follow.
  void start(Request& request);

  enum class Progress : unsigned char { need_more, complete, refused };
  struct Step {
    Progress progress = Progress::need_more;
    std::size_t consumed = 0;  // what is left must be presented again, with more behind it
  };
  // Reads the head from the bytes that have arrived and were not consumed yet. Call until complete or refused.
  Step feed_head(BytesView data);
  // Valid after `complete`.
  [[nodiscard]] const Framing& framing() const { return framing_; }
  // Valid after `refused`.
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

  // Reads a chunked body: appends what `data` holds of it to `out`, up to about `out_bytes_max`. `complete` after the
  // last chunk and the trailer (which is checked and ignored). `need_more` with everything consumed or not.
  Step feed_chunks(BytesView data, Bytes& out, std::size_t out_bytes_max);

 private:
  class Impl;
  Step refuse(int status, std::string_view reason, std::size_t consumed);

  const Limits& limits_;
  std::unique_ptr<Impl> impl_;
  std::size_t head_bytes_ = 0;
  Framing framing_;
  Refusal refusal_;
};

}  // namespace reprise::http
