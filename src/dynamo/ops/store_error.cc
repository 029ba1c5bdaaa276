// One table from the store's codes to what a client is told. Invariant: nothing of our insides reaches a client.
#include "dynamo/ops/store_error.h"

#include <string>

#include "base/log.h"

namespace reprise::dynamo {

ApiError store_error(const Status& status) {
  switch (status.code()) {
    case Code::not_found: return api_error(ErrorKind::resource_not_found, "Requested resource not found");
    case Code::invalid: return validation("The past asked for cannot be read: " + std::string(status.message()));
    case Code::exhausted:
    case Code::io_error: return api_error(ErrorKind::internal_server_error, std::string(status.message()));
    case Code::unavailable:
    case Code::cancelled: return api_error(ErrorKind::service_unavailable, std::string(status.message()));
    default: break;
  }
  REPRISE_LOG(LogLevel::error, "dynamo", "an operation failed inside", log_field("status", status.to_string()));
  return api_error(ErrorKind::internal_server_error, "Internal server error");
}

}  // namespace reprise::dynamo
