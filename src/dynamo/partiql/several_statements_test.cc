// BatchExecuteStatement and ExecuteTransaction.
#include <gtest/gtest.h>

#include <string>

#include "dynamo/partiql/partiql_for_tests.h"

namespace reprise::dynamo::partiql {
namespace {

using BatchExecuteStatement = PartiqlTest;
using ExecuteTransaction = PartiqlTest;

TEST_F(BatchExecuteStatement, EachHasItsOwnOutcome) {
  EXPECT_EQ(
      batch({"INSERT INTO Plain VALUE {'pk':'a','n':1}", "INSERT INTO Plain VALUE {'pk':'a'}",
             "UPDATE Plain SET n = 2 WHERE pk='a' RETURNING ALL OLD *", "UPDATE Plain SET n = 2 WHERE pk='none'",
             "DELETE FROM Absent WHERE pk='a'", "DROP TABLE Plain", "DELETE FROM Plain"}),
      R"({"Responses":[{"TableName":"Plain"},)"
      R"({"Error":{"Code":"DuplicateItem","Message":"Duplicate primary key exists in table"},"TableName":"Plain"},)"
      R"({"TableName":"Plain","Item":{"n":{"N":"1"},"pk":{"S":"a"}}},)"
      R"({"Error":{"Code":"ConditionalCheckFailed","Message":"The conditional request failed"},"TableName":"Plain"},)"
      R"({"Error":{"Code":"ResourceNotFound","Message":"Requested resource not found"},"TableName":"Absent"},)"
      R"({"Error":{"Code":"ValidationError","Message":"Statement wasn't well formed, can't be processed: Expected data manipulation"}},)"
      R"({"Error":{"Code":"ValidationError","Message":"Where clause does not contain a mandatory equality on all key attributes"},"TableName":"Plain"}]})");
}

TEST_F(BatchExecuteStatement, ReadsOneItemEach) {
  fill();
  EXPECT_EQ(
      batch({"SELECT n, s FROM Music WHERE pk='a' AND sk=1", "SELECT * FROM Music WHERE pk='none' AND sk=1",
             "SELECT n FROM Music WHERE pk='a' AND sk=1 AND n = 11", "SELECT * FROM Music WHERE pk='a'",
             "SELECT * FROM \"Music\".\"by_g\" WHERE g='x'"},
            R"(,"ReturnConsumedCapacity":"TOTAL")"),
      R"({"Responses":[{"TableName":"Music","Item":{"n":{"N":"10"},"s":{"S":"one"}}},{"TableName":"Music"},)"
      R"({"TableName":"Music"},{"Error":{"Code":"ValidationError","Message":"Select statements within )"
      R"(BatchExecuteStatement must specify the primary key in the where clause."},"TableName":"Music"},)"
      R"({"Error":{"Code":"ValidationError","Message":"Select statements within )"
      R"(BatchExecuteStatement must specify the primary key in the where clause."},"TableName":"Music"}],)"
      R"("ConsumedCapacity":[{"TableName":"Music","CapacityUnits":0.5},{"TableName":"Music","CapacityUnits":0.5},)"
      R"({"TableName":"Music","CapacityUnits":0.5}]})");
}

TEST_F(BatchExecuteStatement, Refusals) {
  EXPECT_EQ(batch({"SELECT * FROM Plain WHERE pk='a'", "INSERT INTO Plain VALUE {'pk':'a'}"}),
            "error: BatchExecuteStatement API does not support both read and write operations in the same request.");
  EXPECT_EQ(execute("SELECT * FROM Plain"), R"({"Items":[]})");
  EXPECT_EQ(batch({}),
            "error: 1 validation error detected: Value '[]' at 'statements' failed to satisfy constraint: Member must "
            "have length greater than or equal to 1");
}

