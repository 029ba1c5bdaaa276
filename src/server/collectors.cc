#include "server/collectors.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "history/store.h"
#include "http/server.h"
#include "kv/engine.h"
#include "recovery/jobs.h"

namespace reprise::server {

namespace {

using admin::MetricsWriter;
using Type = admin::MetricsWriter::Type;

void one(MetricsWriter& out, std::string_view name, Type type, std::string_view help, double value) {
  out.family(name, type, help);
  out.sample(name, value);
}

double seconds(std::uint64_t micros) { return static_cast<double>(micros) / 1e6; }

}  // namespace

admin::Metrics::Collector collect_engine(const kv::Engine& engine) {
  return [&engine](MetricsWriter& out) {
    const auto stats = engine.stats();
    out.family("reprise_store_bytes", Type::gauge, "Estimated bytes on disk, by kind of partition.");
    for (std::size_t kind = 0; kind < kv::kind_count; ++kind) {
      out.sample("reprise_store_bytes", {{"kind", std::string(kv::kind_name(static_cast<kv::Kind>(kind)))}},
                 static_cast<double>(stats.bytes[kind]));
    }
    one(out, "reprise_commits_total", Type::counter, "Commits made durable.", static_cast<double>(stats.commits));
    one(out, "reprise_commit_batches_total", Type::counter,
        "Durable writes they took: commits / batches is the batch size.", static_cast<double>(stats.commit_batches));
    one(out, "reprise_fsync_seconds_total", Type::counter, "Time spent in durable writes.",
        seconds(stats.fsync_micros));
    one(out, "reprise_writes_stopped", Type::gauge,
        "1 after a failed fsync, or while the disk is nearly full: reads go on, writes do not.",
        stats.writes_stopped ? 1 : 0);
  };
}

admin::Metrics::Collector collect_store(const history::Store& store, const WallClock& wall) {
  return [&store, &wall](MetricsWriter& out) {
    const auto now = wall.now_micros();
    const auto spaces = store.spaces();
    std::uint64_t clones = 0, dropped = 0, keys = 0;
    out.family("reprise_horizon_age_seconds", Type::gauge, "How far back each space that keeps its past can be read.");
    for (const auto& space : spaces) {
      clones += space.base.has_value() ? 1U : 0U;
      dropped += space.dropped ? 1U : 0U;
      keys += space.dropped ? 0U : space.keys;
      if (space.retention.count() == 0) continue;
      const auto horizon = space.horizon.micros();
      out.sample("reprise_horizon_age_seconds", {{"space", std::to_string(space.id.value())}},
                 now > horizon ? seconds(now - horizon) : 0);
    }
    one(out, "reprise_spaces", Type::gauge, "Spaces (tables, indexes and the catalogues), dropped ones included.",
        static_cast<double>(spaces.size()));
    one(out, "reprise_spaces_dropped", Type::gauge, "Spaces of which only the past is left.",
        static_cast<double>(dropped));
    one(out, "reprise_clones_copying", Type::gauge, "Clones that still read through to their base.",
        static_cast<double>(clones));
    one(out, "reprise_keys", Type::gauge, "Live keys in all spaces.", static_cast<double>(keys));
  };
}

admin::Metrics::Collector collect_jobs(const recovery::Jobs& jobs) {
  return [&jobs](MetricsWriter& out) {
    const auto all = jobs.list();
    out.family("reprise_job_done", Type::gauge, "Progress of each running job, in its own units.");
    for (const auto& job : all) {
      if (job.state != recovery::JobState::running) continue;
      out.sample("reprise_job_done", {{"id", job.id}, {"kind", job.kind}, {"subject", job.subject}},
                 static_cast<double>(job.done));
    }
    out.family("reprise_job_total", Type::gauge, "What reprise_job_done runs up to; 0 when not known.");
    for (const auto& job : all) {
      if (job.state != recovery::JobState::running) continue;
      out.sample("reprise_job_total", {{"id", job.id}, {"kind", job.kind}, {"subject", job.subject}},
                 static_cast<double>(job.total));
    }
    out.family("reprise_jobs", Type::gauge, "Jobs known, by state.");
    for (const auto state : {recovery::JobState::running, recovery::JobState::done, recovery::JobState::failed,
                             recovery::JobState::cancelled}) {
      double count = 0;
      for (const auto& job : all) count += job.state == state ? 1 : 0;
      out.sample("reprise_jobs", {{"state", std::string(recovery::job_state_name(state))}}, count);
    }
  };
}

admin::Metrics::Collector collect_http(const http::Server& api, const http::Server& console) {
  return [&api, &console](MetricsWriter& out) {
    const std::pair<std::string, http::ServerStats> sides[] = {{"api", api.stats()}, {"console", console.stats()}};
    const auto family = [&](std::string_view name, Type type, std::string_view help,
                            std::uint64_t http::ServerStats::*member) {
      out.family(name, type, help);
      for (const auto& [port, stats] : sides) out.sample(name, {{"port", port}}, static_cast<double>(stats.*member));
    };
    family("reprise_http_connections", Type::gauge, "Open connections.", &http::ServerStats::connections_open);
    family("reprise_http_connections_total", Type::counter, "Connections accepted.",
           &http::ServerStats::connections_total);
    family("reprise_http_connections_refused_total", Type::counter, "Of those, refused for being too many.",
           &http::ServerStats::connections_refused);
    family("reprise_http_requests_refused_total", Type::counter, "Requests that were not valid HTTP or over a limit.",
           &http::ServerStats::requests_refused);
    family("reprise_http_timeouts_total", Type::counter, "Clients that were waited for too long.",
           &http::ServerStats::timeouts_total);
    family("reprise_http_received_bytes_total", Type::counter, "Bytes received.", &http::ServerStats::bytes_in);
    family("reprise_http_sent_bytes_total", Type::counter, "Bytes sent.", &http::ServerStats::bytes_out);
  };
}

admin::Metrics::Collector collect_process(std::uint64_t started_micros) {
  return [started_micros](MetricsWriter& out) {
    one(out, "process_start_time_seconds", Type::gauge, "When this process started, since the epoch.",
        seconds(started_micros));
    if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
      unsigned long total = 0, resident = 0;
      const bool read = std::fscanf(file, "%lu %lu", &total, &resident) == 2;
      std::fclose(file);
      if (read)
        one(out, "process_resident_memory_bytes", Type::gauge, "Resident memory.",
            static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    }
  };
}

}  // namespace reprise::server
