// Keeps: while a wait runs its deadline is set, and at no other time; begin_ <= end_ <= capacity_.
#include "http/channel.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace reprise::http {

namespace {

constexpr std::size_t usual_buffer_bytes = std::size_t{8} * 1024;
// A read into less room than this is not worth its system call.
constexpr std::size_t room_bytes_min = std::size_t{4} * 1024;

std::size_t total_bytes(const Channel::Pieces& pieces) {
  std::size_t total = 0;
  for (const BytesView piece : pieces) total += piece.size();
  return total;
}

void drop_front(Channel::Pieces& pieces, std::size_t bytes) {
  for (BytesView& piece : pieces) {
    const std::size_t dropped = std::min(bytes, piece.size());
    piece.remove_prefix(dropped);
    bytes -= dropped;
  }
}

}  // namespace

Channel::Channel(std::unique_ptr<Transport> transport, IoCounters& counters)
    : transport_(std::move(transport)), counters_(counters) {}

void Channel::consume(std::size_t bytes) {
  ASSERT(bytes <= end_ - begin_);
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

void Channel::trim_input() {
  if (begin_ != end_ || capacity_ <= usual_buffer_bytes) return;
  buffer_.reset();
  capacity_ = 0;
}

Channel::Reading Channel::fill(std::chrono::milliseconds patience) {
  if (capacity_ - end_ < room_bytes_min && begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (capacity_ - end_ < room_bytes_min) {
    const std::size_t grown = std::max(usual_buffer_bytes, 2 * capacity_);
    auto buffer = std::make_unique_for_overwrite<char[]>(grown);
    if (end_ > 0) std::memcpy(buffer.get(), buffer_.get(), end_);
    buffer_ = std::move(buffer);
    capacity_ = grown;
  }
  return {*this, buffer_.get() + end_, capacity_ - end_, patience, true};
}

Channel::Reading Channel::read(char* data, std::size_t size, std::chrono::milliseconds patience) {
  ASSERT(begin_ == end_);
  return {*this, data, size, patience, false};
}

bool Channel::Reading::await_suspend(std::coroutine_handle<> handle) {
  operation_.waiter = handle;
  channel_.arm(patience_);
  return !channel_.transport_->read(data_, size_, operation_);
}

Channel::ReadOutcome Channel::Reading::await_resume() {
  const Wait wait = channel_.disarm(operation_.result.error);
  const std::size_t bytes = operation_.result.bytes;
  channel_.counters_.bytes_in.add(bytes);
  if (to_input_) channel_.end_ += bytes;
  return {bytes, wait};
}

Wait Channel::disarm(IoError error) {
  deadline_ = Clock::time_point::max();
  const bool expired = std::exchange(expired_, false);
  switch (error) {
    case IoError::none: return aborted_ ? Wait::stopped : Wait::ok;
    case IoError::end: return Wait::end;
    case IoError::cancelled:
      if (!expired) return Wait::stopped;
      counters_.timeouts.add(1);
      return Wait::timed_out;
    case IoError::failed: return Wait::failed;
  }
  return Wait::failed;
}

Task<Wait> Channel::write_all(const Pieces& pieces, std::chrono::milliseconds stall_patience) {
  if (aborted_) return Wait::stopped;
  const std::size_t written = transport_->try_write(pieces);
  counters_.bytes_out.add(written);
  if (written == total_bytes(pieces)) return Wait::ok;
  return write_rest(pieces, written, stall_patience);
}

Task<Wait> Channel::write_rest(Pieces pieces, std::size_t done, std::chrono::milliseconds stall_patience) {
  drop_front(pieces, done);
  while (total_bytes(pieces) > 0) {
    arm(stall_patience);
    const IoResult result = co_await transport_->writing(pieces);
    const Wait wait = disarm(result.error);
    counters_.bytes_out.add(result.bytes);
    if (wait != Wait::ok) co_return wait;
    drop_front(pieces, result.bytes);
  }
  co_return Wait::ok;
}

Task<Wait> Channel::handshake(std::chrono::milliseconds patience) {
  if (!transport_->secure()) co_return Wait::ok;
  arm(patience);
  const IoResult result = co_await transport_->handshaking();
  co_return disarm(result.error);
}

Task<void> Channel::linger(std::chrono::milliseconds patience, std::uint64_t bytes_max) {
  const auto until = Clock::now() + patience;
  arm(patience);
  const IoResult shut = co_await transport_->shutting_down();
  // TLS has already waited for the peer's own closing.
  if (disarm(shut.error) != Wait::ok || transport_->secure()) co_return;
  consume(input().size());
  for (std::uint64_t dropped = 0; dropped < bytes_max;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) co_return;
    const ReadOutcome outcome = co_await fill(left);
    if (outcome.wait != Wait::ok) co_return;
    dropped += outcome.bytes;
    consume(outcome.bytes);
  }
}

void Channel::close() { transport_->close(); }

void Channel::check_deadline(Clock::time_point now) {
  if (now < deadline_) return;
  deadline_ = Clock::time_point::max();
  expired_ = true;
  transport_->cancel();
}

void Channel::stop() { transport_->cancel(); }

void Channel::abort() {
  aborted_ = true;
  transport_->close();
}

}  // namespace reprise::http
