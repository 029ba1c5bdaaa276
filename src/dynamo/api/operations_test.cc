// Targets: which room answers which, and what belongs to neither service.
#include "dynamo/api/operations.h"

#include <gtest/gtest.h>

namespace reprise::dynamo {
namespace {

std::string_view found(std::string_view target) {
  const Operation* operation = find_target(split_target(target));
  return operation == nullptr ? "(none)" : operation->name;
}

TEST(Targets, AreTakenApart) {
  EXPECT_EQ(split_target("DynamoDB_20120810.PutItem").service, "DynamoDB_20120810");
  EXPECT_EQ(split_target("DynamoDB_20120810.PutItem").operation, "PutItem");
  EXPECT_EQ(split_target("DynamoDB_20120810.").operation, "");
  for (const char* target :
       {"", "PutItem", "DynamoDB_20111205.PutItem", "DynamoDB_20120810", "Reprise_20261122.Diff"}) {
    EXPECT_TRUE(split_target(target).service.empty()) << target;
  }
}

TEST(Targets, LeadToOperationsOfEveryRoom) {
  EXPECT_EQ(found("DynamoDB_20120810.PutItem"), "PutItem");
  EXPECT_EQ(found("DynamoDB_20120810.ExecuteStatement"), "ExecuteStatement");
  EXPECT_EQ(found("DynamoDB_20120810.Nonsense"), "(none)");
  EXPECT_EQ(found("DynamoDBStreams_20120810.PutItem"), "(none)");
  EXPECT_EQ(found("Reprise_20261122.PutItem"), "(none)");
}

TEST(Targets, KnowWhatAwsHas) {
  EXPECT_TRUE(is_aws_operation(split_target("DynamoDB_20120810.ExecuteStatement")));
  EXPECT_TRUE(is_aws_operation(split_target("DynamoDB_20120810.SearchVectors")));
  EXPECT_FALSE(is_aws_operation(split_target("DynamoDB_20120810.Nonsense")));
  EXPECT_FALSE(is_aws_operation(split_target("DynamoDBStreams_20120810.SearchVectors")));
}

}  // namespace
}  // namespace reprise::dynamo
