// CreateTable's and UpdateTable's refusals, text by text. Sources: see table_validation.h.
#include "dynamo/ops/table_validation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dynamo/ops/tables_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr std::string_view invalid_values = "validation: One or more parameter values were invalid: ";

struct Case {
  std::string request;
  std::string answer;  // behind "validation: "; a leading * stands for "One or more parameter values were invalid: "
};

std::string expected(const Case& one) {
  if (one.answer.starts_with("*")) return std::string(invalid_values) + one.answer.substr(1);
  return "validation: " + one.answer;
}

void expect_refused(TableServer& server, OperationFunction operation, const std::vector<Case>& cases) {
  for (const Case& one : cases) EXPECT_EQ(server.run(operation, one.request), expected(one)) << one.request;
}

// {"AttributeName": NAME, "AttributeType": TYPE}, ...
std::string definitions(const std::string& names) {
  std::string text;
  for (const char name : names) {
    text += std::string(text.empty() ? "" : ", ") + "{'AttributeName': '" + name + "', 'AttributeType': 'S'}";
  }
  return "'AttributeDefinitions': [" + text + "]";
}
// "ab": a HASH, b RANGE; an upper-case letter is HASH wherever it stands, and a '!' before a letter makes it RANGE.
std::string key(const std::string& names) {
  std::string text;
  bool first = true;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool range = names[i] == '!';
    if (range) ++i;
    const bool upper = names[i] >= 'A' && names[i] <= 'Z';
    const char name = upper ? static_cast<char>(names[i] - 'A' + 'a') : names[i];
    text += std::string(first ? "" : ", ") + "{'AttributeName': '" + name + "', 'KeyType': '" +
            (!range && (first || upper) ? "HASH" : "RANGE") + "'}";
    first = false;
  }
  return "'KeySchema': [" + text + "]";
}
std::string index(const std::string& name, const std::string& names,
                  const std::string& projection = "'ProjectionType': 'ALL'", const std::string& more = "") {
  return "{'IndexName': '" + name + "', " + key(names) + ", 'Projection': {" + projection + "}" + more + "}";
}
std::string table(const std::string& defined, const std::string& names, const std::string& more = "") {
  return "{'TableName': 'table', 'BillingMode': 'PAY_PER_REQUEST', " + definitions(defined) + ", " + key(names) + more +
         "}";
}
std::string locals(const std::string& list) { return ", 'LocalSecondaryIndexes': [" + list + "]"; }
std::string globals(const std::string& list) { return ", 'GlobalSecondaryIndexes': [" + list + "]"; }

TEST(CreateTable, RefusesTableNames) {
  TableServer server;
  expect_refused(
      server, create_table,
      {{"{}", "The parameter 'TableName' is required but was not present in the request"},
       {"{'TableName': 'ab'}", "TableName must be at least 3 characters long and at most 255 characters long"},
       {"{'TableName': '" + std::string(256, 'a') + "'}",
        "TableName must be at least 3 characters long and at most 255 characters long"},
       {"{'TableName': 'abc;'}",
        "3 validation errors detected: Value null at 'attributeDefinitions' failed to satisfy constraint: Member "
        "must not be null; Value 'abc;' at 'tableName' failed to satisfy constraint: Member must satisfy regular "
        "expression pattern: [a-zA-Z0-9_.-]+; Value null at 'keySchema' failed to satisfy constraint: Member must "
        "not be null"}});
  EXPECT_EQ(server.run(create_table, "{'TableName': 17}"), "serialization: NUMBER_VALUE cannot be converted to String");
}

