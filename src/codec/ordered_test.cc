#include "codec/ordered.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include "base/rng.h"

namespace reprise::codec {
namespace {

using namespace std::string_literals;

Bytes encode(BytesView component) {
  Bytes out;
  append_ordered(out, component);
  return out;
}

// The bytes on disk: frozen.
TEST(OrderedTest, GoldenBytes) {
  EXPECT_EQ(encode(""), "\x00\x01"s);
  EXPECT_EQ(encode("ab"), "ab\x00\x01"s);
  EXPECT_EQ(encode("a\0b"s), "a\x00\xff\x62\x00\x01"s);
  EXPECT_EQ(encode("\0\0"s), "\x00\xff\x00\xff\x00\x01"s);
  EXPECT_EQ(encode("\xff"), "\xff\x00\x01"s);
}

// Short strings over the bytes that matter: everything next to the escape, the mark and the end.
std::vector<Bytes> tricky_strings() {
  std::vector<Bytes> all = {""};
  for (std::size_t from = 0, length = 0; length < 3; ++length) {
    const std::size_t end = all.size();
    for (; from < end; ++from) {
      for (const char c : {'\x00', '\x01', '\x02', '\x7f', '\xfe', '\xff'}) all.push_back(all[from] + c);
    }
  }
  return all;
}

TEST(OrderedTest, OrderAndRoundTripOfTrickyStrings) {
  const auto all = tricky_strings();
  for (const Bytes& a : all) {
    const Bytes encoded = encode(a);
    BytesView in = encoded;
    Bytes decoded;
    ASSERT_TRUE(read_ordered(in, decoded));
    ASSERT_TRUE(in.empty());
    ASSERT_EQ(decoded, a);
    for (const Bytes& b : all) {
      ASSERT_EQ(a < b, encoded < encode(b));
      ASSERT_EQ(b.starts_with(a), [&] {
        Bytes prefix;
        append_ordered_prefix(prefix, a);
        return encode(b).starts_with(prefix);
      }());
    }
  }
}

TEST(OrderedTest, PairsCompareAsPairs) {
  const auto all = tricky_strings();
  Rng rng(5);
  auto pick = [&]() -> const Bytes& { return all[rng.below(all.size())]; };
  for (int i = 0; i < 20'000; ++i) {
    const auto &a1 = pick(), &a2 = pick(), &b1 = rng.chance(1, 2) ? a1 : pick(), &b2 = pick();
    ASSERT_EQ(std::tie(a1, a2) < std::tie(b1, b2), encode(a1) + encode(a2) < encode(b1) + encode(b2));
    ASSERT_EQ(std::tie(a1, a2) < std::tie(b1, b2), encode(a1) + a2 < encode(b1) + b2) << "the last may stand bare";
  }
}

TEST(OrderedTest, ReadsOneAfterAnother) {
  const Bytes encoded = encode("a\0"s) + encode("") + encode("b") + "rest";
  BytesView in = encoded;
  Bytes out = "x";
  ASSERT_TRUE(read_ordered(in, out));
  EXPECT_EQ(out, "xa\0"s);
  EXPECT_EQ(take_ordered(in), encode(""));
  EXPECT_EQ(take_ordered(in), encode("b"));
  EXPECT_EQ(in, "rest");
}

TEST(OrderedTest, RefusesWhatIsNoEncodingAndChangesNothing) {
  for (const Bytes& bad : {""s, "a"s, "a\0"s, "a\0\x02"s, "a\0\0\x01"s, "a\0\xff"s, "a\0\xff\0"s}) {
    BytesView in = bad;
    Bytes out = "kept";
    EXPECT_FALSE(read_ordered(in, out));
    EXPECT_TRUE(take_ordered(in).empty());
    EXPECT_EQ(in, bad);
    EXPECT_EQ(out, "kept");
  }
}

TEST(VarintTest, RoundTripsAndSizes) {
  for (int shift = 0; shift < 64; ++shift) {
    for (const std::uint64_t value : {(std::uint64_t{1} << shift) - 1, std::uint64_t{1} << shift,
                                      (std::uint64_t{1} << shift) | 1, ~std::uint64_t{0} >> shift}) {
      Bytes out;
      append_varint(out, value);
      std::size_t expected = 1;
      for (std::uint64_t rest = value >> 7; rest != 0; rest >>= 7) ++expected;
      EXPECT_EQ(out.size(), expected);
      BytesView in = out;
      std::uint64_t read = 0;
      ASSERT_TRUE(read_varint(in, read));
      EXPECT_EQ(read, value);
      EXPECT_TRUE(in.empty());
      out.pop_back();
      in = out;
      EXPECT_FALSE(read_varint(in, read));
    }
  }
}

TEST(VarintTest, RefusesOverlongAndOversized) {
  std::uint64_t value = 42;
  for (const Bytes& bad : {"\x80\x00"s, "\xff\x80\x00"s, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s,
                           "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s, ""s}) {
    BytesView in = bad;
    EXPECT_FALSE(read_varint(in, value));
    EXPECT_EQ(in, bad);
    EXPECT_EQ(value, 42u);
  }
}

TEST(SizedTest, RoundTripsAndRefusesCutText) {
  Bytes out;
  append_sized(out, "");
  append_sized(out, "abc");
  BytesView in = out, piece;
  ASSERT_TRUE(read_sized(in, piece));
  EXPECT_EQ(piece, "");
  ASSERT_TRUE(read_sized(in, piece));
  EXPECT_EQ(piece, "abc");
  const BytesView cut =
      "\x05"
      "abc";
  in = cut;
  EXPECT_FALSE(read_sized(in, piece));
  EXPECT_EQ(in, cut);
}

TEST(ZigzagTest, RoundTrips) {
  EXPECT_EQ(zigzag(0), 0u);
  EXPECT_EQ(zigzag(-1), 1u);
  EXPECT_EQ(zigzag(1), 2u);
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{77}, std::int64_t{-12345},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
  }
}

}  // namespace
}  // namespace reprise::codec
