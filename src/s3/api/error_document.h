// S3's error documents, and the header fields that every answer carries. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "auth/sigv4/rejection.h"
#include "http/message.h"
#include "s3/model/error.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// <Error><Code/><Message/>... details ...<Resource/><RequestId/><HostId/></Error>. What the request itself tells (the
// bucket of a NoSuchBucket, the key of a NoSuchKey) is added where the error does not say it.
[[nodiscard]] Bytes error_document(const S3Error& error, const Call& call);

// The whole answer, with x-amz-request-id and its like. A HEAD's, and a 304, come without the document.
[[nodiscard]] http::Response error_response(const S3Error& error, const Call& call);

// x-amz-request-id, x-amz-id-2, Server.
void add_common_headers(http::Headers& headers, std::string_view request_id);

// The code of that name: what the signature rooms spell as text. InternalError when there is none such.
[[nodiscard]] ErrorCode code_named(std::string_view name);
[[nodiscard]] S3Error error_of(auth::sigv4::AuthError error);

}  // namespace reprise::s3
