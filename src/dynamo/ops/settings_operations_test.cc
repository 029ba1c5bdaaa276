// Tags, resource policies, insights, Kinesis destinations and global tables as operations: what is stored, what is
// answered, and that it outlives the process.
#include "dynamo/ops/settings_operations.h"

#include "dynamo/ops/tables_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr const char* arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/music";

class SettingsOperations : public ::testing::Test {
 protected:
  SettingsOperations() {
    server.must(
        create_table,
        "{'TableName':'music','BillingMode':'PAY_PER_REQUEST','KeySchema':[{'AttributeName':'a','KeyType':'HASH'},"
        "{'AttributeName':'b','KeyType':'RANGE'}],'AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'},"
        "{'AttributeName':'b','AttributeType':'S'}],'Tags':[{'Key':'first','Value':'1'}],'GlobalSecondaryIndexes':["
        "{'IndexName':'gsi','KeySchema':[{'AttributeName':'b','KeyType':'HASH'}],'Projection':{'ProjectionType':"
        "'ALL'}}]}");
  }
  // The request with its ARN.
  static std::string of_table(const std::string& rest) {
    return "{'ResourceArn':'" + std::string(arn) + "'" + rest + "}";
  }
  static std::string policy(const std::string& action) {
    return "{\\'Version\\':\\'2012-10-17\\',\\'Statement\\':[{\\'Effect\\':\\'Allow\\',\\'Principal\\':{\\'AWS\\':"
           "\\'000000000000\\'},\\'Action\\':\\'" +
           action + "\\',\\'Resource\\':\\'*\\'}]}";
  }
  std::string put_policy(const std::string& action, const std::string& more = "") {
    return server.run(put_resource_policy, of_table(",'Policy':'" + policy(action) + "'" + more));
  }

  TableServer server;
};

TEST_F(SettingsOperations, TagsAreMergedAndOutliveTheProcess) {
  EXPECT_EQ(server.run(tag_resource, of_table(",'Tags':[{'Key':'k','Value':'v'},{'Key':'first','Value':'2'}]")), "");
  server.reopen();
  EXPECT_EQ(server.run(list_tags_of_resource, of_table("")),
            "{\"Tags\":[{\"Key\":\"first\",\"Value\":\"2\"},{\"Key\":\"k\",\"Value\":\"v\"}]}");
  EXPECT_EQ(server.run(untag_resource, of_table(",'TagKeys':['first','absent']")), "");
  EXPECT_EQ(server.run(list_tags_of_resource, of_table("")), "{\"Tags\":[{\"Key\":\"k\",\"Value\":\"v\"}]}");
}

TEST_F(SettingsOperations, ATableHasAtMostFiftyTags) {
  std::string tags;
  for (int i = 0; i < 49; ++i) tags += (i > 0 ? ",{'Key':'k" : "{'Key':'k") + std::to_string(i) + "','Value':''}";
  EXPECT_EQ(server.run(tag_resource, of_table(",'Tags':[" + tags + "]")), "");
  EXPECT_EQ(server.run(tag_resource, of_table(",'Tags':[{'Key':'more','Value':''}]")),
            "validation: Number of Tags exceed the current limit for the provided ResourceArn");
  EXPECT_EQ(server.run(tag_resource, of_table(",'Tags':[{'Key':'k1','Value':'changed'}]")), "");
  EXPECT_EQ(server.table("music")->tags.size(), 50U);
}

TEST_F(SettingsOperations, ArnsOfTags) {
  const auto tags_of = [&](const std::string& text) {
    return server.run(list_tags_of_resource, "{'ResourceArn':'" + text + "'}");
  };
  const std::string own(arn);
  EXPECT_EQ(tags_of("music"),
            "validation: One or more parameter values were invalid: ARNs must start with 'arn:': music");
  EXPECT_EQ(
      tags_of(own + "/index/gsi"),
      "validation: One or more parameter values were invalid: Invalid resource arn provided, only table or stream is "
      "accepted. Provided resource arn: " +
          own + "/index/gsi");
  EXPECT_EQ(tags_of(own + "/backup/01"),
            "validation: One or more parameter values were invalid: Provided Arn is not a DynamoDB resource arn: " +
                own + "/backup/01");
  const std::string elsewhere = "arn:aws:dynamodb:us-east-1:000000000000:table/music";
  EXPECT_EQ(tags_of(elsewhere), "validation: Invalid TableArn: Invalid ResourceArn provided as input " + elsewhere);
  EXPECT_EQ(tags_of(own + "x"), "not found: Requested resource not found: ResourceArn: " + own + "x not found");
  EXPECT_TRUE(tags_of("arn:aws:s3:::bucket").starts_with("denied: "));
  EXPECT_TRUE(tags_of("arn:aws:dynamodb:eu-west-1:111111111111:table/music").starts_with("denied: "));
}

