// ExecuteStatement: reading in pages, writing one item, and the errors of both.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "dynamo/partiql/partiql_for_tests.h"

namespace reprise::dynamo::partiql {
namespace {

using ExecuteStatement = PartiqlTest;

// The pk and sk of each item of an answer: "a1 a2".
std::string keys_of(const std::string& answer) {
  std::string out;
  for (std::size_t at = answer.find("\"pk\":{\"S\":\""); at != std::string::npos;
       at = answer.find("\"pk\":{\"S\":\"", at + 1)) {
    const std::size_t sk = answer.find("\"sk\":{\"N\":\"", at);
    if (!out.empty()) out.push_back(' ');
    out.push_back(answer[at + 11]);
    if (sk != std::string::npos) out.push_back(answer[sk + 11]);
  }
  return out;
}

TEST_F(ExecuteStatement, InsertsEveryType) {
  EXPECT_EQ(execute("INSERT INTO Plain VALUE {'pk':'t', 's':'it''s', 'n':-1.50e2, 'b':true, 'nul':null, "
                    "'l':[1,'x',[]], 'm':{'k':{}}, 'ss':<<'b','a'>>, 'ns':<<2,1>>, 'p':?, 'q':?}",
                    R"("Parameters": [{"B": "AQI="}, {"SS": ["z"]}])"),
            R"({"Items":[]})");
  EXPECT_EQ(items("SELECT * FROM Plain WHERE pk = 't'"),
            R"({"b":{"BOOL":true},"l":{"L":[{"N":"1"},{"S":"x"},{"L":[]}]},"m":{"M":{"k":{"M":{}}}},"n":{"N":"-150"},)"
            R"("ns":{"NS":["1","2"]},"nul":{"NULL":true},"p":{"B":"AQI="},"pk":{"S":"t"},"q":{"SS":["z"]},)"
            R"("s":{"S":"it's"},"ss":{"SS":["a","b"]}})");
  EXPECT_EQ(execute("INSERT INTO Plain VALUE ?", R"("Parameters": [{"M": {"pk": {"S": "whole"}}}])"),
            R"({"Items":[]})");
  EXPECT_EQ(items("SELECT pk FROM Plain WHERE pk = 'whole'"), R"({"pk":{"S":"whole"}})");
}

TEST_F(ExecuteStatement, InsertRefusals) {
  ASSERT_EQ(execute("INSERT INTO Plain VALUE {'pk':'a'}"), R"({"Items":[]})");
  EXPECT_EQ(execute("INSERT INTO Plain VALUE {'pk':'a','x':1}"), "error: Duplicate primary key exists in table");
  EXPECT_EQ(kind(), ErrorKind::duplicate_item);
  EXPECT_EQ(items("SELECT * FROM Plain WHERE pk='a'"), R"({"pk":{"S":"a"}})");
  EXPECT_EQ(execute("INSERT INTO Plain VALUE {'pk':'b','x':<<>>}"), "error: Empty bags are not supported");
  EXPECT_EQ(execute("INSERT INTO Plain VALUE {'pk':'b','x':<<1,1.0>>}"), "error: Input collection contains duplicates");
  EXPECT_EQ(execute("INSERT INTO Plain VALUE {'pk':'b','x':<<1,'a'>>}"),
            "error: DynamoDB only supports either numbers or strings in bags");
  EXPECT_EQ(execute("INSERT INTO Plain VALUE {'x':1}"),
            "error: One or more parameter values were invalid: Missing the key pk in the item");
  EXPECT_EQ(execute("INSERT INTO Plain VALUE {'pk':?}"),
            "error: Number of parameters in request and statement don't match.");
  EXPECT_EQ(execute("INSERT INTO Absent VALUE {'pk':'a'}"), "error: Requested resource not found");
  EXPECT_EQ(kind(), ErrorKind::resource_not_found);
  EXPECT_EQ(execute("INSERT INTO \"Music\".\"by_g\" VALUE {'pk':'a','sk':1}"),
            "error: This operation is not supported on an index");
  EXPECT_EQ(execute("SELECT pk FROM Plain"), R"({"Items":[{"pk":{"S":"a"}}]})");
}

TEST_F(ExecuteStatement, SelectsByKeyAndByScan) {
  fill();
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk='a' AND sk=2")), "a2");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk='a'")), "a1 a2 a3");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE 2 <= sk AND 'a' = pk")), "a2 a3");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk='a' AND sk BETWEEN 1 AND 2 AND n > 10")), "a2");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk='a' AND sk > 1 AND sk < 3")), "a2");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk IN ['b','a','b'] AND sk = 1")), "b1 a1");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk = 'b' OR pk = 'a'")), "b1 a1 a2 a3");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE (pk='a' AND sk=3) OR (pk='b' AND sk=1)")), "a3 b1");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE s = 'one'")), "a1");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk = ? AND sk IN (?, ?)",
                          R"("Parameters": [{"S": "a"}, {"N": "3"}, {"N": "1"}])")),
            "a1 a3");
  EXPECT_EQ(execute("SELECT * FROM Music WHERE pk = 'none'"), R"({"Items":[]})");
}

