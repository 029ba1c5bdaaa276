// The key ring against the real store: what is wrapped opens again, after rotations and restarts, and with nothing
// else.
#include "s3/ops/key_ring.h"

#include <gtest/gtest.h>

#include <set>

#include "codec/base64.h"
#include "codec/md5.h"
#include "kv/engine.h"
#include "kv/memory/engine.h"
#include "recovery/root.h"

namespace reprise::s3 {
namespace {

constexpr const char* account = "000000000000";
constexpr const char* other_account = "111111111111";

SseRequest kms(std::string key = "", std::string context = "") {
  SseRequest wanted;
  wanted.kind = SseKind::kms;
  wanted.kms_key = std::move(key);
  wanted.kms_context = std::move(context);
  return wanted;
}

SseRequest of_kind(SseKind kind) {
  SseRequest wanted;
  wanted.kind = kind;
  return wanted;
}

SseRequest customer(char fill) {
  SseRequest wanted = of_kind(SseKind::customer);
  wanted.customer_key = Bytes(32, fill);
  wanted.customer_md5 = codec::to_base64(codec::bytes_of(codec::md5(wanted.customer_key)));
  return wanted;
}

class KeyRingTest : public ::testing::Test {
 protected:
  void SetUp() override { start(); }
  void TearDown() override { end(); }

  void start(std::string region = "eu-west-1", char master = 'm') {
    open_store();
    auto opened = sync_wait(KeyRing::open(*store, space, auth::MasterKey::of(Bytes(32, master)), std::move(region)));
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    ring = std::move(opened).value();
  }
  void open_store() {
    auto opened =
        sync_wait(history::Store::open(*engine, WallClock::system(), history::StoreOptions{.lock_stripes = 1}));
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    store = std::move(opened).value();
    space = sync_wait(recovery::open_root_spaces(*store)).value().keys;
  }
  void end() {
    ring.reset();
    if (store) {
      EXPECT_TRUE(sync_wait(store->close()).ok());
    }
    store.reset();
  }
  void restart() {
    end();
    start();
  }

  SealedKey make(const SseRequest& wanted, std::string who = account) {
    auto made = sync_wait(ring->make(wanted, std::move(who)));
    EXPECT_TRUE(made.ok()) << made.error().message;
    return std::move(made).value();
  }
  void expect_opens(const SealedKey& sealed, const SseRequest& presented = {}) {
    const auto opened = ring->open(sealed.envelope, presented);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    EXPECT_EQ(opened->bytes(), sealed.key.bytes());
  }
  S3Error refusal(const SseRequest& wanted, std::string who = account) {
    auto made = sync_wait(ring->make(wanted, std::move(who)));
    EXPECT_FALSE(made.ok());
    return made.ok() ? S3Error() : made.error();
  }

