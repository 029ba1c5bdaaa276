// The decision about a request, over every combination of who asks, what the caller's policy says, what the bucket's
// policy says, whose the object is and what its ACL grants, with and without ACLs and public access blocks: compared
// with a model that states S3's rules plainly. And the texts.
#include "s3/ops/access.h"

#include <gtest/gtest.h>

#include "auth/policy/policy.h"
#include "s3/ops/bucket_policies.h"
#include "s3/ops/buckets_for_tests.h"

namespace reprise::s3 {
namespace {

constexpr std::string_view home = auth::root_account;
constexpr std::string_view away = "111122223333";

auth::IdentityRef user_of(std::string_view account, std::string_view policy) {
  auto identity = std::make_shared<auth::Identity>();
  identity->access_key_id = "AKIAUSER";
  identity->account = account;
  identity->user = "anna";
  identity->arn = "arn:aws:iam::" + identity->account + ":user/anna";
  if (policy.empty()) return identity;
  auto document = auth::policy::Document::parse(policy, auth::policy::Kind::identity);
  EXPECT_TRUE(document.ok());
  identity->policies = std::make_shared<const auth::policy::PolicySet>(std::vector{*document});
  return identity;
}

enum class Who { root, user, stranger, nobody };
enum class Own { nothing, allow, deny };                                // the caller's policy
enum class Said { nothing, everybody, account, caller, deny };          // the bucket's policy
enum class Granted { to_owner, to_everybody, to_signed, to_stranger };  // the object's ACL
struct Case {
  Who who;
  Own own;
  Said said;
  Granted granted;
  bool theirs;     // the object is the stranger's
  bool acls;       // ObjectWriter
  bool ignore;     // IgnorePublicAcls
  bool restricts;  // RestrictPublicBuckets

  [[nodiscard]] std::string text() const {
    return "who " + std::to_string(int(who)) + " own " + std::to_string(int(own)) + " said " +
           std::to_string(int(said)) + " granted " + std::to_string(int(granted)) + " theirs " +
           std::to_string(theirs) + " acls " + std::to_string(acls) + " ignore " + std::to_string(ignore) +
           " restricts " + std::to_string(restricts);
  }
};

// S3's rules for s3:GetObject, one at a time.
bool model(const Case& c) {
  const bool signed_in = c.who != Who::nobody;
  const bool of_home = c.who == Who::root || c.who == Who::user;
  const bool able = c.who == Who::root || (signed_in && c.own == Own::allow);
  if (c.who != Who::root && signed_in && c.own == Own::deny) return false;
  if (c.said == Said::deny) return false;

  // What the resource grants: to the caller as such, or to the caller's account.
  bool to_caller = false, to_account = false;
  const bool foreign = c.acls && c.theirs;
  if (!foreign) {
    if (of_home) to_account = true;  // the bucket's account has what is in it
    const bool shut = c.said == Said::everybody && c.restricts && !of_home;
    if (c.said == Said::everybody && !shut) to_caller = true;
    if (c.said == Said::caller && signed_in) to_caller = true;
    if (c.said == Said::account && signed_in) to_account = true;
  }
  if (c.acls) {
    if (c.granted == Granted::to_everybody && !c.ignore) to_caller = true;
    if (c.granted == Granted::to_signed && !c.ignore && signed_in) to_caller = true;
    if (c.granted == Granted::to_stranger && c.who == Who::stranger) to_account = true;
    if (c.theirs && c.who == Who::stranger) to_account = true;
    if (!c.theirs && of_home) to_account = true;
  }
  if (!signed_in) return to_caller;
  if (of_home && to_caller) return true;
  return able && (to_caller || to_account);
}

class AccessTest : public testing::Test {
 protected:
  AccessTest() { server_.make_bucket("notes"); }