TEST(CreateTable, RefusesBilling) {
  TableServer server;
  const std::string plain = "{'TableName': 'table', " + definitions("a") + ", " + key("a");
  const std::string units = ", 'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}";
  expect_refused(
      server, create_table,
      {{plain + "}",
        "*ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"},
       {plain + ", 'BillingMode': 'PROVISIONED'}",
        "*ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"},
       {plain + ", 'BillingMode': 'PAY_PER_REQUEST'" + units + "}",
        "*Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"},
       {plain + units + ", 'OnDemandThroughput': {'MaxReadRequestUnits': 5}}",
        "*MaxReadRequestUnits for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED."},
       {plain + ", 'BillingMode': 'PAY_PER_REQUEST', 'OnDemandThroughput': {'MaxWriteRequestUnits': 0}}",
        "*Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside of valid range"},
       {plain + ", 'ProvisionedThroughput': {'ReadCapacityUnits': 0, 'WriteCapacityUnits': 1}}",
        "1 validation error detected: Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy "
        "constraint: "
        "Member must have value greater than or equal to 1"},
       {plain + ", 'ProvisionedThroughput': {'ReadCapacityUnits': 1000000000001, 'WriteCapacityUnits': 1000000000001}}",
        "Given value 1000000000001 for ReadCapacityUnits is out of bounds"},
       {plain + ", 'ProvisionedThroughput': {'ReadCapacityUnits': 1000000000000, 'WriteCapacityUnits': 1000000000001}}",
        "Given value 1000000000001 for WriteCapacityUnits is out of bounds"},
       {plain + units +
            globals(index("big", "a", "'ProjectionType': 'ALL'",
                          ", 'ProvisionedThroughput': {'ReadCapacityUnits': 1000000000001, 'WriteCapacityUnits': 1}")) +
            "}",
        "Given value 1000000000001 for ReadCapacityUnits is out of bounds for index big"}});
}