TEST_F(SettingsOperations, APolicyIsKeptWithItsRevision) {
  EXPECT_EQ(server.run(get_resource_policy, of_table("")),
            std::string("policy not found: Resource-based policy not found for the provided ResourceArn: ") + arn);
  EXPECT_EQ(server.run(delete_resource_policy, of_table("")), "{}");
  const std::string put = put_policy("dynamodb:GetItem");
  EXPECT_TRUE(put.starts_with("{\"RevisionId\":\"")) << put;
  EXPECT_EQ(put_policy("dynamodb:GetItem"), put);  // the same policy: nothing happens
  server.reopen();
  const std::string read = server.run(get_resource_policy, of_table(""));
  EXPECT_NE(read.find("arn:aws:iam::000000000000:root"), std::string::npos) << read;
  EXPECT_NE(read.find(put.substr(1, put.size() - 2)), std::string::npos) << read;
  const std::string changed = put_policy("dynamodb:Query");
  EXPECT_GT(changed, put);
  EXPECT_EQ(server.run(delete_resource_policy, of_table("")), changed);
  EXPECT_EQ(server.run(delete_resource_policy, of_table("")), "{}");
}

TEST_F(SettingsOperations, AnExpectedRevisionGuardsAPolicy) {
  EXPECT_EQ(
      put_policy("dynamodb:GetItem", ",'ExpectedRevisionId':'123'"),
      "policy not found: Resource-based policy not found for the provided ResourceArn: Requested update for policy "
      "with revision id 123, but table music has no associated policy.");
  const std::string put = put_policy("dynamodb:GetItem", ",'ExpectedRevisionId':'NO_POLICY'");
  const std::string revision = server.table("music")->policy->revision_id;
  EXPECT_EQ(put, "{\"RevisionId\":\"" + revision + "\"}");
  EXPECT_EQ(
      put_policy("dynamodb:Scan", ",'ExpectedRevisionId':'123'"),
      "policy not found: Resource-based policy not found for the provided ResourceArn: Requested update for policy "
      "with revision id 123, but the policy associated to target table music has revision id " +
          revision + ".");
  EXPECT_TRUE(put_policy("dynamodb:Scan", ",'ExpectedRevisionId':'" + revision + "'").starts_with("{"));
}

TEST_F(SettingsOperations, ALockoutHasToBeConfirmed) {
  const std::string deny =
      ",'Policy':'{\\'Statement\\':{\\'Effect\\':\\'Deny\\',\\'Principal\\':\\'*\\',\\'Action\\':"
      "\\'dynamodb:PutResourcePolicy\\',\\'Resource\\':\\'*\\'}}'";
  EXPECT_EQ(server.run(put_resource_policy, of_table(deny)),
            "denied: The new resource policy will not allow you to update the resource policy in the future.");
  EXPECT_TRUE(
      server.run(put_resource_policy, of_table(deny + ",'ConfirmRemoveSelfResourceAccess':true")).starts_with("{"));
}

TEST_F(SettingsOperations, PoliciesOfStreams) {
  const std::string bogus = std::string(arn) + "/stream/2000-01-01T00:00:00.000";
  EXPECT_EQ(server.run(get_resource_policy, "{'ResourceArn':'" + bogus + "'}"),
            "not found: Requested resource not found: Stream: 2000-01-01T00:00:00.000 not found for Table: music");
}

TEST_F(SettingsOperations, InsightsOfATableAndOfAnIndex) {
  const std::string table = "{'TableName':'music'}";
  EXPECT_EQ(server.run(describe_contributor_insights, table),
            R"({"TableName":"music","ContributorInsightsStatus":"DISABLED"})");
  EXPECT_EQ(server.run(update_contributor_insights, "{'TableName':'music','ContributorInsightsAction':'DISABLE'}"),
            R"({"TableName":"music","ContributorInsightsStatus":"DISABLED"})");
  const std::string on = "{'TableName':'music','ContributorInsightsAction':'ENABLE'}";
  EXPECT_EQ(server.run(update_contributor_insights, on),
            R"({"TableName":"music","ContributorInsightsStatus":"ENABLING","ContributorInsightsMode":)"
            R"("ACCESSED_AND_THROTTLED_KEYS"})");
  EXPECT_NE(server.run(update_contributor_insights, on).find("\"ENABLED\""), std::string::npos);
  server.must(update_contributor_insights,
              "{'TableName':'music','IndexName':'gsi','ContributorInsightsAction':'ENABLE','ContributorInsightsMode':"
              "'THROTTLED_KEYS'}");
  const std::string described = server.run(describe_contributor_insights, table);
  for (const char* rule : {"-PKC-music-", "-SKC-music-", "-PKT-music-", "-SKT-music-"}) {
    EXPECT_NE(described.find(rule), std::string::npos) << described;
  }
  const std::string index = server.run(describe_contributor_insights, "{'TableName':'music','IndexName':'gsi'}");
  EXPECT_NE(index.find("-PKT-music-gsi-"), std::string::npos) << index;
  EXPECT_EQ(index.find("-PKC-"), std::string::npos) << index;
}

