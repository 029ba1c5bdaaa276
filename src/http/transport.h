// A byte stream to one peer: TCP, or TLS over it. What the connection loop sees of a socket.
//
// Belongs to one IoThread and is used there only. One operation at a time. An operation either ends at once (the call
// returns true and operation.result is set) or later: then `waiter` is resumed on that thread, never inside the call.
#pragma once

#include <coroutine>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace reprise::http {

enum class IoError : unsigned char {
  none,
  end,        // the peer has closed its side
  cancelled,  // cancel() or close() ended it
  failed,     // reset, TLS alert, ...: the stream is of no more use
};

struct IoResult {
  std::size_t bytes = 0;
  IoError error = IoError::none;
};

class Transport {
 public:
  struct Operation {
    std::coroutine_handle<> waiter;
    IoResult result;
  };

  virtual ~Transport() = default;
  // Must be first; TCP has nothing to do.
  virtual bool handshake(Operation& operation) = 0;
  // At least one byte, at most `size`.
  virtual bool read(char* data, std::size_t size, Operation& operation) = 0;
  // Writes what the system takes without waiting; how much of `pieces` that was, 0 also on errors (which the next
  // write will meet).
  virtual std::size_t try_write(std::span<const BytesView> pieces) = 0;
  // At least one byte of `pieces`, which are not all empty, at most four, and stay valid until the end.
  virtual bool write(std::span<const BytesView> pieces, Operation& operation) = 0;
  // Tells the peer that nothing more will be written.
  virtual bool shutdown(Operation& operation) = 0;
  // Ends the running operation with IoError::cancelled, if it has not ended already.
  virtual void cancel() = 0;
  // Closes the socket; ends the running operation too.
  virtual void close() = 0;
  [[nodiscard]] virtual bool secure() const = 0;
  // "1.2" or "1.3", once the handshake is done; empty where there is none.
  [[nodiscard]] virtual std::string_view tls_version() { return {}; }

  // Awaitables for the above, used as `co_await transport.reading(data, size)`.
  template <class Start>
  class [[nodiscard]] Awaitable {
   public:
    explicit Awaitable(Start start) : start_(std::move(start)) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> handle) {
      operation_.waiter = handle;
      return !start_(operation_);
    }
    IoResult await_resume() const noexcept { return operation_.result; }

   private:
    Start start_;
    Operation operation_;
  };
  auto handshaking() {
    return Awaitable([this](Operation& operation) { return handshake(operation); });
  }
  auto reading(char* data, std::size_t size) {
    return Awaitable([this, data, size](Operation& operation) { return read(data, size, operation); });
  }
  auto writing(std::span<const BytesView> pieces) {
    return Awaitable([this, pieces](Operation& operation) { return write(pieces, operation); });
  }
  auto shutting_down() {
    return Awaitable([this](Operation& operation) { return shutdown(operation); });
  }
};

}  // namespace reprise::http
