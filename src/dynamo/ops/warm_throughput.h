// What a table or a global index can take at once: its warm throughput.
//
// Nothing has to be warmed up here; the numbers are kept and described as AWS does. They never fall: an on-demand table
// begins with 12,000 reads and 4,000 writes a second, a provisioned one with its capacity units, and what was reached
// once stays (guide, "Warm throughput"; answers of the real service, public probe laboratory, 2026-10). Pure.
#pragma once

#include <string>
#include <string_view>

#include "dynamo/model/error.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/table_request.h"

namespace reprise::dynamo {

WarmThroughput warm_of(const TableDefinition& table);
WarmThroughput warm_of(const TableDefinition& table, const GlobalIndex& index);

// Of a table or index that is being made; `whose`: "table" or "index NAME".
Check check_new_warm(const WarmSpec& spec, BillingMode billing, const std::optional<ThroughputSpec>& provisioned,
                     std::string_view whose);

// What UpdateTable asks for: refused when it is less than there is.
Outcome<WarmThroughput> raised_warm(const WarmSpec& spec, const WarmThroughput& present, std::string_view whose);

// Stores what `after` would otherwise lose against `before` (a decrease of capacity, a change of the billing mode).
void keep_warm(const TableDefinition& before, TableDefinition& after);

}  // namespace reprise::dynamo
