// The streams of a table: when one is on, under which name, and for how long its records stay.
//
// A stream is a view of the table's change log between two moments: when it was enabled, and when it was disabled or
// the table deleted. It stores nothing of its own. TableDefinition::stream is the table's latest stream, on or off;
// past_streams are the ones before it. While any of them can be read, the store keeps the items' changes
// (recovery_window.h).
//
// Threading: pure functions, but for forget_old_streams.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/task.h"
#include "dynamo/model/error.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

// How long a record can be read, and how long a stream's records after its end.
inline constexpr std::int64_t stream_window_micros = std::int64_t{24} * 3600 * 1'000'000;

// "TABLE-ARN/stream/2026-01-31T12:00:00.000"
std::string stream_arn(const TableDefinition& table, const StreamSettings& stream);

// The streams whose records can still be read at that time, oldest first. Those of a deleted table are disabled: they
// ended when it was deleted.
std::vector<StreamSettings> readable_streams(const TableDefinition& table, std::int64_t now_micros);

// Whether the change log has to be kept for a stream. Stays so until forget_streams() has let the last one go.
bool keeps_changes(const TableDefinition& table);

// Switches a stream on (`view_type` is valid) or off. Its label is new to the table.
void enable_stream(TableDefinition& table, std::string view_type, std::int64_t now_micros);
void disable_stream(TableDefinition& table, std::int64_t now_micros);
// The same with UpdateTable's rules.
Check apply_stream_change(bool enable, const std::optional<std::string>& view_type, std::int64_t now_micros,
                          TableDefinition& table);

// Takes out what can no longer be read; whether there was anything. The name of the latest stream stays.
bool forget_streams(TableDefinition& table, std::int64_t now_micros);

// Does that for every table, and lets go of the changes. Housekeeping, called every now and then.
Task<Status> forget_old_streams(Services& services);

}  // namespace reprise::dynamo
