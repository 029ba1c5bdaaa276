#include "dynamo/streams/shard_iterator.h"

#include <gtest/gtest.h>

namespace reprise::dynamo {
namespace {

TEST(ShardIterator, ComesBack) {
  ShardIterator iterator;
  iterator.stream_arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/t|1|x/stream/2027-01-15T08:00:00.123";
  iterator.shard_id = "shardId-00000001800000000123-0123abcd";
  iterator.after = {Timestamp(0x0102030405060708), 9};
  iterator.issued_micros = 1'800'000'000'000'000;
  const auto back = parse_iterator(print_iterator(iterator));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->stream_arn, iterator.stream_arn);
  EXPECT_EQ(back->shard_id, iterator.shard_id);
  EXPECT_EQ(back->after.at, iterator.after.at);
  EXPECT_EQ(back->after.sequence, 9U);
  EXPECT_EQ(back->issued_micros, iterator.issued_micros);
}

TEST(ShardIterator, IsRefusedOtherwise) {
  for (const char* const text : {"", "arn", "arn|1|", "arn|1|!", "arn|1|AQ==", "arn|2|AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                 "arn|1|AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_FALSE(parse_iterator(text)) << text;
  }
}

}  // namespace
}  // namespace reprise::dynamo
