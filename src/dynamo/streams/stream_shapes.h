// The inputs of the operations on streams (public service model of DynamoDB Streams, 2012-08-10).
#pragma once

#include "dynamo/ops/shape.h"

namespace reprise::dynamo::shapes {

extern const Shape list_streams;
extern const Shape describe_stream;
extern const Shape get_shard_iterator;
extern const Shape get_records;

}  // namespace reprise::dynamo::shapes