  static std::string bucket_policy(const Case& c) {
    const std::string account(c.who == Who::stranger ? away : home);
    std::string principal = R"("*")";
    if (c.said == Said::account) principal = R"({"AWS":")" + account + R"("})";
    if (c.said == Said::caller) {
      const std::string name = c.who == Who::root ? "root" : "user/anna";
      principal = R"({"AWS":"arn:aws:iam::)" + account + ":" + name + R"("})";
    }
    return std::string(R"({"Statement":{"Effect":")") + (c.said == Said::deny ? "Deny" : "Allow") +
           R"(","Principal":)" + principal + R"(,"Action":"s3:GetObject","Resource":"arn:aws:s3:::notes/*"}})";
  }
  static BucketPtr bucket_of(const Bucket& plain, const Case& c) {
    Bucket bucket = plain;
    bucket.policy = c.said == Said::nothing ? Bytes() : bucket_policy(c);
    bucket.ownership = c.acls ? ObjectOwnership::object_writer : ObjectOwnership::bucket_owner_enforced;
    bucket.public_access_block = PublicAccessBlock{false, c.ignore, false, c.restricts};
    return std::make_shared<const Bucket>(std::move(bucket));
  }
  static ObjectVersion object_of(const Case& c) {
    ObjectVersion object;
    object.owner = canonical_id_of(c.theirs ? away : home);
    Acl acl = private_acl(object.owner);
    Grantee grantee;
    if (c.granted == Granted::to_everybody) grantee.kind = Grantee::Kind::all_users;
    if (c.granted == Granted::to_signed) grantee.kind = Grantee::Kind::authenticated_users;
    if (c.granted == Granted::to_stranger) grantee.id = canonical_id_of(away);
    if (c.granted != Granted::to_owner) acl.grants.push_back({grantee, Permission::read});
    object.acl = std::move(acl);
    return object;
  }
  Call call_of(const Case& c) {
    Call call = server_.call("GET", "notes", "k");
    if (c.who == Who::root) return call;
    call.caller = {};
    if (c.who == Who::nobody) return call;
    constexpr std::string_view allow = R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";
    constexpr std::string_view deny = R"({"Statement":{"Effect":"Deny","Action":"s3:Get*","Resource":"*"}})";
    const std::string_view account = c.who == Who::user ? home : away;
    call.caller.identity = user_of(account, c.own == Own::allow ? allow : c.own == Own::deny ? deny : "");
    call.caller.canonical_id = canonical_id_of(account);
    return call;
  }
  bool allows(const Case& c, const Bucket& plain) {
    const Call call = call_of(c);
    const ObjectVersion object = object_of(c);
    AccessTarget target;
    target.bucket = bucket_of(plain, c);
    target.bucket_name = "notes";
    target.key = "k";
    target.object = &object;
    return sync_wait(authorize(server_.services(), call, "s3:GetObject", std::move(target))).ok();
  }
  std::string denial(const Call& call, std::string action, const std::function<void(Bucket&)>& change = {}) {
    Bucket bucket = *server_.buckets().find("notes");
    if (change) change(bucket);
    AccessTarget target;
    target.bucket = std::make_shared<const Bucket>(std::move(bucket));
    target.bucket_name = "notes";
    target.key = call.key;
    const auto checked = sync_wait(authorize(server_.services(), call, std::move(action), std::move(target)));
    return checked.ok() ? "" : checked.error().message;
  }

  BucketServer server_;
};

