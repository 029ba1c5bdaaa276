#include "codec/form.h"

#include <gtest/gtest.h>

namespace reprise::codec {
namespace {

TEST(FormTest, SpacesAndBytes) {
  EXPECT_EQ(form_decoded(""), "");
  EXPECT_EQ(form_decoded("a+b%2Bc%2fd"), "a b+c/d");
  EXPECT_EQ(form_decoded("%00%ff%C3%a9"), std::string("\0\xff\xc3\xa9", 4));
}

TEST(FormTest, AnEscapeThatIsNoneIsRefused) {
  for (const auto* text : {"%", "a%", "%4", "%4g", "%g4", "%%41", "a%2"})
    EXPECT_EQ(form_decoded(text), std::nullopt) << text;
}

}  // namespace
}  // namespace reprise::codec
