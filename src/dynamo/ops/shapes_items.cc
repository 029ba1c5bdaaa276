// The inputs of the operations on items. ReturnConsumedCapacity stands first: captured answers list it first.
#include "dynamo/ops/shape_atoms.h"
#include "dynamo/ops/shapes.h"

namespace reprise::dynamo::shapes {
namespace {

constexpr std::string_view return_values_words[] = {"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"};
constexpr std::string_view item_collection_metrics_words[] = {"SIZE", "NONE"};
constexpr std::string_view on_condition_failure_words[] = {"ALL_OLD", "NONE"};
constexpr std::string_view conditional_operator_words[] = {"OR", "AND"};
constexpr std::string_view select_words[] = {"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES",
                                             "ALL_PROJECTED_ATTRIBUTES"};
constexpr std::string_view attribute_action_words[] = {"ADD", "DELETE", "PUT"};
constexpr std::string_view comparison_words[] = {
    "IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE", "BEGINS_WITH", "GE", "CONTAINS"};

constexpr Shape return_values{.kind = ShapeKind::string, .values = return_values_words};
constexpr Shape item_collection_metrics{.kind = ShapeKind::string, .values = item_collection_metrics_words};
constexpr Shape on_condition_failure{.kind = ShapeKind::string, .values = on_condition_failure_words};
constexpr Shape conditional_operator{.kind = ShapeKind::string, .values = conditional_operator_words};
constexpr Shape select{.kind = ShapeKind::string, .values = select_words};
constexpr Shape attribute_action{.kind = ShapeKind::string, .values = attribute_action_words};
constexpr Shape comparison{.kind = ShapeKind::string, .values = comparison_words};
constexpr Shape positive_integer{.kind = ShapeKind::integer, .min = 1};

constexpr Shape names{.kind = ShapeKind::map, .element = &text};
constexpr Shape attribute_names{.kind = ShapeKind::list, .min = 1, .element = &text};
constexpr Shape value_list{.kind = ShapeKind::list, .element = &value};

constexpr Member expected_value_members[] = {
    {"Value", &value}, {"Exists", &flag}, {"ComparisonOperator", &comparison}, {"AttributeValueList", &value_list}};
constexpr Shape expected_value{
    .kind = ShapeKind::structure, .name = "ExpectedAttributeValue", .members = expected_value_members};
constexpr Shape expected{.kind = ShapeKind::map, .element = &expected_value};

constexpr Member value_update_members[] = {{"Value", &value}, {"Action", &attribute_action}};
constexpr Shape value_update{
    .kind = ShapeKind::structure, .name = "AttributeValueUpdate", .members = value_update_members};
constexpr Shape attribute_updates{.kind = ShapeKind::map, .element = &value_update};

constexpr Member condition_members[] = {{"AttributeValueList", &value_list}, {"ComparisonOperator", &comparison, true}};
constexpr Shape condition{.kind = ShapeKind::structure, .name = "Condition", .members = condition_members};
constexpr Shape conditions{.kind = ShapeKind::map, .element = &condition};

constexpr Member put_item_members[] = {
    {"TableName", &table_name, true},
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"Item", &item, true},
    {"Expected", &expected},
    {"ReturnValues", &return_values},
    {"ReturnItemCollectionMetrics", &item_collection_metrics},
    {"ConditionalOperator", &conditional_operator},
    {"ConditionExpression", &text},
    {"ExpressionAttributeNames", &names},
    {"ExpressionAttributeValues", &item},
    {"ReturnValuesOnConditionCheckFailure", &on_condition_failure},
};

constexpr Member get_item_members[] = {
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"TableName", &table_name, true},
    {"Key", &item, true},
    {"AttributesToGet", &attribute_names},
    {"ConsistentRead", &flag},
    {"ProjectionExpression", &text},
    {"ExpressionAttributeNames", &names},
};

constexpr Member update_item_members[] = {
    {"TableName", &table_name, true},
    {"Key", &item, true},
    {"ReturnValues", &return_values},
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"AttributeUpdates", &attribute_updates},
    {"Expected", &expected},
    {"ReturnItemCollectionMetrics", &item_collection_metrics},
    {"ConditionalOperator", &conditional_operator},
    {"UpdateExpression", &text},
    {"ConditionExpression", &text},
    {"ExpressionAttributeNames", &names},
    {"ExpressionAttributeValues", &item},
    {"ReturnValuesOnConditionCheckFailure", &on_condition_failure},
};

constexpr Member delete_item_members[] = {
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"TableName", &table_name, true},
    {"Key", &item, true},
    {"Expected", &expected},
    {"ReturnValues", &return_values},
    {"ReturnItemCollectionMetrics", &item_collection_metrics},
    {"ConditionalOperator", &conditional_operator},
    {"ConditionExpression", &text},
    {"ExpressionAttributeNames", &names},
    {"ExpressionAttributeValues", &item},
    {"ReturnValuesOnConditionCheckFailure", &on_condition_failure},
};