TEST_F(SettingsOperations, ListsOfInsightsHavePages) {
  server.must(update_contributor_insights, "{'TableName':'music','ContributorInsightsAction':'ENABLE'}");
  server.must(update_contributor_insights,
              "{'TableName':'music','IndexName':'gsi','ContributorInsightsAction':'ENABLE'}");
  const std::string first = server.run(list_contributor_insights, "{'MaxResults':1}");
  const auto token = first.find("\"NextToken\":\"");
  ASSERT_NE(token, std::string::npos) << first;
  EXPECT_EQ(first.find("IndexName"), std::string::npos);
  const std::string text = first.substr(token + 13, first.find('"', token + 13) - token - 13);
  const std::string second = server.run(list_contributor_insights, "{'MaxResults':1,'NextToken':'" + text + "'}");
  EXPECT_NE(second.find("\"IndexName\":\"gsi\""), std::string::npos) << second;
  EXPECT_EQ(second.find("NextToken"), std::string::npos) << second;
  EXPECT_EQ(server.run(list_contributor_insights, "{'TableName':'absent'}"),
            "not found: Requested resource not found: Table: absent not found");
}

TEST_F(SettingsOperations, InsightsOfWhatIsNotThere) {
  EXPECT_EQ(server.run(describe_contributor_insights, "{'TableName':'music','IndexName':'nope'}"),
            "not found: Requested resource not found: Index: nope not found for table: music");
  EXPECT_EQ(server.run(describe_contributor_insights, "{'TableName':'music','IndexName':''}"),
            "validation: IndexName must be at least 3 characters long and at most 255 characters long");
}

TEST_F(SettingsOperations, ThereAreNoKinesisDestinations) {
  EXPECT_EQ(server.run(describe_kinesis_destination, "{'TableName':'music'}"),
            R"({"KinesisDataStreamDestinations":[],"TableName":"music"})");
  const std::string stream = "'StreamArn':'arn:aws:kinesis:eu-west-1:000000000000:stream/none'";
  EXPECT_TRUE(
      server.run(enable_kinesis_destination, "{'TableName':'music'," + stream + "}").starts_with("not found: "));
  EXPECT_EQ(
      server.run(disable_kinesis_destination, "{'TableName':'music'," + stream + "}"),
      "validation: Table is not in a valid state to enable Kinesis Streaming Destination: KinesisStreamingDestination "
      "must be ACTIVE to perform DISABLE operation.");
  EXPECT_EQ(server.run(update_kinesis_destination, "{'TableName':'music'," + stream + "}"),
            "validation: Streaming destination cannot be updated with given parameters: "
            "UpdateKinesisStreamingConfiguration cannot be null or contain only null values");
}

TEST_F(SettingsOperations, ThereAreNoGlobalTables) {
  EXPECT_EQ(server.run(list_global_tables, "{}"), R"({"GlobalTables":[]})");
  EXPECT_EQ(server.run(describe_global_table, "{'GlobalTableName':'music'}"),
            "global table not found: Global table not found: Global table with name: 'music' does not exist.");
  EXPECT_EQ(server.run(describe_global_table_settings, "{'GlobalTableName':'music'}"),
            "global table not found: Global table with name: 'music' does not exist.");
  EXPECT_TRUE(
      server.run(create_global_table, "{'GlobalTableName':'music','ReplicationGroup':[{'RegionName':'eu-west-1'}]}")
          .starts_with("validation: One or more parameter values were invalid: DynamoDB global tables version "
                       "2017.11.29 is not supported."));
  EXPECT_EQ(server.run(update_global_table, "{'GlobalTableName':'music','ReplicaUpdates':[]}"),
            "validation: One or more parameter values were invalid");
  EXPECT_EQ(server.run(describe_table_replica_auto_scaling, "{'TableName':'music'}"),
            "not found: Global table with name: 'music' does not exist.");
}

}  // namespace
}  // namespace reprise::dynamo
