// The life of the process: signals are taken by the main thread alone, which waits for them.
#include <pthread.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "base/fault_point.h"
#include "base/log.h"
#include "server/server.h"

namespace reprise::server {

namespace {

int fail(const Status& status, int exit_code) {
  std::fprintf(stderr, "reprise: %s\n", std::string(status.message()).c_str());
  return exit_code;
}

sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // inherited by every thread started from here on
  (void)std::signal(SIGPIPE, SIG_IGN);
  (void)std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is a full disk: an error of write(), not a death
  return signals;
}

// Connections and table files each take a descriptor; the soft limit of a login shell (1024) is too low for both.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int serve(int argc, const char* const* argv) {
  auto config = parse_serve_config(argc, argv);
  if (!config.ok()) return fail(config.error(), 2);
  if (!config->has_value()) return 0;
  set_log_level((*config)->log_level);
  if (fault_points_armed) REPRISE_LOG(LogLevel::warn, "server", "a fault point is armed: this server will kill itself");
  const sigset_t signals = block_stop_signals();
  raise_descriptor_limit();
  auto server = Server::start(**std::move(config));
  if (!server.ok()) return fail(server.error(), 1);
  std::fputs((*server)->banner().c_str(), stdout);
  std::fflush(stdout);

  int signal_number = 0;
  sigwait(&signals, &signal_number);
  REPRISE_LOG(LogLevel::info, "server", "stopping", log_field("signal", signal_number));
  (void)std::signal(SIGTERM, SIG_DFL);
  (void)std::signal(SIGINT, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  if (const auto status = (*server)->stop(); !status.ok()) return fail(status, 1);
  server->reset();
  REPRISE_LOG(LogLevel::info, "server", "stopped");
  return 0;
}

}  // namespace reprise::server
