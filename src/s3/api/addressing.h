// What a request is addressed to: bucket, key, query and headers, out of a plain HTTP request.
//
// Path style ("/bucket/key") always; virtual-host style ("bucket.s3.example.com/key") for hosts below `domain`. Paths
// are taken as they come: "//", "." and ".." are parts of keys. As on AWS a '+' in a path is a space.
//
// Pure functions, thread-safe.
#pragma once

#include <string_view>

#include "http/message.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// Fills in everything of a Call that the head of the request says; who asks, the bucket and the body come later.
// InvalidURI for a target that is no percent-encoded UTF-8, KeyTooLongError.
[[nodiscard]] Outcome<Call> call_of(const http::Request& request, std::string_view domain);

// Whether a request on a port that DynamoDB shares is S3's: by its signature's scope, or (unsigned) by its target.
// Unsigned requests to "/" are not, unless the host names a bucket; nor is anything that has an X-Amz-Target.
[[nodiscard]] bool is_s3_request(const http::Request& request, std::string_view domain);

}  // namespace reprise::s3
