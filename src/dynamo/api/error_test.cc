// The wire's spelling of every error.
#include "dynamo/api/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "codec/json.h"
#include "dynamo/model/item.h"

namespace reprise::dynamo {
namespace {

constexpr auto last_kind = ErrorKind::service_unavailable;

TEST(WireErrorTest, EveryKindHasANameOfItsOwnAndAStatus) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(last_kind); ++i) {
    const auto kind = static_cast<ErrorKind>(i);
    const WireError wire = wire_error(kind);
    EXPECT_FALSE(wire.name.empty()) << i;
    EXPECT_TRUE(names.insert(std::string(wire.name)).second) << wire.name << " is spelled twice";
    EXPECT_TRUE(wire.prefix.starts_with("com.amazon") && wire.prefix.ends_with("#")) << wire.name;
    const int status = kind == ErrorKind::internal_server_error ? 500
                       : kind == ErrorKind::service_unavailable ? 503
                                                                : 400;
    EXPECT_EQ(wire.status, status) << wire.name;
    EXPECT_TRUE(wire.message_key == "message" || wire.message_key == "Message");
    codec::JsonDocument document;
    EXPECT_TRUE(document.parse(error_body(api_error(kind, "why \"so\""))).ok()) << wire.name;
  }
}

TEST(WireErrorTest, Bodies) {
  EXPECT_EQ(error_body(validation("bad")),
            R"({"__type":"com.amazon.coral.validate#ValidationException","message":"bad"})");
  EXPECT_EQ(error_body(serialization("bad")),
            R"({"__type":"com.amazon.coral.service#SerializationException","Message":"bad"})");
  EXPECT_EQ(error_body(api_error(ErrorKind::resource_not_found, "none")),
            R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"none"})");
  EXPECT_EQ(error_body(api_error(ErrorKind::unknown_operation, "")),
            R"({"__type":"com.amazon.coral.service#UnknownOperationException"})");
  EXPECT_EQ(front_error_body("InvalidSignatureException", "no"),
            R"({"__type":"com.amazon.coral.service#InvalidSignatureException","message":"no"})");

  ApiError failed = api_error(ErrorKind::conditional_check_failed, "The conditional request failed");
  failed.item = ItemBuilder().set_string("a", "x").build();
  EXPECT_EQ(
      error_body(failed),
      R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed","Item":{"a":{"S":"x"}}})");

  ApiError cancelled = api_error(ErrorKind::transaction_canceled, "cancelled");
  cancelled.reasons = std::make_shared<const std::vector<CancellationReason>>(
      std::vector<CancellationReason>{{"None", "", {}}, {"ConditionalCheckFailed", "failed", failed.item}});
  EXPECT_EQ(
      error_body(cancelled),
      R"({"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled","CancellationReasons":)"
      R"([{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"failed","Item":{"a":{"S":"x"}}}]})");
}

}  // namespace
}  // namespace reprise::dynamo
