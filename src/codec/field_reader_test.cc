#include "codec/field_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace reprise::codec {
namespace {

Bytes record() {
  Bytes out;
  append_varint(out, 300);
  append_varint(out, zigzag(-5));
  append_varint(out, 1);
  append_sized(out, "text");
  append_be64(out, 7);
  out.append("abc");
  return out;
}

TEST(FieldReader, TakesTheFieldsInTheirOrder) {
  const Bytes bytes = record();
  FieldReader in(bytes);
  EXPECT_EQ(in.number(), 300U);
  EXPECT_EQ(in.time(), -5);
  EXPECT_TRUE(in.flag());
  EXPECT_EQ(in.text(), "text");
  EXPECT_EQ(in.fixed(), 7U);
  EXPECT_FALSE(in.finished()) << "three bytes are left";
  EXPECT_EQ(in.raw(3), "abc");
  EXPECT_TRUE(in.finished());
}

TEST(FieldReader, ARecordThatIsCutShortIsNeverFinished) {
  const Bytes bytes = record();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    FieldReader in(BytesView(bytes).substr(0, size));
    in.number();
    in.time();
    in.flag();
    in.text();
    in.fixed();
    in.raw(3);
    EXPECT_FALSE(in.ok()) << size;
    EXPECT_FALSE(in.finished()) << size;
  }
}

TEST(FieldReader, AfterAFaultEveryAnswerIsEmpty) {
  const Bytes bytes = record();
  FieldReader in(bytes);
  in.require(false);
  EXPECT_EQ(in.number(), 0U);
  EXPECT_EQ(in.time(), 0);
  EXPECT_FALSE(in.flag());
  EXPECT_EQ(in.count(1), 0U);
  EXPECT_EQ(in.text(), "");
  EXPECT_EQ(in.raw(1), "");
  EXPECT_EQ(in.fixed(), 0U);
  in.require(true);
  EXPECT_FALSE(in.ok()) << "a fault stays";
}

TEST(FieldReader, ACountIsNoGreaterThanWhatIsThere) {
  Bytes bytes;
  append_varint(bytes, 4);
  bytes.append("12345678");
  FieldReader fits(bytes);
  EXPECT_EQ(fits.count(2), 4U);
  FieldReader damaged(bytes);
  EXPECT_EQ(damaged.count(3), 0U);
  EXPECT_FALSE(damaged.ok());
}

}  // namespace
}  // namespace reprise::codec
