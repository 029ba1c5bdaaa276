// Accepts connections on one address and spreads them over the threads of a pool, one after another.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "http/io_pool.h"
#include "http/server.h"
#include "http/tls.h"
#include "http/transport.h"

namespace reprise::http {

class Listener {
 public:
  // Called on the thread with that index in the pool, which is the connection's from then on.
  using OnAccept = std::function<void(std::size_t thread, std::unique_ptr<Transport> transport, std::string peer)>;

  // Binds and listens. `flag` names the option to change in the message for a taken port; `tls` may be null.
  static Result<std::unique_ptr<Listener>> open(IoPool& pool, const ListenAddress& address, const std::string& flag,
                                                std::shared_ptr<TlsContext> tls);
  // close() must have been called if accept() was.
  ~Listener();

  // Starts accepting.
  void accept(OnAccept on_accept);
  // Stops accepting and frees the port. When it returns, on_accept has been called for the last time. From a thread
  // that is not the pool's.
  void close();
  // With the port that was chosen.
  [[nodiscard]] const ListenAddress& address() const { return address_; }

 private:
  struct State;
  Listener(std::shared_ptr<State> state, ListenAddress address);
  static void accept_next(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
  ListenAddress address_;
};

}  // namespace reprise::http