TEST(CreateTable, RefusesKeysAndDefinitions) {
  TableServer server;
  expect_refused(
      server, create_table,
      {{table("ab", "!a!b"), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"},
       {table("ab", "AB"), "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"},
       {table("a", "a!a"), "Both the Hash Key and the Range Key element in the KeySchema have the same name"},
       {table("aa", "a"), "Attribute Name is duplicated: a"},
       {table("a", "ab"), "Invalid KeySchema: Some index key attribute have no definition"},
       {table("ac", "ab"), "Invalid KeySchema: Some index key attribute have no definition"},
       {table("ab", "a"),
        "*Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions"},
       {table("abc", "ab"),
        "*Some AttributeDefinitions are not used. AttributeDefinitions: [a, b, c], keys used: [a, b]"},
       {table("abc", "ab", globals(index("index", "ad"))),
        "*Some index key attributes are not defined in AttributeDefinitions. Keys: [a, d], AttributeDefinitions: [a, "
        "b, "
        "c]"},
       {table("abcd", "ab", globals(index("index", "a!c", ""))),
        "*Some AttributeDefinitions are not used. AttributeDefinitions: [a, b, c, d], keys used: [a, b, c]"}});
}

// The sets that the texts show stand in the order that was seen on the real service.
TEST(CreateTable, ShowsSetsInTheServicesOrder) {
  TableServer server;
  const auto definition = [](const std::string& name) {
    return "{'AttributeName': '" + name + "', 'AttributeType': 'S'}";
  };
  const std::string request = "{'TableName': 'table', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [" +
                              definition("pk") + ", " + definition("sk") + ", " + definition("a") + ", " +
                              definition("b") + ", " + definition("c") + "], 'KeySchema': [" +
                              "{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': "
                              "'RANGE'}], 'GlobalSecondaryIndexes': [" +
                              "{'IndexName': 'index', 'KeySchema': [{'AttributeName': 'a', 'KeyType': 'HASH'}], "
                              "'Projection': {'ProjectionType': "
                              "'ALL'}}]}";
  EXPECT_EQ(
      server.run(create_table, request),
      std::string(invalid_values) +
          "Some AttributeDefinitions are not used. AttributeDefinitions: [sk, a, b, pk, c], keys used: [a, sk, pk]");
}

TEST(CreateTable, RefusesLocalIndexes) {
  TableServer server;
  const std::string six = index("in1", "ac") + ", " + index("in2", "ac") + ", " + index("in3", "ac") + ", " +
                          index("in4", "ac") + ", " + index("in5", "ac") + ", " + index("in6", "ac");
  expect_refused(
      server, create_table,
      {{table("ab", "ab", ", 'LocalSecondaryIndexes': []"), "*List of LocalSecondaryIndexes is empty"},
       {table("ab", "a", locals(index("index", "ab"))),
        "*Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"},
       {table("ab", "ab", locals(index("index", "a"))), "*Index KeySchema does not have a range key for index: index"},
       {table("abc", "ab", locals(index("index", "bc"))),
        "*Index KeySchema does not have the same leading hash key as table KeySchema for index: index. index hash key: "
        "b, "
        "table hash key: a"},
       {table("abc", "ab", locals(index("index", "ac") + ", " + index("index", "ac"))), "*Duplicate index name: index"},
       {table("abc", "ab", locals(index("index", "ac")) + globals(index("index", "c"))),
        "*Duplicate index name: index"},
       {table("abc", "ab", locals(six)), "*Number of LocalSecondaryIndexes exceeds per-table limit of 5"}});
}

TEST(CreateTable, RefusesGlobalIndexes) {
  TableServer server;
  std::string many;
  for (int i = 0; i < 21; ++i) many += (i == 0 ? "" : ", ") + index("index" + std::to_string(i), "b");
  const std::string units = ", 'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}";
  const auto provisioned = [&](const std::string& list) {
    return "{'TableName': 'table', " + definitions("ab") + ", " + key("a") + units + globals(list) + "}";
  };
  expect_refused(
      server, create_table,
      {{table("a", "a", ", 'GlobalSecondaryIndexes': []"), "*List of GlobalSecondaryIndexes is empty"},
       {table("ab", "a", globals(many)), "*GlobalSecondaryIndex count exceeds the per-table limit of 20"},
       {table("ab", "a", globals(index("index", "!b"))),
        "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"},
       {table("abc", "a", globals(index("index", "B!aC"))),
        "*All HASH key attributes must precede RANGE key attributes in the KeySchema"},
       {table("abc", "a", globals(index("index", "B!cC"))),
        "*All HASH key attributes must precede RANGE key attributes in the KeySchema"},
       {table("abc", "a", globals(index("index", "BC!b"))),
        "The KeySchema contains multiple key attributes with the same name"},
       {table("abcdef", "a", globals(index("index", "BCDEF"))),
        "*The KeySchema exceeds the maximum allowed number of HASH key attributes"},
       {table("abcdefg", "a", globals(index("index", "B!c!d!e!f!g"))),
        "*The KeySchema exceeds the maximum allowed number of RANGE key attributes"},
       {table("ab", "a", globals(index("index", "b", "'ProjectionType': 'ALL'", units))),
        "*ProvisionedThroughput should not be specified for index: index when BillingMode is PAY_PER_REQUEST"},
       {provisioned(index("index", "b")), "*ProvisionedThroughput is not specified for index: index"},
       {provisioned(index("index", "b", "'ProjectionType': 'ALL'",
                          units + ", 'OnDemandThroughput': {'MaxReadRequestUnits': 1}")),
        "*MaxReadRequestUnits for OnDemandThroughput for index: index cannot be specified when table BillingMode is "
        "PROVISIONED."},
       {table("ab", "a",
              globals(index("index", "b", "'ProjectionType': 'ALL'",
                            ", 'OnDemandThroughput': {'MaxReadRequestUnits': -1}"))),
        "*Requested MaxReadRequestUnits for OnDemandThroughput for index : index is outside of valid range"}});
}

TEST(CreateTable, RefusesProjections) {
  TableServer server;
  const auto projected = [](const std::string& projection) {
    return table("ab", "a", globals(index("index", "b", projection)));
  };
  std::string lists;
  for (int i = 0; i < 6; ++i) {
    std::string names;
    for (int n = 0; n < 17; ++n) names += (n == 0 ? "'n" : ", 'n") + std::to_string(n) + "'";
    lists += (i == 0 ? "" : ", ") + index("index" + std::to_string(i), "b",
                                          "'ProjectionType': 'INCLUDE', 'NonKeyAttributes': [" + names + "]");
  }
  expect_refused(
      server, create_table,
      {{projected(""), "*Unknown ProjectionType: null"},
       {projected("'ProjectionType': 'ALL', 'NonKeyAttributes': ['c']"),
        "*ProjectionType is ALL, but NonKeyAttributes is specified"},
       {projected("'ProjectionType': 'KEYS_ONLY', 'NonKeyAttributes': ['c']"),
        "*ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified"},
       {projected("'ProjectionType': 'INCLUDE'"), "*ProjectionType is INCLUDE, but NonKeyAttributes is not specified"},
       {projected("'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['c', 'd', 'c']"),
        "*Duplicate element in NonKeyAttributes: c"},
       {projected("'ProjectionType': 'INCLUDE', 'NonKeyAttributes': []"),
        "1 validation error detected: Value '[]' at 'globalSecondaryIndexes.1.member.projection.nonKeyAttributes' "
        "failed to "
        "satisfy constraint: Member must have length greater than or equal to 1"},
       {table("ab", "a", globals(lists)),
        "*The number of projected attributes over all indexes exceeds the per-table limit of 100"}});
}

TEST(CreateTable, RefusesTheRest) {
  TableServer server;
  const auto with = [](const std::string& more) { return table("a", "a", ", " + more); };
  expect_refused(
      server, create_table,
      {{with("'SSESpecification': {'Enabled': false, 'SSEType': 'KMS'}"),
        "*SSEType can not be specified if Enabled is false"},
       {with("'SSESpecification': {'Enabled': false, 'KMSMasterKeyId': 'k'}"),
        "*KMSMasterKeyId can not be specified if Enabled is false"},
       {with("'SSESpecification': {'Enabled': true, 'KMSMasterKeyId': 'k'}"),
        "*SSEType KMS is required if KMSMasterKeyId is specified"},
       {with("'SSESpecification': {'Enabled': true, 'SSEType': 'AES256'}"), "*SSEType AES256 is not supported"},
       {with("'Tags': [{'Key': 'aws:x', 'Value': 'y'}]"), "Tag Key cannot be prefixed with aws:, Key: aws:x"},
       {with("'Tags': [{'Value': 'y'}]"), "The Tag Key provided is invalid, Key: null"},
       {with("'Tags': [{'Key': 'x'}]"), "The Tag Value provided is invalid, Value: null"},
       {with("'Tags': [{'Key': 'x', 'Value': ''}, {'Key': 'x', 'Value': ''}]"),
        "Duplicate Tag Keys provided as input: Duplicate Tag Key found x"},
       {with("'StreamSpecification': {'StreamEnabled': true}"),
        "*Table is being created with a stream enabled, UpdateViewType is required"},
       {with("'StreamSpecification': {'StreamEnabled': false, 'StreamViewType': 'KEYS_ONLY'}"),
        "*Table is being created with a stream disabled, UpdateViewType should not be specified"},
       {with("'WarmThroughput': {'ReadUnitsPerSecond': 11999}"),
        "*Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial throughput for OnDemand. "
        "See: "
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
        "on-demand-capacity-mode.html#on-demand-capacity-mode-initial"},
       {with("'ResourcePolicy': '{}'"), "*Invalid policy document: Syntax error at position (1,3)"},
       {with("'TableClass': 'GOLD'"),
        "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, "
        "STANDARD_INFREQUENT_ACCESS]."}});
  EXPECT_EQ(server.run(list_tables, "{}"), R"({"TableNames":[]})");
}

class UpdateTableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server.must(create_table,
                "{'TableName': 'used', 'ProvisionedThroughput': {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 6}, " +
                    definitions("abcd") + ", " + key("ab") + locals(index("local", "ac")) +
                    globals(index("first", "d", "'ProjectionType': 'ALL'", units(1))) + "}");
    server.must(create_table, "{'TableName': 'demand', 'BillingMode': 'PAY_PER_REQUEST', " + definitions("ab") + ", " +
                                  key("a") + globals(index("first", "b")) + "}");
  }
  static std::string units(std::int64_t count) {
    return ", 'ProvisionedThroughput': {'ReadCapacityUnits': " + std::to_string(count) +
           ", 'WriteCapacityUnits': " + std::to_string(count) + "}";
  }
  static std::string used(const std::string& more) { return "{'TableName': 'used', " + more + "}"; }
  static std::string demand(const std::string& more) { return "{'TableName': 'demand', " + more + "}"; }
  static std::string indexes(const std::string& list) { return "'GlobalSecondaryIndexUpdates': [" + list + "]"; }
  static std::string create(const std::string& name, const std::string& names, const std::string& more = "") {
    return "{'Create': " + index(name, names, "'ProjectionType': 'ALL'", more) + "}";
  }
  static std::string update(const std::string& name, const std::string& more) {
    return "{'Update': {'IndexName': '" + name + "'" + more + "}}";
  }
  static std::string remove(const std::string& name) { return "{'Delete': {'IndexName': '" + name + "'}}"; }

  TableServer server;
};

