// TCP and TLS transports over Asio sockets.
//
// Plain writes are tried at once, without Asio's queue: nearly always the system takes an answer whole. TLS gathers the
// pieces of one write in a buffer of one record, so that header and body do not become two records.
#include "http/socket_transport.h"

#include <netinet/tcp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <vector>

#include "base/assert.h"

namespace reprise::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t pieces_max = 4;
constexpr std::size_t tls_record_bytes = std::size_t{16} * 1024;

IoError classify(const error_code& error) {
  if (!error) return IoError::none;
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) return IoError::end;
  if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) return IoError::cancelled;
  return IoError::failed;
}

// The operation lies in the frame of the coroutine that it resumes.
auto resume(Transport::Operation& operation) {
  return [&operation](const error_code& error, std::size_t bytes) {
    operation.result = {bytes, classify(error)};
    operation.waiter.resume();
  };
}
auto resume_without_bytes(Transport::Operation& operation) {
  return [&operation](const error_code& error) {
    operation.result = {0, classify(error)};
    operation.waiter.resume();
  };
}

std::array<asio::const_buffer, pieces_max> as_buffers(std::span<const BytesView> pieces) {
  ASSERT(pieces.size() <= pieces_max);
  std::array<asio::const_buffer, pieces_max> buffers;
  std::size_t count = 0;
  for (const BytesView piece : pieces) {
    if (!piece.empty()) buffers[count++] = asio::const_buffer(piece.data(), piece.size());
  }
  return buffers;
}

// Within one machine there is no line whose width were to be found out: where the system's choice is BBR, its pacing
// costs a fifth of the throughput of a download, for nothing. Reno is in every kernel and needs no right.
void send_unpaced(TcpSocket& socket) {
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error || !peer.address().is_loopback()) return;
  constexpr std::string_view reno = "reno";
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_CONGESTION, reno.data(), reno.size());
}

class TcpTransport final : public Transport {
 public:
  explicit TcpTransport(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  bool handshake(Operation& operation) override {
    operation.result = {};
    return true;
  }
  bool read(char* data, std::size_t size, Operation& operation) override {
    socket_.async_read_some(asio::buffer(data, size), resume(operation));
    return false;
  }
  std::size_t try_write(std::span<const BytesView> pieces) override {
    error_code error;
    return socket_.write_some(as_buffers(pieces), error);
  }
  bool write(std::span<const BytesView> pieces, Operation& operation) override {
    socket_.async_write_some(as_buffers(pieces), resume(operation));
    return false;
  }
  bool shutdown(Operation& operation) override {
    error_code error;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    operation.result = {0, classify(error)};
    return true;
  }
  void cancel() override {
    error_code ignored;
    socket_.cancel(ignored);
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }
  [[nodiscard]] bool secure() const override { return false; }

 private:
  asio::ip::tcp::socket socket_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(asio::ip::tcp::socket socket, std::shared_ptr<TlsContext> context)
      : context_(std::move(context)), stream_(std::move(socket), context_->native()) {}

  bool handshake(Operation& operation) override {
    stream_.async_handshake(asio::ssl::stream_base::server, resume_without_bytes(operation));
    return false;
  }
  bool read(char* data, std::size_t size, Operation& operation) override {
    stream_.async_read_some(asio::buffer(data, size), resume(operation));
    return false;
  }
  std::size_t try_write(std::span<const BytesView> /*pieces*/) override { return 0; }
  bool write(std::span<const BytesView> pieces, Operation& operation) override {
    record_.clear();
    for (const BytesView piece : pieces) {
      const std::size_t taken = std::min(piece.size(), tls_record_bytes - record_.size());
      record_.insert(record_.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(taken));
    }
    asio::async_write(stream_, asio::buffer(record_), resume(operation));
    return false;
  }
  bool shutdown(Operation& operation) override {
    stream_.async_shutdown(resume_without_bytes(operation));
    return false;
  }
  void cancel() override {
    error_code ignored;
    stream_.lowest_layer().cancel(ignored);
  }
  void close() override {
    error_code ignored;
    stream_.lowest_layer().close(ignored);
  }
  [[nodiscard]] bool secure() const override { return true; }
  [[nodiscard]] std::string_view tls_version() override {
    // tls.cc takes nothing older than 1.2.
    return SSL_version(stream_.native_handle()) == TLS1_3_VERSION ? "1.3" : "1.2";
  }

 private:
  std::shared_ptr<TlsContext> context_;
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
  std::vector<char> record_;
};

}  // namespace

std::unique_ptr<Transport> make_socket_transport(TcpSocket socket, const std::shared_ptr<TlsContext>& tls) {
  error_code ignored;
  // Answers are written whole: nothing is gained by waiting for more to send.
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  send_unpaced(socket);
  // For try_write; operations that wait are not affected.
  socket.non_blocking(true, ignored);
  if (tls) return std::make_unique<TlsTransport>(std::move(socket), tls);
  return std::make_unique<TcpTransport>(std::move(socket));
}

}  // namespace reprise::http