TEST_F(ExecuteTransaction, AllOrNothing) {
  fill();
  EXPECT_EQ(transact({"INSERT INTO Plain VALUE {'pk':'p'}", "UPDATE Music SET n = 11 WHERE pk='a' AND sk=1",
                      "DELETE FROM Music WHERE pk='a' AND sk=2",
                      "EXISTS(SELECT * FROM Music WHERE pk='b' AND sk=1 AND n IS MISSING)"}),
            "{}");
  EXPECT_EQ(items("SELECT sk, n FROM Music WHERE pk='a'"), R"({"sk":{"N":"1"},"n":{"N":"11"}},{"sk":{"N":"3"}})");
  EXPECT_EQ(transact({"UPDATE Music SET n = 12 WHERE pk='a' AND sk=1", "INSERT INTO Plain VALUE {'pk':'p'}",
                      "UPDATE Music SET n = 12 WHERE pk='none' AND sk=1",
                      "EXISTS(SELECT * FROM Music WHERE pk='b' AND sk=1 AND n = 1)"}),
            "error: Transaction cancelled, please refer cancellation reasons for specific reasons [None, "
            "DuplicateItem, ConditionalCheckFailed, ConditionalCheckFailed]");
  EXPECT_EQ(kind(), ErrorKind::transaction_canceled);
  EXPECT_EQ(items("SELECT n FROM Music WHERE pk='a' AND sk=1"), R"({"n":{"N":"11"}})");
}

TEST_F(ExecuteTransaction, Reads) {
  fill();
  EXPECT_EQ(
      transact({"SELECT n FROM Music WHERE pk='a' AND sk=1", "SELECT * FROM Plain WHERE pk='none'"},
               R"(,"ReturnConsumedCapacity":"TOTAL")"),
      R"({"Responses":[{"Item":{"n":{"N":"10"}}},{}],"ConsumedCapacity":[{"TableName":"Music","CapacityUnits":2.0,)"
      R"("ReadCapacityUnits":2.0},{"TableName":"Plain","CapacityUnits":2.0,"ReadCapacityUnits":2.0}]})");
  EXPECT_EQ(transact({"SELECT * FROM Music WHERE pk='a'"}),
            "error: Where clause does not contain a mandatory equality on all key attributes");
  EXPECT_EQ(transact({"SELECT * FROM \"Music\".\"by_g\" WHERE g='x'"}),
            "error: Reads on indices are not supported within transactions.");
}

TEST_F(ExecuteTransaction, Refusals) {
  EXPECT_EQ(transact({"SELECT * FROM Plain WHERE pk='a'", "INSERT INTO Plain VALUE {'pk':'a'}"}),
            "error: ExecuteTransaction API does not support both read and write operations in the same request.");
  EXPECT_EQ(transact({"INSERT INTO Plain VALUE {'pk':'a'}", "UPDATE Plain SET n = 1 WHERE pk='a'"}),
            "error: Transaction request cannot include multiple operations on one item");
  EXPECT_EQ(transact({"DELETE FROM Plain WHERE pk='a' RETURNING ALL OLD *"}),
            "error: RETURNING clause is not supported in transactions");
  EXPECT_EQ(transact({"INSERT INTO Absent VALUE {'pk':'a'}"}), "error: Requested resource not found");
  EXPECT_EQ(execute("EXISTS(SELECT * FROM Plain WHERE pk='a')"), "error: EXISTS is only supported within transactions");
  EXPECT_EQ(execute("SELECT * FROM Plain"), R"({"Items":[]})");
}

TEST_F(ExecuteTransaction, TokensMakeItHappenOnce) {
  execute("INSERT INTO Plain VALUE {'pk':'a','n':0}");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(transact({"UPDATE Plain SET n = n + 1 WHERE pk='a'"}, R"(,"ClientRequestToken":"t1")"), "{}");
  }
  EXPECT_EQ(items("SELECT n FROM Plain"), R"({"n":{"N":"1"}})");
  transact({"UPDATE Plain SET n = n + 2 WHERE pk='a'"}, R"(,"ClientRequestToken":"t1")");
  EXPECT_EQ(kind(), ErrorKind::idempotent_parameter_mismatch);
}

}  // namespace
}  // namespace reprise::dynamo::partiql
