// Part of kv/conformance.h: get, multi_get and scan.
#pragma once

#include <algorithm>

#include "kv/conformance.h"

namespace reprise::kv::conformance {

TEST_P(Conformance, GetFindsWhatWasPutAndNothingElse) {
  const auto p = data_partition(1);
  put(p, "b", "value");
  EXPECT_EQ(get(p, "b"), "value");
  EXPECT_EQ(get(p, "a"), std::nullopt);
  EXPECT_EQ(get(p, "bb"), std::nullopt);
  EXPECT_EQ(get(p, ""), std::nullopt);
  EXPECT_EQ(get(data_partition(2), "b"), std::nullopt);
  EXPECT_EQ(get(data_partition(1, 1), "b"), std::nullopt);
  EXPECT_EQ(get(bucket_partition(1, Kind::meta, 0), "b"), std::nullopt);
  EXPECT_EQ(get(bucket_partition(1, Kind::history, 0), "b"), std::nullopt);
}

TEST_P(Conformance, OverwriteAndDelete) {
  const auto p = data_partition(1);
  put(p, "k", "first");
  put(p, "k", "second");
  EXPECT_EQ(get(p, "k"), "second");
  EXPECT_EQ(commit(delete_set(p, "k")), Code::ok);
  EXPECT_EQ(get(p, "k"), std::nullopt);
  EXPECT_EQ(commit(delete_set(p, "k")), Code::ok);  // of what is absent
  EXPECT_TRUE(keys(p).empty());
}

TEST_P(Conformance, EmptyKeysAndValuesAreOrdinary) {
  const auto p = data_partition(1);
  put(p, "", "of the empty key");
  put(p, "k", "");
  EXPECT_EQ(get(p, ""), "of the empty key");
  EXPECT_EQ(get(p, "k"), "");
  EXPECT_EQ(keys(p), (std::vector<Bytes>{"", "k"}));
}

TEST_P(Conformance, LargeValues) {
  const auto p = data_partition(1);
  const Bytes large(3 << 20, 'x');
  put(p, "large", large);
  put(p, "small", "s");
  EXPECT_EQ(get(p, "large"), large);
  // The row that crosses the byte limit is still in, the next is not.
  const Page page = scan_page(p, {}, Direction::forward, {.rows = 10, .bytes = 1});
  ASSERT_EQ(page.rows.size(), 1u);
  EXPECT_TRUE(page.rows[0].value == large);
  EXPECT_TRUE(page.more);
}

TEST_P(Conformance, MultiGetAnswersInTheOrderOfTheKeys) {
  const auto p = data_partition(1);
  for (const char* key : {"a", "b", "c", "d"}) put(p, key, Bytes("value of ") + key);
  const std::vector<Bytes> wanted = {"d", "absent", "a", "d", "", "b"};
  auto values = sync_wait(engine().multi_get(p, wanted));
  ASSERT_TRUE(values.ok());
  const std::vector<std::optional<Bytes>> expected = {"value of d", std::nullopt, "value of a",
                                                      "value of d", std::nullopt, "value of b"};
  EXPECT_EQ(*values, expected);
  auto none = sync_wait(engine().multi_get(p, {}));
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->empty());
}

TEST_P(Conformance, KeysAreOrderedAsUnsignedBytes) {
  const auto p = data_partition(1);
  const std::vector<Bytes> ordered = {Bytes(1, '\0'),     Bytes("\0\0", 2),  Bytes("\0\xff", 2), Bytes(1, '\x01'),
                                      Bytes("a"),         Bytes("a\0", 2),   Bytes("a\0b", 3),   Bytes("aa"),
                                      Bytes("b"),         Bytes("\x7f"),     Bytes("\x80"),      Bytes("\xff"),
                                      Bytes("\xff\0", 2), Bytes("\xff\xff"), Bytes(40, '\xff')};
  ASSERT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
  for (auto at = ordered.rbegin(); at != ordered.rend(); ++at) put(p, *at, Bytes("v") + *at);
  EXPECT_EQ(keys(p), ordered);
  EXPECT_EQ(keys(p, {}, Direction::backward), std::vector<Bytes>(ordered.rbegin(), ordered.rend()));
  for (const auto& key : ordered) {
    EXPECT_EQ(get(p, key), Bytes("v") + key);
    EXPECT_EQ(keys(p, {key, key + Bytes(1, '\0')}), std::vector<Bytes>{key});
  }
}

