// Object lock through its operations: who may change and remove what, and what new versions get.
#include <gtest/gtest.h>

#include "s3/ops/buckets_for_tests.h"
#include "s3/ops/key_write.h"
#include "s3/ops/object_locks.h"

namespace reprise::s3 {
namespace {

constexpr std::int64_t day = 86'400'000'000;

class LockOperationsTest : public testing::Test {
 protected:
  LockOperationsTest() {
    server.make_bucket("plain", [](Bucket& bucket) { bucket.versioning = Versioning::enabled; });
    server.make_bucket("locked", [](Bucket& bucket) {
      bucket.versioning = Versioning::enabled;
      bucket.object_lock_enabled = true;
    });
  }

  [[nodiscard]] std::int64_t now() { return static_cast<std::int64_t>(server.wall().now_micros()); }

  ObjectVersion put(const std::string& key, ObjectLock lock = {}) {
    auto write = std::move(sync_wait(KeyWrite::open(server.services(), server.buckets().find("locked"), key))).value();
    ObjectVersion version;
    version.lock = lock;
    auto stored = sync_wait(write->put(std::move(version), Bytes(), Naming::made_now));
    EXPECT_TRUE(stored.ok() && sync_wait(write->commit()).ok());
    return *stored;
  }
  std::string run(std::string_view name, Call call) {
    return server.text_of(server.run(lock_operations(), name, call));
  }
  std::string run(std::string_view name, const std::string& bucket, const std::string& key, Bytes document = {}) {
    Call call = server.call(name.substr(0, 3) == "Get" ? "GET" : "PUT", bucket, key);
    call.document = std::move(document);
    return run(name, std::move(call));
  }
  static Bytes retention(const char* mode, std::int64_t until) {
    return "<Retention><Mode>" + std::string(mode) + "</Mode><RetainUntilDate>" + print_lock_time(until) +
           "</RetainUntilDate></Retention>";
  }
  std::string put_retention(const std::string& key, const char* mode, std::int64_t until, bool bypass = false) {
    Call call = server.call("PUT", "locked", key);
    call.document = *mode == 0 ? "<Retention/>" : retention(mode, until);
    if (bypass) BucketServer::set_headers(call, {{"x-amz-bypass-governance-retention", "true"}});
    return run("PutObjectRetention", std::move(call));
  }
  // "ok", or the error's text.
  std::string removal(const ObjectVersion& version, bool bypass = false, const std::string& bucket = "locked") {
    Call call = server.call("DELETE", bucket, "k");
    if (bypass) BucketServer::set_headers(call, {{"x-amz-bypass-governance-retention", "True"}});
    const Bucket& in = *call.bucket_info;
    const Check check = sync_wait(check_removal_allowed(server.services(), call, in, version));
    return check.ok() ? "ok" : check.error().message;
  }