TEST_F(ExecuteStatement, Conditions) {
  fill();
  const auto found = [this](std::string_view condition) {
    return keys_of(items("SELECT * FROM Music WHERE pk='a' AND (" + std::string(condition) + ")"));
  };
  EXPECT_EQ(found("n IS MISSING"), "a3");
  EXPECT_EQ(found("n IS NOT MISSING"), "a1 a2");
  EXPECT_EQ(found("NOT n = 10"), "a2 a3");
  EXPECT_EQ(found("n <> 10"), "a2 a3");
  EXPECT_EQ(found("begins_with(l, 'z')"), "a1");
  EXPECT_EQ(found("contains(\"set\", 2)"), "a3");
  EXPECT_EQ(found("size(m.k) = 2"), "a3");
  EXPECT_EQ(found("m.k[1] = 'two'"), "a3");
  EXPECT_EQ(found("attribute_type(m, 'M')"), "a3");
  EXPECT_EQ(found("n IN [20, 30] OR l = 'x'"), "a2 a3");
  EXPECT_EQ(found("n NOT BETWEEN 5 AND 15"), "a2 a3");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE nul IS NULL")), "b1");
  EXPECT_EQ(found("foo(n)"), "");
  EXPECT_EQ(kind(), ErrorKind::validation);
  EXPECT_EQ(found("n + 1 = 11"), "");
  EXPECT_EQ(found("n LIKE 'x'"), "");
  EXPECT_EQ(kind(), ErrorKind::validation);
}

TEST_F(ExecuteStatement, ColumnsAreCalledAfterTheEndOfTheirPath) {
  fill();
  EXPECT_EQ(items("SELECT m.k[1], m.k, absent, sk FROM Music WHERE pk='a' AND sk=3"),
            R"({"k[1]":{"S":"two"},"k":{"L":[{"N":"1"},{"S":"two"}]},"sk":{"N":"3"}})");
  EXPECT_EQ(items("SELECT absent FROM Music WHERE pk='b'"), "{}");
  EXPECT_EQ(execute("SELECT s, s FROM Music"), "error: Duplicate identifiers in select clause: s");
  EXPECT_EQ(execute("SELECT count(*) FROM Music"),
            "error: Only attributes and document paths are supported in the select clause");
}

TEST_F(ExecuteStatement, OrderBy) {
  fill();
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk='a' ORDER BY sk DESC")), "a3 a2 a1");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk='a' ORDER BY pk DESC, sk ASC")), "a1 a2 a3");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk IN ['b','a'] ORDER BY pk, sk DESC")), "a3 a2 a1 b1");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk IN ['a','b'] ORDER BY pk DESC")), "b1 a1 a2 a3");
  EXPECT_EQ(keys_of(items("SELECT * FROM \"Music\".\"by_l\" WHERE pk='a' ORDER BY l")), "a3 a2 a1");
  EXPECT_EQ(execute("SELECT * FROM Music ORDER BY sk"),
            "error: Must have WHERE clause in the statement when using ORDER BY clause.");
  EXPECT_EQ(execute("SELECT * FROM Music WHERE pk='a' ORDER BY n"),
            "error: Attribute n in ORDER BY clause must be part of the primary key");
  EXPECT_EQ(
      execute("SELECT * FROM Music WHERE pk > 'a' ORDER BY sk"),
      "error: Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.");
  EXPECT_EQ(execute("SELECT * FROM Music WHERE pk IN ['a','b'] ORDER BY sk"),
            "error: Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE "
            "clause.");
}