TEST_P(Conformance, ScanBoundsAreHalfOpenInBothDirections) {
  const auto p = data_partition(7);
  for (const char* key : {"b", "d", "f", "h"}) put(p, key, key);
  // Neighbours in every direction that a scan must not wander into.
  put(data_partition(6), "d", "other space");
  put(data_partition(8), "d", "other space");
  put(data_partition(7, 1), "d", "other shard");
  using Keys = std::vector<Bytes>;
  const struct {
    Range range;
    Keys expected;
  } cases[] = {
      {{}, {"b", "d", "f", "h"}},
      {{"", "z"}, {"b", "d", "f", "h"}},
      {{"b", "h"}, {"b", "d", "f"}},
      {{"c", "g"}, {"d", "f"}},
      {{"d", "d"}, {}},
      {{"f", "b"}, {}},
      {{"h", ""}, {"h"}},
      {{"i", ""}, {}},
      {{"", "b"}, {}},
      {{"", Bytes("b\0", 2)}, {"b"}},
      {{"d", "e"}, {"d"}},
  };
  for (const auto& [range, expected] : cases) {
    EXPECT_EQ(keys(p, range), expected) << range.lower << ".." << range.upper;
    EXPECT_EQ(keys(p, range, Direction::backward), Keys(expected.rbegin(), expected.rend()))
        << range.lower << ".." << range.upper;
  }
  EXPECT_TRUE(keys(data_partition(9)).empty());
}

TEST_P(Conformance, RowLimit) {
  const auto p = data_partition(1);
  for (const char* key : {"a", "b", "c", "d"}) put(p, key, "v");
  for (const auto direction : {Direction::forward, Direction::backward}) {
    for (std::size_t rows = 1; rows <= 3; ++rows) {
      const Page page = scan_page(p, {}, direction, {.rows = rows});
      EXPECT_EQ(page.rows.size(), rows);
      EXPECT_TRUE(page.more) << rows;
    }
    EXPECT_EQ(scan_page(p, {}, direction, {.rows = 4}).rows.size(), 4u);  // `more` may say that one has to look
    const Page all = scan_page(p, {}, direction, {.rows = 5});
    EXPECT_EQ(all.rows.size(), 4u);
    EXPECT_FALSE(all.more);
  }
  const Page bounded = scan_page(p, {"b", "d"}, Direction::backward, {.rows = 1});
  EXPECT_EQ(keys_of(bounded), std::vector<Bytes>{"c"});
  EXPECT_TRUE(bounded.more);
}

TEST_P(Conformance, ByteLimitCountsKeysAndValues) {
  const auto p = data_partition(1);
  for (const char* key : {"aa", "bb", "cc", "dd"}) put(p, key, "12345678");  // ten bytes a row
  const struct {
    std::size_t bytes;
    std::size_t rows;
  } cases[] = {{1, 1}, {9, 1}, {10, 1}, {11, 2}, {20, 2}, {21, 3}, {30, 3}, {31, 4}};
  for (const auto direction : {Direction::forward, Direction::backward}) {
    for (const auto& [bytes, rows] : cases) {
      const Page page = scan_page(p, {}, direction, {.rows = 100, .bytes = bytes});
      EXPECT_EQ(page.rows.size(), rows) << bytes;
      if (rows < 4) {
        EXPECT_TRUE(page.more) << bytes;
      }
    }
    const Page all = scan_page(p, {}, direction, {.rows = 100, .bytes = 41});
    EXPECT_EQ(all.rows.size(), 4u);
    EXPECT_FALSE(all.more);
  }
}

TEST_P(Conformance, PagesJoinWithoutGapOrRepeat) {
  const auto p = data_partition(1);
  WriteSet set;
  std::vector<Bytes> all;
  for (int i = 0; i < 1000; ++i) {
    Bytes key;
    append_be32(key, static_cast<std::uint32_t>(i * 7));
    all.push_back(key);
    set.atomic.push_back({p, std::move(key), Bytes(static_cast<std::size_t>(i % 50), 'v')});
  }
  ASSERT_EQ(commit(std::move(set)), Code::ok);
  std::vector<Bytes> forward;
  Range range;
  for (;;) {
    const Page page = scan_page(p, range, Direction::forward, {.rows = 37, .bytes = 700});
    for (auto& key : keys_of(page)) forward.push_back(std::move(key));
    if (!page.more) break;
    ASSERT_FALSE(page.rows.empty());
    range.lower = forward.back() + Bytes(1, '\0');
  }
  EXPECT_EQ(forward, all);
  std::vector<Bytes> backward;
  range = {};
  for (;;) {
    const Page page = scan_page(p, range, Direction::backward, {.rows = 41, .bytes = 900});
    for (auto& key : keys_of(page)) backward.push_back(std::move(key));
    if (!page.more) break;
    ASSERT_FALSE(page.rows.empty());
    range.upper = backward.back();
  }
  std::reverse(backward.begin(), backward.end());
  EXPECT_EQ(backward, all);
}

TEST_P(Conformance, APageOfNothingIsRefused) {
  const auto p = data_partition(1);
  for (const PageLimit limit : {PageLimit{.rows = 0}, PageLimit{.bytes = 0}}) {
    const Range range;
    const auto page = sync_wait(engine().scan(p, range, Direction::forward, limit));
    ASSERT_FALSE(page.ok());
    EXPECT_EQ(page.error().code(), Code::internal);
  }
}

}  // namespace reprise::kv::conformance
