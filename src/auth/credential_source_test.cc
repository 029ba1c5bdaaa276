// The set of keys that changes under those who verify.
#include "auth/credential_source.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace reprise::auth {
namespace {

std::shared_ptr<const CredentialStore> store_of(std::vector<std::string> ids, const std::string& secret = "secret") {
  std::vector<AccessKey> keys;
  for (std::string& id : ids) keys.push_back(root_access_key(std::move(id), secret));
  return std::make_shared<const CredentialStore>(std::move(keys));
}

TEST(CredentialSourceTest, AnswersWithWhatItWasGivenLast) {
  CredentialSource source(store_of({"A"}));
  EXPECT_NE(source.current().find("A"), nullptr);
  source.replace(store_of({"B"}));
  EXPECT_EQ(source.current().find("A"), nullptr);
  EXPECT_NE(source.current().find("B"), nullptr);
}

TEST(CredentialSourceTest, SourcesOfOneThreadDoNotMix) {
  CredentialSource one(store_of({"A"}));
  CredentialSource two(store_of({"A"}, "other"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(one.current().find("A")->secret, "secret");
    EXPECT_EQ(two.current().find("A")->secret, "other");
  }
}

// Once replace() has returned, no thread finds a key that is gone, whatever it looked at before.
TEST(CredentialSourceTest, AChangeIsSeenByEveryThread) {
  CredentialSource source(store_of({"0"}));
  std::atomic<int> present{0};
  std::atomic<bool> stop{false};
  std::atomic<bool> stale{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const int at_least = present;
        int found = -1;
        for (int id = at_least; id <= at_least + 2; ++id) {
          if (source.current().find(std::to_string(id)) != nullptr) found = id;
        }
        const int after = present;
        // A store of before `at_least` would have none of these; of after `after` + 1 likewise.
        if (found < 0 && after == at_least) stale = true;
      }
    });
  }
  for (int id = 1; id <= 2000; ++id) {
    source.replace(store_of({std::to_string(id)}));
    present = id;
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_FALSE(stale);
}

TEST(CredentialStoreLookupTest, FindsEachOfMany) {
  std::vector<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back("KEY" + std::to_string(i));
  const auto store = store_of(ids);
  for (const std::string& id : ids) {
    ASSERT_NE(store->find(id), nullptr);
    EXPECT_EQ(store->find(id)->identity->access_key_id, id);
  }
  EXPECT_EQ(store->find("KEY"), nullptr);
}

}  // namespace
}  // namespace reprise::auth