TEST_F(ExecuteStatement, Indexes) {
  fill();
  EXPECT_EQ(keys_of(items("SELECT * FROM \"Music\".\"by_g\" WHERE g = 'x' AND sk = 1")).size(), 5U);
  EXPECT_EQ(keys_of(items("SELECT * FROM \"Music\".\"by_g\" WHERE pk = 'a' AND n = 20")), "a2");
  // A local index is helped out by the table.
  EXPECT_EQ(items("SELECT s, n FROM \"Music\".\"by_l\" WHERE pk = 'a' AND l = 'z'"),
            R"({"s":{"S":"one"},"n":{"N":"10"}})");
  EXPECT_EQ(items("SELECT sk FROM \"Music\".\"by_l\" WHERE pk = 'a' AND n = 20"), R"({"sk":{"N":"2"}})");
  EXPECT_EQ(items("SELECT s FROM \"Music\".\"few\" WHERE g = 'x'"),
            "error: One or more parameter values were invalid: Global secondary index few does not project [s]");
  EXPECT_EQ(execute("SELECT * FROM \"Music\".\"none\""), "error: The table does not have the specified index");
  EXPECT_EQ(execute("SELECT * FROM \"Music\".\"by_g\"", R"("ConsistentRead": true)"),
            "error: Strongly consistent read is not supported on Global Secondary Indexes");
  EXPECT_EQ(keys_of(items("SELECT pk FROM \"Music\".\"by_l\" WHERE pk='a'", R"("ConsistentRead": true)")), "a a a");
}

TEST_F(ExecuteStatement, KeysHaveTheirTypes) {
  for (const char* statement : {"SELECT * FROM Music WHERE pk = 1", "DELETE FROM Music WHERE pk = 1 AND sk = 1",
                                "UPDATE Music SET a = 1 WHERE pk = 1 AND sk = 1"}) {
    EXPECT_EQ(execute(statement),
              "error: Key attribute's data type should match its data type in table's schema: Key pk");
  }
  EXPECT_EQ(execute("SELECT * FROM Music WHERE pk = 'a' AND sk > 'x'"),
            "error: Key attribute's data type should match its data type in table's schema: Key sk");
}

// All items of a statement, page by page; checks that each page but the last says so.
std::vector<std::string> pages(std::function<std::string(std::string)> ask) {
  std::vector<std::string> pages;
  std::string token;
  do {
    const std::string answer = ask(token);
    pages.push_back(answer);
    const std::size_t at = answer.find("\"NextToken\":\"");
    EXPECT_EQ(at == std::string::npos, answer.find("LastEvaluatedKey") == std::string::npos);
    token = at == std::string::npos ? "" : answer.substr(at + 13, answer.find('"', at + 13) - at - 13);
  } while (!token.empty() && pages.size() < 100);
  return pages;
}

TEST_F(ExecuteStatement, PagesAreTheWhole) {
  fill();
  for (const std::string statement :
       {"SELECT * FROM Music", "SELECT * FROM Music WHERE pk IN ['b','a','c']", "SELECT * FROM Music WHERE pk='a'",
        "SELECT * FROM Music WHERE pk IN ['a','b'] ORDER BY pk DESC, sk DESC",
        "SELECT * FROM \"Music\".\"by_g\" WHERE g IN ['y','x']"}) {
    const std::string whole = keys_of(execute(statement));
    for (int limit = 1; limit <= 5; ++limit) {
      std::string together;
      for (const auto& page : pages([&](const std::string& token) {
             std::string more = "\"Limit\":" + std::to_string(limit);
             if (!token.empty()) more.append(",\"NextToken\":\"" + token + "\"");
             return execute(statement, more);
           })) {
        const std::string keys = keys_of(page.substr(0, page.find("],\"Last")));
        if (!keys.empty()) together.append(together.empty() ? "" : " ").append(keys);
      }
      EXPECT_EQ(together, whole) << statement << " limit " << limit;
    }
  }
  // The limit counts what is looked at, not what is found; behind a whole key there is nothing.
  EXPECT_NE(execute("SELECT * FROM Music WHERE pk='a' AND n=20", R"("Limit": 1)").find("NextToken"), std::string::npos);
  EXPECT_EQ(execute("SELECT * FROM Music WHERE pk='a' AND sk=1", R"("Limit": 1)").find("NextToken"), std::string::npos);
}

