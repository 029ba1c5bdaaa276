#include "s3/api/refusal.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/xml.h"

namespace reprise::s3 {
namespace {

struct Told {
  int status;
  std::string code;
  std::string message;
  std::string most;
};

Told told(int status) {
  http::Request request;
  request.method = "GET";
  request.target = "/b/k?x";
  request.id = std::string(52, 'A');
  http::Limits limits;
  limits.header_bytes_max = 1000;
  limits.target_bytes_max = 500;
  limits.body_bytes_max = 70;
  const http::Response response = refusal_response({status, "Why."}, request, limits);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/xml");
  EXPECT_EQ(response.headers.get("x-amz-request-id"), std::string(16, 'A'));
  const auto root = codec::parse_xml(response.body);
  EXPECT_TRUE(root.ok());
  EXPECT_EQ(root->name, "Error");
  EXPECT_EQ(root->text_of("Reason"), "Why.");
  EXPECT_EQ(root->text_of("Resource"), "/b/k");
  EXPECT_EQ(root->text_of("Code"), response.error_code);
  return {response.status, std::string(root->text_of("Code")), std::string(root->text_of("Message")),
          std::string(root->text_of("MaxSizeAllowed"))};
}

TEST(Refusal, IsAnErrorOfS3) {
  for (const int status : {400, 417, 505}) {
    const Told bad = told(status);
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(bad.code, "BadRequest");
    EXPECT_EQ(bad.message, "An error occurred when parsing the HTTP request.");
  }
  EXPECT_EQ(told(408).code, "RequestTimeout");
  EXPECT_EQ(told(408).status, 400);
  EXPECT_EQ(told(501).code, "NotImplemented");
  EXPECT_EQ(told(503).code, "SlowDown");
  EXPECT_EQ(told(500).code, "InternalError");
}

TEST(Refusal, TellsTheLimit) {
  EXPECT_EQ(told(413).code, "EntityTooLarge");
  EXPECT_EQ(told(413).most, "70");
  EXPECT_EQ(told(414).code, "RequestHeaderSectionTooLarge");
  EXPECT_EQ(told(414).most, "500");
  EXPECT_EQ(told(431).most, "1000");
  EXPECT_EQ(told(431).message, "Your request header section exceeds the maximum allowed size.");
  EXPECT_EQ(told(431).status, 400);
}

TEST(Refusal, HasNoDocumentForAHead) {
  http::Request request;
  request.method = "HEAD";
  request.target = "/b";
  EXPECT_TRUE(refusal_response({400, "Why."}, request, {}).body.empty());
}

}  // namespace
}  // namespace reprise::s3
