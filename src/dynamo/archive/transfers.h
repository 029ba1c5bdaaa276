// Exports to buckets and imports from them: their background work. Their operations stand in archive_operations.cc.
#pragma once

#include <memory>

#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

// Teaches `services.jobs` the jobs of exports and imports, and the housekeeping that starts those a crash left without
// a job and forgets the records of ended ones after ninety days. Called once, before Jobs::resume(); `services`
// outlives the jobs. `reports`: where the error reports of imports go, one object `IMPORT-ID/error` each; null:
// nowhere.
void register_transfer_jobs(Services& services, std::shared_ptr<blob::ObjectStore> reports);

}  // namespace reprise::dynamo
