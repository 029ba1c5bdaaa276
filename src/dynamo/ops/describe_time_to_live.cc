// DescribeTimeToLive. A change holds at once, so there is no ENABLING or DISABLING to be seen.
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_validation.h"
#include "dynamo/ops/time_to_live.h"

namespace reprise::dynamo {

Task<OperationResult> describe_time_to_live(Services& services, OperationRequest request) {
  CO_TRY(check_table_request(shapes::describe_time_to_live, request.body));
  const auto text = Fields(request.body).string_or("TableName", "");
  CO_TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, text));
  const TablePtr table = services.catalog.find(request.caller.account, name);
  if (!table) co_return table_not_found(name);
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("TimeToLiveDescription");
  w.begin_object();
  if (table->ttl.enabled) w.member("AttributeName", table->ttl.attribute);
  w.member("TimeToLiveStatus", table->ttl.enabled ? "ENABLED" : "DISABLED");
  w.end_object();
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
