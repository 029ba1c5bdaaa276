// The members of a description that show keys and projections: DescribeTable's and DescribeBackup's. Pure functions.
#pragma once

#include "codec/json.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

// "KeySchema": [...], the hash attributes first.
void write_key_schema(codec::JsonWriter& w, const KeySchema& schema);
// "Projection": {...}
void write_projection(codec::JsonWriter& w, const IndexProjection& projection);

}  // namespace reprise::dynamo
