// The body of the request that a connection is serving: the reading side of Content-Length, chunked and
// Expect: 100-continue.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "http/channel.h"
#include "http/limits.h"
#include "http/message.h"
#include "http/request_parser.h"

namespace reprise::http {

// One for each connection, begun anew with every request; handlers see it through reader().
class RequestBody {
 public:
  // All must outlive it.
  RequestBody(Channel& channel, RequestParser& parser, const Limits& limits);

  void start(const Framing& framing);
  // See BodyReader::read. Free of a coroutine frame when the bytes are here already.
  Task<Result<Bytes>> read();
  [[nodiscard]] std::optional<std::uint64_t> length() const { return length_; }
  // What handlers get. It must not be used after the answer has been sent.
  [[nodiscard]] std::unique_ptr<BodyReader> reader();

  // Everything was read: the next request follows on the connection.
  [[nodiscard]] bool done() const { return done_; }
  // Whether it makes sense to throw the rest away rather than to close the connection. Not when the client still
  // waits for "100 Continue": it might send the body after all, or not.
  [[nodiscard]] bool worth_discarding() const;
  // Reads and drops the rest; false when that was too long or failed.
  Task<bool> discard_rest();

 private:
  bool take_arrived(Bytes& piece);
  Task<Wait> say_go_on();
  Task<Result<Bytes>> go_on_to_nothing();
  Task<Result<Bytes>> wait_for_more();
  Task<Wait> receive(Bytes& piece);
  [[nodiscard]] std::chrono::milliseconds patience() const;
  Result<Bytes> failure() const { return Result<Bytes>(*failure_); }

  Channel& channel_;
  RequestParser& parser_;
  const Limits& limits_;
  std::optional<std::uint64_t> length_;
  bool chunked_ = false;
  bool done_ = true;
  bool expect_pending_ = false;
  std::uint64_t left_ = 0;  // of a body of known length
  std::uint64_t received_ = 0;
  std::chrono::steady_clock::duration waited_{0};
  std::optional<Status> failure_;
};

}  // namespace reprise::http
