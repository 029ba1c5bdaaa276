// A blocking HTTP/1.1 client over a raw socket: sends exactly the bytes a test gives it. For tests only.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/message.h"

namespace reprise::http {

struct RawAnswer {
  int status = 0;
  Headers headers;
  std::string body;
  [[nodiscard]] std::string header(std::string_view name) const { return std::string(headers.get(name).value_or("")); }
};

class RawClient {
 public:
  // Nothing a test waits for takes that long; it bounds every receive.
  static constexpr int patience_seconds = 20;

  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{patience_seconds, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { close(); }
  RawClient(RawClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_), input_(std::move(other.input_)) {}
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int native() const { return socket_; }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void shutdown_send() { ::shutdown(socket_, SHUT_WR); }

  // False when the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // The next answer, its body unchunked. Nothing when the connection ends before it is complete.
  std::optional<RawAnswer> receive(bool head_request = false) {
    auto answer = receive_head();
    if (!answer || head_request || answer->status < 200 || answer->status == 204 || answer->status == 304)
      return answer;
    if (answer->headers.has("Transfer-Encoding")) return receive_chunks(std::move(*answer));
    if (const auto length = answer->headers.get("Content-Length")) {
      std::size_t bytes = 0;
      std::from_chars(length->data(), length->data() + length->size(), bytes);
      if (!need(bytes)) return std::nullopt;
      answer->body = take(bytes);
      return answer;
    }
    while (more()) {
    }
    answer->body = std::exchange(input_, {});
    return answer;
  }
  std::optional<RawAnswer> ask(std::string_view request, bool head_request = false) {
    send(request);
    return receive(head_request);
  }

  // Whether the server sends something, or closes, within that time.
  [[nodiscard]] bool readable_within(std::chrono::milliseconds time) const {
    pollfd poll_for{socket_, POLLIN, 0};
    return ::poll(&poll_for, 1, static_cast<int>(time.count())) > 0;
  }
  // Waits for the server to close. False when it sends anything more, or does not close for a long time.
  bool closed_by_server() {
    if (!input_.empty()) return false;
    char byte = 0;
    const ssize_t got = ::recv(socket_, &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }
  // Reads whatever comes until the connection ends.
  std::string drain() {
    while (more()) {
    }
    return std::exchange(input_, {});
  }
  // What was received but is no answer's yet.
  [[nodiscard]] const std::string& pending() const { return input_; }
  bool more() {
    char chunk[16384];
    const ssize_t got = ::recv(socket_, chunk, sizeof chunk, 0);
    if (got <= 0) return false;
    input_.append(chunk, static_cast<std::size_t>(got));
    return true;
  }

 private:
  bool need(std::size_t bytes) {
    while (input_.size() < bytes) {
      if (!more()) return false;
    }
    return true;
  }
  std::string take(std::size_t bytes) {
    std::string taken = input_.substr(0, bytes);
    input_.erase(0, bytes);
    return taken;
  }
  std::optional<std::string> line() {
    std::size_t end = 0;
    while ((end = input_.find("\r\n")) == std::string::npos) {
      if (!more()) return std::nullopt;
    }
    std::string taken = take(end);
    take(2);
    return taken;
  }
  std::optional<RawAnswer> receive_head() {
    RawAnswer answer;
    auto status = line();
    if (!status || status->size() < 12) return std::nullopt;
    std::from_chars(status->data() + 9, status->data() + 12, answer.status);
    for (;;) {
      const auto field = line();
      if (!field) return std::nullopt;
      if (field->empty()) return answer;
      const auto colon = field->find(": ");
      if (colon == std::string::npos) return std::nullopt;
      answer.headers.add(field->substr(0, colon), field->substr(colon + 2));
    }
  }
  std::optional<RawAnswer> receive_chunks(RawAnswer answer) {
    for (;;) {
      const auto head = line();
      std::size_t size = 0;
      if (!head || std::from_chars(head->data(), head->data() + head->size(), size, 16).ec != std::errc()) {
        return std::nullopt;
      }
      if (!need(size + 2)) return std::nullopt;
      answer.body += take(size);
      if (take(2) != "\r\n") return std::nullopt;
      if (size == 0) return answer;
    }
  }

  int socket_;
  bool connected_ = false;
  std::string input_;
};

}  // namespace reprise::http
