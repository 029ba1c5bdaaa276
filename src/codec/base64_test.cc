#include "codec/base64.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace reprise::codec {
namespace {

// RFC 4648 section 10.
TEST(Base64Test, Vectors) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(*from_base64(text), bytes);
    EXPECT_EQ(decoded_base64_size(text), bytes.size());
  }
  EXPECT_EQ(to_base64("\xfb\xff\xbf"), "+/+/");
}

TEST(Base64Test, RandomRoundTrips) {
  Rng rng(1);
  for (int i = 0; i < 2000; ++i) {
    Bytes bytes(rng.below(100), '\0');
    for (char& c : bytes) c = static_cast<char>(rng.next());
    const std::string text = to_base64(bytes);
    ASSERT_EQ(text.size(), (bytes.size() + 2) / 3 * 4);
    ASSERT_EQ(*from_base64(text), bytes);
  }
}

TEST(Base64Test, AppendsBehindWhatIsThere) {
  Bytes out = "x";
  ASSERT_TRUE(append_decoded_base64(out, "Zm9v").ok());
  EXPECT_EQ(out, "xfoo");
  append_base64(out, "f");
  EXPECT_EQ(out, "xfooZg==");
}

void expect_fault(std::string_view text, Base64Fault fault, std::size_t position) {
  Bytes out = "kept";
  const Base64Check check = append_decoded_base64(out, text);
  EXPECT_EQ(static_cast<int>(check.fault), static_cast<int>(fault)) << text;
  EXPECT_EQ(check.position, position) << text;
  EXPECT_EQ(out, "kept") << text;
  EXPECT_TRUE(from_base64(text).error().is(Code::invalid)) << text;
}

TEST(Base64Test, RefusesWhatNoEncoderWrites) {
  expect_fault("Zg", Base64Fault::length, 2);
  expect_fault("Zm9vY", Base64Fault::length, 5);
  expect_fault("Zm9v\n", Base64Fault::length, 5);
  expect_fault("Zm 9", Base64Fault::character, 2);
  expect_fault("Zm9vZm-9", Base64Fault::character, 6);
  expect_fault("Zm_=", Base64Fault::character, 2);
  expect_fault("Zg==Zm9v", Base64Fault::character, 2);
  expect_fault("Z===", Base64Fault::character, 1);
  expect_fault("====", Base64Fault::character, 0);
  expect_fault("=m9v", Base64Fault::character, 0);
  expect_fault("Zm9v\x80m9v", Base64Fault::character, 4);
  expect_fault("Zh==", Base64Fault::last_bits, 1);
  expect_fault("Zm9=", Base64Fault::last_bits, 2);
}

TEST(Base64Test, EveryCharacterOutsideTheAlphabetIsRefusedAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool inside =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    for (std::size_t at = 0; at < 8; ++at) {
      std::string text = "AAAAAAAA";
      text[at] = c;
      const bool padding_at_end = c == '=' && at == 7;
      Bytes out;
      EXPECT_EQ(append_decoded_base64(out, text).ok(), inside || padding_at_end) << byte << " at " << at;
    }
  }
}

}  // namespace
}  // namespace reprise::codec
