// Tables from CreateTable to DeleteTable: what the answers show, and what is there after a restart.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/tables_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr std::string_view sound = R"({'TableName': 'Sound', 'BillingMode': 'PAY_PER_REQUEST',
  'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}, {'AttributeName': 'at', 'AttributeType': 'N'},
    {'AttributeName': 'owner', 'AttributeType': 'S'}],
  'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}, {'AttributeName': 'at', 'KeyType': 'RANGE'}],
  'LocalSecondaryIndexes': [{'IndexName': 'mine', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
    'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}, {'AttributeName': 'owner', 'KeyType': 'RANGE'}]}],
  'GlobalSecondaryIndexes': [{'IndexName': 'byOwner',
    'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['zz', 'aa']},
    'KeySchema': [{'AttributeName': 'owner', 'KeyType': 'HASH'}]}]})";

constexpr std::string_view provisioned = R"({'TableName': 'units',
  'ProvisionedThroughput': {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 6},
  'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}],
  'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}]})";

std::string simple_table(const std::string& name, const std::string& more = "") {
  return "{'TableName': '" + name +
         "', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName': 'id', "
         "'AttributeType': 'S'}], 'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}]" +
         more + "}";
}

void expect_members(const std::string& text, const std::vector<std::pair<std::string, std::string>>& members) {
  for (const auto& [path, value] : members) EXPECT_EQ(json_at(text, path), value) << path << " of " << text;
}

TEST(Tables, ShowThemselvesWhole) {
  TableServer server;
  const std::string created = server.must(create_table, sound);
  expect_members(created, {{"TableDescription.TableStatus", "CREATING"},
                           {"TableDescription.GlobalSecondaryIndexes.0.IndexStatus", "CREATING"},
                           {"TableDescription.GlobalSecondaryIndexes.0.Backfilling", "(none)"},
                           {"TableDescription.BillingModeSummary", "size 1"},
                           {"TableDescription.BillingModeSummary.BillingMode", "PAY_PER_REQUEST"},
                           {"TableDescription.WarmThroughput", "(none)"}});
  const std::string described = server.must(describe_table, "{'TableName': 'Sound'}");
  expect_members(described, {{"Table.TableStatus", "ACTIVE"},
                             {"Table.TableName", "Sound"},
                             {"Table.TableArn", "arn:aws:dynamodb:eu-west-1:000000000000:table/Sound"},
                             {"Table.AttributeDefinitions", "size 3"},
                             {"Table.AttributeDefinitions.0.AttributeName", "at"},
                             {"Table.AttributeDefinitions.0.AttributeType", "N"},
                             {"Table.AttributeDefinitions.2.AttributeName", "owner"},
                             {"Table.KeySchema.0.AttributeName", "id"},
                             {"Table.KeySchema.0.KeyType", "HASH"},
                             {"Table.KeySchema.1.KeyType", "RANGE"},
                             {"Table.BillingModeSummary.BillingMode", "PAY_PER_REQUEST"},
                             {"Table.BillingModeSummary", "size 2"},
                             {"Table.ProvisionedThroughput.ReadCapacityUnits", "0"},
                             {"Table.ProvisionedThroughput.NumberOfDecreasesToday", "0"},
                             {"Table.ProvisionedThroughput.LastIncreaseDateTime", "(none)"},
                             {"Table.WarmThroughput.ReadUnitsPerSecond", "12000"},
                             {"Table.WarmThroughput.WriteUnitsPerSecond", "4000"},
                             {"Table.WarmThroughput.Status", "ACTIVE"},
                             {"Table.DeletionProtectionEnabled", "false"},
                             {"Table.ItemCount", "0"},
                             {"Table.TableSizeBytes", "0"},
                             {"Table.TableClassSummary", "(none)"},
                             {"Table.SSEDescription", "(none)"},
                             {"Table.RestoreSummary", "(none)"},
                             {"Table.LocalSecondaryIndexes.0.IndexName", "mine"},
                             {"Table.LocalSecondaryIndexes.0.IndexArn",
                              "arn:aws:dynamodb:eu-west-1:000000000000:table/Sound/index/mine"},
                             {"Table.LocalSecondaryIndexes.0.IndexStatus", "(none)"},
                             {"Table.LocalSecondaryIndexes.0.ProvisionedThroughput", "(none)"},
                             {"Table.GlobalSecondaryIndexes.0.IndexStatus", "ACTIVE"},
                             {"Table.GlobalSecondaryIndexes.0.Backfilling", "(none)"},
                             {"Table.GlobalSecondaryIndexes.0.Projection.NonKeyAttributes.0", "aa"},
                             {"Table.GlobalSecondaryIndexes.0.Projection.ProjectionType", "INCLUDE"},
                             {"Table.GlobalSecondaryIndexes.0.ProvisionedThroughput.WriteCapacityUnits", "0"},
                             {"Table.GlobalSecondaryIndexes.0.WarmThroughput.Status", "ACTIVE"}});
  EXPECT_EQ(json_at(described, "Table.TableId"), json_at(created, "TableDescription.TableId"));
  server.reopen();
  EXPECT_EQ(server.run(describe_table, "{'TableName': 'Sound'}"), described);
}

