// ListTables: names in the order of their bytes.
#include "dynamo/model/limits.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/table_operations.h"
#include "dynamo/ops/table_validation.h"

namespace reprise::dynamo {

Task<OperationResult> list_tables(Services& services, OperationRequest request) {
  CO_TRY(check_types(shapes::list_tables, request.body));
  const Fields in(request.body);
  // As with TableName, a rule of its own comes before the model's.
  if (const auto start = in.string("ExclusiveStartTableName")) {
    if (start->size() < limits::table_name_size_min || start->size() > limits::table_name_size_max) {
      co_return validation(
          "ExclusiveStartTableName must be at least 3 characters long and at most 255 characters long");
    }
  }
  CO_TRY(check_constraints(shapes::list_tables, request.body));
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
