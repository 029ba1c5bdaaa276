// The errors DynamoDB answers with, as values: which error (ErrorKind) and its exact message. How a kind is spelled on
// the wire, and with which HTTP status, stands in one table in dynamo/api; nothing below that room knows it.
//
// Functions that can only check return a `Check`; the others an `Outcome<T>`. Both work with TRY and TRY_ASSIGN of
// base/status.h. Values; not shared between threads without synchronization.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::dynamo {

// Every error of the two DynamoDB services that this server can answer (API reference, "Errors" of each operation, and
// "Common errors").
enum class ErrorKind : unsigned char {
  validation,     // ValidationException: the request can never succeed as it is
  serialization,  // SerializationException: the JSON does not have the shape of the request

  // Data plane.
  conditional_check_failed,
  item_collection_size_limit_exceeded,
  provisioned_throughput_exceeded,
  request_limit_exceeded,
  throttling,
  transaction_canceled,
  transaction_conflict,
  transaction_in_progress,
  idempotent_parameter_mismatch,
  duplicate_item,
  replicated_write_conflict,

  // Control plane.
  resource_in_use,
  resource_not_found,
  limit_exceeded,
  table_not_found,
  table_already_exists,
  table_in_use,
  backup_not_found,
  backup_in_use,
  continuous_backups_unavailable,
  point_in_time_recovery_unavailable,
  invalid_restore_time,
  invalid_export_time,
  export_not_found,
  export_conflict,
  import_not_found,
  import_conflict,
  index_not_found,
  policy_not_found,
  global_table_not_found,
  global_table_already_exists,
  replica_not_found,
  replica_already_exists,

  // Streams.
  expired_iterator,
  trimmed_data_access,

  // Framework: signatures, routing, faults.
  unknown_operation,
  access_denied,
  missing_authentication_token,
  incomplete_signature,
  invalid_signature,
  unrecognized_client,
  request_expired,
  internal_server_error,  // HTTP 500
  service_unavailable,    // HTTP 503
};

// Why one action of a cancelled transaction did not happen; `code` is spelled as on the wire ("None",
// "ConditionalCheckFailed", ...).
struct CancellationReason {
  std::string code;
  std::string message;  // empty: null on the wire
  Bytes item;           // an encoded item (item.h); empty when not asked for or not there
};

struct ApiError {
  ErrorKind kind = ErrorKind::internal_server_error;
  std::string message;
  // The old item of a failed condition, encoded (item.h), when the request asked for it and there is one.
  Bytes item;
  // One per action, in request order; transaction_canceled only, null otherwise.
  std::shared_ptr<const std::vector<CancellationReason>> reasons;
};

template <class T>
using Outcome = Result<T, ApiError>;

// The value of an Outcome that has nothing to say but "no error".
struct Passed {};
using Check = Outcome<Passed>;

inline ApiError api_error(ErrorKind kind, std::string message) {
  ApiError error;
  error.kind = kind;
  error.message = std::move(message);
  return error;
}
inline ApiError validation(std::string message) { return api_error(ErrorKind::validation, std::move(message)); }
inline ApiError serialization(std::string message) { return api_error(ErrorKind::serialization, std::move(message)); }
// "One or more parameter values were invalid: " and the message.
inline ApiError invalid_parameter(std::string_view message) {
  return validation(std::string("One or more parameter values were invalid: ").append(message));
}

}  // namespace reprise::dynamo
