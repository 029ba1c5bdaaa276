// DescribeEndpoints. The address given is one that can only mean the client's own machine: a client that follows it
// must never find itself at AWS. Clients that were given an endpoint do not ask.
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/table_operations.h"

namespace reprise::dynamo {

namespace {
constexpr std::int64_t cache_period_minutes = 1440;
}  // namespace

Task<OperationResult> describe_endpoints(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::no_input, request.body));
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("Endpoints");
  w.begin_array();
  w.begin_object();
  w.member("Address", "dynamodb." + services.settings.region + ".localhost");
  w.key("CachePeriodInMinutes");
  w.integer(cache_period_minutes);
  w.end_object();
  w.end_array();
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
