// The inputs of the operations on tags, resource policies, insights, Kinesis destinations and global tables. What
// nothing can come of (auto scaling, replica settings) is `anything`.
#include "dynamo/ops/shape_atoms.h"
#include "dynamo/ops/shapes.h"

namespace reprise::dynamo::shapes {
namespace {

constexpr std::string_view insights_action_words[] = {"ENABLE", "DISABLE"};
constexpr std::string_view insights_mode_words[] = {"THROTTLED_KEYS", "ACCESSED_AND_THROTTLED_KEYS"};
constexpr std::string_view precision_words[] = {"MICROSECOND", "MILLISECOND"};

constexpr Shape resource_arn{.kind = ShapeKind::string, .min = 1, .max = 1283};
constexpr Shape revision{.kind = ShapeKind::string, .min = 1, .max = 255};
constexpr Shape kinesis_arn{.kind = ShapeKind::string, .min = 37, .max = 1024};
constexpr Shape insights_action{.kind = ShapeKind::string, .values = insights_action_words};
constexpr Shape insights_mode{.kind = ShapeKind::string, .values = insights_mode_words};
constexpr Shape precision{.kind = ShapeKind::string, .values = precision_words};
constexpr Shape insights_page{.kind = ShapeKind::integer, .max = 100};
constexpr Shape global_tables_page{.kind = ShapeKind::integer, .min = 1};

// ---- Tags ----

constexpr Member tag_members[] = {{"Key", &text}, {"Value", &text}};
constexpr Shape tag{.kind = ShapeKind::structure, .name = "Tag", .members = tag_members};
constexpr Shape tags{.kind = ShapeKind::list, .element = &tag};
constexpr Member tag_resource_members[] = {{"ResourceArn", &resource_arn, true}, {"Tags", &tags, true}};
constexpr Member untag_resource_members[] = {{"ResourceArn", &resource_arn, true}, {"TagKeys", &text_list, true}};
constexpr Member list_tags_members[] = {{"ResourceArn", &resource_arn, true}, {"NextToken", &text}};

// ---- Resource policies ----

constexpr Member put_policy_members[] = {{"ResourceArn", &resource_arn, true},
                                         {"Policy", &text, true},
                                         {"ExpectedRevisionId", &revision},
                                         {"ConfirmRemoveSelfResourceAccess", &flag}};
constexpr Member get_policy_members[] = {{"ResourceArn", &resource_arn, true}};
constexpr Member delete_policy_members[] = {{"ResourceArn", &resource_arn, true}, {"ExpectedRevisionId", &revision}};

// ---- Contributor insights ----

constexpr Member update_insights_members[] = {{"TableName", &table_name, true},
                                              {"IndexName", &plain_name},
                                              {"ContributorInsightsAction", &insights_action, true},
                                              {"ContributorInsightsMode", &insights_mode}};
constexpr Member describe_insights_members[] = {{"TableName", &table_name, true}, {"IndexName", &plain_name}};
constexpr Member list_insights_members[] = {
    {"TableName", &table_name}, {"NextToken", &text}, {"MaxResults", &insights_page}};

// ---- Kinesis destinations ----

constexpr Member streaming_members[] = {{"ApproximateCreationDateTimePrecision", &precision}};
constexpr Shape enable_streaming{
    .kind = ShapeKind::structure, .name = "EnableKinesisStreamingConfiguration", .members = streaming_members};
constexpr Shape update_streaming{
    .kind = ShapeKind::structure, .name = "UpdateKinesisStreamingConfiguration", .members = streaming_members};
constexpr Member describe_kinesis_members[] = {{"TableName", &table_name, true}};
constexpr Member switch_kinesis_members[] = {{"TableName", &table_name, true},
                                             {"StreamArn", &kinesis_arn, true},
                                             {"EnableKinesisStreamingConfiguration", &enable_streaming}};
constexpr Member update_kinesis_members[] = {{"TableName", &table_name, true},
                                             {"StreamArn", &kinesis_arn, true},
                                             {"UpdateKinesisStreamingConfiguration", &update_streaming}};

// ---- Global tables ----

constexpr Member replica_members[] = {{"RegionName", &text}};
constexpr Shape replica{.kind = ShapeKind::structure, .name = "Replica", .members = replica_members};
constexpr Shape replicas{.kind = ShapeKind::list, .element = &replica};
constexpr Member replica_action_members[] = {{"RegionName", &text, true}};
constexpr Shape replica_action{
    .kind = ShapeKind::structure, .name = "CreateReplicaAction", .members = replica_action_members};
constexpr Member replica_update_members[] = {{"Create", &replica_action}, {"Delete", &replica_action}};
constexpr Shape replica_update{
    .kind = ShapeKind::structure, .name = "ReplicaUpdate", .members = replica_update_members};
constexpr Shape replica_updates{.kind = ShapeKind::list, .element = &replica_update};
constexpr Member replica_settings_members[] = {{"RegionName", &text, true}};
constexpr Shape replica_settings{
    .kind = ShapeKind::structure, .name = "ReplicaSettingsUpdate", .members = replica_settings_members};
constexpr Shape replica_settings_list{.kind = ShapeKind::list, .min = 1, .max = 50, .element = &replica_settings};
constexpr Member create_global_members[] = {{"GlobalTableName", &plain_name, true},
                                            {"ReplicationGroup", &replicas, true}};
constexpr Member update_global_members[] = {{"GlobalTableName", &plain_name, true},
                                            {"ReplicaUpdates", &replica_updates, true}};
constexpr Member describe_global_members[] = {{"GlobalTableName", &plain_name, true}};
constexpr Member list_global_members[] = {
    {"ExclusiveStartGlobalTableName", &plain_name}, {"Limit", &global_tables_page}, {"RegionName", &text}};
constexpr Member update_global_settings_members[] = {{"GlobalTableName", &plain_name, true},
                                                     {"ReplicaSettingsUpdate", &replica_settings_list}};
constexpr Member update_auto_scaling_members[] = {{"TableName", &table_name, true}};

}  // namespace

const Shape tag_resource{.kind = ShapeKind::structure, .name = "TagResourceInput", .members = tag_resource_members};
const Shape untag_resource{
    .kind = ShapeKind::structure, .name = "UntagResourceInput", .members = untag_resource_members};
const Shape list_tags_of_resource{
    .kind = ShapeKind::structure, .name = "ListTagsOfResourceInput", .members = list_tags_members};
const Shape put_resource_policy{
    .kind = ShapeKind::structure, .name = "PutResourcePolicyInput", .members = put_policy_members};
const Shape get_resource_policy{
    .kind = ShapeKind::structure, .name = "GetResourcePolicyInput", .members = get_policy_members};
const Shape delete_resource_policy{
    .kind = ShapeKind::structure, .name = "DeleteResourcePolicyInput", .members = delete_policy_members};
const Shape update_contributor_insights{
    .kind = ShapeKind::structure, .name = "UpdateContributorInsightsInput", .members = update_insights_members};
const Shape describe_contributor_insights{
    .kind = ShapeKind::structure, .name = "DescribeContributorInsightsInput", .members = describe_insights_members};
const Shape list_contributor_insights{
    .kind = ShapeKind::structure, .name = "ListContributorInsightsInput", .members = list_insights_members};
const Shape describe_kinesis_destination{.kind = ShapeKind::structure,
                                         .name = "DescribeKinesisStreamingDestinationInput",
                                         .members = describe_kinesis_members};
const Shape enable_kinesis_destination{
    .kind = ShapeKind::structure, .name = "KinesisStreamingDestinationInput", .members = switch_kinesis_members};
const Shape disable_kinesis_destination{
    .kind = ShapeKind::structure, .name = "KinesisStreamingDestinationInput", .members = switch_kinesis_members};
const Shape update_kinesis_destination{
    .kind = ShapeKind::structure, .name = "UpdateKinesisStreamingDestinationInput", .members = update_kinesis_members};
const Shape create_global_table{
    .kind = ShapeKind::structure, .name = "CreateGlobalTableInput", .members = create_global_members};
const Shape update_global_table{
    .kind = ShapeKind::structure, .name = "UpdateGlobalTableInput", .members = update_global_members};
const Shape describe_global_table{
    .kind = ShapeKind::structure, .name = "DescribeGlobalTableInput", .members = describe_global_members};
const Shape list_global_tables{
    .kind = ShapeKind::structure, .name = "ListGlobalTablesInput", .members = list_global_members};
const Shape update_global_table_settings{
    .kind = ShapeKind::structure, .name = "UpdateGlobalTableSettingsInput", .members = update_global_settings_members};
const Shape update_table_replica_auto_scaling{
    .kind = ShapeKind::structure, .name = "UpdateTableReplicaAutoScalingInput", .members = update_auto_scaling_members};

}  // namespace reprise::dynamo::shapes
