// Shards and sequence numbers as arithmetic of time.
#include "dynamo/streams/stream_shards.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "dynamo/ops/table_streams.h"

namespace reprise::dynamo {
namespace {

constexpr std::int64_t hour = std::int64_t{3600} * 1'000'000;
constexpr std::int64_t begin = 1'800'000'000'123'456;

Timestamp at(std::int64_t micros) { return Timestamp::from_micros(static_cast<std::uint64_t>(micros)); }

class StreamShards : public ::testing::Test {
 protected:
  void SetUp() override {
    table.id = "0123";
    enable_stream(table, "NEW_IMAGE", begin);
  }
  std::vector<Shard> shards(std::int64_t now) { return find_shards(table, table.stream, at(now)); }

  TableDefinition table;
};

TEST_F(StreamShards, FollowEachOtherEveryFourHours) {
  const auto first = shards(begin + 1);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].id.substr(0, 29), "shardId-00000001800000000123-");
  EXPECT_EQ(first[0].from, at(begin));
  EXPECT_TRUE(first[0].parent.empty());
  EXPECT_FALSE(first[0].end);
  EXPECT_EQ(shards(begin + 4 * hour - 1).size(), 1U);
  const auto two = shards(begin + 4 * hour);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].id, first[0].id);
  EXPECT_EQ(*two[0].end, two[1].from.previous());
  EXPECT_EQ(two[1].parent, two[0].id);
  EXPECT_LT(two[0].id, two[1].id);
  EXPECT_FALSE(two[1].end);
}

TEST_F(StreamShards, GoADayAfterTheirEnd) {
  EXPECT_EQ(shards(begin + 28 * hour - 1).size(), 7U);
  EXPECT_EQ(shards(begin + 28 * hour).size(), 7U);  // the first one's last moment ends now
  const auto later = shards(begin + 28 * hour + 1);
  ASSERT_EQ(later.size(), 7U);
  EXPECT_EQ(later.front().from, at(begin + 4 * hour));
  EXPECT_FALSE(later.front().parent.empty());
  EXPECT_FALSE(later.back().end);
}

TEST_F(StreamShards, EndWithTheirStream) {
  const std::int64_t end = begin + 5 * hour;
  disable_stream(table, end);
  const auto two = shards(end + hour);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(*two[1].end, Timestamp::last_of_micros(static_cast<std::uint64_t>(end)));
  EXPECT_EQ(shards(end + 20 * hour).size(), 2U);
  EXPECT_EQ(shards(end + 24 * hour).size(), 1U);
}

TEST_F(StreamShards, AreFoundByTheirIds) {
  const std::int64_t now = begin + 30 * hour;
  std::set<std::string> ids;
  for (const Shard& shard : shards(now)) {
    ids.insert(shard.id);
    const auto found = find_shard(table, table.stream, shard.id, at(now));
    ASSERT_TRUE(found) << shard.id;
    EXPECT_EQ(found->from, shard.from);
    EXPECT_EQ(found->end, shard.end);
    // Not before its time, and not of another stream.
    EXPECT_FALSE(find_shard(table, table.stream, shard.id, at(begin - 1)));
    StreamSettings other = table.stream;
    other.label = "2001-01-01T00:00:00.000";
    EXPECT_FALSE(find_shard(table, other, shard.id, at(now)));
  }
  EXPECT_EQ(ids.size(), 7U);
  const std::string id = *ids.begin();
  for (const std::string& bad :
       {std::string(), id.substr(1), id + "0", "shardId-99999999999999999999-00000000" + std::string(),
        "shardId-0000000180000000012x-00000000" + std::string()}) {
    EXPECT_FALSE(find_shard(table, table.stream, bad, at(now))) << bad;
  }
  EXPECT_FALSE(find_shard(table, table.stream, "shardId-00000000000000000001-00000000", at(now)));
}

TEST(SequenceNumbers, RiseAndComeBack) {
  const LogPosition positions[] = {{Timestamp(1), 0}, {Timestamp(1), 1},     {Timestamp(1), ~0U},
                                   {at(begin), 0},    {at(begin).next(), 7}, {Timestamp::max(), 0xffffffff}};
  std::string before;
  for (const LogPosition& position : positions) {
    const std::string text = sequence_number(position);
    EXPECT_EQ(text.size(), 31U);
    EXPECT_LT(before, text);
    before = text;
    const auto back = parse_sequence_number(text);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->at, position.at);
    EXPECT_EQ(back->sequence, position.sequence);
  }
  for (const char* const bad :
       {"", "1", "0000000000000000000010000000000", "1000000000000000000010000000000x",
        "1999999999999999999990000000000", "1000000000000000000014294967296", "100000000000000000001000000000-"}) {
    EXPECT_FALSE(parse_sequence_number(bad)) << bad;
  }
}

TEST(SequenceNumbers, HaveAPlaceBeforeThem) {
  EXPECT_EQ(just_before({Timestamp(5), 2}).sequence, 1U);
  EXPECT_EQ(just_before({Timestamp(5), 2}).at, Timestamp(5));
  EXPECT_EQ(just_before({Timestamp(5), 0}).at, Timestamp(4));
  EXPECT_EQ(just_before({Timestamp(5), 0}).sequence, 0xffffffffU);
}

}  // namespace
}  // namespace reprise::dynamo
