// One port for two APIs.
#pragma once

#include <string>

#include "http/message.h"

namespace reprise::server {

// Gives each request to the API that it is for (s3/api/addressing.h).
[[nodiscard]] http::Handler make_front(http::Handler s3, http::Handler dynamo, std::string domain);

}  // namespace reprise::server
