#include "blob/bucket_folder.h"

#include <gtest/gtest.h>

#include <map>

#include "blob/memory_store_for_tests.h"

namespace reprise::blob {
namespace {

class MemoryBuckets final : public ObjectStores {
 public:
  Result<std::shared_ptr<ObjectStore>> bucket(std::string account, std::string name) override {
    last_account = std::move(account);
    const auto found = buckets.find(name);
    if (found == buckets.end()) return not_found("there is no bucket " + name);
    return std::shared_ptr<ObjectStore>(found->second);
  }
  std::map<std::string, std::shared_ptr<MemoryStore>> buckets;
  std::string last_account;
};

Status put(ObjectStore& store, const std::string& key, BytesView bytes, std::string* seen = nullptr) {
  TRY_ASSIGN(const auto writer, store.create(key));
  TRY(writer->append(bytes));
  TRY_ASSIGN(const ObjectInfo info, writer->commit());
  if (seen != nullptr) *seen = info.key;
  return {};
}

TEST(BucketFolder, KeysAreBelowThePrefix) {
  const auto buckets = std::make_shared<MemoryBuckets>();
  const auto memory = std::make_shared<MemoryStore>();
  buckets->buckets["b"] = memory;
  const auto folder = open_bucket_folder(buckets, "000000000000", "b", "deep/er/");
  std::string seen;
  ASSERT_TRUE(put(*folder, "x/1", "one", &seen).ok());
  EXPECT_EQ(seen, "x/1");
  ASSERT_TRUE(put(*folder, "x/2", "two").ok());
  memory->put("other", "not ours");
  EXPECT_EQ(memory->keys(), (std::vector<std::string>{"deep/er/x/1", "deep/er/x/2", "other"}));
  EXPECT_EQ(buckets->last_account, "000000000000");

  const auto reader = folder->open("x/1");
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->info().key, "x/1");
  EXPECT_EQ(*(*reader)->read(10), "one");
  EXPECT_TRUE(folder->open("other").error().is(Code::not_found));

  const auto all = folder->list("", "", 10);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).key, "x/1");
  EXPECT_EQ(folder->list("x/", "x/1", 10)->at(0).key, "x/2");
  EXPECT_EQ(folder->list("y", "", 10)->size(), 0U);
  EXPECT_TRUE(folder->remove("x/1").ok());
  EXPECT_EQ(memory->keys(), (std::vector<std::string>{"deep/er/x/2", "other"}));
}

TEST(BucketFolder, ABucketThatComesLaterIsFoundThen) {
  const auto buckets = std::make_shared<MemoryBuckets>();
  const auto folder = open_bucket_folder(buckets, "000000000000", "b", "");
  EXPECT_TRUE(folder->open("k").error().is(Code::unavailable));
  EXPECT_TRUE(folder->list("", "", 1).error().is(Code::unavailable));
  EXPECT_TRUE(folder->create("k").error().is(Code::unavailable));
  EXPECT_TRUE(folder->remove("k").is(Code::unavailable));
  buckets->buckets["b"] = std::make_shared<MemoryStore>();
  EXPECT_TRUE(put(*folder, "k", "v").ok());
}

}  // namespace
}  // namespace reprise::blob
