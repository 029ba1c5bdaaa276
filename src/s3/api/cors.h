// What a browser is told of a bucket's CORS rules: the answer to a preflight, and the header fields of actual answers.
// Source: S3 user guide, "Using cross-origin resource sharing"; texts as measured on the service. Pure, thread-safe.
#pragma once

#include "http/message.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// OPTIONS: BadRequest without an Origin or a method, AccessForbidden ("CORSResponse: ...") when no rule allows it.
// `bucket` may be null.
[[nodiscard]] Outcome<Reply> answer_preflight(const Call& call, const Bucket* bucket);

// Adds what the bucket's rules say to the answer of a request with an Origin. Nothing when none applies.
void add_cors_headers(http::Headers& headers, const Call& call, const Bucket& bucket);

}  // namespace reprise::s3
