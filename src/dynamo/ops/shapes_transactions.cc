// The inputs of TransactWriteItems and TransactGetItems.
#include "dynamo/ops/shape_atoms.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/transact_operations.h"

namespace reprise::dynamo::shapes {
namespace {

constexpr std::string_view item_collection_metrics_words[] = {"SIZE", "NONE"};
constexpr std::string_view on_condition_failure_words[] = {"ALL_OLD", "NONE"};

constexpr Shape item_collection_metrics{.kind = ShapeKind::string, .values = item_collection_metrics_words};
constexpr Shape on_condition_failure{.kind = ShapeKind::string, .values = on_condition_failure_words};
constexpr Shape client_request_token{.kind = ShapeKind::string, .min = 1, .max = 36};
constexpr Shape names{.kind = ShapeKind::map, .element = &text};

constexpr Member check_members[] = {
    {"TableName", &table_name, true},     {"Key", &item, true},
    {"ConditionExpression", &text, true}, {"ExpressionAttributeNames", &names},
    {"ExpressionAttributeValues", &item}, {"ReturnValuesOnConditionCheckFailure", &on_condition_failure},
};
constexpr Member put_members[] = {
    {"TableName", &table_name, true},     {"Item", &item, true},
    {"ConditionExpression", &text},       {"ExpressionAttributeNames", &names},
    {"ExpressionAttributeValues", &item}, {"ReturnValuesOnConditionCheckFailure", &on_condition_failure},
};
constexpr Member delete_members[] = {
    {"TableName", &table_name, true},     {"Key", &item, true},
    {"ConditionExpression", &text},       {"ExpressionAttributeNames", &names},
    {"ExpressionAttributeValues", &item}, {"ReturnValuesOnConditionCheckFailure", &on_condition_failure},
};
constexpr Member update_members[] = {
    {"TableName", &table_name, true},
    {"Key", &item, true},
    {"UpdateExpression", &text, true},
    {"ConditionExpression", &text},
    {"ExpressionAttributeNames", &names},
    {"ExpressionAttributeValues", &item},
    {"ReturnValuesOnConditionCheckFailure", &on_condition_failure},
};
constexpr Shape check{.kind = ShapeKind::structure, .name = "ConditionCheck", .members = check_members};
constexpr Shape put{.kind = ShapeKind::structure, .name = "Put", .members = put_members};
constexpr Shape remove{.kind = ShapeKind::structure, .name = "Delete", .members = delete_members};
constexpr Shape update{.kind = ShapeKind::structure, .name = "Update", .members = update_members};

constexpr Member write_members[] = {
    {"ConditionCheck", &check}, {"Put", &put}, {"Delete", &remove}, {"Update", &update}};
constexpr Shape write{.kind = ShapeKind::structure, .name = "TransactWriteItem", .members = write_members};
constexpr Shape writes{.kind = ShapeKind::list, .min = 1, .max = 100, .element = &write};
constexpr Member write_items_members[] = {
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"ReturnItemCollectionMetrics", &item_collection_metrics},
    {"TransactItems", &writes, true},
    {"ClientRequestToken", &client_request_token},
};

constexpr Member get_members[] = {
    {"TableName", &table_name, true},
    {"Key", &item, true},
    {"ProjectionExpression", &text},
    {"ExpressionAttributeNames", &names},
};
constexpr Shape get{.kind = ShapeKind::structure, .name = "Get", .members = get_members};
constexpr Member read_members[] = {{"Get", &get, true}};
constexpr Shape read{.kind = ShapeKind::structure, .name = "TransactGetItem", .members = read_members};
constexpr Shape reads{.kind = ShapeKind::list, .min = 1, .max = 100, .element = &read};
constexpr Member get_items_members[] = {
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"TransactItems", &reads, true},
};

}  // namespace

const Shape transact_write_items{
    .kind = ShapeKind::structure, .name = "TransactWriteItemsInput", .members = write_items_members};
const Shape transact_get_items{
    .kind = ShapeKind::structure, .name = "TransactGetItemsInput", .members = get_items_members};

}  // namespace reprise::dynamo::shapes
