// This server's own buckets behind the interface of exports and imports.
#include "s3/ops/bucket_store.h"

#include <gtest/gtest.h>

#include "blob/permission.h"
#include "s3/ops/garbage.h"
#include "s3/ops/payloads_for_tests.h"

namespace reprise::s3 {
namespace {

class OneOther final : public blob::ObjectStores {
 public:
  Result<std::shared_ptr<blob::ObjectStore>> bucket(std::string /*account*/, std::string name) override {
    asked = name;
    return not_found("not here either");
  }
  std::string asked;
};

class BucketStoreTest : public ::testing::Test {
 protected:
  BucketStoreTest() : stores(open_own_buckets(server.services(), others)) {
    server.make_bucket("bucket", [](Bucket& bucket) { bucket.encryption = BucketEncryption{}; });
    store = *stores->bucket(std::string(auth::root_account), "bucket");
  }
  ~BucketStoreTest() override {
    store.reset();
    stores.reset();
  }
  void write(const std::string& key, BytesView bytes, std::size_t piece = 1'000'003) {
    auto writer = store->create(key);
    ASSERT_TRUE(writer.ok());
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
      ASSERT_TRUE((*writer)->append(bytes.substr(0, piece)).ok());
    }
    const auto info = (*writer)->commit();
    ASSERT_TRUE(info.ok()) << info.error().to_string();
    EXPECT_EQ(info->key, key);
    EXPECT_FALSE(info->etag.empty());
  }
  Bytes read(const std::string& key) {
    auto reader = store->open(key);
    if (!reader.ok()) return reader.error().to_string();
    Bytes all;
    for (;;) {
      const auto piece = (*reader)->read(777'777);
      if (!piece.ok()) return piece.error().to_string();
      if (piece->empty()) return all;
      all += *piece;
    }
  }

  BucketServer server;
  std::shared_ptr<OneOther> others = std::make_shared<OneOther>();
  std::shared_ptr<blob::ObjectStores> stores;
  std::shared_ptr<blob::ObjectStore> store;
};

TEST_F(BucketStoreTest, SmallAndLargeObjectsReadBackHereAndThroughTheApi) {
  Bytes large(20'000'000, 'l');
  for (std::size_t i = 0; i < large.size(); i += 4096) large[i] = static_cast<char>(i >> 12);
  write("empty", "");
  write("small", "small");
  write("large", large);
  EXPECT_EQ(read("empty"), "");
  EXPECT_EQ(read("small"), "small");
  EXPECT_TRUE(read("large") == large);
  EXPECT_EQ(get_object(server, "bucket", "small"), "200 small");
  EXPECT_TRUE(get_object(server, "bucket", "large") == "200 " + large);
  EXPECT_EQ(blobs_on_disk(server), 3u);  // of 8 MiB and the rest
  put_object(server, "bucket", "put", "through the API");
  EXPECT_EQ(read("put"), "through the API");
}

TEST_F(BucketStoreTest, ListsInOrderInPages) {
  for (const char* key : {"b", "a/2", "a/1", "a/3"}) write(key, key);
  const auto keys = [&](std::string prefix, std::string after, std::size_t limit) {
    std::string text;
    const auto found = store->list(std::move(prefix), std::move(after), limit);
    EXPECT_TRUE(found.ok());
    for (const auto& info : *found) text += info.key + " ";
    return text;
  };
  EXPECT_EQ(keys("", "", 10), "a/1 a/2 a/3 b ");
  EXPECT_EQ(keys("a/", "", 2), "a/1 a/2 ");
  EXPECT_EQ(keys("a/", "a/2", 2), "a/3 ");
  EXPECT_EQ(keys("c", "", 2), "");
  EXPECT_EQ(store->list("a/1", "", 1)->front().bytes, 3u);
}

TEST_F(BucketStoreTest, ReplacesRemovesAndMisses) {
  write("key", "old");
  write("key", "new");
  EXPECT_EQ(read("key"), "new");
  EXPECT_TRUE(store->remove("key").ok());
  EXPECT_TRUE(store->remove("key").ok());
  EXPECT_TRUE(store->open("key").error().is(Code::not_found));
  EXPECT_TRUE(store->create(std::string(1'025, 'k')).error().is(Code::invalid));
  EXPECT_TRUE(store->create("").error().is(Code::invalid));
}

TEST_F(BucketStoreTest, AWriterThatIsGivenUpLeavesNothing) {
  {
    auto writer = store->create("key");
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->append(Bytes(20'000'000, 'x')).ok());
    EXPECT_GT(blobs_on_disk(server), 0u);
  }
  EXPECT_EQ(blobs_on_disk(server), 0u);
  EXPECT_TRUE(store->open("key").error().is(Code::not_found));
}

TEST_F(BucketStoreTest, WhatIsBeingWrittenIsNotCollected) {
  auto writer = store->create("key");
  ASSERT_TRUE(writer.ok());
  const Bytes bytes(20'000'000, 'x');
  ASSERT_TRUE((*writer)->append(bytes).ok());
  GarbageCollector collector(server.services(), {});
  ASSERT_TRUE(sync_wait(collector.sweep()).ok());
  ASSERT_TRUE((*writer)->commit().ok());
  EXPECT_TRUE(read("key") == bytes);
}

TEST_F(BucketStoreTest, OtherNamesAreLookedForElsewhere) {
  EXPECT_TRUE(stores->bucket("000000000000", "elsewhere").error().is(Code::not_found));
  EXPECT_EQ(others->asked, "elsewhere");
  EXPECT_TRUE(blob::is_permission_denied(stores->bucket("123456789012", "bucket").error()));
  const auto alone = open_own_buckets(server.services(), nullptr);
  EXPECT_TRUE(alone->bucket("000000000000", "elsewhere").error().is(Code::not_found));
}

TEST_F(BucketStoreTest, ABucketThatIsDeletedIsNotFoundAnyMore) {
  ASSERT_TRUE(sync_wait(server.buckets().remove(server.buckets().find("bucket"))).ok());
  EXPECT_TRUE(store->create("key").error().is(Code::not_found));
  EXPECT_TRUE(store->list("", "", 10).error().is(Code::not_found));
}

}  // namespace
}  // namespace reprise::s3
