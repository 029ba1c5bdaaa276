// The HTTP side: routing, headers, the order of the checks, bodies of all kinds. In the JSON texts ' stands for ".
#include "dynamo/api/handler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "auth/credentials.h"
#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/signer.h"
#include "auth/sigv4/verifier.h"
#include "codec/crc32.h"
#include "codec/gzip.h"
#include "dynamo/ops/operations_for_tests.h"

namespace reprise::dynamo {
namespace {

class TextBody final : public http::BodyReader {
 public:
  explicit TextBody(Bytes text) : text_(std::move(text)) {}
  Task<Result<Bytes>> read() override {
    if (text_.empty()) return Task<Result<Bytes>>(Bytes());
    const auto piece = std::min<std::size_t>(text_.size(), 100'000);
    Bytes front = text_.substr(0, piece);
    text_.erase(0, piece);
    return Task<Result<Bytes>>(std::move(front));
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return text_.size(); }

 private:
  Bytes text_;
};

class Recorder final : public RequestObserver {
 public:
  void on_request(std::string_view operation, int status, std::string_view code, std::chrono::nanoseconds) override {
    lines.push_back(std::string(operation) + " " + std::to_string(status) + " " + std::string(code));
  }
  std::vector<std::string> lines;
};

class HandlerTest : public ::testing::Test {
 protected:
  HandlerTest() {
    auto keys = std::make_shared<auth::CredentialStore>(std::vector{auth::root_access_key("AKID", "secret")});
    auth::sigv4::VerifierOptions options;
    options.region = "eu-west-1";
    auto verifier = std::make_shared<auth::sigv4::Verifier>(options, keys, server_.wall());
    ApiOptions api;
    api.observer = &recorder_;
    api.extra = [](std::string_view target) -> ExtraOperation {
      if (target != "Reprise_20261122.Echo") return {};
      return [](OperationRequest request, const http::Request&) {
        return Task<OperationResult>(Bytes("{\"account\":\"" + request.caller.account + "\"}"));
      };
    };
    handler_ = make_handler(server_.services(), verifier, std::move(api));
  }

  static std::string json(std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    return text;
  }
  http::Request request(std::string_view method, std::string_view target, Bytes body) {
    http::Request made;
    made.method = method;
    made.target = "/";
    made.id = "TESTID";
    made.headers.add("Host", "localhost:8000");
    if (method == "POST") made.headers.add("Content-Type", "application/x-amz-json-1.0");
    if (!target.empty()) made.headers.add("X-Amz-Target", target);
    text_ = body;
    made.body = std::make_unique<TextBody>(std::move(body));
    return made;
  }
  void sign(http::Request& made, const std::string& secret = "secret") {
    const auth::sigv4::AmzDate date(static_cast<std::int64_t>(server_.wall().now_micros() / 1'000'000));
    made.headers.set("X-Amz-Date", date.text());
    std::vector<auth::sigv4::Header> headers;
    for (const auto& [name, value] : made.headers) headers.push_back({name, value});
    auth::sigv4::Signer signer({"AKID", secret, "eu-west-1"});
    made.headers.set("Authorization",
                     signer.authorization({made.method, made.target, headers, text_, {}}, date.text()));
  }
  http::Response answer(http::Request made) { return sync_wait(handler_(made)); }
  http::Response signed_call(std::string_view operation, std::string_view body) {
    auto made = request("POST", "DynamoDB_20120810." + std::string(operation), json(std::string(body)));
    sign(made);
    return answer(std::move(made));
  }
  void create_table_t() {
    const auto response = signed_call("CreateTable", R"({'TableName': 'ttt', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': 'k', 'AttributeType': 'S'}], 'KeySchema': [{'AttributeName': 'k', 'KeyType': 'HASH'}]})");
    ASSERT_EQ(response.status, 200) << response.body;
  }

