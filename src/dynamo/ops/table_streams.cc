// Switching on keeps the changes before the catalogue says that there is a stream, forgetting goes the other way round:
// whatever a crash leaves behind, no stream misses changes, and the catalogue puts the store right when it is opened.
#include "dynamo/ops/table_streams.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/fault_point.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/recovery_window.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::int64_t micros_per_milli = 1000;

// When the stream began, to the millisecond, as its name.
std::string label_of(std::int64_t micros) {
  std::string label = format_iso8601(static_cast<std::uint64_t>(micros), 3);
  if (label.ends_with('Z')) label.pop_back();
  return label;
}

bool is_readable(const StreamSettings& stream, std::int64_t now_micros) {
  if (stream.enabled) return true;
  return stream.disabled_micros != 0 && now_micros < stream.disabled_micros + stream_window_micros;
}

bool has_forgettable(const TableDefinition& table, std::int64_t now_micros) {
  TableDefinition copy = table;
  return forget_streams(copy, now_micros);
}

}  // namespace

std::string stream_arn(const TableDefinition& table, const StreamSettings& stream) {
  return table.arn + "/stream/" + stream.label;
}

std::vector<StreamSettings> readable_streams(const TableDefinition& table, std::int64_t now_micros) {
  std::vector<StreamSettings> streams = table.past_streams;
  streams.push_back(table.stream);
  if (table.deleted_micros != 0 && table.stream.enabled) {
    streams.back().enabled = false;
    streams.back().disabled_micros = table.deleted_micros;
  }
  std::erase_if(streams, [now_micros](const StreamSettings& stream) { return !is_readable(stream, now_micros); });
  return streams;
}

bool keeps_changes(const TableDefinition& table) {
  return table.stream.enabled || table.stream.disabled_micros != 0 || !table.past_streams.empty();
}

void enable_stream(TableDefinition& table, std::string view_type, std::int64_t now_micros) {
  if (table.stream.disabled_micros != 0) table.past_streams.push_back(table.stream);
  StreamSettings stream;
  stream.enabled = true;
  stream.view_type = std::move(view_type);
  stream.enabled_micros = now_micros;
  stream.label = label_of(now_micros);
  // Switched off and on again within a millisecond.
  for (std::int64_t later = now_micros; stream.label <= table.stream.label; later += micros_per_milli) {
    stream.label = label_of(later);
  }
  table.stream = std::move(stream);
}

void disable_stream(TableDefinition& table, std::int64_t now_micros) {
  table.stream.enabled = false;
  table.stream.disabled_micros = now_micros;
}

Check apply_stream_change(bool enable, const std::optional<std::string>& view_type, std::int64_t now_micros,
                          TableDefinition& table) {
  if (enable) {
    if (table.stream.enabled) return validation("Table already has an enabled stream: TableName: " + table.name);
    enable_stream(table, view_type.value_or(""), now_micros);
    return Passed{};
  }
  if (!table.stream.enabled) return validation("Table has no stream to disable: TableName: " + table.name);
  disable_stream(table, now_micros);
  return Passed{};
}

bool forget_streams(TableDefinition& table, std::int64_t now_micros) {
  const auto old = [now_micros](const StreamSettings& stream) { return !is_readable(stream, now_micros); };
  bool changed = std::erase_if(table.past_streams, old) > 0;
  if (!table.stream.enabled && table.stream.disabled_micros != 0 && old(table.stream)) {
    table.stream.disabled_micros = 0;
    changed = true;
  }
  return changed;
}

Task<Status> forget_old_streams(Services& services) {
  for (const TablePtr& seen : services.catalog.all()) {
    const auto now = static_cast<std::int64_t>(services.wall.now_micros());
    if (!keeps_changes(*seen) || !has_forgettable(*seen, now)) continue;
    // Beside operations on the same table: one of them may be switching a stream on.
    const auto guard = co_await services.catalog.lock_name(seen->account, seen->name);
    const Catalog::Edit change = [now](TableDefinition& table) {
      forget_streams(table, now);
      return Status();
    };
    FAULT_POINT("forget_streams.before_edit");
    const auto edited = co_await services.catalog.edit(seen->account, seen->name, seen->id, change);
    if (!edited.ok() && edited.error().is(Code::not_found)) continue;
    if (!edited.ok()) co_return edited.error();
    FAULT_POINT("forget_streams.after_edit");
    CO_TRY(co_await set_retentions(services.store, edited.value()));
    FAULT_POINT("forget_streams.after_retention");
  }
  co_return Status();
}

}  // namespace reprise::dynamo