TEST(Tables, ShowProvisionedThroughputAndSettings) {
  TableServer server;
  server.must(create_table, provisioned);
  const std::string described =
      server.must(describe_table, "{'TableName': 'arn:aws:dynamodb:eu-west-1:000000000000:table/units'}");
  expect_members(described, {{"Table.BillingModeSummary", "(none)"},
                             {"Table.ProvisionedThroughput.ReadCapacityUnits", "5"},
                             {"Table.WarmThroughput.WriteUnitsPerSecond", "6"}});
  server.must(create_table,
              simple_table("set",
                           ", 'TableClass': 'STANDARD_INFREQUENT_ACCESS', 'DeletionProtectionEnabled': true, "
                           "'SSESpecification': {'Enabled': true, 'SSEType': 'KMS', 'KMSMasterKeyId': 'k-1'}, "
                           "'OnDemandThroughput': {'MaxReadRequestUnits': 7}, 'Tags': [{'Key': 'a', 'Value': 'b'}]"));
  server.reopen();
  expect_members(server.must(describe_table, "{'TableName': 'set'}"),
                 {{"Table.TableClassSummary.TableClass", "STANDARD_INFREQUENT_ACCESS"},
                  {"Table.DeletionProtectionEnabled", "true"},
                  {"Table.SSEDescription.SSEType", "KMS"},
                  {"Table.SSEDescription.KMSMasterKeyArn", "arn:aws:kms:eu-west-1:000000000000:key/k-1"},
                  {"Table.OnDemandThroughput.MaxReadRequestUnits", "7"},
                  {"Table.OnDemandThroughput.MaxWriteRequestUnits", "(none)"}});
  ASSERT_EQ(server.table("set")->tags.size(), 1U);
  EXPECT_EQ(server.table("set")->tags[0].value, "b");
}

TEST(Tables, AreCounted) {
  TableServer server;
  server.must(create_table, sound);
  server.must(put_item, "{'TableName': 'Sound', 'Item': {'id': {'S': 'a'}, 'at': {'N': '1'}, 'owner': {'S': 'me'}}}");
  server.must(put_item, "{'TableName': 'Sound', 'Item': {'id': {'S': 'b'}, 'at': {'N': '1'}}}");
  const std::string described = server.must(describe_table, "{'TableName': 'Sound'}");
  EXPECT_EQ(json_at(described, "Table.ItemCount"), "2");
  EXPECT_EQ(json_at(described, "Table.GlobalSecondaryIndexes.0.ItemCount"), "1");
  EXPECT_NE(json_at(described, "Table.TableSizeBytes"), "0");
}

TEST(Tables, AreUniqueByNameAndMissedByName) {
  TableServer server;
  server.must(create_table, sound);
  EXPECT_EQ(server.run(create_table, sound), "in use: Table already exists: Sound");
  EXPECT_EQ(server.run(describe_table, "{'TableName': 'sound'}"),
            "not found: Requested resource not found: Table: sound not found");
  EXPECT_EQ(server.run(delete_table, "{'TableName': 'sound'}"),
            "not found: Requested resource not found: Table: sound not found");
  EXPECT_EQ(server.run(describe_table, "{}"),
            "validation: The parameter 'TableName' is required but was not present in the request");
  EXPECT_EQ(server.run(describe_table, "{'TableName': 'arn:aws:dynamodb:eu-west-1:111111111111:table/Sound'}"),
            "denied: User is not authorized to access a table of another account");
}

