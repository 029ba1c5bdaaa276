// One port for two APIs.
#pragma once

#include <string>

#include "http/message.h"
#include "http/server.h"

namespace reprise::server {

// What the API server says itself, in the form of the API that a request is for; S3's where nothing tells.
[[nodiscard]] http::RefusalAnswer make_refusal_answer(std::string domain, const http::Limits& limits);

// Gives each request to the API that it is for (s3/api/addressing.h).
[[nodiscard]] http::Handler make_front(http::Handler s3, http::Handler dynamo, std::string domain);

}  // namespace reprise::server
