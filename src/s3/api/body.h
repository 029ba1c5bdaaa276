// The body of a request as a PayloadSource: whatever its framing, checked against what the request promised of it.
//
// Threading: a source belongs to its request's coroutine; it is read on the connection's executor.
#pragma once

#include <memory>

#include "http/message.h"
#include "s3/api/authentication.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// `body` outlives the source. The source's errors: IncompleteBody, RequestTimeout, XAmzContentSHA256Mismatch, and those
// of aws-chunked (InvalidChunkSizeError, MalformedTrailerError, SignatureDoesNotMatch).
[[nodiscard]] std::unique_ptr<PayloadSource> payload_source(http::BodyReader& body, BodyPromise promise);

// A source that is at its end from the start.
[[nodiscard]] std::unique_ptr<PayloadSource> empty_source();

// All of a document's body, checked against Content-MD5 and x-amz-checksum-* (InvalidDigest, BadDigest), which must be
// there when `needs_digest`. Longer than `bytes_max`: MalformedXML, and MaxMessageLengthExceeded when it is longer than
// any document of S3's.
Task<Outcome<Bytes>> read_document(PayloadSource& source, const Fields& headers, std::size_t bytes_max,
                                   bool needs_digest);

// An operation's stream as the body of an answer.
[[nodiscard]] std::unique_ptr<http::BodyReader> reader_of(std::unique_ptr<ReplyStream> stream);

}  // namespace reprise::s3
