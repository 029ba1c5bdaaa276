// The inputs of the operations on time to live.
#include "dynamo/ops/shape_atoms.h"
#include "dynamo/ops/shapes.h"

namespace reprise::dynamo::shapes {
namespace {

constexpr Shape attribute_name{.kind = ShapeKind::string, .min = 1, .max = 255};
constexpr Member specification_members[] = {{"Enabled", &flag, true}, {"AttributeName", &attribute_name, true}};
constexpr Shape specification{
    .kind = ShapeKind::structure, .name = "TimeToLiveSpecification", .members = specification_members};
constexpr Member update_members[] = {{"TableName", &table_name, true},
                                     {"TimeToLiveSpecification", &specification, true}};
constexpr Member describe_members[] = {{"TableName", &table_name, true}};

}  // namespace

const Shape update_time_to_live{
    .kind = ShapeKind::structure, .name = "UpdateTimeToLiveInput", .members = update_members};
const Shape describe_time_to_live{
    .kind = ShapeKind::structure, .name = "DescribeTimeToLiveInput", .members = describe_members};

}  // namespace reprise::dynamo::shapes