  TestServer server_;
  Recorder recorder_;
  http::Handler handler_;
  Bytes text_;
};

TEST_F(HandlerTest, AnAnswerCarriesItsIdAndChecksum) {
  const auto response = signed_call("ListTables", "{}");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"TableNames":[]})");
  EXPECT_EQ(response.headers.get("x-amzn-RequestId"), "TESTID");
  EXPECT_EQ(response.headers.get("x-amz-crc32"), std::to_string(codec::crc32(response.body)));
  EXPECT_EQ(response.headers.get("Content-Type"), "application/x-amz-json-1.0");
  EXPECT_FALSE(response.headers.has("Access-Control-Allow-Origin"));
  EXPECT_EQ(response.operation, "ListTables");
  EXPECT_EQ(recorder_.lines, std::vector<std::string>{"ListTables 200 "});
}

TEST_F(HandlerTest, ErrorsAreSpelledAsOnTheWire) {
  const auto response = signed_call("GetItem", "{'TableName': 'none', 'Key': {'k': {'S': 'a'}}}");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(
      response.body,
      R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"})");
  EXPECT_EQ(response.error_code, "ResourceNotFoundException");
  EXPECT_EQ(recorder_.lines, std::vector<std::string>{"GetItem 400 ResourceNotFoundException"});
}

TEST_F(HandlerTest, TheOrderOfTheChecks) {
  // Not a call at all: 404, whatever else is wrong.
  auto wrong_type = request("POST", "DynamoDB_20120810.ListTables", "{");
  wrong_type.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(answer(std::move(wrong_type)).status, 404);
  EXPECT_EQ(answer(request("PUT", "DynamoDB_20120810.ListTables", "{}")).status, 404);
  EXPECT_EQ(answer(request("GET", "", "")).body, "healthy: localhost:8000 ");

  // JSON before operation before signature.
  const auto no_json = answer(request("POST", "DynamoDB_20120810.Nothing", "{"));
  EXPECT_EQ(no_json.error_code, "SerializationException");
  EXPECT_EQ(no_json.body, R"({"__type":"com.amazon.coral.service#SerializationException"})");
  EXPECT_EQ(answer(request("POST", "DynamoDB_20120810.Nothing", "")).error_code, "SerializationException");
  EXPECT_EQ(answer(request("POST", "DynamoDB_20120810.Nothing", "{}")).error_code, "UnknownOperationException");
  EXPECT_EQ(answer(request("POST", "ListTables", "{}")).error_code, "UnknownOperationException");
  EXPECT_EQ(answer(request("POST", "", "{}")).error_code, "UnknownOperationException");
  const auto unsupported = answer(request("POST", "DynamoDB_20120810.SearchVectors", "{}"));
  EXPECT_EQ(unsupported.error_code, "UnknownOperationException");
  EXPECT_NE(unsupported.body.find("Reprise does not support SearchVectors yet; see docs/compatibility.md"),
            std::string::npos);
  const auto unsigned_call = answer(request("POST", "DynamoDB_20120810.ListTables", R"({"Limit": "x"})"));
  EXPECT_EQ(unsigned_call.error_code, "MissingAuthenticationTokenException");
  EXPECT_EQ(
      unsigned_call.body,
      R"({"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","message":"Request is missing Authentication Token"})");

  // Signature before types.
  auto forged = request("POST", "DynamoDB_20120810.ListTables", R"({"Limit": "x"})");
  sign(forged, "guess");
  EXPECT_EQ(answer(std::move(forged)).error_code, "InvalidSignatureException");
  EXPECT_EQ(signed_call("ListTables", "{'Limit': 'x'}").error_code, "SerializationException");
}

TEST_F(HandlerTest, ASignatureCoversTheBody) {
  auto made = request("POST", "DynamoDB_20120810.ListTables", "{}");
  sign(made);
  made.body = std::make_unique<TextBody>(R"({"Limit": 1})");
  EXPECT_EQ(answer(std::move(made)).error_code, "InvalidSignatureException");
}

TEST_F(HandlerTest, GzipBodies) {
  auto made = request("POST", "DynamoDB_20120810.ListTables", codec::gzip("{}"));
  made.headers.add("Content-Encoding", "gzip");
  sign(made);
  EXPECT_EQ(answer(std::move(made)).body, R"({"TableNames":[]})");
  auto damaged = request("POST", "DynamoDB_20120810.ListTables", "no gzip");
  damaged.headers.add("Content-Encoding", "gzip");
  sign(damaged);
  EXPECT_EQ(answer(std::move(damaged)).error_code, "SerializationException");
  auto bomb = request("POST", "DynamoDB_20120810.ListTables", codec::gzip(Bytes(std::size_t{17} << 20, ' ')));
  bomb.headers.add("Content-Encoding", "gzip");
  sign(bomb);
  EXPECT_EQ(answer(std::move(bomb)).status, 413);
}

TEST_F(HandlerTest, OversizedBodies) {
  auto made = request("POST", "DynamoDB_20120810.PutItem", Bytes((std::size_t{16} << 20) + 1, ' '));
  const auto response = answer(std::move(made));
  EXPECT_EQ(response.status, 413);
  EXPECT_TRUE(response.close);
}

TEST_F(HandlerTest, ContentTypesOfOldAndNew) {
  auto made = request("POST", "DynamoDB_20120810.ListTables", "{}");
  made.headers.set("Content-Type", "application/x-amz-json-1.1; charset=utf-8");
  sign(made);
  EXPECT_EQ(answer(std::move(made)).headers.get("Content-Type"), "application/x-amz-json-1.1");
}

TEST_F(HandlerTest, BrowsersMayAsk) {
  auto preflight = request("OPTIONS", "", "");
  preflight.headers.add("Origin", "http://localhost:3000");
  preflight.headers.add("Access-Control-Request-Method", "POST");
  preflight.headers.add("Access-Control-Request-Headers", "x-amz-target,authorization");
  const auto allowed = answer(std::move(preflight));
  EXPECT_EQ(allowed.status, 200);
  EXPECT_EQ(allowed.headers.get("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(allowed.headers.get("Access-Control-Allow-Methods"), "POST");
  EXPECT_EQ(allowed.headers.get("Access-Control-Allow-Headers"), "x-amz-target,authorization");
  auto made = request("POST", "DynamoDB_20120810.ListTables", "{}");
  made.headers.add("Origin", "http://localhost:3000");
  const auto response = answer(std::move(made));
  EXPECT_EQ(response.headers.get("Access-Control-Allow-Origin"), "*");
  EXPECT_NE(response.headers.get("Access-Control-Expose-Headers")->find("x-amzn-RequestId"), std::string::npos);
}

TEST_F(HandlerTest, TimeTravelHeader) {
  create_table_t();
  EXPECT_EQ(
      signed_call("UpdateContinuousBackups",
                  "{'TableName': 'ttt', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': true}}")
          .status,
      200);
  EXPECT_EQ(signed_call("PutItem", "{'TableName': 'ttt', 'Item': {'k': {'S': 'a'}, 'v': {'N': '1'}}}").status, 200);
  server_.wall().advance(2'000'000);
  const std::uint64_t then = server_.store().now().micros();
  server_.wall().advance(2'000'000);
  EXPECT_EQ(signed_call("PutItem", "{'TableName': 'ttt', 'Item': {'k': {'S': 'a'}, 'v': {'N': '2'}}}").status, 200);
  const auto get_as_of = [&](std::string_view operation, const std::string& moment) {
    auto made = request("POST", "DynamoDB_20120810." + std::string(operation),
                        json(operation == "GetItem" ? "{'TableName': 'ttt', 'Key': {'k': {'S': 'a'}}}"
                                                    : "{'TableName': 'ttt', 'Item': {'k': {'S': 'a'}}}"));
    made.headers.add("x-reprise-as-of", moment);
    sign(made);
    return answer(std::move(made)).body;
  };
  EXPECT_EQ(get_as_of("GetItem", format_iso8601(then)), R"({"Item":{"k":{"S":"a"},"v":{"N":"1"}}})");
  EXPECT_EQ(get_as_of("GetItem", std::to_string(server_.wall().now_micros() / 1'000'000)),
            R"({"Item":{"k":{"S":"a"},"v":{"N":"2"}}})");
  EXPECT_NE(get_as_of("GetItem", "yesterday").find("ValidationException"), std::string::npos);
  EXPECT_NE(get_as_of("GetItem", "1970-01-02").find("is before the oldest time"), std::string::npos);
  EXPECT_NE(get_as_of("PutItem", format_iso8601(then)).find("has no meaning for PutItem"), std::string::npos);
}

TEST_F(HandlerTest, ExtraOperations) {
  auto made = request("POST", "Reprise_20261122.Echo", "{}");
  EXPECT_EQ(answer(std::move(made)).error_code, "MissingAuthenticationTokenException");
  made = request("POST", "Reprise_20261122.Echo", "{}");
  sign(made);
  EXPECT_EQ(answer(std::move(made)).body, R"({"account":"000000000000"})");
  EXPECT_EQ(answer(request("POST", "Reprise_20261122.Other", "{}")).error_code, "UnknownOperationException");
}

}  // namespace
}  // namespace reprise::dynamo
