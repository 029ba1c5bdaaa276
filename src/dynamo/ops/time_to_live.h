// Time to live: the two operations, when an item has expired, and the background work that deletes what has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/status.h"
#include "base/task.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

Task<OperationResult> update_time_to_live(Services& services, OperationRequest request);
Task<OperationResult> describe_time_to_live(Services& services, OperationRequest request);

// Whether the item of a table with time to live has expired: the attribute is a number, before `now_seconds`, and not
// five years or more before it (developer guide, "Time to Live": such old times are taken for mistakes).
bool has_expired(const TimeToLive& ttl, ItemView item, std::int64_t now_seconds);

// The deletion of expired items, for Jobs::every: each call looks at the next items of the tables that have time to
// live, at most as many as `rows_max`, going round for ever; without such tables it costs nothing. What has expired is
// looked at again under its key's lock and deleted together with its index entries, as the service's own doing
// (history::Commit::by_service). Nothing is remembered over a restart: a round begins anew, with the same result.
// `services` outlives what is returned; calls do not overlap.
std::function<Task<Status>()> make_expiry_sweep(Services& services, std::size_t rows_max);
// As many as keep the load the same whatever the interval of Settings::ttl_interval.
std::size_t expiry_rows_per_run(const Settings& settings);

}  // namespace reprise::dynamo
