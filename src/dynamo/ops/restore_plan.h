// The requests of restores, their rules, and the table they make. Pure; restore_table.cc and dynamo/archive do the
// rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dynamo/model/error.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/table_request.h"

namespace reprise::dynamo {

struct RestoreRequest {
  std::string source;  // the table's name
  std::string target;
  bool latest = false;
  std::uint64_t micros = 0;  // unless `latest`
  std::optional<BillingMode> billing;
  std::optional<ThroughputSpec> throughput;
  std::optional<OnDemandSpec> on_demand;
  // Absent: all indexes. Empty: none.
  std::optional<std::vector<IndexSpec>> global_indexes;
  std::optional<std::vector<IndexSpec>> local_indexes;
  std::optional<EncryptionSpec> encryption;
};

// Reads what every restore takes beside its source: the target's name and the overrides. `body` has passed its shape.
Check read_overrides(const codec::JsonValue& body, RestoreRequest& request);

// RestoreTableToPointInTime: reads and checks everything that can be said before the tables are looked at.
Outcome<RestoreRequest> read_restore(const Services& services, const Caller& caller, const codec::JsonValue& body);

// A new table like the source (its settings of now, as AWS does it) with what the request overrides. Not carried over:
// streams, TTL, recovery settings, deletion protection, table class. The new indexes stand in the order of
// RestorePlan::sources.
struct RestorePlan {
  TableDefinition table;  // spaces still those of the source
  // The source's indexes, by their names there, in the order of the new table's: local ones, then global ones.
  std::vector<std::string> local_sources;
  std::vector<std::string> global_sources;
};
Outcome<RestorePlan> plan_restore(const RestoreRequest& request, const TableDefinition& source,
                                  const Settings& settings, std::uint64_t now_micros);

}  // namespace reprise::dynamo
