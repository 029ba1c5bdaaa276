// For tests: a server but for HTTP that is asked in PartiQL.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/ops/operations_for_tests.h"
#include "dynamo/partiql/partiql_operations.h"

namespace reprise::dynamo::partiql {

class PartiqlTest : public ::testing::Test {
 protected:
  // "Music": pk (S), sk (N); a local index "by_l" (l, S; keys only), global indexes "by_g" (g, S; all) and "few"
  // (g, S; keys only). "Plain": pk (S).
  void SetUp() override {
    server.run(create_table, R"({'TableName': 'Plain', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}],
        'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]})");
    ASSERT_FALSE(server.error()) << server.error()->message;
    server.run(create_table, R"({'TableName': 'Music', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}, {'AttributeName': 'sk', 'AttributeType': 'N'},
          {'AttributeName': 'g', 'AttributeType': 'S'}, {'AttributeName': 'l', 'AttributeType': 'S'}],
        'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}],
        'LocalSecondaryIndexes': [{'IndexName': 'by_l', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
          'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'l', 'KeyType': 'RANGE'}]}],
        'GlobalSecondaryIndexes': [{'IndexName': 'by_g', 'Projection': {'ProjectionType': 'ALL'},
          'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}]},
          {'IndexName': 'few', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
          'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}]}]})");
    ASSERT_FALSE(server.error()) << server.error()->message;
  }

  static std::string quoted(std::string_view text) {
    Bytes out;
    codec::JsonWriter::append_quoted(out, text);
    return out;
  }

  // A body as JSON; unlike TestServer's, single quotes stay what they are.
  std::string run(OperationFunction operation, const std::string& body, std::optional<Timestamp> as_of = std::nullopt) {
    codec::JsonDocument document;
    auto json = document.parse(body);
    EXPECT_TRUE(json.ok()) << body;
    return server.run(operation, *json, as_of);
  }
  // `more` are further members, such as R"("Limit": 2)".
  std::string execute(std::string_view statement, std::string_view more = "",
                      std::optional<Timestamp> as_of = std::nullopt) {
    std::string body = "{\"Statement\":" + quoted(statement);
    if (!more.empty()) body.append(",").append(more);
    return run(execute_statement, body + "}", as_of);
  }
  std::string batch(const std::vector<std::string>& statements, std::string_view more = "") {
    return run(batch_execute_statement, "{\"Statements\":" + list(statements) + std::string(more) + "}");
  }
  std::string transact(const std::vector<std::string>& statements, std::string_view more = "") {
    return run(execute_transaction, "{\"TransactStatements\":" + list(statements) + std::string(more) + "}");
  }
  // What SELECT answers, without the braces and brackets around the items.
  std::string items(std::string_view statement, std::string_view more = "") {
    std::string answer = execute(statement, more);
    if (!answer.starts_with("{\"Items\":[")) return answer;
    return answer.substr(10, answer.size() - 12);
  }
  void fill() {
    for (const char* item :
         {"{'pk':'a','sk':1,'g':'x','l':'z','n':10,'s':'one'}", "{'pk':'a','sk':2,'g':'y','l':'y','n':20}",
          "{'pk':'a','sk':3,'l':'x','m':{'k':[1,'two']},'set':<<1,2>>}", "{'pk':'b','sk':1,'g':'x','nul':NULL}"}) {
      ASSERT_EQ(execute("INSERT INTO \"Music\" VALUE " + std::string(item)), "{\"Items\":[]}");
    }
  }
  // The error of the last call.
  ErrorKind kind() { return server.error() ? server.error()->kind : ErrorKind::service_unavailable; }

  TestServer server;

 private:
  static std::string list(const std::vector<std::string>& statements) {
    std::string out = "[";
    for (const auto& statement : statements) {
      if (out.size() > 1) out.append(",");
      out.append("{\"Statement\":").append(quoted(statement)).append("}");
    }
    return out + "]";
  }
};

}  // namespace reprise::dynamo::partiql