  std::unique_ptr<kv::Engine> engine = kv::make_memory_engine();
  std::unique_ptr<history::Store> store;
  std::unique_ptr<KeyRing> ring;
  SpaceId space;
};

TEST_F(KeyRingTest, EveryKindWrapsAndOpens) {
  const SealedKey s3 = make(of_kind(SseKind::s3)), named = make(kms()), own = make(customer('c'));
  EXPECT_EQ(s3.key.bytes().size(), 32u);
  EXPECT_EQ((std::set<BytesView>{s3.key.bytes(), named.key.bytes(), own.key.bytes()}).size(), 3u);
  restart();
  expect_opens(s3);
  expect_opens(named);
  expect_opens(own, customer('c'));
  for (const SealedKey* sealed : {&s3, &named, &own}) {
    EXPECT_EQ(sealed->envelope.wrapped_data_key.find(sealed->key.bytes()), Bytes::npos);
  }
  EXPECT_EQ(own.envelope.wrapped_data_key.find(Bytes(32, 'c')), Bytes::npos);
}

TEST_F(KeyRingTest, CustomersKeysAreAskedForAndCompared) {
  const SealedKey own = make(customer('c'));
  const auto missing = ring->open(own.envelope, {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(missing.error().message,
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to "
            "retrieve the object.");
  const auto wrong = ring->open(own.envelope, customer('d'));
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, ErrorCode::access_denied);
  SseRequest lying = customer('d');
  lying.customer_md5 = own.envelope.customer_md5;
  EXPECT_EQ(ring->open(own.envelope, lying).error().code, ErrorCode::access_denied);
  for (const SseRequest& wanted : {of_kind(SseKind::s3), kms()}) {
    const auto needless = ring->open(make(wanted).envelope, customer('c'));
    ASSERT_FALSE(needless.ok());
    EXPECT_EQ(needless.error().code, ErrorCode::invalid_request);
    EXPECT_EQ(needless.error().message, "The encryption parameters are not applicable to this object.");
  }
}

// A copy: the same data key under other settings, in every direction.
TEST_F(KeyRingTest, RewrapKeepsTheDataKey) {
  const SealedKey made = make(customer('c'));
  for (const SseRequest& wanted : {of_kind(SseKind::s3), kms(), customer('d')}) {
    const auto envelope = sync_wait(ring->rewrap(made.key, wanted, account));
    ASSERT_TRUE(envelope.ok());
    EXPECT_EQ(envelope->kind, wanted.kind);
    const auto opened = ring->open(*envelope, wanted.kind == SseKind::customer ? wanted : SseRequest());
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->bytes(), made.key.bytes());
  }
}

TEST_F(KeyRingTest, KeysAreNamedByIdArnAndAlias) {
  const auto key = sync_wait(ring->create(account, "mine"));
  ASSERT_TRUE(key.ok()) << key.error().to_string();
  EXPECT_EQ(key->alias, "alias/mine");
  EXPECT_EQ(key->arn, "arn:aws:kms:eu-west-1:000000000000:key/" + key->id);
  restart();
  for (const std::string& name :
       {key->id, key->arn, std::string("alias/mine"), std::string("arn:aws:kms:eu-west-1:000000000000:alias/mine")}) {
    const SealedKey sealed = make(kms(name));
    EXPECT_EQ(sealed.envelope.key_id, key->arn) << name;
    expect_opens(sealed);
  }
}

TEST_F(KeyRingTest, UnknownNamesHaveTheServicesTexts) {
  const std::string id = "2f9e6a4e-0000-4000-8000-000000000001";
  const std::string arn = "arn:aws:kms:eu-west-1:000000000000:";
  const std::pair<std::string, std::string> cases[] = {
      {"mine", "Invalid keyId 'mine'"},
      {"aws/s3", "Invalid keyId 'aws/s3'"},
      {id, "Key '" + arn + "key/" + id + "' does not exist"},
      {arn + "key/" + id, "Key '" + arn + "key/" + id + "' does not exist"},
      {"alias/mine", "Alias " + arn + "alias/mine is not found."},
      {"arn:aws:kms:us-east-1:000000000000:key/" + id, "Invalid arn us-east-1"},
      {"arn:aws:iam::000000000000:root", "Invalid arn arn:aws:iam::000000000000:root"},
  };
  for (const auto& [name, message] : cases) {
    const S3Error error = refusal(kms(name));
    EXPECT_EQ(error.code, ErrorCode::kms_not_found) << name;
    EXPECT_EQ(error.message, message);
  }
  EXPECT_TRUE(ring->list(account).empty()) << "a refused name makes no key";
}

TEST_F(KeyRingTest, OtherAccountsKeysAreNotFound) {
  const auto key = sync_wait(ring->create(account, "mine"));
  ASSERT_TRUE(key.ok());
  for (const std::string& name : {key->id, key->arn, std::string("alias/mine")}) {
    EXPECT_EQ(refusal(kms(name), other_account).code, ErrorCode::kms_not_found) << name;
  }
  EXPECT_TRUE(ring->list(other_account).empty());
  EXPECT_TRUE(sync_wait(ring->create(other_account, "mine")).ok()) << "aliases are each account's own";
  EXPECT_EQ(sync_wait(ring->rotate(other_account, key->id)).error().code(), Code::not_found);
}

TEST_F(KeyRingTest, TheDefaultKeyIsMadeOnce) {
  const SealedKey first = make(kms()), second = make(kms("alias/aws/s3")), other = make(kms(), other_account);
  EXPECT_EQ(first.envelope.key_id, second.envelope.key_id);
  EXPECT_NE(first.envelope.key_id, other.envelope.key_id);
  restart();
  EXPECT_EQ(make(kms()).envelope.key_id, first.envelope.key_id);
  ASSERT_EQ(ring->list(account).size(), 1u);
  EXPECT_EQ(ring->list(account)[0].alias, "alias/aws/s3");
}

TEST_F(KeyRingTest, RotationWrapsAnewAndOpensTheOld) {
  const auto key = sync_wait(ring->create(account, "mine"));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->generations, 1);
  EXPECT_EQ(key->rotated_micros, 0);
  const SealedKey before = make(kms("alias/mine"));
  const auto rotated = sync_wait(ring->rotate(account, "mine"));
  ASSERT_TRUE(rotated.ok());
  EXPECT_EQ(rotated->generations, 2);
  EXPECT_GT(rotated->rotated_micros, key->created_micros);
  const SealedKey after = make(kms("alias/mine"));
  EXPECT_EQ(before.envelope.key_id, after.envelope.key_id);
  EXPECT_NE(before.envelope.wrapped_data_key.substr(0, 4), after.envelope.wrapped_data_key.substr(0, 4));
  expect_opens(before);
  restart();
  expect_opens(before);
  expect_opens(after);
  EXPECT_EQ(sync_wait(ring->rotate(account, "none")).error().code(), Code::not_found);
}

TEST_F(KeyRingTest, AliasesAreCheckedAndUnique) {
  EXPECT_TRUE(sync_wait(ring->create(account, "")).ok());
  EXPECT_TRUE(sync_wait(ring->create(account, "")).ok()) << "keys need no alias";
  EXPECT_TRUE(sync_wait(ring->create(account, "alias/a/b-c_d")).ok());
  EXPECT_EQ(sync_wait(ring->create(account, "a/b-c_d")).error().code(), Code::already_exists);
  for (const std::string alias : {"with blank", "alias/", "a:b", "aws/s3", "alias/aws/own"}) {
    EXPECT_EQ(sync_wait(ring->create(account, alias)).error().code(), Code::invalid) << alias;
  }
  EXPECT_EQ(ring->list(account).size(), 3u);
}

TEST_F(KeyRingTest, ContextIsPartOfTheWrapping) {
  SealedKey sealed = make(kms("", "e30="));
  expect_opens(sealed);
  sealed.envelope.kms_context = "e30K";
  EXPECT_EQ(ring->open(sealed.envelope, {}).error().code, ErrorCode::internal_error);
}

TEST_F(KeyRingTest, DamagedEnvelopesAreInternalErrors) {
  for (const SseRequest& wanted : {of_kind(SseKind::s3), kms()}) {
    const SealedKey sealed = make(wanted);
    for (std::size_t i = 0; i < sealed.envelope.wrapped_data_key.size(); i += 9) {
      Envelope changed = sealed.envelope;
      changed.wrapped_data_key[i] = static_cast<char>(changed.wrapped_data_key[i] ^ 1);
      EXPECT_EQ(ring->open(changed, {}).error().code, ErrorCode::internal_error) << i;
      changed.wrapped_data_key.resize(i);
      EXPECT_EQ(ring->open(changed, {}).error().code, ErrorCode::internal_error) << i;
    }
  }
}

// The region stands in the ARN only: what was written under another one still opens.
TEST_F(KeyRingTest, AnotherRegionOpensWhatWasThere) {
  const SealedKey sealed = make(kms());
  end();
  start("us-east-1");
  expect_opens(sealed);
  EXPECT_EQ(make(kms()).envelope.key_id.substr(0, 22), "arn:aws:kms:us-east-1:");
}

TEST_F(KeyRingTest, AWrongMasterKeyIsToldAtTheStart) {
  const auto mark = sync_wait(KeyRing::mark_of(*store, space)).value();
  ASSERT_TRUE(mark);
  end();
  open_store();
  EXPECT_EQ(sync_wait(KeyRing::mark_of(*store, space)).value(), mark);
  const auto opened = sync_wait(KeyRing::open(*store, space, auth::MasterKey::of(Bytes(32, 'x')), "eu-west-1"));
  ASSERT_FALSE(opened.ok());
  EXPECT_TRUE(opened.error().is(Code::invalid));
  EXPECT_NE(opened.error().message().find("--key-file"), std::string::npos);
  end();
  engine = kv::make_memory_engine();
  open_store();
  EXPECT_FALSE(sync_wait(KeyRing::mark_of(*store, space)).value());
  const auto another = sync_wait(KeyRing::open(*store, space, auth::MasterKey::of(Bytes(32, 'x')), "eu-west-1"));
  ASSERT_TRUE(another.ok());
  EXPECT_NE(sync_wait(KeyRing::mark_of(*store, space)).value(), mark);
}

}  // namespace
}  // namespace reprise::s3
