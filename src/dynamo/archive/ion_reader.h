// Amazon Ion text to DynamoDB JSON: what ImportTable reads with InputFormat ION.
//
// The whole text grammar of Ion 1.0 is understood (the Ion specification, "Text encoding"): comments, annotations,
// every kind of string, symbol and number, blobs and clobs, nested containers. What the types become:
//   string, symbol              S
//   int, decimal, float         N (not nan and the infinities)
//   blob, clob                  B
//   bool                        BOOL
//   null, null.TYPE             NULL
//   struct                      M
//   list                        L, or with $dynamodb_SS, $dynamodb_NS, $dynamodb_BS a set
// Timestamps and s-expressions have no DynamoDB type and are refused, as are symbols known by number alone ($10).
//
// The result is JSON text, so that what follows (item_json.h) judges items of every format alike.
// Pure functions, thread-safe.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::dynamo {

// `text` is one struct: {Item:{Id:103.}}, with version markers, annotations and comments around it if need be. Appends
// {"Item":{"Id":{"N":"103"}}}: members that are structs show their fields' values with DynamoDB's type names, other
// members show such a value themselves. Of fields that come twice the last counts. Fails with Code::invalid, naming
// what is wrong and at which byte.
Status append_ion_record_json(Bytes& out, std::string_view text);

}  // namespace reprise::dynamo
