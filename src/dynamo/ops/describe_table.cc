// DescribeTable.
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_operations.h"
#include "dynamo/ops/table_validation.h"

namespace reprise::dynamo {

Task<OperationResult> describe_table(Services& services, OperationRequest request) {
  CO_TRY(check_table_request(shapes::describe_table, request.body));
  const auto text = Fields(request.body).string_or("TableName", "");
  CO_TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, text));
  const TablePtr table = services.catalog.find(request.caller.account, name);
  if (!table) co_return table_not_found(name);
  co_return describe(services, "Table", *table);
}

}  // namespace reprise::dynamo