  BucketServer server;
  const std::string denied = "403 AccessDenied: Access Denied because object protected by object lock.";
  const std::string protected_text = "Access Denied because object protected by object lock.";
};

TEST_F(LockOperationsTest, ABucketWithVersioningCanBeLocked) {
  EXPECT_EQ(run("GetObjectLockConfiguration", "plain", ""),
            "404 ObjectLockConfigurationNotFoundError: Object Lock configuration does not exist for this bucket");
  const Bytes document =
      "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
      "<Mode>COMPLIANCE</Mode><Days>3</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
  EXPECT_EQ(run("PutObjectLockConfiguration", "plain", "", document), "200 ");
  EXPECT_TRUE(server.buckets().find("plain")->object_lock_enabled);
  EXPECT_TRUE(run("GetObjectLockConfiguration", "plain", "")
                  .ends_with("<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>3</Days></DefaultRetention></Rule>"
                             "</ObjectLockConfiguration>"));
  server.make_bucket("never");
  EXPECT_EQ(run("PutObjectLockConfiguration", "never", "", document),
            "409 InvalidBucketState: Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
  EXPECT_TRUE(run("PutObjectLockConfiguration", "locked", "", "<x/>").starts_with("400 MalformedXML"));
}

TEST_F(LockOperationsTest, BucketsWithoutLockRefuseLocks) {
  const std::string refused = "400 InvalidRequest: Bucket is missing Object Lock Configuration";
  EXPECT_EQ(run("PutObjectRetention", "plain", "k", retention("GOVERNANCE", now() + day)), refused);
  EXPECT_EQ(run("GetObjectRetention", "plain", "k"), refused);
  EXPECT_EQ(run("PutObjectLegalHold", "plain", "k", "<LegalHold><Status>ON</Status></LegalHold>"), refused);
  EXPECT_EQ(run("GetObjectLegalHold", "plain", "k"), refused);
  EXPECT_TRUE(run("PutObjectRetention", "plain", "k").starts_with("400 MalformedXML"));
}

TEST_F(LockOperationsTest, GovernanceIsShortenedByBypassOnly) {
  put("k");
  EXPECT_EQ(run("GetObjectRetention", "locked", "k"),
            "404 NoSuchObjectLockConfiguration: The specified object does not have a ObjectLock configuration");
  const std::int64_t until = now() + 10 * day;
  EXPECT_EQ(put_retention("k", "GOVERNANCE", until), "200 ");
  EXPECT_NE(run("GetObjectRetention", "locked", "k").find("<Mode>GOVERNANCE</Mode>"), std::string::npos);
  EXPECT_EQ(put_retention("k", "GOVERNANCE", until + day), "200 ");
  EXPECT_EQ(put_retention("k", "GOVERNANCE", until), denied);
  EXPECT_EQ(put_retention("k", "COMPLIANCE", until + 2 * day), denied);
  EXPECT_EQ(put_retention("k", "", 0), denied);
  EXPECT_EQ(put_retention("k", "GOVERNANCE", until, true), "200 ");
  EXPECT_EQ(put_retention("k", "", 0, true), "200 ");
  EXPECT_TRUE(run("GetObjectRetention", "locked", "k").starts_with("404 "));
}

TEST_F(LockOperationsTest, ComplianceIsOnlyExtended) {
  put("k");
  const std::int64_t until = now() + 10 * day;
  EXPECT_EQ(put_retention("k", "COMPLIANCE", until), "200 ");
  EXPECT_EQ(put_retention("k", "COMPLIANCE", until - day, true), denied);
  EXPECT_EQ(put_retention("k", "GOVERNANCE", until + day, true), denied);
  EXPECT_EQ(put_retention("k", "", 0, true), denied);
  EXPECT_EQ(put_retention("k", "COMPLIANCE", until + day), "200 ");
  server.wall().advance(12 * day);
  EXPECT_EQ(put_retention("k", "", 0), "200 ");  // it is over
}

TEST_F(LockOperationsTest, RetentionNeedsATimeToComeAndAnObject) {
  put("k");
  EXPECT_EQ(put_retention("k", "GOVERNANCE", now() - day),
            "400 InvalidArgument: The retain until date must be in the future!");
  EXPECT_TRUE(put_retention("missing", "GOVERNANCE", now() + day).starts_with("404 NoSuchKey"));
}

TEST_F(LockOperationsTest, LegalHoldsComeAndGo) {
  const ObjectVersion before = put("k");
  EXPECT_TRUE(run("GetObjectLegalHold", "locked", "k").starts_with("404 NoSuchObjectLockConfiguration"));
  EXPECT_EQ(run("PutObjectLegalHold", "locked", "k", "<LegalHold><Status>ON</Status></LegalHold>"), "200 ");
  EXPECT_NE(run("GetObjectLegalHold", "locked", "k").find("<Status>ON</Status>"), std::string::npos);
  auto found = sync_wait(find_newest(server.services(), *server.buckets().find("locked"), "k", std::nullopt));
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->version.modified_micros, before.modified_micros);
  EXPECT_EQ((*found)->version.id, before.id);
  EXPECT_EQ(removal((*found)->version, true), protected_text);
  EXPECT_EQ(run("PutObjectLegalHold", "locked", "k", "<LegalHold><Status>OFF</Status></LegalHold>"), "200 ");
  EXPECT_NE(run("GetObjectLegalHold", "locked", "k").find("<Status>OFF</Status>"), std::string::npos);
}

TEST_F(LockOperationsTest, LocksProtectVersionsFromRemoval) {
  ObjectVersion version;
  EXPECT_EQ(removal(version), "ok");
  version.lock = {LockMode::governance, now() + day, std::nullopt};
  EXPECT_EQ(removal(version), protected_text);
  EXPECT_EQ(removal(version, true), "ok");
  version.lock.mode = LockMode::compliance;
  EXPECT_EQ(removal(version, true), protected_text);
  version.lock.retain_until_micros = now() - 1;
  EXPECT_EQ(removal(version), "ok");
  version.lock.legal_hold = true;
  EXPECT_EQ(removal(version, true), protected_text);
  version.delete_marker = true;
  EXPECT_EQ(removal(version), "ok");
  EXPECT_EQ(removal(version, true, "plain"),
            "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.");
}

// ---- Locks of new versions -----------------------------------------------------------------------------------------

class NewLockTest : public LockOperationsTest {
 protected:
  // Of a request with these headers: "MODE UNTIL-NOW HOLD", or the error's text.
  std::string lock(std::initializer_list<std::pair<const char*, std::string>> headers, const Bucket& bucket) {
    Fields fields;
    for (const auto& [name, value] : headers) fields.add(name, value);
    const auto got = lock_of_new_version(fields, bucket, moment);
    if (!got.ok()) return got.error().message;
    const std::int64_t left = got->mode == LockMode::none ? 0 : got->retain_until_micros - moment;
    return std::string(lock_mode_name(got->mode)) + " " + std::to_string(left / day) + " " +
           (got->legal_hold ? (*got->legal_hold ? "on" : "off") : "-");
  }
  static constexpr std::int64_t moment = 1'893'456'000'000'000;  // 2030-01-01
  static constexpr const char* mode = "x-amz-object-lock-mode";
  static constexpr const char* until = "x-amz-object-lock-retain-until-date";
  static constexpr const char* hold = "x-amz-object-lock-legal-hold";
};

TEST_F(NewLockTest, HeadersBeatTheDefault) {
  Bucket bucket;
  bucket.object_lock_enabled = true;
  EXPECT_EQ(lock({}, bucket), " 0 -");
  bucket.object_lock.default_retention = DefaultRetention{LockMode::governance, 7, 0};
  EXPECT_EQ(lock({}, bucket), "GOVERNANCE 7 -");
  EXPECT_EQ(lock({{hold, "ON"}}, bucket), "GOVERNANCE 7 on");
  EXPECT_EQ(lock({{mode, "COMPLIANCE"}, {until, "2030-01-03T00:00:00Z"}}, bucket), "COMPLIANCE 2 -");
  bucket.object_lock.default_retention = DefaultRetention{LockMode::compliance, 0, 2};
  EXPECT_EQ(lock({{hold, "OFF"}}, bucket), "COMPLIANCE 730 off");
}

TEST_F(NewLockTest, WrongHeadersAreRefusedWhateverTheBucket) {
  const Bucket bucket;
  EXPECT_EQ(lock({{mode, "GOVERNANCE"}}, bucket),
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
  EXPECT_EQ(lock({{until, "2030-01-03T00:00:00Z"}}, bucket),
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
  EXPECT_EQ(lock({{mode, "governance"}, {until, "2030-01-03T00:00:00Z"}}, bucket), "Unknown wormMode directive.");
  EXPECT_EQ(lock({{mode, "GOVERNANCE"}, {until, "abc"}}, bucket),
            "The retain until date must be provided in ISO 8601 format");
  EXPECT_EQ(lock({{mode, "GOVERNANCE"}, {until, "2029-12-31T00:00:00Z"}}, bucket),
            "The retain until date must be in the future!");
  EXPECT_EQ(lock({{hold, "wrong"}}, bucket), "Legal Hold must be either of 'ON' or 'OFF'");
  EXPECT_EQ(lock({{hold, "ON"}}, bucket), "Bucket is missing ObjectLockConfiguration");
  EXPECT_EQ(lock({}, bucket), " 0 -");
}

TEST_F(NewLockTest, LockedUploadsNeedADigest) {
  const auto allowed = [](ObjectLock lock, std::initializer_list<std::pair<const char*, const char*>> headers) {
    Fields fields;
    for (const auto& [name, value] : headers) fields.add(name, value);
    return check_lock_digest(fields, lock).ok();
  };
  const ObjectLock none;
  const ObjectLock held{LockMode::none, 0, true};
  EXPECT_TRUE(allowed(none, {}));
  EXPECT_FALSE(allowed(held, {}));
  EXPECT_FALSE(allowed(held, {{"x-amz-content-sha256", "x"}, {"x-amz-checksum-type", "FULL_OBJECT"}}));
  EXPECT_TRUE(allowed(held, {{"content-md5", "x"}}));
  EXPECT_TRUE(allowed(held, {{"x-amz-checksum-crc32", "x"}}));
  EXPECT_TRUE(allowed(held, {{"x-amz-trailer", "x-amz-checksum-crc64nvme"}}));
}

TEST_F(NewLockTest, ReadersSeeTheLock) {
  Fields fields;
  add_lock_headers(fields, {LockMode::compliance, moment, false});
  EXPECT_EQ(fields.get("x-amz-object-lock-mode"), "COMPLIANCE");
  EXPECT_EQ(fields.get("x-amz-object-lock-retain-until-date"), "2030-01-01T00:00:00.000Z");
  EXPECT_EQ(fields.get("x-amz-object-lock-legal-hold"), "OFF");
  Fields none;
  add_lock_headers(none, {});
  EXPECT_EQ(none.size(), 0U);
}

}  // namespace
}  // namespace reprise::s3
