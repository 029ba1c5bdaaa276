#include "dynamo/archive/transfers.h"

#include <chrono>
#include <string>
#include <utility>

#include "dynamo/archive/export_job.h"
#include "dynamo/archive/import_job.h"
#include "dynamo/archive/transfer_jobs.h"
#include "recovery/jobs.h"

namespace reprise::dynamo {

namespace {

constexpr std::chrono::milliseconds tend_interval{5'000};

}  // namespace

void register_transfer_jobs(Services& services, std::shared_ptr<blob::ObjectStore> reports) {
  const auto exports = std::make_shared<ExportJobs>(services);
  const auto imports = std::make_shared<ImportJobs>(services, std::move(reports));
  services.jobs.handle(std::string(export_transfers.job_kind),
                       [exports](recovery::Job& job) { return exports->step(job); });
  services.jobs.handle(std::string(import_transfers.job_kind),
                       [imports](recovery::Job& job) { return imports->step(job); });
  services.jobs.every(tend_interval, "exports", [&services] { return tend_transfers(services, export_transfers); });
  services.jobs.every(tend_interval, "imports", [&services] { return tend_transfers(services, import_transfers); });
}

}  // namespace reprise::dynamo
