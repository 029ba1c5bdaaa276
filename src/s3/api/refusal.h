// S3's words for what the HTTP server refuses before any handler sees it: a head that is no HTTP, that is too long or
// too slow, a body that is too long, too many connections.
//
// Sources: S3 API reference, "Error responses" (BadRequest, RequestHeaderSectionTooLarge, RequestTimeout,
// EntityTooLarge, SlowDown). Pure function, thread-safe.
#pragma once

#include "http/limits.h"
#include "http/message.h"
#include "http/request_parser.h"

namespace reprise::s3 {

// `request` is what was understood of it; `limits` are those it was held against.
[[nodiscard]] http::Response refusal_response(const http::Refusal& refusal, const http::Request& request,
                                              const http::Limits& limits);

}  // namespace reprise::s3