TEST(Tables, AreListedByTheirBytesPageByPage) {
  TableServer server;
  for (const std::string name : {"b-1", "B-1", "a.2", "_zz", "a-2"}) server.must(create_table, simple_table(name));
  EXPECT_EQ(server.run(list_tables, "{}"), R"({"TableNames":["B-1","_zz","a-2","a.2","b-1"]})");
  EXPECT_EQ(server.run(list_tables, "{'Limit': 2}"), R"({"LastEvaluatedTableName":"_zz","TableNames":["B-1","_zz"]})");
  EXPECT_EQ(server.run(list_tables, "{'Limit': 2, 'ExclusiveStartTableName': 'a-2'}"),
            R"({"TableNames":["a.2","b-1"]})");
  EXPECT_EQ(server.run(list_tables, "{'ExclusiveStartTableName': 'a-1', 'Limit': 1}"),
            R"({"LastEvaluatedTableName":"a-2","TableNames":["a-2"]})");
  EXPECT_EQ(server.run(list_tables, "{'ExclusiveStartTableName': 'zzz'}"), R"({"TableNames":[]})");
  EXPECT_EQ(server.run(list_tables, "{'Limit': 0}"),
            "validation: 1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must "
            "have value "
            "greater than or equal to 1");
  EXPECT_EQ(server.run(list_tables, "{'Limit': 101}"),
            "validation: 1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: Member must "
            "have value "
            "less than or equal to 100");
  EXPECT_EQ(server.run(list_tables, "{'ExclusiveStartTableName': 'a'}"),
            "validation: 1 validation error detected: Value 'a' at 'exclusiveStartTableName' failed to satisfy "
            "constraint: Member must have length greater than or equal to 3");
}

TEST(Tables, GoWhenDeleted) {
  TableServer server;
  server.must(create_table, simple_table("gone"));
  const auto space = server.table("gone")->space;
  expect_members(server.must(delete_table, "{'TableName': 'gone'}"),
                 {{"TableDescription", "size 9"},
                  {"TableDescription.BillingModeSummary.BillingMode", "PAY_PER_REQUEST"},
                  {"TableDescription.DeletionProtectionEnabled", "false"},
                  {"TableDescription.ItemCount", "0"},
                  {"TableDescription.ProvisionedThroughput.ReadCapacityUnits", "0"},
                  {"TableDescription.TableArn", "arn:aws:dynamodb:eu-west-1:000000000000:table/gone"},
                  {"TableDescription.TableName", "gone"},
                  {"TableDescription.TableSizeBytes", "0"},
                  {"TableDescription.TableStatus", "DELETING"}});
  server.must(create_table, provisioned);
  expect_members(server.must(delete_table, "{'TableName': 'units'}"),
                 {{"TableDescription", "size 8"}, {"TableDescription.ProvisionedThroughput.ReadCapacityUnits", "5"}});
  EXPECT_EQ(server.run(describe_table, "{'TableName': 'gone'}"),
            "not found: Requested resource not found: Table: gone not found");
  const auto info = space_info(server.store(), space);
  EXPECT_TRUE(!info || info->dropped);
  server.must(create_table, simple_table("gone"));
  server.reopen();
  EXPECT_TRUE(server.table("gone"));
}

TEST(Tables, AreProtectedAgainstDeletion) {
  TableServer server;
  server.must(create_table, simple_table("kept", ", 'DeletionProtectionEnabled': true"));
  EXPECT_EQ(server.run(delete_table, "{'TableName': 'kept'}"),
            "validation: Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
            "protection first.");
  const auto answer = server.must(update_table, "{'TableName': 'kept', 'DeletionProtectionEnabled': false}");
  expect_members(answer,
                 {{"TableDescription.DeletionProtectionEnabled", "false"}, {"TableDescription.TableStatus", "ACTIVE"}});
  server.must(delete_table, "{'TableName': 'kept'}");
}

