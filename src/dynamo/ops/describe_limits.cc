// DescribeLimits: AWS's default quotas, because clients plan with them; nothing here is enforced.
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/table_operations.h"

namespace reprise::dynamo {

namespace {
constexpr std::int64_t account_units_max = 80'000;
constexpr std::int64_t table_units_max = 40'000;
}  // namespace

Task<OperationResult> describe_limits(Services&, OperationRequest request) {
  CO_TRY(check_request(shapes::no_input, request.body));
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("AccountMaxReadCapacityUnits");
  w.integer(account_units_max);
  w.key("AccountMaxWriteCapacityUnits");
  w.integer(account_units_max);
  w.key("TableMaxReadCapacityUnits");
  w.integer(table_units_max);
  w.key("TableMaxWriteCapacityUnits");
  w.integer(table_units_max);
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
