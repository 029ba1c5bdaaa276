// UpdateTimeToLive. The change holds at once; AWS takes up to an hour, and refuses a second change within that time
// ("Time to live has been modified multiple times within a fixed interval"), which has no use here.
#include <utility>

#include "base/fault_point.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_validation.h"
#include "dynamo/ops/time_to_live.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

Check check_change(const TimeToLive& now, bool enable, std::string_view attribute) {
  if (now.enabled && now.attribute != attribute) {
    return validation("TimeToLive is active on a different AttributeName: current AttributeName is " + now.attribute);
  }
  if (enable && now.enabled) return validation("TimeToLive is already enabled");
  if (!enable && !now.enabled) return validation("TimeToLive is already disabled");
  return Passed{};
}

Bytes answer(const TimeToLive& ttl) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("TimeToLiveSpecification");
  w.begin_object();
  w.member("AttributeName", ttl.attribute);
  w.key("Enabled");
  w.boolean(ttl.enabled);
  w.end_object();
  w.end_object();
  return out;
}

}  // namespace

Task<OperationResult> update_time_to_live(Services& services, OperationRequest request) {
  CO_TRY(check_table_request(shapes::update_time_to_live, request.body));
  const Fields in(request.body);
  CO_TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, in.string_or("TableName", "")));
  const auto specification = in.object("TimeToLiveSpecification");
  TimeToLive wanted;
  wanted.enabled = specification->boolean("Enabled", false);
  wanted.attribute = specification->string_or("AttributeName", "");
  wanted.changed_micros = static_cast<std::int64_t>(services.wall.now_micros());

  const auto guard = co_await services.catalog.lock_name(request.caller.account, name);
  const TablePtr table = services.catalog.find(request.caller.account, name);
  if (!table) co_return table_not_found(name);
  CO_TRY(check_change(table->ttl, wanted.enabled, wanted.attribute));
  const Catalog::Edit change = [&wanted](TableDefinition& definition) {
    definition.ttl = wanted;
    return Status();
  };
  FAULT_POINT("update_time_to_live.before_edit");
  const auto edited = co_await services.catalog.edit(table->account, table->name, table->id, change);
  if (!edited.ok()) co_return store_error(edited.error());
  FAULT_POINT("update_time_to_live.after_edit");
  co_return answer(wanted);
}

}  // namespace reprise::dynamo
