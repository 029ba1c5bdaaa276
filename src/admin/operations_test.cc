// The extension operations: who may call them, what keys and jobs answer. In the JSON texts ' stands for ".
#include "admin/operations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "auth/credential_source.h"
#include "auth/policy/policy.h"
#include "codec/json.h"
#include "s3/ops/buckets_for_tests.h"
#include "s3/ops/verify.h"

namespace reprise::admin {
namespace {

std::string json(std::string text) {
  std::ranges::replace(text, '\'', '"');
  return text;
}

class AdminOperationsTest : public ::testing::Test {
 protected:
  AdminOperationsTest() : server_({}, [](s3::Services& services) { s3::register_verification(services); }) {
    add_root();
    set_keys();
  }

  void add_root() { keys_.push_back(auth::root_access_key("ROOT", "secret")); }
  void add_user(const std::string& name, const std::string& account, const std::string& policy) {
    auto identity = std::make_shared<auth::Identity>();
    identity->access_key_id = name;
    identity->account = account;
    identity->user = name;
    identity->arn = "arn:aws:iam::" + account + ":user/" + name;
    if (!policy.empty()) {
      auto document = auth::policy::Document::parse(json(policy), auth::policy::Kind::identity);
      ASSERT_TRUE(document.ok()) << document.error().to_string();
      std::vector<auth::policy::DocumentPtr> documents{*document};
      identity->policies = std::make_shared<const auth::policy::PolicySet>(std::move(documents));
    }
    keys_.push_back({name, "secret", std::move(identity)});
    set_keys();
  }
  void set_keys() { source_.replace(std::make_shared<const auth::CredentialStore>(keys_)); }

  // The answer, or "ERROR: text".
  std::string call(const std::string& who, const std::string& operation, const std::string& body = "{}") {
    const auth::AccessKey* const key = source_.current().find(who);
    const auto found = extra_("Reprise_20261122." + operation);
    if (!found) return "no such operation";
    codec::JsonDocument document;
    const Bytes text = json(body);
    auto parsed = document.parse(text);
    EXPECT_TRUE(parsed.ok()) << body;
    dynamo::OperationRequest request{*parsed, {key == nullptr ? "000000000000" : key->identity->account, who}, {}};
    auto result = sync_wait(found(std::move(request), http_));
    return result.ok() ? *result : "ERROR: " + result.error().message;
  }
  static std::string member(const std::string& answer, const std::string& object, const std::string& name) {
    codec::JsonDocument document;
    const auto root = document.parse(answer);
    if (!root.ok()) return answer;
    const auto value = root->find(object).value_or(codec::JsonValue()).find(name);
    return value && value->is(codec::JsonType::string) ? std::string(value->string()) : "(absent)";
  }