TEST(Tables, AreProtectedByProductionUnlessTheRequestSaysOtherwise) {
  Settings settings;
  settings.protect_new_tables = true;
  TableServer server(settings);
  server.must(create_table, simple_table("first"));
  server.must(create_table, simple_table("second", ", 'DeletionProtectionEnabled': false"));
  EXPECT_EQ(json_at(server.must(describe_table, "{'TableName': 'first'}"), "Table.DeletionProtectionEnabled"), "true");
  EXPECT_EQ(json_at(server.must(describe_table, "{'TableName': 'second'}"), "Table.DeletionProtectionEnabled"),
            "false");
  expect_members(server.must(describe_continuous_backups, "{'TableName': 'second'}"),
                 {{"ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus", "ENABLED"},
                  {"ContinuousBackupsDescription.PointInTimeRecoveryDescription.RecoveryPeriodInDays", "35"}});
}

TEST(UpdateTable, ChangesThroughputAndCountsDecreases) {
  TableServer server;
  server.must(create_table, provisioned);
  const auto answer =
      server.must(update_table,
                  "{'TableName': 'units', 'ProvisionedThroughput': {'ReadCapacityUnits': 9, 'WriteCapacityUnits': 6}}");
  expect_members(answer, {{"TableDescription.TableStatus", "UPDATING"},
                          {"TableDescription.ProvisionedThroughput.ReadCapacityUnits", "5"}});
  auto described = server.must(describe_table, "{'TableName': 'units'}");
  expect_members(described, {{"Table.TableStatus", "ACTIVE"},
                             {"Table.ProvisionedThroughput.ReadCapacityUnits", "9"},
                             {"Table.ProvisionedThroughput.NumberOfDecreasesToday", "0"},
                             {"Table.ProvisionedThroughput.LastDecreaseDateTime", "(none)"}});
  EXPECT_NE(json_at(described, "Table.ProvisionedThroughput.LastIncreaseDateTime"), "(none)");
  server.must(update_table,
              "{'TableName': 'units', 'ProvisionedThroughput': {'ReadCapacityUnits': 8, 'WriteCapacityUnits': 6}}");
  server.must(update_table,
              "{'TableName': 'units', 'ProvisionedThroughput': {'ReadCapacityUnits': 7, 'WriteCapacityUnits': 7}}");
  EXPECT_EQ(json_at(server.must(describe_table, "{'TableName': 'units'}"),
                    "Table.ProvisionedThroughput.NumberOfDecreasesToday"),
            "2");
  server.wall().advance(std::uint64_t{24} * 3600 * 1'000'000);
  EXPECT_EQ(json_at(server.must(describe_table, "{'TableName': 'units'}"),
                    "Table.ProvisionedThroughput.NumberOfDecreasesToday"),
            "0");
}

TEST(UpdateTable, SwitchesBilling) {
  TableServer server;
  server.must(create_table, sound);
  const auto answer = server.must(update_table, R"({'TableName': 'Sound', 'BillingMode': 'PROVISIONED',
      'ProvisionedThroughput': {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 5},
      'GlobalSecondaryIndexUpdates': [{'Update': {'IndexName': 'byOwner',
        'ProvisionedThroughput': {'ReadCapacityUnits': 3, 'WriteCapacityUnits': 3}}}]})");
  expect_members(answer, {{"TableDescription.TableStatus", "UPDATING"},
                          {"TableDescription.ProvisionedThroughput.ReadCapacityUnits", "5"},
                          {"TableDescription.GlobalSecondaryIndexes.0.ProvisionedThroughput.ReadCapacityUnits", "3"}});
  expect_members(server.must(describe_table, "{'TableName': 'Sound'}"),
                 {{"Table.BillingModeSummary.BillingMode", "PROVISIONED"}});
  server.must(update_table, "{'TableName': 'Sound', 'BillingMode': 'PAY_PER_REQUEST'}");
  server.must(update_table, "{'TableName': 'Sound', 'BillingMode': 'PAY_PER_REQUEST'}");  // again: nothing happens
  expect_members(server.must(describe_table, "{'TableName': 'Sound'}"),
                 {{"Table.BillingModeSummary.BillingMode", "PAY_PER_REQUEST"},
                  {"Table.ProvisionedThroughput.ReadCapacityUnits", "0"},
                  {"Table.GlobalSecondaryIndexes.0.ProvisionedThroughput.ReadCapacityUnits", "0"}});
}

