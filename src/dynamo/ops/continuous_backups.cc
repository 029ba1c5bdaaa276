// UpdateContinuousBackups and DescribeContinuousBackups: point-in-time recovery on and off, and its window.
//
// Enabling tells the store to keep the past before the catalogue says that it is kept; disabling goes the other way
// round. So whatever a crash leaves behind, the catalogue never promises a past that was not kept, and the catalogue
// puts the store right when it is opened.
//
// ContinuousBackupsStatus says ENABLED for every table, as AWS documents it; AWS shows DISABLED for the first seconds
// of a table's life, which nothing can depend on. Enabling again without a period keeps the period that is set: AWS
// documents 35 days for a table that is enabled anew, and nothing for this case; silently forgetting or keeping less of
// the past than was asked for would be the worse surprise.
#include <utility>

#include "base/fault_point.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_operations.h"
#include "dynamo/ops/table_validation.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

ApiError backups_table_not_found(const std::string& name) {
  return api_error(ErrorKind::table_not_found, "Table not found: " + name);
}

Bytes describe_backups(Services& services, const TableDefinition& table) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("ContinuousBackupsDescription");
  w.begin_object();
  w.member("ContinuousBackupsStatus", "ENABLED");
  w.key("PointInTimeRecoveryDescription");
  w.begin_object();
  if (const auto window = recovery_window(table, services.store)) {
    w.key("EarliestRestorableDateTime");
    w.epoch_seconds(window->earliest.micros());
    w.key("LatestRestorableDateTime");
    w.epoch_seconds(window->latest.micros());
    w.member("PointInTimeRecoveryStatus", "ENABLED");
    w.key("RecoveryPeriodInDays");
    w.integer(table.recovery.period_days);
  } else {
    w.member("PointInTimeRecoveryStatus", "DISABLED");
  }
  w.end_object();
  w.end_object();
  w.end_object();
  return out;
}

struct Wanted {
  bool enabled = false;
  std::optional<std::int64_t> period_days;
};

Check check_wanted(const Wanted& wanted, const Settings& settings) {
  if (wanted.period_days && *wanted.period_days > settings.recovery_period_days_max) {
    return validation(
        "1 validation error detected: Value '" + std::to_string(*wanted.period_days) +
        "' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy constraint: Member "
        "must have value less than or equal to " +
        std::to_string(settings.recovery_period_days_max));
  }
  if (!wanted.enabled && wanted.period_days) {
    return validation("Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.");
  }
  return Passed{};
}

// The settings that `wanted` makes of the table's.
RecoverySettings apply(const Wanted& wanted, const TableDefinition& table, Services& services) {
  RecoverySettings settings = table.recovery;
  if (!wanted.enabled) return RecoverySettings{};
  const auto window = recovery_window(table, services.store);
  if (!window) {
    settings = RecoverySettings{};
    settings.enabled = true;
    settings.period_days = services.settings.recovery_period_days_default;
  } else {
    // What is out of reach under the present period stays so under a longer one.
    settings.earliest_floor_micros = static_cast<std::int64_t>(window->earliest.micros());
  }
  settings.period_days = wanted.period_days.value_or(settings.period_days);
  return settings;
}

Task<Result<TablePtr>> change_recovery(Services& services, TablePtr table, RecoverySettings settings) {
  TableDefinition changed = *table;
  changed.recovery = settings;
  if (settings.enabled) {
    FAULT_POINT("continuous_backups.before_retention");
    const auto wanted = std::make_shared<const TableDefinition>(std::move(changed));
    CO_TRY(co_await set_retentions(services.store, wanted));
    if (settings.enabled_at_micros == 0) {
      settings.enabled_at_micros = static_cast<std::int64_t>(services.store.now().micros());
    }
  }
  FAULT_POINT("continuous_backups.before_edit");
  const Catalog::Edit edit = [&settings](TableDefinition& definition) {
    definition.recovery = settings;
    return Status();
  };
  CO_TRY_ASSIGN(TablePtr edited, co_await services.catalog.edit(table->account, table->name, table->id, edit));
  FAULT_POINT("continuous_backups.after_edit");
  if (!settings.enabled) CO_TRY(co_await set_retentions(services.store, edited));
  co_return std::move(edited);
}

}  // namespace

Task<OperationResult> describe_continuous_backups(Services& services, OperationRequest request) {
  CO_TRY(check_table_request(shapes::describe_continuous_backups, request.body));
  const auto text = Fields(request.body).string_or("TableName", "");
  CO_TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, text));
  const TablePtr table = services.catalog.find(request.caller.account, name);
  if (!table || table->status == TableStatus::creating) co_return backups_table_not_found(name);
  co_return describe_backups(services, *table);
}

Task<OperationResult> update_continuous_backups(Services& services, OperationRequest request) {
  CO_TRY(check_table_request(shapes::update_continuous_backups, request.body));
  const Fields in(request.body);
  CO_TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, in.string_or("TableName", "")));
  const auto specification = in.object("PointInTimeRecoverySpecification");
  Wanted wanted;
  wanted.enabled = specification->boolean("PointInTimeRecoveryEnabled", false);
  wanted.period_days = specification->integer("RecoveryPeriodInDays");
  CO_TRY(check_wanted(wanted, services.settings));

  const auto guard = co_await services.catalog.lock_name(request.caller.account, name);
  TablePtr table = services.catalog.find(request.caller.account, name);
  if (!table || table->status == TableStatus::creating) co_return backups_table_not_found(name);
  const RecoverySettings settings = apply(wanted, *table, services);
  if (settings.enabled != table->recovery.enabled || settings.period_days != table->recovery.period_days) {
    const auto changed = co_await change_recovery(services, table, settings);
    if (!changed.ok()) co_return store_error(changed.error());
    table = changed.value();
  }
  co_return describe_backups(services, *table);
}

}  // namespace reprise::dynamo
