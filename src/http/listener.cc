#include "http/listener.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>

#include "base/log.h"
#include "http/socket_transport.h"

namespace reprise::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// How long to wait when the system has no descriptor left for a connection: one may be closed meanwhile.
constexpr std::chrono::milliseconds retry_pause{100};

std::string peer_name(const tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  return ListenAddress{endpoint.address().to_string(), endpoint.port()}.to_string();
}

// The first word of a system message in lower case, as one-line errors of ours are.
std::string reason(const error_code& error) {
  if (error == asio::error::address_in_use) return "address already in use";
  if (error == asio::error::access_denied) return "permission denied";
  return error.message();
}

}  // namespace

struct Listener::State {
  explicit State(IoPool& threads)
      : pool(threads), acceptor(threads.thread(0).context()), pause(threads.thread(0).context()) {}

  IoPool& pool;
  tcp::acceptor acceptor;    // used on thread 0 only, once accepting
  asio::steady_timer pause;  // likewise
  std::shared_ptr<TlsContext> tls;
  OnAccept on_accept;
  std::size_t next_thread = 0;
  bool closed = false;
};

Listener::Listener(std::shared_ptr<State> state, ListenAddress address)
    : state_(std::move(state)), address_(std::move(address)) {}
Listener::~Listener() = default;

Result<std::unique_ptr<Listener>> Listener::open(IoPool& pool, const ListenAddress& address, const std::string& flag,
                                                 std::shared_ptr<TlsContext> tls) {
  const auto failed = [&](const std::string& why) {
    return unavailable("cannot listen on " + address.to_string() + ": " + why + "; choose another with " + flag);
  };
  auto state = std::make_shared<State>(pool);
  state->tls = std::move(tls);
  error_code error;
  tcp::resolver resolver(pool.thread(0).context());
  const auto found = resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
  if (error || found.empty()) return failed("no such address");
  const tcp::endpoint endpoint = found.begin()->endpoint();

  tcp::acceptor& acceptor = state->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return failed(reason(error));
  const auto bound = acceptor.local_endpoint(error);
  if (error) return failed(reason(error));
  ListenAddress actual{bound.address().to_string(), bound.port()};
  return std::unique_ptr<Listener>(new Listener(std::move(state), std::move(actual)));
}

void Listener::accept(OnAccept on_accept) {
  state_->on_accept = std::move(on_accept);
  state_->pool.thread(0).run_soon([state = state_] { accept_next(state); });
}

void Listener::accept_next(const std::shared_ptr<State>& state) {
  if (state->closed) return;
  const std::size_t index = state->next_thread;
  state->next_thread = (index + 1) % state->pool.size();
  IoThread& thread = state->pool.thread(index);
  state->acceptor.async_accept(thread.context(), [state, index, &thread](error_code error, tcp::socket socket) {
    if (state->closed) return;
    if (error && error != asio::error::connection_aborted) {
      REPRISE_LOG(LogLevel::warn, "http", "cannot accept a connection", log_field("error", error.message()));
      state->pause.expires_after(retry_pause);
      state->pause.async_wait([state](error_code cancelled) {
        if (!cancelled) accept_next(state);
      });
      return;
    }
    if (!error) {
      // A function must be copyable; a socket is not.
      auto accepted = std::make_shared<tcp::socket>(std::move(socket));
      thread.run_soon([state, index, accepted] {
        auto peer = peer_name(*accepted);
        state->on_accept(index, make_socket_transport(std::move(*accepted), state->tls), std::move(peer));
      });
    }
    accept_next(state);
  });
}

void Listener::close() {
  state_->pool.thread(0).run_and_wait([state = state_] {
    state->closed = true;
    error_code ignored;
    state->acceptor.close(ignored);
    state->pause.cancel();
  });
  // What was handed over before has run when each thread comes to this.
  for (std::size_t i = 0; i < state_->pool.size(); ++i) state_->pool.thread(i).run_and_wait([] {});
  state_->on_accept = nullptr;  // and with it whatever it keeps alive
}

std::string ListenAddress::to_string() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
  const auto bad = [&] { return invalid("\"" + std::string(text) + "\" is not an address like 127.0.0.1:8000"); };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return bad();
  }
  ListenAddress address;
  address.host = host;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (host.empty() || error != std::errc() || end != port.data() + port.size()) return bad();
  return address;
}

}  // namespace reprise::http
