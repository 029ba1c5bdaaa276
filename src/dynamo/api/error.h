// How DynamoDB's errors are spelled on the wire: the one table of exception names, HTTP statuses and JSON members.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "dynamo/model/error.h"

namespace reprise::dynamo {

struct WireError {
  std::string_view name;    // "ValidationException"
  std::string_view prefix;  // "com.amazon.coral.validate#"
  int status = 400;
  std::string_view message_key = "message";  // a few say "Message"
};
WireError wire_error(ErrorKind kind) noexcept;

// {"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"..."} and what else the error
// carries: the item of a failed condition, the reasons of a cancelled transaction.
Bytes error_body(const ApiError& error);

// The same for errors that are not DynamoDB's own but its front door's: signatures, oversized bodies. An empty message
// is left out.
Bytes front_error_body(std::string_view name, std::string_view message);

}  // namespace reprise::dynamo
