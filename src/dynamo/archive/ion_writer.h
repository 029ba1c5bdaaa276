// Items as Amazon Ion text, the way DynamoDB exports them (developer guide, "DynamoDB table export output format"):
//
//   S string, BOOL bool, N decimal, B blob, NULL null, L list, M struct; a set is a list with one of the annotations
//   $dynamodb_SS, $dynamodb_NS and $dynamodb_BS.
//
// The text has no line break in it, so that a file of items can have one on each line. Names of attributes are written
// as plain symbols where Ion's grammar lets them, else quoted. Decimals look as Ion's own libraries print them: "103."
// for a whole number, "6d2" for 600, "1.5", "5d-2" for 0.05.
//
// Pure functions, thread-safe.
#pragma once

#include "base/bytes.h"
#include "dynamo/model/item.h"

namespace reprise::dynamo {

// {Id:103.,Title:"Book"}
void append_ion_item(Bytes& out, ItemView item);
void append_ion_value(Bytes& out, ValueView value);
// A decimal from digits as Number::to_string() prints them.
void append_ion_decimal(Bytes& out, std::string_view digits);

}  // namespace reprise::dynamo