TEST_F(ExecuteStatement, TokensBelongToTheirStatement) {
  fill();
  const std::string first = execute("SELECT * FROM Music WHERE pk = ?", R"("Limit":1,"Parameters":[{"S":"a"}])");
  const std::size_t at = first.find("\"NextToken\":\"") + 13;
  const std::string token = "\"NextToken\":\"" + first.substr(at, first.find('"', at) - at) + "\"";
  EXPECT_EQ(keys_of(execute("SELECT * FROM Music WHERE pk = ?", token + R"(,"Parameters":[{"S":"a"}])")), "a2 a3");
  EXPECT_EQ(execute("SELECT * FROM Music WHERE pk = ?", token + R"(,"Parameters":[{"S":"b"}])"),
            "error: NextToken does not match request");
  EXPECT_EQ(execute("SELECT * FROM Music WHERE pk = 'a'", token), "error: NextToken does not match request");
  EXPECT_EQ(execute("SELECT * FROM Music WHERE pk = 'a'", R"("NextToken":"garbage")"), "error: Invalid NextToken");
}

TEST_F(ExecuteStatement, Updates) {
  fill();
  EXPECT_EQ(execute("UPDATE Music SET n = n + 5 SET m.k = list_append(m.k, [3]) SET \"set\" = set_add(\"set\", <<9>>) "
                    "REMOVE l WHERE pk='a' AND sk=3"),
            "error: The provided expression refers to an attribute that does not exist in the item");
  EXPECT_EQ(execute("UPDATE Music SET n = sk - 1 SET m.k = list_append(m.k, [3]) SET \"set\" = set_add(\"set\", <<9>>) "
                    "REMOVE l WHERE pk='a' AND sk=3 RETURNING ALL NEW *"),
            R"({"Items":[{"m":{"M":{"k":{"L":[{"N":"1"},{"S":"two"},{"N":"3"}]}}},"n":{"N":"2"},"pk":{"S":"a"},)"
            R"("set":{"NS":["1","2","9"]},"sk":{"N":"3"}}]})");
  EXPECT_EQ(execute("UPDATE Music SET m.k[0] = 7 SET \"set\" = set_delete(\"set\", <<1,2,9>>) "
                    "WHERE pk='a' AND sk=3 RETURNING MODIFIED NEW *"),
            R"({"Items":[{"m":{"M":{"k":{"L":[{"N":"7"}]}}}}]})");
  EXPECT_EQ(execute("UPDATE Music SET n = 3 WHERE pk='a' AND sk=3 RETURNING MODIFIED OLD *"),
            R"({"Items":[{"n":{"N":"2"}}]})");
  EXPECT_EQ(execute("UPDATE Music REMOVE n WHERE pk='a' AND sk=3 RETURNING MODIFIED NEW *"), R"({"Items":[]})");
  EXPECT_EQ(execute("UPDATE Music SET fresh = 1 WHERE pk='a' AND sk=3 RETURNING MODIFIED OLD *"), R"({"Items":[]})");
  EXPECT_EQ(keys_of(execute("UPDATE Music SET s = ? WHERE pk='a' AND sk=1 AND n = 10 RETURNING ALL OLD *",
                            R"("Parameters":[{"S":"new"}])")),
            "a1");
  EXPECT_EQ(items("SELECT s FROM Music WHERE pk='a' AND sk=1"), R"({"s":{"S":"new"}})");
}

