// One keep-alive HTTP/1.1 connection of the load driver: non-blocking, one request under way at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace reprise::bench {

class Connection {
 public:
  Connection() = default;
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;

  // Connects to a loopback address. Blocks for the moment that takes.
  static Result<Connection> open(const std::string& host, std::uint16_t port);

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::string& request() { return request_; }  // fill, then send()
  // Sent behind the request; lives until the answer is there.
  void set_payload(std::string_view payload) { payload_ = payload; }
  // Of answers to come: larger bodies are received and counted, and not kept.
  void keep_bodies(std::size_t bytes_max) { body_kept_max_ = bytes_max; }
  // Empty when it is larger than what is kept. Of a chunked one: with its chunks' heads.
  [[nodiscard]] std::string_view body() const {
    return std::string_view(response_).substr(body_start_, body_length_ > body_kept_max_ ? 0 : body_length_);
  }
  [[nodiscard]] int status() const { return status_; }

  Status send();
  enum class Progress : std::uint8_t { waiting, done };
  // Reads what is there; `done` when the whole response is.
  Result<Progress> receive();

 private:
  Status send(std::string_view bytes);
  [[nodiscard]] Result<Progress> parse_head();
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] bool body_is_whole();

  int fd_ = -1;
  std::string request_;
  std::string_view payload_;
  std::string response_;
  std::size_t head_end_ = 0;
  std::size_t body_start_ = 0;
  std::size_t body_length_ = 0;
  std::size_t body_received_ = 0;
  bool chunked_ = false;
  std::size_t chunk_ = 0;  // where the next chunk's head begins
  std::size_t body_kept_max_ = std::size_t{64} << 10;
  int status_ = 0;
};

}  // namespace reprise::bench