TEST(UpdateTable, ChangesClassEncryptionAndCaps) {
  TableServer server;
  server.must(create_table, sound);
  server.must(update_table, "{'TableName': 'Sound', 'TableClass': 'STANDARD_INFREQUENT_ACCESS'}");
  server.must(update_table, "{'TableName': 'Sound', 'SSESpecification': {'Enabled': true, 'SSEType': 'KMS'}}");
  server.must(update_table, "{'TableName': 'Sound', 'OnDemandThroughput': {'MaxWriteRequestUnits': 11}}");
  server.reopen();
  expect_members(server.must(describe_table, "{'TableName': 'Sound'}"),
                 {{"Table.TableClassSummary.TableClass", "STANDARD_INFREQUENT_ACCESS"},
                  {"Table.SSEDescription.Status", "ENABLED"},
                  {"Table.OnDemandThroughput.MaxWriteRequestUnits", "11"}});
  // The same key by another name is no error, by its ARN it is.
  expect_members(server.must(update_table, "{'TableName': 'Sound', 'SSESpecification': {'SSEType': 'KMS'}}"),
                 {{"TableDescription.SSEDescription.Status", "UPDATING"}, {"TableDescription.TableStatus", "ACTIVE"}});
  EXPECT_EQ(server.run(update_table,
                       "{'TableName': 'Sound', 'SSESpecification': {'Enabled': true, 'SSEType': 'KMS', "
                       "'KMSMasterKeyId': '" +
                           server.table("Sound")->encryption->key_arn + "'}}"),
            "validation: One or more parameter values were invalid: Table is already encrypted with given "
            "KMSMasterKeyId. Use "
            "KMSMasterKeyId parameter if you want to change Master Key");
}

TEST(UpdateTable, ShowsCapsAsTheyAreTakenAway) {
  TableServer server;
  server.must(create_table, sound);
  server.must(update_table, "{'TableName': 'Sound', 'OnDemandThroughput': {'MaxReadRequestUnits': 5}}");
  const auto taken =
      server.must(update_table, "{'TableName': 'Sound', 'OnDemandThroughput': {'MaxReadRequestUnits': -1}}");
  expect_members(taken, {{"TableDescription.OnDemandThroughput.MaxReadRequestUnits", "-1"},
                         {"TableDescription.TableStatus", "ACTIVE"}});
  expect_members(server.must(describe_table, "{'TableName': 'Sound'}"), {{"Table.OnDemandThroughput", "(none)"}});
}

TEST(UpdateTable, RaisesWarmThroughputAndNeverLowersIt) {
  TableServer server;
  server.must(create_table, sound);
  const auto raised =
      server.must(update_table, "{'TableName': 'Sound', 'WarmThroughput': {'ReadUnitsPerSecond': 13000}}");
  expect_members(raised, {{"TableDescription.TableStatus", "ACTIVE"},
                          {"TableDescription.WarmThroughput.Status", "UPDATING"},
                          {"TableDescription.WarmThroughput.ReadUnitsPerSecond", "12000"}});
  server.must(update_table,
              R"({'TableName': 'Sound', 'GlobalSecondaryIndexUpdates': [{'Update': {'IndexName': 'byOwner',
      'WarmThroughput': {'ReadUnitsPerSecond': 12000, 'WriteUnitsPerSecond': 5000}}}]})");
  server.reopen();
  expect_members(server.must(describe_table, "{'TableName': 'Sound'}"),
                 {{"Table.WarmThroughput.ReadUnitsPerSecond", "13000"},
                  {"Table.WarmThroughput.WriteUnitsPerSecond", "4000"},
                  {"Table.WarmThroughput.Status", "ACTIVE"},
                  {"Table.GlobalSecondaryIndexes.0.WarmThroughput.WriteUnitsPerSecond", "5000"}});
  EXPECT_EQ(
      server.run(update_table, "{'TableName': 'Sound', 'WarmThroughput': {'ReadUnitsPerSecond': 12999}}"),
      "validation: One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput for "
      "table is lower than current WarmThroughput, decreasing WarmThroughput is not supported");
  EXPECT_EQ(
      server.run(update_table, R"({'TableName': 'Sound', 'GlobalSecondaryIndexUpdates': [{'Update':
                {'IndexName': 'byOwner', 'WarmThroughput': {'WriteUnitsPerSecond': 1}}}]})"),
      "validation: One or more parameter values were invalid: Requested WriteUnitsPerSecond for WarmThroughput for "
      "index byOwner is lower than current WarmThroughput, decreasing WarmThroughput is not supported");
}

