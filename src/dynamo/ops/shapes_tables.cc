// The inputs of the operations on tables. Members whose order is known from captured answers stand in that order
// (AttributeType before AttributeName, WriteCapacityUnits before ReadCapacityUnits); the rest follow the model.
#include "dynamo/ops/shape_atoms.h"
#include "dynamo/ops/shapes.h"

namespace reprise::dynamo::shapes {
namespace {

constexpr std::string_view scalar_type_words[] = {"B", "N", "S"};
constexpr std::string_view key_type_words[] = {"HASH", "RANGE"};
constexpr std::string_view projection_type_words[] = {"ALL", "INCLUDE", "KEYS_ONLY"};
constexpr std::string_view billing_mode_words[] = {"PROVISIONED", "PAY_PER_REQUEST"};
constexpr std::string_view stream_view_type_words[] = {"OLD_IMAGE", "KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE"};
constexpr std::string_view encryption_type_words[] = {"AES256", "KMS"};

constexpr Shape key_attribute_name{.kind = ShapeKind::string, .min = 1, .max = 255};
constexpr Shape scalar_type{.kind = ShapeKind::string, .values = scalar_type_words};
constexpr Shape key_type{.kind = ShapeKind::string, .values = key_type_words};
constexpr Shape projection_type{.kind = ShapeKind::string, .values = projection_type_words};
constexpr Shape billing_mode{.kind = ShapeKind::string, .values = billing_mode_words};
constexpr Shape stream_view_type{.kind = ShapeKind::string, .values = stream_view_type_words};
constexpr Shape encryption_type{.kind = ShapeKind::string, .values = encryption_type_words};
constexpr Shape table_class{.kind = ShapeKind::string};
constexpr Shape positive_long{.kind = ShapeKind::long_integer, .min = 1};
constexpr Shape whole{.kind = ShapeKind::long_integer};
constexpr Shape non_empty_text{.kind = ShapeKind::string, .min = 1};

constexpr Member attribute_definition_members[] = {{"AttributeType", &scalar_type, true},
                                                   {"AttributeName", &key_attribute_name, true}};
constexpr Shape attribute_definition{
    .kind = ShapeKind::structure, .name = "AttributeDefinition", .members = attribute_definition_members};
constexpr Shape attribute_definitions{.kind = ShapeKind::list, .element = &attribute_definition};

constexpr Member key_element_members[] = {{"AttributeName", &key_attribute_name, true}, {"KeyType", &key_type, true}};
constexpr Shape key_element{.kind = ShapeKind::structure, .name = "KeySchemaElement", .members = key_element_members};
constexpr Shape key_schema{.kind = ShapeKind::list, .min = 1, .max = 2, .element = &key_element};
// Up to four attributes on each side.
constexpr Shape global_key_schema{.kind = ShapeKind::list, .min = 1, .max = 8, .element = &key_element};

constexpr Shape non_key_attributes{.kind = ShapeKind::list, .min = 1, .max = 20, .element = &key_attribute_name};
constexpr Member projection_members[] = {{"ProjectionType", &projection_type},
                                         {"NonKeyAttributes", &non_key_attributes}};
constexpr Shape projection{.kind = ShapeKind::structure, .name = "Projection", .members = projection_members};

constexpr Member throughput_members[] = {{"WriteCapacityUnits", &positive_long, true},
                                         {"ReadCapacityUnits", &positive_long, true}};
constexpr Shape throughput{
    .kind = ShapeKind::structure, .name = "ProvisionedThroughput", .members = throughput_members};

constexpr Member on_demand_members[] = {{"MaxReadRequestUnits", &whole}, {"MaxWriteRequestUnits", &whole}};
constexpr Shape on_demand{.kind = ShapeKind::structure, .name = "OnDemandThroughput", .members = on_demand_members};

constexpr Member warm_members[] = {{"ReadUnitsPerSecond", &whole}, {"WriteUnitsPerSecond", &whole}};
constexpr Shape warm{.kind = ShapeKind::structure, .name = "WarmThroughput", .members = warm_members};

constexpr Member local_index_members[] = {
    {"IndexName", &plain_name, true}, {"KeySchema", &key_schema, true}, {"Projection", &projection, true}};
constexpr Shape local_index{
    .kind = ShapeKind::structure, .name = "LocalSecondaryIndex", .members = local_index_members};
constexpr Shape local_indexes{.kind = ShapeKind::list, .element = &local_index};

constexpr Member global_index_members[] = {
    {"IndexName", &plain_name, true},       {"KeySchema", &global_key_schema, true}, {"Projection", &projection, true},
    {"ProvisionedThroughput", &throughput}, {"OnDemandThroughput", &on_demand},      {"WarmThroughput", &warm},
};
constexpr Shape global_index{
    .kind = ShapeKind::structure, .name = "GlobalSecondaryIndex", .members = global_index_members};
constexpr Shape global_indexes{.kind = ShapeKind::list, .element = &global_index};

constexpr Member stream_members[] = {{"StreamEnabled", &flag, true}, {"StreamViewType", &stream_view_type}};
constexpr Shape stream{.kind = ShapeKind::structure, .name = "StreamSpecification", .members = stream_members};

constexpr Member encryption_members[] = {
    {"Enabled", &flag}, {"SSEType", &encryption_type}, {"KMSMasterKeyId", &non_empty_text}};
constexpr Shape encryption{.kind = ShapeKind::structure, .name = "SSESpecification", .members = encryption_members};

constexpr Member tag_members[] = {{"Key", &text}, {"Value", &text}};
constexpr Shape tag{.kind = ShapeKind::structure, .name = "Tag", .members = tag_members};
constexpr Shape tags{.kind = ShapeKind::list, .element = &tag};

constexpr Member create_table_members[] = {
    {"AttributeDefinitions", &attribute_definitions, true},
    {"TableName", &new_table_name, true},
    {"KeySchema", &key_schema, true},
    {"LocalSecondaryIndexes", &local_indexes},
    {"GlobalSecondaryIndexes", &global_indexes},
    {"BillingMode", &billing_mode},
    {"ProvisionedThroughput", &throughput},
    {"StreamSpecification", &stream},
    {"SSESpecification", &encryption},
    {"Tags", &tags},
    {"TableClass", &table_class},
    {"DeletionProtectionEnabled", &flag},
    {"WarmThroughput", &warm},
    {"ResourcePolicy", &text},
    {"OnDemandThroughput", &on_demand},
    {"GlobalTableSourceArn", &anything},
    {"GlobalTableSettingsReplicationMode", &anything},
    {"VectorIndexes", &anything},
};

constexpr Member update_index_members[] = {
    {"IndexName", &plain_name, true},
    {"ProvisionedThroughput", &throughput},
    {"OnDemandThroughput", &on_demand},
    {"WarmThroughput", &warm},
};
constexpr Shape update_index{
    .kind = ShapeKind::structure, .name = "UpdateGlobalSecondaryIndexAction", .members = update_index_members};
constexpr Shape create_index{
    .kind = ShapeKind::structure, .name = "CreateGlobalSecondaryIndexAction", .members = global_index_members};
constexpr Member delete_index_members[] = {{"IndexName", &plain_name, true}};
constexpr Shape delete_index{
    .kind = ShapeKind::structure, .name = "DeleteGlobalSecondaryIndexAction", .members = delete_index_members};
constexpr Member index_change_members[] = {
    {"Update", &update_index}, {"Create", &create_index}, {"Delete", &delete_index}};
constexpr Shape index_change{
    .kind = ShapeKind::structure, .name = "GlobalSecondaryIndexUpdate", .members = index_change_members};
constexpr Shape index_changes{.kind = ShapeKind::list, .element = &index_change};

constexpr Member update_table_members[] = {
    {"AttributeDefinitions", &attribute_definitions},
    {"TableName", &table_name, true},
    {"BillingMode", &billing_mode},
    {"ProvisionedThroughput", &throughput},
    {"GlobalSecondaryIndexUpdates", &index_changes},
    {"StreamSpecification", &stream},
    {"SSESpecification", &encryption},
    {"ReplicaUpdates", &anything},
    {"TableClass", &table_class},
    {"DeletionProtectionEnabled", &flag},
    {"MultiRegionConsistency", &anything},
    {"GlobalTableWitnessUpdates", &anything},
    {"OnDemandThroughput", &on_demand},
    {"WarmThroughput", &warm},
    {"GlobalTableSettingsReplicationMode", &anything},
    {"DisassociationProtectionEnabled", &anything},
    {"VectorIndexUpdates", &anything},
};

constexpr Member table_only_members[] = {{"TableName", &table_name, true}};

constexpr Shape page_size{.kind = ShapeKind::integer, .min = 1, .max = 100};
constexpr Shape start_name{
    .kind = ShapeKind::string, .min = 3, .max = 255, .name_pattern = true, .pattern_first = true};
constexpr Member list_tables_members[] = {{"ExclusiveStartTableName", &start_name}, {"Limit", &page_size}};

constexpr Shape recovery_period{.kind = ShapeKind::integer, .min = 1};
constexpr Member recovery_members[] = {{"PointInTimeRecoveryEnabled", &flag, true},
                                       {"RecoveryPeriodInDays", &recovery_period}};
constexpr Shape recovery{
    .kind = ShapeKind::structure, .name = "PointInTimeRecoverySpecification", .members = recovery_members};
constexpr Member update_continuous_backups_members[] = {{"TableName", &table_name, true},
                                                        {"PointInTimeRecoverySpecification", &recovery, true}};

constexpr Shape table_arn{.kind = ShapeKind::string, .min = 1, .max = 1024};
constexpr Shape moment{.kind = ShapeKind::timestamp};
constexpr Member restore_members[] = {
    {"SourceTableArn", &table_arn},
    {"SourceTableName", &plain_name},
    {"TargetTableName", &plain_name, true},
    {"UseLatestRestorableTime", &flag},
    {"RestoreDateTime", &moment},
    {"BillingModeOverride", &billing_mode},
    {"GlobalSecondaryIndexOverride", &global_indexes},
    {"LocalSecondaryIndexOverride", &local_indexes},
    {"ProvisionedThroughputOverride", &throughput},
    {"OnDemandThroughputOverride", &on_demand},
    {"SSESpecificationOverride", &encryption},
    {"VectorIndexOverride", &anything},
};

constexpr Shape backup_arn{.kind = ShapeKind::string, .min = 37, .max = 1024};
constexpr Member restore_backup_members[] = {
    {"TargetTableName", &plain_name, true},
    {"BackupArn", &backup_arn, true},
    {"BillingModeOverride", &billing_mode},
    {"GlobalSecondaryIndexOverride", &global_indexes},
    {"LocalSecondaryIndexOverride", &local_indexes},
    {"ProvisionedThroughputOverride", &throughput},
    {"OnDemandThroughputOverride", &on_demand},
    {"SSESpecificationOverride", &encryption},
    {"VectorIndexOverride", &anything},
};

}  // namespace

const Shape create_table{.kind = ShapeKind::structure, .name = "CreateTableInput", .members = create_table_members};
const Shape describe_table{.kind = ShapeKind::structure, .name = "DescribeTableInput", .members = table_only_members};
const Shape list_tables{.kind = ShapeKind::structure, .name = "ListTablesInput", .members = list_tables_members};
const Shape update_table{.kind = ShapeKind::structure, .name = "UpdateTableInput", .members = update_table_members};
const Shape delete_table{.kind = ShapeKind::structure, .name = "DeleteTableInput", .members = table_only_members};
const Shape update_continuous_backups{
    .kind = ShapeKind::structure, .name = "UpdateContinuousBackupsInput", .members = update_continuous_backups_members};
const Shape describe_continuous_backups{
    .kind = ShapeKind::structure, .name = "DescribeContinuousBackupsInput", .members = table_only_members};
const Shape restore_table_to_point_in_time{
    .kind = ShapeKind::structure, .name = "RestoreTableToPointInTimeInput", .members = restore_members};
const Shape restore_table_from_backup{
    .kind = ShapeKind::structure, .name = "RestoreTableFromBackupInput", .members = restore_backup_members};
const Shape no_input{.kind = ShapeKind::structure, .name = "EmptyInput"};

}  // namespace reprise::dynamo::shapes
