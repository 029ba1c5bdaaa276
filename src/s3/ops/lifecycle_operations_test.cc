// The operations on lifecycle rules and on the recovery setting, and what the latter does to a bucket's past.
#include <gtest/gtest.h>

#include <algorithm>

#include "s3/ops/buckets_for_tests.h"
#include "s3/ops/key_write.h"

namespace reprise::s3 {
namespace {

class LifecycleOperationsTest : public testing::Test {
 protected:
  LifecycleOperationsTest() { server.make_bucket("photos"); }

  std::string run(std::string_view name, Bytes document = {}, const std::string& minimum = "") {
    Call call = server.call("PUT", "photos");
    call.document = std::move(document);
    if (!minimum.empty()) call.headers.add("x-amz-transition-default-minimum-object-size", minimum);
    return server.text_of(server.run(lifecycle_operations(), name, call));
  }
  static Bytes rules(const std::string& actions) {
    return "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter/>" + actions +
           "</Rule></LifecycleConfiguration>";
  }
  static Bytes days(const std::string& number) {
    return "<RecoveryConfiguration><Days>" + number + "</Days></RecoveryConfiguration>";
  }
  void put(const std::string& key) {
    auto write = std::move(sync_wait(KeyWrite::open(server.services(), server.buckets().find("photos"), key))).value();
    EXPECT_TRUE(sync_wait(write->put(ObjectVersion(), Bytes(), Naming::made_now)).ok());
    EXPECT_TRUE(sync_wait(write->commit()).ok());
  }
  void remove(const std::string& key) {
    auto write = std::move(sync_wait(KeyWrite::open(server.services(), server.buckets().find("photos"), key))).value();
    EXPECT_TRUE(sync_wait(write->remove_newest()).ok());
    EXPECT_TRUE(sync_wait(write->commit()).ok());
  }
  // Whether the object could be found then; the error's name when that time cannot be read.
  std::string found_at(const std::string& key, Timestamp at) {
    auto found = sync_wait(find_newest(server.services(), *server.buckets().find("photos"), key, at));
    if (!found.ok()) return std::string(spelling_of(found.error().code).name);
    return found->has_value() ? "found" : "nothing";
  }

  BucketServer server;
};

TEST_F(LifecycleOperationsTest, RulesArePutReadAndRemoved) {
  EXPECT_EQ(run("GetBucketLifecycleConfiguration"),
            "404 NoSuchLifecycleConfiguration: The lifecycle configuration does not exist");
  EXPECT_EQ(run("DeleteBucketLifecycle"), "204 ");
  EXPECT_EQ(run("PutBucketLifecycleConfiguration", rules("<Expiration><Days>3</Days></Expiration>")), "200 ");
  EXPECT_NE(run("GetBucketLifecycleConfiguration").find("<Expiration><Days>3</Days></Expiration>"), std::string::npos);
  EXPECT_TRUE(run("PutBucketLifecycleConfiguration", rules("")).starts_with("400 InvalidRequest"));
  EXPECT_NE(run("GetBucketLifecycleConfiguration").find("<Days>3</Days>"), std::string::npos) << "nothing has changed";
  server.reopen();
  EXPECT_NE(run("GetBucketLifecycleConfiguration").find("<Days>3</Days>"), std::string::npos);
  EXPECT_EQ(run("DeleteBucketLifecycle"), "204 ");
  EXPECT_TRUE(run("GetBucketLifecycleConfiguration").starts_with("404 "));
}

TEST_F(LifecycleOperationsTest, TheMinimumOfTransitionsIsKept) {
  const Bytes document = rules("<Expiration><Days>3</Days></Expiration>");
  EXPECT_TRUE(run("PutBucketLifecycleConfiguration", document, "wrong").starts_with("400 InvalidRequest"));
  EXPECT_EQ(run("PutBucketLifecycleConfiguration", document, "varies_by_storage_class"), "200 ");
  Call call = server.call("GET", "photos");
  const auto reply = server.run(lifecycle_operations(), "GetBucketLifecycleConfiguration", call);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->headers.get("x-amz-transition-default-minimum-object-size"), "varies_by_storage_class");
}

TEST_F(LifecycleOperationsTest, ThePastIsKeptForAsLongAsTheSettingSays) {
  EXPECT_TRUE(run("GetBucketRecovery").ends_with("<Days>0</Days></RecoveryConfiguration>"));
  EXPECT_NE(run("PutBucketRecovery", days("35")).find("<Days>35</Days><EarliestRecoverableTime>"), std::string::npos);
  EXPECT_NE(run("GetBucketRecovery").find("<LatestRecoverableTime>"), std::string::npos);
  put("k");
  const Timestamp then = server.store().now();
  remove("k");
  EXPECT_EQ(found_at("k", then), "found");
  EXPECT_EQ(found_at("k", server.store().now()), "nothing");
  server.reopen();
  EXPECT_EQ(found_at("k", then), "found");
  EXPECT_TRUE(run("PutBucketRecovery", days("0")).ends_with("<Days>0</Days></RecoveryConfiguration>"));
  EXPECT_EQ(found_at("k", then), "InvalidArgument");
}

TEST_F(LifecycleOperationsTest, RecoverySettingsHaveBounds) {
  const std::string most = std::to_string(server.services().settings.recovery_days_max);
  EXPECT_TRUE(run("PutBucketRecovery", days(most)).starts_with("200 "));
  const std::string answered = run("GetBucketRecovery").substr(4);
  EXPECT_TRUE(run("PutBucketRecovery", answered).starts_with("200 ")) << "what was answered can be put back";
  for (const std::string& wrong : {std::string("-1"), most + "0", std::string("99999999999999999999")}) {
    EXPECT_TRUE(run("PutBucketRecovery", days(wrong)).starts_with("400 InvalidArgument")) << wrong;
  }
  for (const Bytes& wrong :
       {Bytes(" "), days(""), days("x"), days("1</Days><Days>1"), Bytes("<RecoveryConfiguration/>")}) {
    EXPECT_TRUE(run("PutBucketRecovery", wrong).starts_with("400 MalformedXML")) << wrong;
  }
  EXPECT_EQ(server.buckets().find("photos")->recovery_days, server.services().settings.recovery_days_max);
}

}  // namespace
}  // namespace reprise::s3