constexpr std::string_view nothing_asked =
    "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, "
    "SSESpecification, "
    "ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
    "DeletionProtectionEnabled, "
    "OnDemandThroughput, WarmThroughput or TableClass is required";

TEST_F(UpdateTableTest, RefusesWhatSaysNothingOrTooMuchAtOnce) {
  const std::string protection = "'DeletionProtectionEnabled': true";
  const std::string table_class = "'TableClass': 'STANDARD'";
  const std::string encryption = "'SSESpecification': {'Enabled': true}";
  const std::string capacity = units(9).substr(2);
  const std::string stream = "'StreamSpecification': {'StreamEnabled': false}";
  const std::string adds = definitions("d") + ", " + indexes(create("second", "d", units(1)));
  expect_refused(
      server, update_table,
      {{"{'TableName': 'missing'}", std::string(nothing_asked)},
       {used(definitions("a")), std::string(nothing_asked)},
       {used("'GlobalSecondaryIndexUpdates': []"), std::string(nothing_asked)},
       {used("'GlobalSecondaryIndexUpdates': [], " + protection), "*List of GlobalSecondaryIndexUpdates is empty"},
       {used(encryption + ", " + protection),
        "*Server-Side Encryption modification must be the only operation in the request"},
       {used(table_class + ", " + protection), "*TableClass modification must be the only operation in the request"},
       {used(adds + ", " + table_class), "*TableClass modification must be the only operation in the request"},
       {used(adds + ", " + protection), "*DeletionProtection modification must be the only operation in the request"},
       {used("'BillingMode': 'PAY_PER_REQUEST', " + protection),
        "*DeletionProtection modification must be the only operation in the request"},
       {used(adds + ", " + capacity), "*You cannot create or delete index while updating table IOPS"},
       {used(adds + ", " + stream), "*You cannot create or delete index while changing stream status"},
       {used(capacity + ", " + stream), "*You cannot modify stream status while updating table IOPS"},
       {used("'OnDemandThroughput': {'MaxReadRequestUnits': 5}, " + adds),
        "*OnDemandThroughput can only be combined with BillingMode in an UpdateTable request"}});
}

