// Transports over sockets. The listener makes them; nobody else needs them.
#pragma once

#include <memory>

#include "http/tls.h"
#include "http/transport.h"

namespace boost::asio {
class any_io_executor;
template <typename Protocol, typename Executor>
class basic_stream_socket;
namespace ip {
class tcp;
}  // namespace ip
}  // namespace boost::asio

namespace reprise::http {

using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::any_io_executor>;

// Takes over a connected socket. With `tls` (which may be null) the stream is encrypted.
std::unique_ptr<Transport> make_socket_transport(TcpSocket socket, const std::shared_ptr<TlsContext>& tls);

}  // namespace reprise::http
