// Status and Result: errors as values.
//
// A Status is either ok or a Code with a message that says what happened and what to do about it. Codes say
// what the *caller* should do, not which layer failed; each API maps them to its wire errors in one place.
// Exceptions stop at the library that throws them.
//
// Both types are [[nodiscard]]. Under REPRISE_CHECK_STATUS (the sanitizer builds) a failed Status that is
// destroyed without having been looked at aborts the process, so that no test passes over an error.
//
// Threading: values; not shared between threads without synchronization.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace reprise {

enum class Code : unsigned char {
  ok,
  not_found,       // what was named does not exist
  already_exists,  // what was to be made exists
  conflict,        // a guard failed: read again and retry
  moved,           // the shard has moved: read the shard map again and retry
  invalid,         // the request can never succeed as it is
  exhausted,       // out of space, memory or quota: writing is impossible until somebody makes room
  unavailable,     // not now: stopping, starting, or writes are stopped after a fault
  io_error,        // the device failed
  corruption,      // stored bytes are not what was written
  unsupported,     // not built, or not by this engine
  cancelled,       // the work was cancelled
  internal,        // a bug of ours
};

std::string_view code_name(Code code) noexcept;

class [[nodiscard]] Status {
 public:
  Status() noexcept = default;  // ok
  Status(Code code, std::string message) : code_(code), message_(std::make_unique<std::string>(std::move(message))) {}

  Status(Status&& other) noexcept { take(other); }
  Status& operator=(Status&& other) noexcept {
    if (this != &other) {
      check_read();
      take(other);
    }
    return *this;
  }
  Status(const Status& other) : code_(other.code_) {
    other.mark_read();
    if (other.message_) message_ = std::make_unique<std::string>(*other.message_);
  }
  Status& operator=(const Status& other) {
    if (this != &other) *this = Status(other);
    return *this;
  }
  ~Status() { check_read(); }

  [[nodiscard]] bool ok() const noexcept {
    mark_read();
    return code_ == Code::ok;
  }
  [[nodiscard]] Code code() const noexcept {
    mark_read();
    return code_;
  }
  [[nodiscard]] bool is(Code code) const noexcept { return this->code() == code; }
  // Without the code's name; empty when ok.
  [[nodiscard]] std::string_view message() const noexcept {
    mark_read();
    return message_ ? std::string_view(*message_) : std::string_view();
  }
  // "not_found: no such table", for logs and terminals.
  [[nodiscard]] std::string to_string() const;

  // The same code with `context` and a colon in front of the message.
  [[nodiscard]] Status with_context(std::string_view context) const;

  // Says that the error is deliberately not acted on; the reason stands beside the call.
  void ignore() const noexcept { mark_read(); }

 private:
  void take(Status& other) noexcept {
    code_ = other.code_;
    message_ = std::move(other.message_);
    other.code_ = Code::ok;
#ifdef REPRISE_CHECK_STATUS
    read_ = other.read_;
#endif
  }
  void mark_read() const noexcept {
#ifdef REPRISE_CHECK_STATUS
    read_ = true;
#endif
  }
  void check_read() const noexcept {
#ifdef REPRISE_CHECK_STATUS
    ASSERT(code_ == Code::ok || read_);
#endif
  }

  Code code_ = Code::ok;
#ifdef REPRISE_CHECK_STATUS
  mutable bool read_ = false;
#endif
  std::unique_ptr<std::string> message_;
};

// A T, or why there is none. E is Status nearly everywhere; an API room may carry its own wire error.
template <class T, class E = Status>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  // Looking at it counts as reading the error, as with Status::ok.
  [[nodiscard]] bool ok() const noexcept {
#ifdef REPRISE_CHECK_STATUS
    if constexpr (std::is_same_v<E, Status>) {
      if (state_.index() == 1) std::get_if<1>(&state_)->ignore();
    }
#endif
    return state_.index() == 0;
  }
  explicit operator bool() const noexcept { return ok(); }

  // The value; it must be there.
  [[nodiscard]] T& value() & {
    ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    ASSERT(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // The error; it must be there.
  [[nodiscard]] const E& error() const& {
    ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] E&& error() && {
    ASSERT(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, E> state_;
};

inline Status not_found(std::string message) { return {Code::not_found, std::move(message)}; }
inline Status already_exists(std::string message) { return {Code::already_exists, std::move(message)}; }
inline Status conflict(std::string message) { return {Code::conflict, std::move(message)}; }
inline Status invalid(std::string message) { return {Code::invalid, std::move(message)}; }
inline Status unavailable(std::string message) { return {Code::unavailable, std::move(message)}; }
inline Status io_error(std::string message) { return {Code::io_error, std::move(message)}; }
inline Status corruption(std::string message) { return {Code::corruption, std::move(message)}; }
inline Status unsupported(std::string message) { return {Code::unsupported, std::move(message)}; }
inline Status internal_error(std::string message) { return {Code::internal, std::move(message)}; }

namespace detail {
inline Status error_of(Status status) { return status; }
template <class T, class E>
E error_of(Result<T, E>&& result) {
  return std::move(result).error();
}
}  // namespace detail

}  // namespace reprise

#define REPRISE_CONCAT_INNER(a, b) a##b
#define REPRISE_CONCAT(a, b) REPRISE_CONCAT_INNER(a, b)

// TRY(f()): returns f's error from this function if it failed. TRY_ASSIGN(auto x, f()): or else sets x to its
// value. CO_TRY and CO_TRY_ASSIGN are their twins inside a coroutine (co_return); the expression may co_await.
#define TRY(expression)                                                              \
  do {                                                                               \
    auto try_result = (expression);                                                  \
    if (!try_result.ok()) return ::reprise::detail::error_of(std::move(try_result)); \
  } while (false)
#define CO_TRY(expression)                                                              \
  do {                                                                                  \
    auto try_result = (expression);                                                     \
    if (!try_result.ok()) co_return ::reprise::detail::error_of(std::move(try_result)); \
  } while (false)
#define TRY_ASSIGN(target, expression) \
  TRY_ASSIGN_INNER(REPRISE_CONCAT(try_result_, __LINE__), target, expression, return )
#define CO_TRY_ASSIGN(target, expression) \
  TRY_ASSIGN_INNER(REPRISE_CONCAT(try_result_, __LINE__), target, expression, co_return )
#define TRY_ASSIGN_INNER(name, target, expression, leave)             \
  auto name = (expression);                                           \
  if (!name.ok()) leave ::reprise::detail::error_of(std::move(name)); \
  target = std::move(name).value()
