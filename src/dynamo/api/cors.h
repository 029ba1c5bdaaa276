// Cross-origin requests as DynamoDB answers them: every origin may ask anything, for only a signature opens the door.
#pragma once

#include "http/message.h"

namespace reprise::dynamo {

// Whether this is a browser asking whether it may ask.
bool is_preflight(const http::Request& request);
http::Response answer_preflight(const http::Request& request);

// Adds what a browser needs to see of an answer, if the request came from one.
void allow_origin(const http::Request& request, http::Response& response);

}  // namespace reprise::dynamo
