// Users: what is kept, what the credential source has, what is refused; and the record's form.
#include "admin/users.h"

#include <gtest/gtest.h>

#include "auth/policy/policy.h"
#include "base/task.h"
#include "history/store.h"
#include "kv/engine.h"
#include "kv/memory/engine.h"
#include "recovery/root.h"

namespace reprise::admin {
namespace {

constexpr std::string_view allow_all = R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";

auth::MasterKey master() { return auth::MasterKey::of(std::string(32, 'm')); }

User a_user() {
  User user;
  user.account = "111122223333";
  user.name = "anna";
  user.policy = allow_all;
  user.created_micros = 17;
  user.keys = {{"AKIANEW", "new secret", 19}, {"AKIAOLD", "old \"secret\"", 18}};
  return user;
}

TEST(UserRecordTest, ComesBackAsItWas) {
  const User user = a_user();
  const Bytes stored = encode_user(user, master());
  EXPECT_EQ(stored.find("secret\\\""), Bytes::npos);
  EXPECT_EQ(stored.find("new secret"), Bytes::npos);
  const auto read = decode_user(stored, master());
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  EXPECT_EQ(read->account, user.account);
  EXPECT_EQ(read->name, user.name);
  EXPECT_EQ(read->policy, user.policy);
  EXPECT_EQ(read->created_micros, user.created_micros);
  ASSERT_EQ(read->keys.size(), 2u);
  EXPECT_EQ(read->keys[0].id, "AKIANEW");
  EXPECT_EQ(read->keys[0].secret, "new secret");
  EXPECT_EQ(read->keys[1].secret, "old \"secret\"");
  EXPECT_EQ(read->keys[1].created_micros, 18);
}

TEST(UserRecordTest, AnotherKeyOpensNothing) {
  const Bytes stored = encode_user(a_user(), master());
  EXPECT_TRUE(decode_user(stored, auth::MasterKey::of(std::string(32, 'x'))).error().is(Code::corruption));
}

// A sealed secret put under another access key's id does not open: it is bound to its own.
TEST(UserRecordTest, ASecretDoesNotMove) {
  Bytes stored = encode_user(a_user(), master());
  stored.replace(stored.find("AKIANEW"), 7, "AKIABAD");
  EXPECT_TRUE(decode_user(stored, master()).error().is(Code::corruption));
}

TEST(UserRecordTest, WhatIsNoRecordIsCorruption) {
  for (const std::string_view text :
       {"", "{}", "[]", R"({"version":2})", R"({"version":1,"account":"1","name":"a"})"}) {
    EXPECT_TRUE(decode_user(text, master()).error().is(Code::corruption)) << text;
  }
}

class UsersTest : public testing::Test {
 protected:
  UsersTest() { open(); }
  void open() {
    users_.reset();
    store_.reset();
    wall_.advance(1'000'000);
    store_ =
        std::move(sync_wait(history::Store::open(*engine_, wall_, history::StoreOptions{.lock_stripes = 1}))).value();
    const auto roots = sync_wait(recovery::open_root_spaces(*store_));
    ASSERT_TRUE(roots.ok());
    auto users =
        sync_wait(Users::open(*store_, roots->users, master(), auth::root_access_key("ROOT", "root"), source_));
    ASSERT_TRUE(users.ok()) << users.error().to_string();
    users_ = std::move(users).value();
  }
  Result<User> create(std::string name, std::string policy = "", Users::NewKey key = {}) {
    return sync_wait(users_->create("111122223333", std::move(name), std::move(key), std::move(policy)));
  }
  // Whose identity signs with that key; "-": nobody's.
  std::string owner_of(std::string_view id) {
    const auth::AccessKey* key = source_->current().find(id);
    return key == nullptr ? "-" : key->identity->arn;
  }

  class Clock final : public WallClock {
   public:
    [[nodiscard]] std::uint64_t now_micros() const override { return micros_.fetch_add(3) + 3; }
    void advance(std::uint64_t micros) { micros_.fetch_add(micros); }

