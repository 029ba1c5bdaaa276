// DynamoDB's JSON for attribute values ({"S": "text"}, {"N": "1.5"}, {"M": {...}}) from and to the binary item
// encoding, in one pass each way.
//
// DynamoDB refuses in two steps, and both matter to clients:
//   1. SerializationException: the JSON has not the shape of the request ({"S": 1}; base64 that is none). The real
//      service finds these while reading the body, before it validates anything.
//   2. ValidationException: the shape is right, the value is not (an empty set, a number with 39 digits).
// parse_* meet both kinds as they go. A caller that is about to answer a ValidationException for a request asks
// check_*_shape about the rest of the body first; a caller that wants the order without thinking calls it up front.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "codec/json.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"

namespace reprise::dynamo {

// Appends one value to `out`. `depth` is how many lists and maps are around it (0 for a top-level attribute). On
// failure `out` holds rubbish behind its old end.
Check parse_value(const codec::JsonValue& json, Bytes& out, int depth = 0);

// {"name": value, ...} to an item. Names longer than 65535 bytes are refused; an empty name as well.
Outcome<Bytes> parse_item(const codec::JsonValue& json);

// SerializationException only; what parse_value and parse_item would refuse in step 1.
Check check_value_shape(const codec::JsonValue& json);
Check check_item_shape(const codec::JsonValue& json);

// {"S":"text"}
void print_value(codec::JsonWriter& writer, ValueView value);
void append_value_json(Bytes& out, ValueView value);
// {"name":{"S":"text"},...}; "{}" for no item. append_item_json is the fast one: it writes straight into the response.
void print_item(codec::JsonWriter& writer, ItemView item);
void append_item_json(Bytes& out, ItemView item);

// As the messages of expressions show a value: {S:text}, {N:5}, {SS:[a, b]}, {L:[...]}, {M:{a={S:x}}}.
std::string describe_value(ValueView value);

}  // namespace reprise::dynamo
