// What every DynamoDB operation is: a coroutine from a parsed request to the response's JSON, or an ApiError.
//
// Each operation family is one file with the same four steps: parse (request.h: shapes, SerializationException),
// validate (in DynamoDB's order, with its messages), execute (catalogue, history), respond (codec::JsonWriter).
// Operations know no HTTP and no signature; they can be called from a test with a JSON text.
//
// Threading: an operation runs on the executor it was started on and may suspend; services are thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/task.h"
#include "codec/json.h"
#include "dynamo/model/error.h"
#include "recovery/root.h"

namespace reprise::blob {
class ObjectStore;
class ObjectStores;
}  // namespace reprise::blob
namespace reprise::history {
class Store;
}
namespace reprise::recovery {
class Jobs;
}

namespace reprise::dynamo {

class Catalog;
class ExpressionCache;
class ThroughputLimits;
class TokensInProgress;

// What an operator can choose (design.md section 7).
struct Settings {
  std::string region = "eu-west-1";
  // sandbox: AWS's own defaults. production: a new table gets PITR and deletion protection unless the request says
  // otherwise.
  bool protect_new_tables = false;
  // The longest RecoveryPeriodInDays a request may ask for (AWS: 35), and what it gets when it asks for none.
  int recovery_period_days_max = 35;
  int recovery_period_days_default = 35;
  // Provisioned throughput is a limit, not only a description (--enforce-throughput).
  bool enforce_throughput = false;
  // How often expired items are looked for (--ttl-interval-seconds).
  std::chrono::seconds ttl_interval{60};
};

// Borrowed by every operation; outlives them.
struct Services {
  history::Store& store;
  Catalog& catalog;
  recovery::Jobs& jobs;
  ExpressionCache& expressions;
  WallClock& wall;
  Settings settings;
  recovery::RootSpaces root;
  blob::ObjectStore* backups = nullptr;            // where on-demand backups go; null: nowhere is configured
  blob::ObjectStores* buckets = nullptr;           // what exports and imports name; null: none are configured
  ThroughputLimits* throughput = nullptr;          // null: provisioned throughput is no limit
  TokensInProgress* tokens_in_progress = nullptr;  // null: a second request of one token waits for the first
};

// Who asks, as the signature proved.
struct Caller {
  std::string account;  // 12 digits
  std::string access_key;
};

struct OperationRequest {
  codec::JsonValue body;  // valid until the operation is done
  Caller caller;
  std::optional<Timestamp> as_of;  // the x-reprise-as-of header, on operations that read items
};

// The response body, a JSON object.
using OperationResult = Outcome<Bytes>;
using OperationFunction = Task<OperationResult> (*)(Services& services, OperationRequest request);

struct Operation {
  std::string_view name;  // "PutItem"
  OperationFunction run;
  bool takes_as_of = false;  // whether x-reprise-as-of means something to it
};

// The operation of that name of DynamoDB_20120810; null when Reprise does not have it.
const Operation* find_operation(std::string_view name);
// Whether AWS has an operation of that name (answered "not supported" when find_operation does not know it).
bool is_dynamodb_operation(std::string_view name);

}  // namespace reprise::dynamo
