#include "blob/blob_holds.h"

#include <gtest/gtest.h>

namespace reprise::blob {
namespace {

// Whoever gets a hold on a blob may count on its file: so none is given between the last hold on a blob that is to go
// and the moment when it has gone.
TEST(BlobHoldsTest, NobodyGetsHoldOfABlobThatGoesWithItsLastHold) {
  BlobHolds holds;
  const BlobId id = BlobId::random();
  ASSERT_TRUE(holds.acquire(id));
  ASSERT_TRUE(holds.acquire(id));
  EXPECT_FALSE(holds.begin_remove(id));
  EXPECT_TRUE(holds.acquire(id)) << "it is there as long as it is held";
  EXPECT_FALSE(holds.release(id));
  EXPECT_FALSE(holds.release(id));
  EXPECT_TRUE(holds.release(id));
  EXPECT_FALSE(holds.acquire(id)) << "its file is being removed";
  holds.end_take(id);
  EXPECT_TRUE(holds.acquire(id));
  EXPECT_FALSE(holds.release(id));
}

}  // namespace
}  // namespace reprise::blob
