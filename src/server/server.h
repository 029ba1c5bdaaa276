// The composition root: makes every room from the configuration, starts them in order, and stops them in reverse.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "server/config.h"

namespace reprise::server {

// A running server. Threading: start, stop and the destructor on one thread; the rest happens on the server's own.
class Server {
 public:
  // Serves requests when it returns. Fails with one line that says what to do.
  static Result<std::unique_ptr<Server>> start(ServeConfig config);
  virtual ~Server() = default;

  // What a person at the terminal wants to know: addresses, data, where the credentials are.
  [[nodiscard]] virtual std::string banner() const = 0;
  // Answers what is under way (bounded), lets jobs finish their step, writes everything down. Idempotent; blocks.
  virtual Status stop() = 0;
};

// `reprise serve WORDS...`: runs until SIGTERM or SIGINT, then stops in order; a second signal ends at once. Returns
// the exit code: 0 after an orderly stop, 1 when it could not run, 2 for flags that make no sense.
int serve(int argc, const char* const* argv);

}  // namespace reprise::server
