// What the console port answers today: liveness, readiness and metrics.
#pragma once

#include <functional>
#include <string>

#include "admin/metrics.h"
#include "http/message.h"

namespace reprise::admin {

struct Health {
  bool ready = true;
  std::string reason;  // why not
};

// GET /-/live: 200 as long as the process answers. GET /-/ready: 200 when requests can be served, 503 with the reason
// otherwise (starting, draining, writes stopped). GET /-/metrics: Prometheus text. `metrics` outlives the handler;
// `health` is called from any thread.
http::Handler make_console_handler(const Metrics& metrics, std::function<Health()> health);

}  // namespace reprise::admin