TEST_F(AccessTest, IsWhatTheModelSays) {
  const Bucket plain = *server_.buckets().find("notes");
  int cases = 0;
  for (const Who who : {Who::root, Who::user, Who::stranger, Who::nobody})
    for (const Own own : {Own::nothing, Own::allow, Own::deny})
      for (const Said said : {Said::nothing, Said::everybody, Said::account, Said::caller, Said::deny})
        for (const Granted granted :
             {Granted::to_owner, Granted::to_everybody, Granted::to_signed, Granted::to_stranger})
          for (int bits = 0; bits < 16; ++bits, ++cases) {
            const Case c{who, own, said, granted, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
            ASSERT_EQ(allows(c, plain), model(c)) << c.text();
          }
  EXPECT_EQ(cases, 3840);
}

TEST_F(AccessTest, TellsTheAccountsOwnUsersWhy) {
  const std::string user = "User: arn:aws:iam::000000000000:user/anna is not authorized to perform: ";
  Call call = call_of({Who::user, Own::nothing, Said::nothing, Granted::to_owner, false, false, false, false});
  EXPECT_EQ(denial(call, "s3:GetObject"),
            user +
                "s3:GetObject on resource: \"arn:aws:s3:::notes/k\" because no identity-based policy allows the "
                "s3:GetObject action");
  EXPECT_EQ(
      denial(call, "s3:GetObject",
             [](Bucket& bucket) {
               bucket.policy =
                   bucket_policy({Who::user, Own::nothing, Said::deny, Granted::to_owner, false, false, false, false});
             }),
      user + "s3:GetObject on resource: \"arn:aws:s3:::notes/k\" with an explicit deny in a resource-based policy");
  call = call_of({Who::user, Own::deny, Said::nothing, Granted::to_owner, false, false, false, false});
  EXPECT_EQ(
      denial(call, "s3:GetObject"),
      user + "s3:GetObject on resource: \"arn:aws:s3:::notes/k\" with an explicit deny in an identity-based policy");
  for (const Who who : {Who::stranger, Who::nobody}) {
    call = call_of({who, Own::nothing, Said::nothing, Granted::to_owner, false, false, false, false});
    EXPECT_EQ(denial(call, "s3:GetObject"), "Access Denied");
  }
}

// s3:* opens the present; the past is reprise:ReadPast, asked for by itself.
TEST_F(AccessTest, ThePastIsARightOfItsOwn) {
  Call call = call_of({Who::user, Own::allow, Said::nothing, Granted::to_owner, false, false, false, false});
  EXPECT_EQ(denial(call, "s3:GetObject"), "");
  call.as_of = Timestamp(1);
  EXPECT_NE(denial(call, "s3:GetObject").find("perform: reprise:ReadPast on resource"), std::string::npos);
  EXPECT_EQ(denial(call, "s3:PutObject"), "") << "what writes reads nothing";
  call.caller.identity = user_of(
      home,
      R"({"Statement":{"Effect":"Allow","Action":["s3:GetObject","reprise:*"],"Resource":"arn:aws:s3:::notes/*"}})");
  EXPECT_EQ(denial(call, "s3:GetObject"), "");
  call.caller.identity = test_root();
  EXPECT_EQ(denial(call, "s3:GetObject"), "");
}

TEST_F(AccessTest, RootPutsItsPolicyRightWhateverItSays) {
  const auto shut = [](Bucket& bucket) {
    bucket.policy = R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*",
                        "Resource":["arn:aws:s3:::notes","arn:aws:s3:::notes/*"]}})";
  };
  Call call = server_.call("GET", "notes");
  EXPECT_NE(denial(call, "s3:ListBucket", shut), "");
  EXPECT_EQ(denial(call, "s3:DeleteBucketPolicy", shut), "");
  call.caller.identity = user_of(home, R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})");
  EXPECT_NE(denial(call, "s3:DeleteBucketPolicy", shut), "");
}

// A policy that cannot be read shuts the bucket to all but its owner's root.
TEST_F(AccessTest, AnUnreadablePolicyGivesNothing) {
  const auto spoil = [](Bucket& bucket) { bucket.policy = "{"; };
  Call call = call_of({Who::user, Own::allow, Said::nothing, Granted::to_owner, false, false, false, false});
  EXPECT_NE(denial(call, "s3:GetObject", spoil), "");
  EXPECT_EQ(denial(server_.call("GET", "notes", "k"), "s3:GetObject", spoil), "");
}

TEST_F(AccessTest, CompiledPoliciesFollowTheText) {
  Bucket bucket = *server_.buckets().find("notes");
  bucket.policy =
      bucket_policy({Who::user, Own::nothing, Said::everybody, Granted::to_owner, false, false, false, false});
  EXPECT_TRUE(policy_of(bucket).is_public);
  bucket.policy =
      bucket_policy({Who::user, Own::nothing, Said::account, Granted::to_owner, false, false, false, false});
  EXPECT_FALSE(policy_of(bucket).is_public);
  bucket.policy.clear();
  EXPECT_EQ(policy_of(bucket).document, nullptr);
}

TEST_F(AccessTest, ExpectedOwners) {
  Call call = server_.call("GET", "notes");
  const Bucket& bucket = call.in();
  EXPECT_TRUE(check_expected_owner(call, bucket, "x-amz-expected-bucket-owner").ok());
  call.headers.add("x-amz-expected-bucket-owner", "000000000000");
  EXPECT_TRUE(check_expected_owner(call, bucket, "x-amz-expected-bucket-owner").ok());
  call.headers.set("x-amz-expected-bucket-owner", std::string(away));
  EXPECT_EQ(check_expected_owner(call, bucket, "x-amz-expected-bucket-owner").error().message, "Access Denied");
  for (const std::string id : {"", "abc", "12345678901", "1234567890123", "12345678901x"}) {
    call.headers.set("x-amz-expected-bucket-owner", id);
    const auto checked = check_expected_owner(call, bucket, "x-amz-expected-bucket-owner");
    ASSERT_FALSE(checked.ok()) << id;
    EXPECT_EQ(checked.error().code, ErrorCode::invalid_bucket_owner) << id;
    EXPECT_EQ(checked.error().message,
              "The value of the expected bucket owner parameter must be an AWS Account ID... [" + id + "]");
  }
}

TEST_F(AccessTest, RequestersPay) {
  Bucket bucket = *server_.buckets().find("notes");
  Call root = server_.call("GET", "notes", "k");
  Call nobody = server_.call("GET", "notes", "k");
  nobody.caller = Caller();
  Call stranger = server_.call("GET", "notes", "k");
  stranger.caller.identity = user_of(away, "");
  for (const bool pays : {false, true}) {
    bucket.requester_pays = pays;
    EXPECT_TRUE(check_payer(root, bucket).ok());
    EXPECT_FALSE(is_charged(root, bucket));
    EXPECT_EQ(check_payer(stranger, bucket).ok(), !pays);
    EXPECT_EQ(is_charged(stranger, bucket), pays);
    EXPECT_EQ(check_payer(nobody, bucket).ok(), !pays);
    EXPECT_FALSE(is_charged(nobody, bucket));
  }
  stranger.headers.add("x-amz-request-payer", "bucketowner");
  EXPECT_FALSE(check_payer(stranger, bucket).ok());
  stranger.headers.set("x-amz-request-payer", "requester");
  EXPECT_TRUE(check_payer(stranger, bucket).ok());
  nobody.headers.add("x-amz-request-payer", "requester");
  EXPECT_EQ(check_payer(nobody, bucket).error().code, ErrorCode::access_denied);
  Call by_query = server_.call("GET", "notes", "k");
  by_query.caller = stranger.caller;
  by_query.query.add("x-amz-request-payer", "requester");
  EXPECT_TRUE(check_payer(by_query, bucket).ok());
}

}  // namespace
}  // namespace reprise::s3
