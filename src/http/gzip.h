// Content-Encoding: gzip of request bodies.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::http {

// Inflates a gzip stream (RFC 1952; several members in a row are joined). The result has at most `limit` bytes and no
// more memory than about twice that is ever held, whatever the input claims. Fails with Code::exhausted over the
// limit; with Code::invalid for damaged or truncated input, or bytes that follow it.
Result<Bytes> gunzip(BytesView compressed, std::size_t limit);

}  // namespace reprise::http