TEST_F(UpdateTableTest, RefusesCapacity) {
  const std::string same =
      "The provisioned throughput for the table will not change. The requested value equals the current value. Current "
      "ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. Current WriteCapacityUnits "
      "provisioned "
      "for the table: 6. Requested WriteCapacityUnits: 6. Refer to the Amazon DynamoDB Developer Guide for current "
      "limits and "
      "how to request higher limits.";
  const std::string same_units = "'ProvisionedThroughput': {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 6}";
  expect_refused(
      server, update_table,
      {{used(same_units), same},
       {used("'BillingMode': 'PROVISIONED', " + same_units), same},
       {used("'BillingMode': 'PROVISIONED'"),
        "*ProvisionedThroughput must be specified when BillingMode is PROVISIONED"},
       {used("'BillingMode': 'PAY_PER_REQUEST'" + units(1)),
        "*ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST"},
       {demand(units(1).substr(2)),
        "*Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"},
       {demand("'BillingMode': 'PROVISIONED'" + units(1)), "*ProvisionedThroughput must be specified for index: first"},
       {used("'OnDemandThroughput': {'MaxReadRequestUnits': 5}"),
        "*MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED"},
       {used(units(1'000'000'000'001).substr(2)), "Given value 1000000000001 for ReadCapacityUnits is out of bounds"},
       {used(indexes(update("first", units(1'000'000'000'001)))),
        "Given value 1000000000001 for ReadCapacityUnits is out of bounds for index first"},
       {demand("'OnDemandThroughput': {'MaxReadRequestUnits': 0}"),
        "*Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range"}});
}