TEST(UpdateTable, WarmThroughputFollowsTheHighestCapacity) {
  TableServer server;
  server.must(create_table, R"({'TableName': 'pro', 'ProvisionedThroughput': {'ReadCapacityUnits': 3,
      'WriteCapacityUnits': 3}, 'AttributeDefinitions': [{'AttributeName': 'a', 'AttributeType': 'S'}],
      'KeySchema': [{'AttributeName': 'a', 'KeyType': 'HASH'}]})");
  const auto units = [&](int reads) {
    server.must(update_table, "{'TableName': 'pro', 'ProvisionedThroughput': {'ReadCapacityUnits': " +
                                  std::to_string(reads) + ", 'WriteCapacityUnits': 3}}");
    return json_at(server.must(describe_table, "{'TableName': 'pro'}"), "Table.WarmThroughput.ReadUnitsPerSecond");
  };
  EXPECT_EQ(units(7), "7");
  EXPECT_EQ(units(1), "7");
  server.must(update_table, "{'TableName': 'pro', 'BillingMode': 'PAY_PER_REQUEST'}");
  server.must(update_table, R"({'TableName': 'pro', 'BillingMode': 'PROVISIONED', 'ProvisionedThroughput':
      {'ReadCapacityUnits': 2, 'WriteCapacityUnits': 2}})");
  expect_members(
      server.must(describe_table, "{'TableName': 'pro'}"),
      {{"Table.WarmThroughput.ReadUnitsPerSecond", "12000"}, {"Table.WarmThroughput.WriteUnitsPerSecond", "4000"}});
}

TEST(UpdateTable, AddsAndTakesAwayIndexes) {
  TableServer server;
  server.must(create_table, sound);
  const auto added = server.must(update_table, R"({'TableName': 'Sound',
      'AttributeDefinitions': [{'AttributeName': 'size', 'AttributeType': 'N'}],
      'GlobalSecondaryIndexUpdates': [{'Create': {'IndexName': 'bySize', 'Projection': {'ProjectionType': 'ALL'},
        'KeySchema': [{'AttributeName': 'size', 'KeyType': 'HASH'}]}}]})");
  expect_members(added, {{"TableDescription.TableStatus", "UPDATING"},
                         {"TableDescription.AttributeDefinitions", "size 4"},
                         {"TableDescription.GlobalSecondaryIndexes.1.IndexName", "bySize"},
                         {"TableDescription.GlobalSecondaryIndexes.1.IndexStatus", "CREATING"},
                         {"TableDescription.GlobalSecondaryIndexes.1.Backfilling", "false"}});
  server.wait_for_jobs();
  expect_members(server.must(describe_table, "{'TableName': 'Sound'}"),
                 {{"Table.TableStatus", "ACTIVE"},
                  {"Table.GlobalSecondaryIndexes.1.IndexStatus", "ACTIVE"},
                  {"Table.GlobalSecondaryIndexes.1.Backfilling", "(none)"}});
  const auto space = server.table("Sound")->global_indexes[1].space;
  const auto removed = server.must(
      update_table, "{'TableName': 'Sound', 'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'bySize'}}]}");
  expect_members(removed, {{"TableDescription.TableStatus", "UPDATING"},
                           {"TableDescription.GlobalSecondaryIndexes.1.IndexStatus", "DELETING"}});
  expect_members(server.must(describe_table, "{'TableName': 'Sound'}"),
                 {{"Table.GlobalSecondaryIndexes", "size 1"}, {"Table.AttributeDefinitions", "size 3"}});
  server.wait_for_jobs();
  const auto info = space_info(server.store(), space);
  EXPECT_TRUE(!info || info->dropped);
}

