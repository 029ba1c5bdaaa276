#include "history/buckets.h"

#include <gtest/gtest.h>

namespace reprise::history {
namespace {

const std::vector<Epoch> two_epochs = {{100, 10}, {125, 100}};

TEST(Buckets, ArePureFunctionsOfTheEpochs) {
  EXPECT_EQ(bucket_of(two_epochs, Timestamp(100)), 100U);
  EXPECT_EQ(bucket_of(two_epochs, Timestamp(109)), 100U);
  EXPECT_EQ(bucket_of(two_epochs, Timestamp(110)), 110U);
  EXPECT_EQ(bucket_of(two_epochs, Timestamp(124)), 120U);
  EXPECT_EQ(bucket_of(two_epochs, Timestamp(125)), 125U);
  EXPECT_EQ(bucket_of(two_epochs, Timestamp(324)), 225U);
  EXPECT_EQ(bucket_of(two_epochs, Timestamp(99)), 0U);
}

TEST(Buckets, EndWhereTheNextEpochBegins) {
  EXPECT_EQ(bucket_end(two_epochs, 100), Timestamp(110));
  EXPECT_EQ(bucket_end(two_epochs, 120), Timestamp(125));
  EXPECT_EQ(bucket_end(two_epochs, 225), Timestamp(325));
  EXPECT_EQ(bucket_end(two_epochs, 40), Timestamp(100)) << "left over from an epoch that is forgotten";
  EXPECT_EQ(bucket_end({}, 40), Timestamp::max());
  EXPECT_EQ(bucket_end({{0, ~std::uint64_t{0}}}, 5), Timestamp::max());
}

TEST(Buckets, EpochsAreAddedWhenTheWidthChangesAndForgottenBehindTheHorizon) {
  std::vector<Epoch> epochs;
  add_epoch(epochs, Timestamp(100), 10);
  add_epoch(epochs, Timestamp(110), 10);
  add_epoch(epochs, Timestamp(125), 100);
  EXPECT_EQ(epochs, two_epochs);
  EXPECT_FALSE(forget_epochs(epochs, Timestamp(124)));
  EXPECT_TRUE(forget_epochs(epochs, Timestamp(125)));
  EXPECT_EQ(epochs.size(), 1U);
  EXPECT_FALSE(forget_epochs(epochs, Timestamp(1000))) << "the last one stays";
  for (std::uint64_t i = 0; i < 200; ++i) add_epoch(epochs, Timestamp(200 + i), 10 + i);
  EXPECT_EQ(epochs.size(), epochs_max);
}

TEST(Buckets, DurationsSaturate) {
  EXPECT_EQ(duration_bits(std::chrono::microseconds(3)), 3U << 12);
  EXPECT_EQ(duration_bits(std::chrono::microseconds(-3)), 0U);
  EXPECT_EQ(duration_bits(std::chrono::microseconds::max()), ~std::uint64_t{0} >> 12 << 12);
}

TEST(BucketSet, KnowsWhatMayHoldRecords) {
  BucketSet set;
  EXPECT_FALSE(set.next(0));
  for (const std::uint64_t bucket : {30, 10, 20, 30}) set.add(bucket);
  EXPECT_EQ(set.all(), (std::vector<std::uint64_t>{10, 20, 30}));
  EXPECT_EQ(set.next(11), 20U);
  EXPECT_EQ(set.next(20), 20U);
  EXPECT_FALSE(set.next(31));
  set.remove(30);
  EXPECT_FALSE(set.next(21));
  set.add(30);
  EXPECT_EQ(set.next(21), 30U) << "added again after its removal";
}

}  // namespace
}  // namespace reprise::history
