// What a scrape of /-/metrics asks the running parts for.
#pragma once

#include "admin/metrics.h"
#include "base/clock.h"

namespace reprise::history {
class Store;
}
namespace reprise::http {
class Server;
}
namespace reprise::kv {
class Engine;
}
namespace reprise::recovery {
class Jobs;
}

namespace reprise::server {

// Each returns a collector that borrows its argument.
admin::Metrics::Collector collect_engine(const kv::Engine& engine);
admin::Metrics::Collector collect_store(const history::Store& store, const WallClock& wall);
admin::Metrics::Collector collect_jobs(const recovery::Jobs& jobs);
admin::Metrics::Collector collect_http(const http::Server& api, const http::Server& console);
// Memory and start time of this process.
admin::Metrics::Collector collect_process(std::uint64_t started_micros);

}  // namespace reprise::server
