#include "dynamo/streams/stream_operations.h"

namespace reprise::dynamo {

namespace {

constexpr Operation operations[] = {
    {"DescribeStream", describe_stream},
    {"GetRecords", get_records},
    {"GetShardIterator", get_shard_iterator},
    {"ListStreams", list_streams},
};

}  // namespace

std::span<const Operation> stream_operations() { return operations; }

}  // namespace reprise::dynamo
