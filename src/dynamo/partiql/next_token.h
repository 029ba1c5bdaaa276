// NextToken: where the next page of a SELECT begins, tied to the statement it was given for.
//
// The token is opaque to clients: base64 of a version, a digest of the request, a checksum and the key the page ended
// with. It names no server and does not age.
//
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "dynamo/model/error.h"
#include "dynamo/partiql/values.h"

namespace reprise::dynamo::partiql {

// A digest of what must be the same when a token comes back: the statement's text, its parameters, the table.
Bytes request_digest(std::string_view statement, const Values& values, std::string_view table_id);

std::string encode_next_token(BytesView digest, BytesView key);
// The key. Fails with "Invalid NextToken" for what is no token, and with "NextToken does not match request".
Outcome<Bytes> decode_next_token(BytesView digest, std::string_view token);

}  // namespace reprise::dynamo::partiql
