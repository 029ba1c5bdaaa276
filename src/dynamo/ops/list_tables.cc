// ListTables: names in the order of their bytes.
#include "dynamo/model/limits.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/table_operations.h"

namespace reprise::dynamo {

Task<OperationResult> list_tables(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::list_tables, request.body));
  const Fields in(request.body);
  const auto limit =
      static_cast<std::size_t>(in.integer("Limit").value_or(static_cast<std::int64_t>(limits::list_tables_page_max)));
  const auto page = services.catalog.list(request.caller.account, in.string_or("ExclusiveStartTableName", ""), limit);

  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  if (page.more) w.member("LastEvaluatedTableName", page.names.back());
  w.key("TableNames");
  w.begin_array();
  for (const std::string& name : page.names) w.string(name);
  w.end_array();
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