TEST_F(UpdateTableTest, RefusesIndexChanges) {
  expect_refused(
      server, update_table,
      {{used(indexes("{}")),
        "*One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
        "GlobalSecondaryIndexUpdate.Delete must "
        "not be null"},
       {used(indexes("{'Update': {'IndexName': 'first'}, 'Delete': {'IndexName': 'first'}}")),
        "*Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object"},
       {used(indexes(update("first", units(2)) + ", " + remove("first"))),
        "*Only one global secondary index update per index is allowed simultaneously. Index: first"},
       {used(indexes(create("second", "a", units(1)))), "*AttributeDefinitions is not specified for index: second"},
       {used(definitions("a") + ", " + indexes(create("second", "e", units(1)))),
        "*Some index key attributes are not defined in AttributeDefinitions. Keys: [e], AttributeDefinitions: [a, b, "
        "c, d]"},
       {used(definitions("a") + ", " + indexes(create("second", "ae", units(1)))),
        "Invalid KeySchema: Some index key attribute have no definition"},
       {used(definitions("a") + ", " + indexes(create("local", "a", units(1)))),
        "Attempting to create an index which already exists"},
       {used(definitions("a") + ", " + indexes(create("first", "a", units(1)))),
        "Attempting to create an index which already exists"},
       {used(definitions("a") + ", " + indexes(create("second", "a"))),
        "*Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: second"},
       {demand(definitions("a") + ", " + indexes(create("second", "a", units(1)))),
        "*Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: second when BillingMode is "
        "PAY_PER_REQUEST"},
       {used(indexes(remove("local"))), "Cannot delete an index that is not a GlobalSecondaryIndex: local"},
       {used(indexes(update("local", units(2)))), "Cannot update an index that is not a GlobalSecondaryIndex: local"},
       {demand(indexes(update("first", units(2)))),
        "*The only Updates for index: first when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, "
        "WarmThroughput"},
       {used(indexes(update("first", units(1)))),
        "The provisioned throughput for the index first will not change. The requested value equals the current value. "
        "Current "
        "ReadCapacityUnits provisioned for index first: 1. Requested ReadCapacityUnits: 1. Current WriteCapacityUnits "
        "provisioned for index first: 1. Requested WriteCapacityUnits: 1. Refer to the Amazon DynamoDB Developer Guide "
        "for "
        "current limits and how to request higher limits."}});
  EXPECT_EQ(server.run(update_table, used(indexes(remove("ghost")))),
            "not found: Requested resource not found: Index ghost for table used");
  EXPECT_EQ(server.run(update_table, used(indexes(update("ghost", units(1))))),
            "not found: Requested resource not found: Index ghost for table used");
  EXPECT_EQ(
      server.run(update_table, used(definitions("ad") + ", " +
                                    indexes(create("second", "a", units(1)) + ", " + create("third", "d", units(1))))),
      "limit: Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");
  EXPECT_EQ(server.run(update_table, "{'TableName': 'missing', 'DeletionProtectionEnabled': true}"),
            "not found: Requested resource not found: Table: missing not found");
}

TEST_F(UpdateTableTest, RefusesTheRest) {
  expect_refused(
      server, update_table,
      {{used("'SSESpecification': {'Enabled': false}"), "*Table is already encrypted by default"},
       {used("'StreamSpecification': {'StreamEnabled': false}"), "Table has no stream to disable: TableName: used"},
       {used("'StreamSpecification': {'StreamEnabled': true}"),
        "*If stream is being enabled then UpdateViewType is required"},
       {used("'StreamSpecification': {'StreamEnabled': false, 'StreamViewType': 'KEYS_ONLY'}"),
        "*If stream is being disabled, then UpdateViewType must not be specified"},
       {used("'ReplicaUpdates': [{}]"), "ReplicaUpdates is not supported by this server"}});
}

}  // namespace
}  // namespace reprise::dynamo
