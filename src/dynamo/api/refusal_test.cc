#include "dynamo/api/refusal.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/crc32.h"

namespace reprise::dynamo {
namespace {

TEST(Refusal, IsAnErrorOfDynamoDb) {
  struct Case {
    int status;
    std::string name;
  };
  for (const auto& [status, name] : {Case{400, "SerializationException"},
                                     {408, "RequestTimeoutException"},
                                     {413, "RequestEntityTooLargeException"},
                                     {414, "RequestEntityTooLargeException"},
                                     {431, "RequestEntityTooLargeException"},
                                     {417, "SerializationException"},
                                     {500, "InternalServerError"},
                                     {501, "SerializationException"},
                                     {503, "ServiceUnavailable"}}) {
    http::Request request;
    request.id = std::string(52, 'A');
    const http::Response response = refusal_response({status, "Why."}, request);
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.error_code, name);
    EXPECT_EQ(response.body, "{\"__type\":\"com.amazon.coral.service#" + name + "\",\"message\":\"Why.\"}");
    EXPECT_EQ(response.headers.get("x-amzn-RequestId"), request.id);
    EXPECT_EQ(response.headers.get("x-amz-crc32"), std::to_string(codec::crc32(response.body)));
    EXPECT_EQ(response.headers.get("Content-Type"), "application/x-amz-json-1.0");
  }
}

}  // namespace
}  // namespace reprise::dynamo
