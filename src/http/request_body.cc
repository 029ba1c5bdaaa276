// Keeps: never consumes a byte behind the body's end, which belongs to the next request; after a failure nothing more
// is read, because where the next request would begin is unknown.
#include "http/request_body.h"

#include <algorithm>

namespace reprise::http {

namespace {

class Reader final : public BodyReader {
 public:
  explicit Reader(RequestBody& body) : body_(body) {}
  Task<Result<Bytes>> read() override { return body_.read(); }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return body_.length(); }

 private:
  RequestBody& body_;
};

}  // namespace

RequestBody::RequestBody(Channel& channel, RequestParser& parser, const Limits& limits)
    : channel_(channel), parser_(parser), limits_(limits) {}

void RequestBody::start(const Framing& framing) {
  chunked_ = framing.chunked;
  left_ = framing.content_length.value_or(0);
  length_ = chunked_ ? std::nullopt : std::optional<std::uint64_t>(left_);
  done_ = !framing.has_body();
  expect_pending_ = framing.expect_continue;
  received_ = 0;
  waited_ = {};
  failure_.reset();
}

std::unique_ptr<BodyReader> RequestBody::reader() { return std::make_unique<Reader>(*this); }

Task<Result<Bytes>> RequestBody::read() {
  if (failure_) return failure();
  Bytes piece;
  if (done_ && expect_pending_ && channel_.input().empty()) return go_on_to_nothing();
  if (done_ || take_arrived(piece)) return failure_ ? failure() : Result<Bytes>(std::move(piece));
  return wait_for_more();
}

Task<Wait> RequestBody::say_go_on() {
  expect_pending_ = false;
  const Channel::Pieces go_on{"HTTP/1.1 100 Continue\r\n\r\n"};
  co_return co_await channel_.write_all(go_on, limits_.write_stall_time_max);
}

// A client that waits before it sends a body of no bytes.
Task<Result<Bytes>> RequestBody::go_on_to_nothing() {
  const Wait wait = co_await say_go_on();
  if (wait == Wait::ok) co_return Bytes();
  failure_.emplace(Code::io_error, "the client went away before the end of the request body");
  co_return failure();
}

// Moves what has arrived into `piece`. True when that is an answer: bytes, the end, or a failure.
bool RequestBody::take_arrived(Bytes& piece) {
  const BytesView input = channel_.input();
  if (chunked_) {
    if (input.empty()) return false;
    const auto step = parser_.feed_chunks(input, piece, limits_.body_piece_bytes_max);
    channel_.consume(step.consumed);
    done_ = step.progress == RequestParser::Progress::complete;
    if (step.progress == RequestParser::Progress::refused) {
      const auto& refusal = parser_.refusal();
      failure_.emplace(refusal.status == 413 ? Code::exhausted : Code::invalid, std::string(refusal.reason));
    }
  } else {
    const auto bytes = static_cast<std::size_t>(
        std::min({std::uint64_t{input.size()}, left_, std::uint64_t{limits_.body_piece_bytes_max}}));
    piece.assign(input.substr(0, bytes));
    channel_.consume(bytes);
    left_ -= bytes;
    done_ = left_ == 0;
  }
  received_ += piece.size();
  return !piece.empty() || done_ || failure_.has_value();
}

// How long the peer may keep us waiting now; it has earned more by what it has sent.
std::chrono::milliseconds RequestBody::patience() const {
  const auto earned =
      std::chrono::milliseconds(received_ / std::max<std::uint64_t>(1, limits_.body_bytes_per_second_min) * 1000);
  const auto left = limits_.body_grace_time + earned - std::chrono::duration_cast<std::chrono::milliseconds>(waited_);
  return std::clamp(left, std::chrono::milliseconds(0), limits_.body_stall_time_max);
}

// One read from the peer: into the channel's buffer, or straight into `piece` when much is to come.
Task<Wait> RequestBody::receive(Bytes& piece) {
  constexpr std::uint64_t worth_a_piece = std::uint64_t{16} * 1024;
  const auto began = std::chrono::steady_clock::now();
  Channel::ReadOutcome outcome;
  if (!chunked_ && left_ >= worth_a_piece) {
    piece.resize(static_cast<std::size_t>(std::min(left_, std::uint64_t{limits_.body_piece_bytes_max})));
    outcome = co_await channel_.read(piece.data(), piece.size(), patience());
    piece.resize(outcome.bytes);
    if (piece.capacity() > 4 * piece.size()) piece.shrink_to_fit();
    left_ -= outcome.bytes;
    received_ += outcome.bytes;
    done_ = left_ == 0;
  } else {
    outcome = co_await channel_.fill(patience());
  }
  waited_ += std::chrono::steady_clock::now() - began;
  co_return outcome.wait;
}

Task<Result<Bytes>> RequestBody::wait_for_more() {
  Bytes piece;
  for (;;) {
    Wait wait = Wait::ok;
    if (expect_pending_ && channel_.input().empty()) wait = co_await say_go_on();
    expect_pending_ = false;
    if (wait == Wait::ok) wait = co_await receive(piece);
    if (wait != Wait::ok) {
      const char* why = wait == Wait::timed_out ? "the request body came too slowly"
                        : wait == Wait::stopped ? "the server is stopping"
                                                : "the client went away before the end of the request body";
      failure_.emplace(Code::io_error, why);
      co_return failure();
    }
    if (!piece.empty() || take_arrived(piece)) {
      co_return failure_ ? failure() : Result<Bytes>(std::move(piece));
    }
  }
}

bool RequestBody::worth_discarding() const {
  if (expect_pending_ && length_ == 0) return false;  // it still waits, for nothing: nobody read the empty body
  return done_ || (!failure_ && !expect_pending_ && (chunked_ || left_ <= limits_.body_discard_bytes_max));
}

Task<bool> RequestBody::discard_rest() {
  for (std::uint64_t dropped = 0; !done_ && dropped <= limits_.body_discard_bytes_max;) {
    const Result<Bytes> piece = co_await read();
    if (!piece.ok()) {
      piece.error().ignore();  // the answer has been sent; closing is all that is left to do
      co_return false;
    }
    dropped += piece->size();
  }
  co_return done_;
}

}  // namespace reprise::http
