// Plain HTTP messages: what the API rooms see of HTTP. No socket, no library type.
//
// Ownership: a Request owns its bytes; views into it live as long as it does. A Response owns its bytes.
// Threading: a message belongs to the request's coroutine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/task.h"

namespace reprise::http {

// Header fields in the order they came. Names compare without case. All text lies in one string, so that a message
// costs two allocations however many fields it has; the views handed out live until the next change.
class Headers {
 public:
  using Field = std::pair<std::string_view, std::string_view>;  // name, value

  class Iterator {
   public:
    using value_type = Field;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    Iterator() = default;
    Iterator(const Headers* headers, std::size_t index) : headers_(headers), index_(index) {}
    Field operator*() const { return headers_->field(index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++index_;
      return before;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const Headers* headers_ = nullptr;
    std::size_t index_ = 0;
  };

  void add(std::string_view name, std::string_view value);
  void set(std::string_view name, std::string_view value);  // replaces every field of that name
  void remove(std::string_view name);
  void clear();  // keeps the memory
  // The first value; nothing when absent.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return get(name).has_value(); }
  // The field at `index`, which is below size().
  [[nodiscard]] Field field(std::size_t index) const;
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, slots_.size()}; }
  [[nodiscard]] std::size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    std::uint32_t start;  // of the name; the value follows it
    std::uint32_t name_length;
    std::uint32_t value_length;
  };
  std::string text_;
  std::vector<Slot> slots_;
};

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

// A body that is pulled, piece by piece; whoever reads decides the pace.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // The next bytes, as received but for the chunked framing (a gzip body stays gzip: its signature covers the bytes
  // as sent; http/gzip.h inflates); empty at the end. Fails with Code::io_error when the peer went away or is too
  // slow, Code::invalid for broken framing, Code::exhausted over the server's limit. After a failure every further
  // read fails. One read at a time; a request's body may be read until the response to it has been sent.
  virtual Task<Result<Bytes>> read() = 0;
  // Takes back the piece that was read last, once its bytes are done with: a reader that makes many uses its memory
  // again. May be left out.
  virtual void give_back(Bytes /*piece*/) {}
  // The length the peer announced, if any.
  [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;
};

// Everything that is left, at most `limit` bytes. Over it: Code::exhausted.
Task<Result<Bytes>> read_all(BodyReader& body, std::size_t limit);

struct Request {
  std::string method;  // "GET"
  std::string target;  // as sent: path and query, still percent-encoded
  Headers headers;
  std::string peer;                  // "127.0.0.1:51234"
  bool secure = false;               // came over TLS
  std::string_view tls_version{};    // "1.2" or "1.3", a literal; empty: came in plain
  std::unique_ptr<BodyReader> body;  // never null
  std::string id;                    // the request id the answer will carry: 52 of A-Z0-9

  [[nodiscard]] std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  [[nodiscard]] std::string_view query() const {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
  }
};

struct Response {
  int status = 200;
  // Content-Length, Transfer-Encoding, Connection and Date are the server's business and ignored here, but for
  // Content-Length in the answer to a HEAD request: there it tells the length a GET would have.
  Headers headers;
  Bytes body;                          // the whole body, unless `stream` is set
  std::unique_ptr<BodyReader> stream;  // a long body; sent chunked when its length() is unknown
  bool close = false;                  // close the connection after this answer
  // What access logs and metrics call this request ("PutItem"), and the error's code, if any.
  std::string operation;
  std::string error_code;
};

// Answers one request. Called on the connection's executor; must not throw and must not block it.
using Handler = std::function<Task<Response>(Request&)>;

}  // namespace reprise::http