// That there are 100 at most is said by the operation, in other words than a constraint's.
constexpr Shape keys{.kind = ShapeKind::list, .min = 1, .element = &item};
constexpr Member keys_and_attributes_members[] = {
    {"Keys", &keys, true},           {"AttributesToGet", &attribute_names}, {"ConsistentRead", &flag},
    {"ProjectionExpression", &text}, {"ExpressionAttributeNames", &names},
};
constexpr Shape keys_and_attributes{
    .kind = ShapeKind::structure, .name = "KeysAndAttributes", .members = keys_and_attributes_members};
constexpr Shape batch_get_requests{
    .kind = ShapeKind::map, .min = 1, .max = 100, .element = &keys_and_attributes, .key = &table_name};
constexpr Member batch_get_item_members[] = {
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"RequestItems", &batch_get_requests, true},
};

constexpr Member put_request_members[] = {{"Item", &item, true}};
constexpr Shape put_request{.kind = ShapeKind::structure, .name = "PutRequest", .members = put_request_members};
constexpr Member delete_request_members[] = {{"Key", &item, true}};
constexpr Shape delete_request{
    .kind = ShapeKind::structure, .name = "DeleteRequest", .members = delete_request_members};
constexpr Member write_request_members[] = {{"PutRequest", &put_request}, {"DeleteRequest", &delete_request}};
constexpr Shape write_request{.kind = ShapeKind::structure, .name = "WriteRequest", .members = write_request_members};
constexpr Shape write_requests{.kind = ShapeKind::list, .min = 1, .max = 25, .element = &write_request};
constexpr Shape batch_write_requests{
    .kind = ShapeKind::map, .min = 1, .max = 25, .element = &write_requests, .key = &table_name};
constexpr Member batch_write_item_members[] = {
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"ReturnItemCollectionMetrics", &item_collection_metrics},
    {"RequestItems", &batch_write_requests, true},
};

// Its bound is the operation's to say: in other words than Scan's.
constexpr Shape query_limit{.kind = ShapeKind::integer};
constexpr Member query_members[] = {
    {"Select", &select},
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"TableName", &table_name, true},
    {"IndexName", &plain_name},
    {"Limit", &query_limit},
    {"AttributesToGet", &attribute_names},
    {"ConsistentRead", &flag},
    {"KeyConditions", &conditions},
    {"QueryFilter", &conditions},
    {"ConditionalOperator", &conditional_operator},
    {"ScanIndexForward", &flag},
    {"ExclusiveStartKey", &item},
    {"ProjectionExpression", &text},
    {"FilterExpression", &text},
    {"KeyConditionExpression", &text},
    {"ExpressionAttributeNames", &names},
    {"ExpressionAttributeValues", &item},
};

constexpr Shape segment_count{.kind = ShapeKind::integer, .min = 1, .max = 1'000'000};
constexpr Shape segment_number{.kind = ShapeKind::integer, .min = 0, .max = 999'999};
constexpr Member scan_members[] = {
    {"Select", &select},
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"TableName", &table_name, true},
    {"IndexName", &plain_name},
    {"TotalSegments", &segment_count},
    {"Segment", &segment_number},
    {"Limit", &positive_integer},
    {"AttributesToGet", &attribute_names},
    {"ScanFilter", &conditions},
    {"ConditionalOperator", &conditional_operator},
    {"ExclusiveStartKey", &item},
    {"ProjectionExpression", &text},
    {"FilterExpression", &text},
    {"ExpressionAttributeNames", &names},
    {"ExpressionAttributeValues", &item},
    {"ConsistentRead", &flag},
};

}  // namespace

const Shape put_item{.kind = ShapeKind::structure,
                     .name = "PutItemInput",
                     .members = put_item_members,
                     .failures = Failures::first_member_or_all};
const Shape get_item{.kind = ShapeKind::structure, .name = "GetItemInput", .members = get_item_members};
const Shape update_item{
    .kind = ShapeKind::structure, .name = "UpdateItemInput", .members = update_item_members, .failures = Failures::one};
const Shape delete_item{.kind = ShapeKind::structure, .name = "DeleteItemInput", .members = delete_item_members};
const Shape batch_get_item{
    .kind = ShapeKind::structure, .name = "BatchGetItemInput", .members = batch_get_item_members};
const Shape batch_write_item{
    .kind = ShapeKind::structure, .name = "BatchWriteItemInput", .members = batch_write_item_members};
const Shape query{.kind = ShapeKind::structure, .name = "QueryInput", .members = query_members};
const Shape scan{.kind = ShapeKind::structure, .name = "ScanInput", .members = scan_members};

}  // namespace reprise::dynamo::shapes
