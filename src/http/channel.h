// One peer's byte stream with a buffer, a deadline for every wait, and counters: what the parts of a connection share.
//
// Belongs to one IoThread. One wait at a time.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/task.h"
#include "http/transport.h"

namespace reprise::http {

// Written by one thread, read by any.
class Counter {
 public:
  void add(std::uint64_t amount) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// What the connections of one thread did.
struct alignas(64) IoCounters {
  Counter requests;
  Counter refusals;
  Counter timeouts;
  Counter bytes_in;
  Counter bytes_out;
};

// How a wait ended.
enum class Wait : unsigned char {
  ok,
  end,        // the peer has closed its side
  timed_out,  // the deadline passed
  stopped,    // stop() or abort() was called
  failed,     // the connection is broken
};

class Channel {
 public:
  using Clock = std::chrono::steady_clock;

  // `counters` must outlive the channel.
  Channel(std::unique_ptr<Transport> transport, IoCounters& counters);

  // What has arrived and was not consumed.
  [[nodiscard]] BytesView input() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes);
  // Gives back a buffer that grew beyond its usual size, if it is empty.
  void trim_input();

  struct ReadOutcome {
    std::size_t bytes = 0;
    Wait wait = Wait::ok;
  };
  class [[nodiscard]] Reading {
   public:
    Reading(Channel& channel, char* data, std::size_t size, std::chrono::milliseconds patience, bool to_input)
        : channel_(channel), data_(data), size_(size), patience_(patience), to_input_(to_input) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> handle);
    ReadOutcome await_resume();

   private:
    Channel& channel_;
    char* data_;
    std::size_t size_;
    std::chrono::milliseconds patience_;
    bool to_input_;
    Transport::Operation operation_;
  };
  // `co_await channel.fill(patience)`: at least one more byte of input.
  Reading fill(std::chrono::milliseconds patience);
  // `co_await channel.read(data, size, patience)`: past the buffer, which must be empty.
  Reading read(char* data, std::size_t size, std::chrono::milliseconds patience);

  using Pieces = std::array<BytesView, 4>;
  // Writes all of `pieces`, whose bytes stay valid until then; `stall_patience` starts anew with every byte taken.
  // Costs nothing but a system call when the system takes all at once.
  Task<Wait> write_all(const Pieces& pieces, std::chrono::milliseconds stall_patience);

  Task<Wait> handshake(std::chrono::milliseconds patience);
  // Closes our side, then reads and drops what still comes until the peer closes too, or a bound is met.
  Task<void> linger(std::chrono::milliseconds patience, std::uint64_t bytes_max);
  void close();

  // Called now and then on the channel's thread: ends a wait whose deadline has passed.
  void check_deadline(Clock::time_point now);
  // Ends the running wait with Wait::stopped, if there is one.
  void stop();
  // Closes for good; this wait and all that follow end with Wait::stopped.
  void abort();
  [[nodiscard]] bool secure() const { return transport_->secure(); }
  [[nodiscard]] std::string_view tls_version() { return transport_->tls_version(); }

 private:
  void arm(std::chrono::milliseconds patience) { deadline_ = Clock::now() + patience; }
  Wait disarm(IoError error);
  Task<Wait> write_rest(Pieces pieces, std::size_t done, std::chrono::milliseconds stall_patience);

  std::unique_ptr<Transport> transport_;
  IoCounters& counters_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool expired_ = false;
  bool aborted_ = false;
};

}  // namespace reprise::http