  s3::BucketServer server_;
  std::vector<auth::AccessKey> keys_;
  auth::CredentialSource source_{std::make_shared<const auth::CredentialStore>(std::vector<auth::AccessKey>())};
  http::Request http_;  // what calls come in
  dynamo::ExtraOperations extra_ = make_extra_operations({server_.services(), source_, nullptr});
};

TEST_F(AdminOperationsTest, OtherTargetsAreNotKnown) {
  EXPECT_FALSE(extra_("Reprise_20261122.Nothing"));
  EXPECT_FALSE(extra_("Reprise_20991231.CreateKey"));
  EXPECT_FALSE(extra_("CreateKey"));
  EXPECT_TRUE(extra_("Reprise_20261122.CreateKey"));
}

TEST_F(AdminOperationsTest, KeysAreMadeListedAndRotated) {
  EXPECT_EQ(call("ROOT", "ListKeys"), json("{'Keys':[]}"));
  const std::string made = call("ROOT", "CreateKey", "{'Alias':'mine'}");
  EXPECT_EQ(member(made, "Key", "Alias"), "alias/mine");
  const std::string id = member(made, "Key", "KeyId");
  EXPECT_EQ(member(made, "Key", "Arn"), "arn:aws:kms:eu-west-1:000000000000:key/" + id);
  EXPECT_NE(made.find(json("'Generations':1")), std::string::npos);
  EXPECT_EQ(made.find("Rotated"), std::string::npos);
  const std::string rotated = call("ROOT", "RotateKey", "{'KeyId':'" + id + "'}");
  EXPECT_NE(rotated.find(json("'Generations':2")), std::string::npos);
  EXPECT_NE(rotated.find("Rotated"), std::string::npos);
  EXPECT_NE(call("ROOT", "ListKeys").find(id), std::string::npos);
}

TEST_F(AdminOperationsTest, BadRequestsAreRefused) {
  EXPECT_EQ(call("ROOT", "RotateKey"), "ERROR: KeyId must be given");
  EXPECT_EQ(call("ROOT", "RotateKey", "{'KeyId':1}"), "ERROR: KeyId must be a string");
  EXPECT_EQ(call("ROOT", "RotateKey", "[]"), "ERROR: the request must be a JSON object");
  EXPECT_EQ(call("ROOT", "RotateKey", "{'KeyId':'alias/no'}"),
            "ERROR: Alias arn:aws:kms:eu-west-1:000000000000:alias/no is not found.");
  EXPECT_EQ(call("ROOT", "CreateKey", "{'Alias':'aws/s3'}"),
            "ERROR: aliases that begin with alias/aws/ are the service's own");
  call("ROOT", "CreateKey", "{'Alias':'mine'}");
  EXPECT_EQ(call("ROOT", "CreateKey", "{'Alias':'alias/mine'}"), "ERROR: there is a key alias/mine already");
  EXPECT_EQ(call("ROOT", "DescribeJob", "{'JobId':'none'}"), "ERROR: there is no job none");
  EXPECT_EQ(call("ROOT", "CancelJob", "{'JobId':'none'}"), "ERROR: no job none is running");
}

TEST_F(AdminOperationsTest, UsersMayWhatTheirPoliciesSay) {
  add_user("nobody", "000000000000", "");
  add_user("keeper", "000000000000",
           "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'reprise:*Key*','Resource':'*'},"
           "{'Effect':'Deny','Action':'reprise:RotateKey','Resource':'*'}]}");
  EXPECT_EQ(call("nobody", "ListKeys"),
            "ERROR: User: arn:aws:iam::000000000000:user/nobody is not authorized to perform: reprise:ListKeys because "
            "no identity-based policy allows the reprise:ListKeys action");
  EXPECT_EQ(member(call("keeper", "CreateKey"), "Key", "Account"), "000000000000");
  EXPECT_EQ(
      call("keeper", "RotateKey", "{'KeyId':'alias/x'}"),
      "ERROR: User: arn:aws:iam::000000000000:user/keeper is not authorized to perform: reprise:RotateKey with an "
      "explicit deny in an identity-based policy");
  EXPECT_EQ(call("gone", "ListKeys"),
            "ERROR: User: anonymous is not authorized to perform: reprise:ListKeys because its access key is gone");
}

TEST_F(AdminOperationsTest, PoliciesMayAskWhereACallComesFrom) {
  add_user("keeper", "000000000000",
           "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'*','Resource':'*',"
           "'Condition':{'IpAddress':{'aws:SourceIp':'192.0.2.0/24'}}},"
           "{'Effect':'Deny','Action':'*','Resource':'*','Condition':{'Bool':{'aws:SecureTransport':'false'}}}]}");
  http_.peer = "192.0.2.7:50000";
  http_.secure = true;
  EXPECT_EQ(call("keeper", "ListKeys"), json("{'Keys':[]}"));
  http_.secure = false;
  EXPECT_TRUE(call("keeper", "ListKeys").ends_with("with an explicit deny in an identity-based policy"));
  http_.secure = true;
  http_.peer = "198.51.100.7:50000";
  EXPECT_TRUE(call("keeper", "ListKeys").starts_with("ERROR: "));
}

TEST_F(AdminOperationsTest, OtherAccountsHaveTheirOwnKeysAndNoJobs) {
  add_user("other", "111111111111",
           "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'*','Resource':'*'}]}");
  const std::string made = call("ROOT", "CreateKey", "{'Alias':'mine'}");
  EXPECT_EQ(call("other", "ListKeys"), json("{'Keys':[]}"));
  EXPECT_EQ(call("other", "RotateKey", "{'KeyId':'alias/mine'}"),
            "ERROR: Alias arn:aws:kms:eu-west-1:111111111111:alias/mine is not found.");
  EXPECT_EQ(member(call("other", "CreateKey", "{'Alias':'mine'}"), "Key", "Account"), "111111111111");
  for (const std::string operation : {"StartVerify", "ListJobs", "DescribeJob", "CancelJob"}) {
    EXPECT_NE(call("other", operation).find("concerns the whole server"), std::string::npos) << operation;
  }
}

TEST_F(AdminOperationsTest, VerificationRunsAndTells) {
  const std::string started = call("ROOT", "StartVerify");
  const std::string id = member(started, "Job", "JobId");
  EXPECT_EQ(member(started, "Job", "Kind"), "verify");
  std::string job;
  for (int i = 0; i < 10'000 && member(job, "Job", "State") != "done"; ++i) {
    job = call("ROOT", "DescribeJob", "{'JobId':'" + id + "'}");
    std::this_thread::yield();
  }
  EXPECT_EQ(member(job, "Job", "State"), "done");
  EXPECT_NE(job.find(json("'Findings':0,'Listed':[]")), std::string::npos) << job;
  EXPECT_NE(job.find("Ended"), std::string::npos);
  EXPECT_NE(call("ROOT", "ListJobs").find(id), std::string::npos);
  EXPECT_NE(call("ROOT", "ListJobs", "{'Kind':'verify'}").find(id), std::string::npos);
  EXPECT_EQ(call("ROOT", "ListJobs", "{'Kind':'other'}"), json("{'Jobs':[]}"));
}

}  // namespace
}  // namespace reprise::admin
