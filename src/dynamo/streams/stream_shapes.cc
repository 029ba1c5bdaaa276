#include "dynamo/streams/stream_shapes.h"

#include "dynamo/ops/shape_atoms.h"

namespace reprise::dynamo::shapes {
namespace {

constexpr std::string_view iterator_type_words[] = {"AFTER_SEQUENCE_NUMBER", "LATEST", "AT_SEQUENCE_NUMBER",
                                                    "TRIM_HORIZON"};
constexpr std::string_view filter_type_words[] = {"CHILD_SHARDS"};

constexpr Shape arn{.kind = ShapeKind::string, .min = 37, .max = 1024};
constexpr Shape shard_id{.kind = ShapeKind::string, .min = 28, .max = 65};
constexpr Shape iterator_type{.kind = ShapeKind::string, .values = iterator_type_words};
constexpr Shape filter_type{.kind = ShapeKind::string, .values = filter_type_words};
constexpr Shape sequence_number{.kind = ShapeKind::string, .min = 21, .max = 40};
constexpr Shape iterator{.kind = ShapeKind::string, .min = 1, .max = 2048};
constexpr Shape hundred{.kind = ShapeKind::integer, .min = 1, .max = 100};
constexpr Shape thousand{.kind = ShapeKind::integer, .min = 1, .max = 1000};

constexpr Member list_members[] = {{"TableName", &plain_name}, {"Limit", &hundred}, {"ExclusiveStartStreamArn", &arn}};

constexpr Member filter_members[] = {{"Type", &filter_type}, {"ShardId", &shard_id}};
constexpr Shape filter{.kind = ShapeKind::structure, .name = "ShardFilter", .members = filter_members};
constexpr Member describe_members[] = {
    {"StreamArn", &arn, true}, {"Limit", &hundred}, {"ExclusiveStartShardId", &shard_id}, {"ShardFilter", &filter}};

constexpr Member iterator_members[] = {{"StreamArn", &arn, true},
                                       {"ShardId", &shard_id, true},
                                       {"ShardIteratorType", &iterator_type, true},
                                       {"SequenceNumber", &sequence_number}};

constexpr Member records_members[] = {{"ShardIterator", &iterator, true}, {"Limit", &thousand}};

}  // namespace

const Shape list_streams{.kind = ShapeKind::structure, .name = "ListStreamsInput", .members = list_members};
const Shape describe_stream{.kind = ShapeKind::structure, .name = "DescribeStreamInput", .members = describe_members};
const Shape get_shard_iterator{
    .kind = ShapeKind::structure, .name = "GetShardIteratorInput", .members = iterator_members};
const Shape get_records{.kind = ShapeKind::structure, .name = "GetRecordsInput", .members = records_members};

}  // namespace reprise::dynamo::shapes