TEST_F(ExecuteStatement, UpdateRefusals) {
  fill();
  for (const char* statement :
       {"UPDATE Music SET x = 1 WHERE pk='none' AND sk=1", "UPDATE Music SET x = 1 WHERE pk='a' AND sk=1 AND n = 11"}) {
    EXPECT_EQ(execute(statement), "error: The conditional request failed");
    EXPECT_EQ(kind(), ErrorKind::conditional_check_failed);
    EXPECT_TRUE(server.error()->item.empty());
  }
  execute("UPDATE Plain SET x = 1 WHERE pk='none'", R"("ReturnValuesOnConditionCheckFailure":"ALL_OLD")");
  EXPECT_TRUE(server.error()->item.empty());
  execute("UPDATE Music SET x = 1 WHERE pk='a' AND sk=1 AND n = 11",
          R"("ReturnValuesOnConditionCheckFailure":"ALL_OLD")");
  EXPECT_FALSE(server.error()->item.empty());
  for (const char* statement : {"UPDATE Music SET x = 1", "UPDATE Music SET x = 1 WHERE pk='a'",
                                "UPDATE Music SET x = 1 WHERE pk='a' AND sk > 1", "DELETE FROM Music WHERE sk = 1",
                                "DELETE FROM Music WHERE pk='a' AND (sk=1 OR sk=2)"}) {
    EXPECT_EQ(execute(statement), "error: Where clause does not contain a mandatory equality on all key attributes");
  }
  EXPECT_EQ(execute("UPDATE Music SET sk = 1 WHERE pk='a' AND sk=1"),
            "error: One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of "
            "the key");
  EXPECT_EQ(execute("UPDATE Music SET g = 1 WHERE pk='a' AND sk=1"),
            "error: One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N "
            "IndexName: by_g");
  EXPECT_EQ(execute("UPDATE Music SET g = n WHERE pk='a' AND sk=1"),
            "error: The update expression attempted to update the secondary index key to unsupported type");
  EXPECT_EQ(execute("UPDATE Music SET x = set_add(y, <<1>>) WHERE pk='a' AND sk=1"),
            "error: The first operand of set_add must be the path that is set");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE x IS NOT MISSING")), "");
}

TEST_F(ExecuteStatement, Deletes) {
  fill();
  EXPECT_EQ(execute("DELETE FROM Music WHERE pk='none' AND sk=1 AND n = 1 RETURNING ALL OLD *"), R"({"Items":[]})");
  EXPECT_EQ(execute("DELETE FROM Music WHERE pk='a' AND sk=1 AND n = 11"), "error: The conditional request failed");
  EXPECT_EQ(execute("DELETE FROM Music WHERE pk='b' AND sk=1 RETURNING ALL NEW *").substr(0, 6), "error:");
  EXPECT_EQ(keys_of(execute("DELETE FROM Music WHERE pk='a' AND sk=1 AND n = 10 RETURNING ALL OLD *")), "a1");
  EXPECT_EQ(execute("DELETE FROM Music WHERE pk='a' AND sk=2"), R"({"Items":[]})");
  EXPECT_EQ(keys_of(items("SELECT * FROM Music WHERE pk IN ['a','b']")), "a3 b1");
}

TEST_F(ExecuteStatement, Capacity) {
  fill();
  const auto units = [](const std::string& answer) {
    const std::size_t at = answer.find("\"CapacityUnits\":");
    return at == std::string::npos ? std::string("none")
                                   : answer.substr(at + 16, answer.find_first_of(",}", at) - at - 16);
  };
  EXPECT_EQ(units(execute("SELECT * FROM Music WHERE pk='a'", R"("ReturnConsumedCapacity":"TOTAL")")), "0.5");
  EXPECT_EQ(
      units(execute("SELECT * FROM Music WHERE pk='a'", R"("ReturnConsumedCapacity":"TOTAL","ConsistentRead":true)")),
      "1.0");
  EXPECT_EQ(units(execute("INSERT INTO Plain VALUE {'pk':'c'}", R"("ReturnConsumedCapacity":"TOTAL")")), "1.0");
  EXPECT_EQ(units(execute("INSERT INTO Plain VALUE {'pk':'d'}")), "none");
}

TEST_F(ExecuteStatement, ReadsThePast) {
  ASSERT_EQ(server
                .run(update_continuous_backups,
                     "{'TableName':'Plain','PointInTimeRecoverySpecification':{'PointInTimeRecoveryEnabled':true}}")
                .substr(0, 1),
            "{");
  execute("INSERT INTO Plain VALUE {'pk':'a','v':1}");
  const Timestamp before = server.store().now();
  server.wall().advance(1'000'000);
  execute("UPDATE Plain SET v = 2 WHERE pk='a'");
  EXPECT_EQ(execute("SELECT v FROM Plain WHERE pk='a'", "", before), R"({"Items":[{"v":{"N":"1"}}]})");
  EXPECT_EQ(items("SELECT v FROM Plain"), R"({"v":{"N":"2"}})");
  EXPECT_EQ(execute("DELETE FROM Plain WHERE pk='a'", "", before),
            "error: x-reprise-as-of has no meaning for a statement that writes");
}

}  // namespace
}  // namespace reprise::dynamo::partiql
