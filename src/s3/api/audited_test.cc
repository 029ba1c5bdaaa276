// Which requests the audit log is told of, and how: no header field takes an action out of it.
#include "s3/api/audited.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::s3 {
namespace {

class Told final : public auth::AuditSink {
 public:
  Task<void> record(auth::AuditEvent event) override {
    note("recorded", event);
    return ready_task();
  }
  void note_past_read(auth::AuditEvent event) override { note("past", event); }

  std::vector<std::string> lines;

 private:
  void note(const std::string& how, const auth::AuditEvent& event) {
    lines.push_back(how + " " + event.action + " " + event.resource + (event.as_of.empty() ? "" : " " + event.as_of) +
                    " " + event.outcome);
  }
};

Call call_of(std::string method, std::string key) {
  Call call;
  call.method = std::move(method);
  call.bucket = "notes";
  call.key = std::move(key);
  call.caller.identity = auth::root_access_key("ROOT", "secret").identity;
  return call;
}

std::vector<std::string> told(std::string_view name, const Call& call, std::string_view outcome = "ok") {
  Told sink;
  sync_wait(audit(&sink, name, call, outcome));
  return sink.lines;
}

using Lines = std::vector<std::string>;

TEST(AuditedTest, ActionsOnBucketsAndLocks) {
  EXPECT_EQ(told("DeleteBucket", call_of("DELETE", "")), Lines{"recorded s3:DeleteBucket arn:aws:s3:::notes ok"});
  EXPECT_EQ(told("PutBucketPolicy", call_of("PUT", ""), "AccessDenied"),
            Lines{"recorded s3:PutBucketPolicy arn:aws:s3:::notes AccessDenied"});
  EXPECT_EQ(told("PutBucketRecovery", call_of("PUT", "")),
            Lines{"recorded reprise:PutBucketRecovery arn:aws:s3:::notes ok"});
  EXPECT_EQ(told("PutObjectLegalHold", call_of("PUT", "k")),
            Lines{"recorded s3:PutObjectLegalHold arn:aws:s3:::notes/k ok"});
  for (const std::string_view name : {"PutObject", "DeleteObject"}) EXPECT_EQ(told(name, call_of("PUT", "k")), Lines{});
  EXPECT_EQ(told("DeleteObjects", call_of("POST", "")), Lines{});
  EXPECT_EQ(told("ListObjects", call_of("GET", "")), Lines{});
}

TEST(AuditedTest, ReadsAndCopiesOfThePast) {
  Call read = call_of("GET", "k");
  read.as_of = Timestamp::from_micros(1'700'000'000'000'000);
  EXPECT_EQ(told("GetObject", read), Lines{"past s3:GetObject arn:aws:s3:::notes 2023-11-14T22:13:20Z ok"});
  Call copy = call_of("PUT", "k");
  copy.headers.add("x-reprise-copy-source-as-of", "1700000000");
  EXPECT_EQ(told("CopyObject", copy), Lines{"past s3:CopyObject arn:aws:s3:::notes 1700000000 ok"});
  EXPECT_EQ(told("PutObject", copy), Lines{});
}

TEST(AuditedTest, AFieldThatMeansNothingHidesNothing) {
  Call call = call_of("DELETE", "");
  call.headers.add("x-reprise-copy-source-as-of", "1700000000");
  EXPECT_EQ(told("DeleteBucketPolicy", call), Lines{"recorded s3:DeleteBucketPolicy arn:aws:s3:::notes ok"});
}

TEST(AuditedTest, OfAnonymousCallersWhatTheyWereLetDo) {
  Call call = call_of("PUT", "");
  call.caller = {};
  EXPECT_EQ(told("PutBucketVersioning", call), Lines{"recorded s3:PutBucketVersioning arn:aws:s3:::notes ok"});
  EXPECT_EQ(told("PutBucketVersioning", call, "AccessDenied"), Lines{});
}

}  // namespace
}  // namespace reprise::s3