TEST(UpdateTable, HoldsTheTableWhileAnIndexIsMade) {
  TableServer server;
  server.reopen(/*with_jobs=*/false);
  server.must(create_table, sound);
  server.must(update_table,
              R"({'TableName': 'Sound', 'AttributeDefinitions': [{'AttributeName': 'at', 'AttributeType': 'N'}],
      'GlobalSecondaryIndexUpdates': [{'Create': {'IndexName': 'byTime', 'Projection': {'ProjectionType': 'ALL'},
        'KeySchema': [{'AttributeName': 'at', 'KeyType': 'HASH'}]}}]})");
  expect_members(server.must(describe_table, "{'TableName': 'Sound'}"),
                 {{"Table.TableStatus", "ACTIVE"},
                  {"Table.GlobalSecondaryIndexes.1.IndexStatus", "CREATING"},
                  {"Table.GlobalSecondaryIndexes.1.Backfilling", "true"}});
  EXPECT_EQ(server.run(delete_table, "{'TableName': 'Sound'}"),
            "in use: Cannot delete table while indexes are being created, updated, or deleted");
  EXPECT_EQ(server.run(update_table,
                       "{'TableName': 'Sound', 'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'byOwner'}}]}"),
            "limit: Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");
  server.must(update_table,
              "{'TableName': 'Sound', 'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'byTime'}}]}");
  server.jobs().resume();
  server.wait_for_jobs();
  server.must(delete_table, "{'TableName': 'Sound'}");
}

TEST(Catalogue, DropsSpacesThatNobodyNames) {
  TableServer server;
  server.must(create_table, simple_table("named"));
  std::vector<history::NewSpace> one(1, history::Retention(std::chrono::hours(1)));
  const auto orphan = sync_wait(server.store().create(one));
  ASSERT_TRUE(orphan.ok());
  server.reopen();
  const auto info = space_info(server.store(), orphan->front());
  EXPECT_TRUE(!info || info->dropped);
  const auto named = server.store().info(server.table("named")->space);
  ASSERT_TRUE(named.ok());
  EXPECT_FALSE(named->dropped);
}

TEST(Catalogue, PutsRetentionRight) {
  TableServer server;
  server.must(create_table, simple_table("table"));
  std::vector<SpaceId> spaces{server.table("table")->space};
  ASSERT_TRUE(sync_wait(server.store().set_retention(spaces, std::chrono::hours(1))).ok());
  server.reopen();
  EXPECT_EQ(server.store().info(server.table("table")->space)->retention.count(), 0);
}

TEST(Catalogue, ForgetsDeletedTablesInTime) {
  TableServer server;
  server.must(create_table, simple_table("table"));
  server.must(update_continuous_backups,
              "{'TableName': 'table', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': true, "
              "'RecoveryPeriodInDays': 1}}");
  server.must(delete_table, "{'TableName': 'table'}");
  EXPECT_EQ(server.catalog().deleted("000000000000", "table").size(), 1U);
  EXPECT_TRUE(sync_wait(server.catalog().purge_deleted()).ok());
  EXPECT_EQ(server.catalog().deleted("000000000000", "table").size(), 1U);
  server.reopen();
  ASSERT_EQ(server.catalog().deleted("000000000000", "table").size(), 1U);
  EXPECT_NE(server.catalog().deleted("000000000000", "table")[0]->deleted_micros, 0);
  // Longer than its period: for the system backup.
  server.wall().advance(std::uint64_t{34} * 24 * 3600 * 1'000'000);
  EXPECT_TRUE(sync_wait(server.catalog().purge_deleted()).ok());
  EXPECT_EQ(server.catalog().deleted("000000000000", "table").size(), 1U);
  server.wall().advance(std::uint64_t{25} * 3600 * 1'000'000);
  EXPECT_TRUE(sync_wait(server.catalog().purge_deleted()).ok());
  EXPECT_TRUE(server.catalog().deleted("000000000000", "table").empty());
  server.reopen();
  EXPECT_TRUE(server.catalog().deleted("000000000000", "table").empty());
}

TEST(Limits, AreAwsDefaults) {
  TableServer server;
  expect_members(server.must(describe_limits, "{}"),
                 {{"AccountMaxReadCapacityUnits", "80000"}, {"TableMaxWriteCapacityUnits", "40000"}});
  expect_members(server.must(describe_endpoints, "{}"), {{"Endpoints.0.CachePeriodInMinutes", "1440"},
                                                         {"Endpoints.0.Address", "dynamodb.eu-west-1.localhost"}});
}

}  // namespace
}  // namespace reprise::dynamo
