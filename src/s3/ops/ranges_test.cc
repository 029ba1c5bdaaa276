#include "s3/ops/ranges.h"

#include <gtest/gtest.h>

#include <string>

namespace reprise::s3 {
namespace {

// "FIRST+LENGTH", "whole", or the status and code.
std::string ranged(std::string_view header, std::uint64_t bytes) {
  const auto range = parse_range(header, bytes);
  if (!range.ok()) return std::string(spelling_of(range.error().code).name);
  if (!*range) return "whole";
  return std::to_string((*range)->first) + "+" + std::to_string((*range)->length);
}

TEST(RangesTest, OneRange) {
  EXPECT_EQ(ranged("bytes=0-9", 100), "0+10");
  EXPECT_EQ(ranged("bytes=99-99", 100), "99+1");
  EXPECT_EQ(ranged("bytes=10-", 100), "10+90");
  EXPECT_EQ(ranged("bytes=10-1000", 100), "10+90");
  EXPECT_EQ(ranged("bytes=-1", 100), "99+1");
  EXPECT_EQ(ranged("bytes=-100", 100), "0+100");
  EXPECT_EQ(ranged("bytes=-1000", 100), "0+100");
  EXPECT_EQ(ranged("bytes= 5-6 ", 100), "5+2");
  EXPECT_EQ(ranged("bytes=5-99999999999999999999999999", 100), "5+95");
}

TEST(RangesTest, WithoutAByteInTheObject) {
  EXPECT_EQ(ranged("bytes=100-", 100), "InvalidRange");
  EXPECT_EQ(ranged("bytes=100-200", 100), "InvalidRange");
  EXPECT_EQ(ranged("bytes=-0", 100), "InvalidRange");
  EXPECT_EQ(ranged("bytes=0-", 0), "InvalidRange");
  EXPECT_EQ(ranged("bytes=-5", 0), "InvalidRange");
  EXPECT_EQ(ranged("bytes=99999999999999999999999999-", 100), "InvalidRange");
  const auto range = parse_range("bytes=100-", 100);
  ASSERT_FALSE(range.ok());
  using Details = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(range.error().details, (Details{{"RangeRequested", "bytes=100-"}, {"ActualObjectSize", "100"}}));
  EXPECT_EQ(range.error().headers, (Details{{"Content-Range", "bytes */100"}}));
}

TEST(RangesTest, WhatIsNoSingleRangeIsPassedOver) {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-a", "bytes=5-4", "bytes=0-1,3-4",
                             "items=0-1", "bytes=+1-2", "bytes=1--2", "bytes=0x1-0x2"}) {
    EXPECT_EQ(ranged(header, 100), "whole") << header;
  }
}

std::string copied(std::string_view header, std::uint64_t bytes) {
  const auto range = parse_copy_range(header, bytes);
  return range.ok() ? std::to_string(range->first) + "+" + std::to_string(range->length) : range.error().message;
}

TEST(RangesTest, OfACopy) {
  const std::string form =
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based "
      "offsets of the first and last bytes to copy";
  EXPECT_EQ(copied("bytes=0-9", 100), "0+10");
  EXPECT_EQ(copied("bytes=99-99", 100), "99+1");
  EXPECT_EQ(copied("bytes=0-100", 100), "Range specified is not valid for source object of size: 100");
  for (const char* header : {"", "bytes=", "bytes=1-", "bytes=-1", "bytes=2-1", "0-9", "bytes=0-1,2-3", "bytes=a-b"}) {
    EXPECT_EQ(copied(header, 100), form) << header;
  }
}

}  // namespace
}  // namespace reprise::s3
