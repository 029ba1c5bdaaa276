// Which stream a StreamArn means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dynamo/model/error.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/shape.h"

namespace reprise::dynamo {

// A readable stream and its table, which may be a deleted one.
struct FoundStream {
  TablePtr table;
  StreamSettings stream;
};

// What operations with a StreamArn check first: types, then that the ARN is one of a stream ("Invalid StreamArn"), then
// the model's constraints. `arn_member` may be absent from the request.
Check check_stream_request(const Shape& shape, const codec::JsonValue& body, std::string_view arn_member);

// The stream with that ARN, which has passed the check above; ResourceNotFoundException when there is none whose
// records can still be read, AccessDeniedException when it is another account's.
Outcome<FoundStream> find_stream(Services& services, const Caller& caller, std::string_view arn);

// "Requested resource not found: Stream: ARN not found"
ApiError stream_not_found(std::string_view arn);

}  // namespace reprise::dynamo