   private:
    mutable std::atomic<std::uint64_t> micros_{1'800'000'000'000'000};
  };
  Clock wall_;
  std::unique_ptr<kv::Engine> engine_ = kv::make_memory_engine();
  std::unique_ptr<history::Store> store_;
  std::shared_ptr<auth::CredentialSource> source_ =
      std::make_shared<auth::CredentialSource>(std::make_shared<auth::CredentialStore>(std::vector<auth::AccessKey>()));
  std::unique_ptr<Users> users_;
};

TEST_F(UsersTest, AreKeptWithTheirKeysAndPolicies) {
  const auto anna = create("anna", std::string(allow_all), {"AKIAANNA", "secret"});
  ASSERT_TRUE(anna.ok()) << anna.error().to_string();
  for (int i = 0; i < 2; ++i, open()) {
    EXPECT_EQ(owner_of("ROOT"), "arn:aws:iam::000000000000:root");
    EXPECT_EQ(owner_of("AKIAANNA"), "arn:aws:iam::111122223333:user/anna");
    const auth::AccessKey* key = source_->current().find("AKIAANNA");
    EXPECT_EQ(key->secret, "secret");
    EXPECT_FALSE(key->identity->root);
    EXPECT_EQ(key->identity->user, "anna");
    EXPECT_NE(key->identity->policies, nullptr);
    EXPECT_EQ(users_->find("111122223333", "ANNA")->name, "anna");
    EXPECT_FALSE(users_->find("000000000000", "anna"));
    EXPECT_EQ(users_->list("111122223333").size(), 1u);
    EXPECT_EQ(users_->list("000000000000").size(), 0u);
  }
}

TEST_F(UsersTest, RotationAndRemovalReachTheSource) {
  const auto made = create("anna");
  ASSERT_TRUE(made.ok());
  const std::string first = made->keys[0].id;
  const auto rotated = sync_wait(users_->rotate("111122223333", "anna", {}, true));
  ASSERT_TRUE(rotated.ok());
  const std::string second = rotated->keys[0].id;
  EXPECT_NE(owner_of(first), "-");
  EXPECT_NE(owner_of(second), "-");
  const auto again = sync_wait(users_->rotate("111122223333", "anna", {}, true));
  EXPECT_EQ(owner_of(first), "-") << "two keys at most";
  EXPECT_NE(owner_of(second), "-");
  ASSERT_TRUE(sync_wait(users_->rotate("111122223333", "anna", {"AKIAMINE", "x"}, false)).ok());
  EXPECT_EQ(owner_of(second), "-");
  EXPECT_NE(owner_of("AKIAMINE"), "-");
  ASSERT_TRUE(sync_wait(users_->remove("111122223333", "anna")).ok());
  EXPECT_EQ(owner_of("AKIAMINE"), "-");
  open();
  EXPECT_EQ(owner_of("AKIAMINE"), "-");
  EXPECT_TRUE(users_->list({}).empty());
}

TEST_F(UsersTest, RefusesWhatCannotBe) {
  ASSERT_TRUE(create("anna", "", {"AKIAANNA", "secret"}).ok());
  EXPECT_TRUE(create("Anna").error().is(Code::already_exists));
  EXPECT_TRUE(create("bert", "", {"AKIAANNA", "x"}).error().is(Code::already_exists));
  EXPECT_TRUE(create("bert", "", {"ROOT", "x"}).error().is(Code::already_exists));
  EXPECT_TRUE(create("b/t").error().is(Code::invalid));
  EXPECT_TRUE(create("").error().is(Code::invalid));
  EXPECT_TRUE(create("bert", "{}").error().is(Code::invalid));
  EXPECT_TRUE(create("bert", "", {"a b", "x"}).error().is(Code::invalid));
  EXPECT_TRUE(sync_wait(users_->remove("111122223333", "bert")).error().is(Code::not_found));
  EXPECT_TRUE(sync_wait(users_->put_policy("111122223333", "anna", "{")).error().is(Code::invalid));
  EXPECT_EQ(users_->list({}).size(), 1u);
  EXPECT_EQ(users_->find("111122223333", "anna")->policy, "");
}

}  // namespace
}  // namespace reprise::admin
