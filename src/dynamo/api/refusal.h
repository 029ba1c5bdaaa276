// DynamoDB's form for what the HTTP server refuses before any handler sees it: JSON with a type and a message, under
// the refusal's own status.
//
// Pure function, thread-safe.
#pragma once

#include "http/message.h"
#include "http/request_parser.h"

namespace reprise::dynamo {

[[nodiscard]] http::Response refusal_response(const http::Refusal& refusal, const http::Request& request);

}  // namespace reprise::dynamo
