#include "load/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace reprise::bench {

Connection::~Connection() {
  if (fd_ >= 0) ::close(fd_);
}

Connection::Connection(Connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Result<Connection> Connection::open(const std::string& host, std::uint16_t port) {
  Connection connection;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return invalid("'" + host + "' is not an IPv4 address");
  connection.fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection.fd_ < 0) return io_error(std::strerror(errno));
  if (::connect(connection.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return unavailable("cannot connect to " + host + ":" + std::to_string(port) + ": " + std::strerror(errno));
  }
  const int on = 1;
  ::setsockopt(connection.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(connection.fd_, F_SETFL, O_NONBLOCK);
  return connection;
}

Status Connection::send() {
  response_.clear();
  head_end_ = body_received_ = 0;
  chunked_ = false;
  TRY(send(request_));
  return send(payload_);
}

Status Connection::send(std::string_view rest) {
  while (!rest.empty()) {
    const auto written = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (written > 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{fd_, POLLOUT, 0};
      ::poll(&writable, 1, 1000);
    } else if (errno != EINTR) {
      return io_error(std::string("send: ") + std::strerror(errno));
    }
  }
  return {};
}

Result<Connection::Progress> Connection::parse_head() {
  if (head_end_ != 0) return Progress::done;
  const auto end = response_.find("\r\n\r\n");
  if (end == std::string::npos) return Progress::waiting;
  head_end_ = body_start_ = end + 4;
  body_length_ = 0;
  body_received_ = response_.size() - body_start_;
  if (response_.size() < 12) return io_error("short status line");
  std::from_chars(response_.data() + 9, response_.data() + 12, status_);
  const std::string_view length = header("Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), body_length_);
  chunked_ = header("Transfer-Encoding") == "chunked";
  chunk_ = body_start_;
  return Progress::done;
}

// Empty: there is no such line.
std::string_view Connection::header(std::string_view name) const {
  const std::string_view head = std::string_view(response_).substr(0, head_end_);
  for (std::size_t line = head.find("\r\n"); line + 2 < head.size(); line = head.find("\r\n", line + 2)) {
    std::string_view rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    if (::strncasecmp(rest.data(), name.data(), name.size()) != 0) continue;
    rest = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
    return rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
  }
  return {};
}

bool Connection::body_is_whole() {
  if (!chunked_) return body_received_ >= body_length_;
  for (;;) {
    const auto end = response_.find("\r\n", chunk_);
    if (end == std::string::npos) return false;
    std::size_t size = 0;
    std::from_chars(response_.data() + chunk_, response_.data() + end, size, 16);
    const std::size_t next = end + 2 + size + 2;
    if (next > response_.size()) return false;
    chunk_ = next;
    body_length_ = next - body_start_;
    if (size == 0) return true;
  }
}

Result<Connection::Progress> Connection::receive() {
  thread_local char buffer[std::size_t{256} << 10];
  for (;;) {
    const auto got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got == 0) return io_error("the server closed the connection");
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return Progress::waiting;
      return io_error(std::string("recv: ") + std::strerror(errno));
    }
    if (head_end_ != 0) body_received_ += static_cast<std::size_t>(got);
    if (head_end_ == 0 || chunked_ || body_length_ <= body_kept_max_)
      response_.append(buffer, static_cast<std::size_t>(got));
    TRY_ASSIGN(const auto head, parse_head());
    if (head == Progress::done && body_is_whole()) return Progress::done;
  }
}

}  // namespace reprise::bench
