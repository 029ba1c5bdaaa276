#include "s3/model/metadata_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace reprise::s3 {
namespace {

TEST(MetadataText, TheExampleOfTheUserGuide) {
  const std::string sent = "ÄMÄZÕÑ S3";  // UTF-8 on the wire
  EXPECT_EQ(metadata_header(metadata_of_header_bytes(sent)), "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=");
  EXPECT_EQ(metadata_header("AMAZON S3"), "AMAZON S3");
}

TEST(MetadataText, HeaderBytesAreLatin1) {
  EXPECT_EQ(metadata_of_header_bytes("plain\t~"), "plain\t~");
  EXPECT_EQ(metadata_of_header_bytes("caf\xE9"), "café");
  EXPECT_EQ(metadata_of_header_bytes("\x80\xFF"), "\xC2\x80ÿ");
}

TEST(MetadataText, MostlyAsciiIsQuotedTheRestIsBase64) {
  EXPECT_EQ(metadata_header("Miniö"), "=?UTF-8?Q?Mini=C3=B6?=");
  EXPECT_EQ(metadata_header("a_b=c? é"), "=?UTF-8?Q?a=5Fb=3Dc=3F_=C3=A9?=");
  EXPECT_EQ(metadata_header("ö"), "=?UTF-8?B?w7Y=?=");
  EXPECT_EQ(metadata_header("aö"), "=?UTF-8?B?YcO2?=");
  EXPECT_EQ(metadata_header("日本語"), "=?UTF-8?B?5pel5pys6Kqe?=");
}

TEST(MetadataText, WhatAHeaderCannotCarryIsEncoded) {
  EXPECT_EQ(metadata_header("one\r\ntwo"), "=?UTF-8?Q?one=0D=0Atwo?=");
  EXPECT_EQ(metadata_header(std::string("a\0bc", 4)), "=?UTF-8?Q?a=00bc?=");
  EXPECT_EQ(metadata_header("ab\x7F"), "=?UTF-8?Q?ab=7F?=");
  EXPECT_EQ(metadata_header("caf\xE9"), metadata_header("café"));
  EXPECT_EQ(metadata_header(""), "");
}

TEST(MetadataText, LongTextsAreWordsOfAtMost75Characters) {
  for (const std::string piece : {"é", "日本", "abcdef é", "\xF0\x9F\x9A\x80"}) {
    std::string text;
    while (text.size() < 900) text += piece;
    const std::string header = metadata_header(text);
    EXPECT_TRUE(std::ranges::all_of(header, [](char c) { return c >= ' ' && c <= '~'; }));
    std::size_t longest = 0;
    std::size_t words = 0;
    for (std::size_t at = 0; at < header.size(); ++words) {
      const std::size_t end = std::min(header.find(' ', at), header.size());
      longest = std::max(longest, end - at);
      at = end + 1;
    }
    EXPECT_LE(longest, 75U) << piece;
    EXPECT_GT(words, 10U) << piece;
    EXPECT_EQ(decoded_metadata(header), text) << piece;
  }
}

TEST(MetadataText, EncodedWordsAreDecoded) {
  EXPECT_EQ(decoded_metadata("=?UTF-8?B?w4RNw4Ra?="), "ÄMÄZ");
  EXPECT_EQ(decoded_metadata("=?utf-8?q?caf=c3=a9_noir?="), "café noir");
  EXPECT_EQ(decoded_metadata("=?ISO-8859-1?Q?caf=E9?="), "café");
  EXPECT_EQ(decoded_metadata("=?us-ascii*en?Q?plain?="), "plain");
  EXPECT_EQ(decoded_metadata("a =?UTF-8?Q?b?= \t=?UTF-8?Q?c?=  d "), "a bc  d ");
  EXPECT_EQ(decoded_metadata("=?UTF-8?Q?"
                             "?="),
            "");
}

TEST(MetadataText, WhatIsNoEncodedWordStays) {
  for (const std::string text :
       {"", "plain", "=?", "=?=", "=?UTF-8?B?w4RN", "=?UTF-8?X?abc?=", "=?UTF-8?B?!!!!?=", "=?UTF-8?B?gICA?=",
        "=?KOI8-R?Q?abc?=", "=?UTF-8?Q?a=4?=", "=?UTF-8?Q?=ZZ?=", "=?us-ascii?Q?=E9?=", "=?UTF-8?Q?a?b?=",
        "x=?UTF-8?Q?a?=", "=?UTF-8?Q?a?=x", "=?UTF-8?Q", "=?UTF-8?Q?="}) {
    EXPECT_EQ(decoded_metadata(text), text);
  }
}

}  // namespace
}  // namespace reprise::s3
