#include "s3/model/error.h"

#include <gtest/gtest.h>

#include <set>

namespace reprise::s3 {
namespace {

TEST(ErrorTest, EveryCodeHasANameAStatusAndAText) {
  std::set<std::string_view> names;
  for (std::size_t code = 0; code < error_codes; ++code) {
    const ErrorSpelling& spelling = spelling_of(static_cast<ErrorCode>(code));
    EXPECT_FALSE(spelling.name.empty()) << code;
    EXPECT_FALSE(spelling.message.empty()) << spelling.name;
    EXPECT_TRUE(spelling.status == 301 || spelling.status == 304 || (spelling.status >= 400 && spelling.status < 600))
        << spelling.name;
    const bool first = names.insert(spelling.name).second;
    // Two reasons for one code: a request's, and that of a missing digest.
    EXPECT_TRUE(first || spelling.name == "InvalidRequest") << spelling.name;
    EXPECT_EQ(s3_error(static_cast<ErrorCode>(code)).message, spelling.message);
  }
}

TEST(ErrorTest, SpellingsThatClientsKnow) {
  EXPECT_EQ(spelling_of(ErrorCode::no_such_key).name, "NoSuchKey");
  EXPECT_EQ(spelling_of(ErrorCode::no_such_key).status, 404);
  EXPECT_EQ(spelling_of(ErrorCode::precondition_failed).status, 412);
  EXPECT_EQ(spelling_of(ErrorCode::invalid_range).status, 416);
  EXPECT_EQ(spelling_of(ErrorCode::missing_content_length).status, 411);
  EXPECT_EQ(spelling_of(ErrorCode::bucket_not_empty).status, 409);
  EXPECT_EQ(spelling_of(ErrorCode::not_implemented).status, 501);
  EXPECT_EQ(spelling_of(ErrorCode::slow_down).status, 503);
  EXPECT_EQ(spelling_of(ErrorCode::key_too_long).name, "KeyTooLongError");
}

TEST(ErrorTest, ArgumentsAreNamed) {
  const S3Error error = invalid_argument("text", "name", "value");
  ASSERT_EQ(error.details.size(), 2U);
  EXPECT_EQ(error.details[0], (std::pair<std::string, std::string>("ArgumentName", "name")));
  EXPECT_EQ(error.details[1], (std::pair<std::string, std::string>("ArgumentValue", "value")));
}

TEST(ErrorTest, OfTheStore) {
  EXPECT_EQ(store_error(conflict("x")).code, ErrorCode::slow_down);
  EXPECT_EQ(store_error(unavailable("x")).code, ErrorCode::service_unavailable);
  const S3Error full = store_error(Status(Code::exhausted, "x"));
  EXPECT_EQ(full.code, ErrorCode::service_unavailable);
  EXPECT_NE(full.message.find("disk is full"), std::string::npos) << full.message;
  EXPECT_EQ(store_error(corruption("x")).code, ErrorCode::internal_error);
}

}  // namespace
}  // namespace reprise::s3
