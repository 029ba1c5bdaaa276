// The verification finds what was damaged, says where, and finds nothing else; it goes on after a restart.
#include "s3/ops/verify.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "s3/ops/payloads_for_tests.h"

namespace reprise::s3 {
namespace {

class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() : server({}, [](Services& services) { register_verification(services); }) {
    server.make_bucket("bucket");
  }

  recovery::Job verify() {
    const auto id = sync_wait(start_verify(server.services()));
    EXPECT_TRUE(id.ok());
    return ended(*id);
  }
  recovery::Job ended(const std::string& id) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (;;) {
      const auto job = server.jobs().find(id);
      if (!job || job->state != recovery::JobState::running) return job.value_or(recovery::Job());
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "the job does not end";
        return *job;
      }
      std::this_thread::yield();
    }
  }
  VerifyReport report() {
    const recovery::Job job = verify();
    EXPECT_EQ(job.state, recovery::JobState::done) << job.message;
    const auto found = verify_report(job);
    EXPECT_TRUE(found.ok());
    return found.ok() ? *found : VerifyReport();
  }
  // The only file of a blob that has `size` bytes of payload and `blocks` checksums.
  std::filesystem::path file_larger_than(std::uintmax_t size) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(server.directory() / "blobs")) {
      if (entry.is_regular_file() && entry.file_size() > size) return entry.path();
    }
    return {};
  }
  static void flip(const std::filesystem::path& path, std::streamoff at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char old = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(old ^ 1));
  }
  void change(SpaceId space, Bytes key, std::optional<Bytes> value) {
    history::Change change{space, std::move(key), std::move(value), history::Version()};
    change.before = *sync_wait(server.store().get(space, change.key));
    history::Commit commit;
    commit.changes.push_back(std::move(change));
    ASSERT_TRUE(sync_wait(server.store().commit(std::move(commit))).ok());
  }

  BucketServer server;
};

TEST_F(VerifyTest, NothingIsWrong) {
  server.edit_bucket("bucket", [](Bucket& bucket) { bucket.versioning = Versioning::enabled; });
  put_object(server, "bucket", "small", "small");
  put_object(server, "bucket", "large", Bytes(300'000, 'x'));
  put_object(server, "bucket", "large", Bytes(200'000, 'y'));
  delete_object(server, "bucket", "small");
  const std::string id = begin_upload(server, "bucket", "upload");
  put_part(server, "bucket", "upload", id, 1, "part");
  server.edit_bucket("bucket", [](Bucket& bucket) { bucket.encryption = BucketEncryption{}; });
  put_object(server, "bucket", "sealed", Bytes(100'000, 'z'));
  put_object(server, "bucket", "sealed-small", "small");
  const VerifyReport found = report();
  EXPECT_EQ(found.findings, 0u) << found.listed.front().what;
  EXPECT_EQ(found.blobs, 4u);
  EXPECT_GE(found.bytes, 600'000u);
  EXPECT_EQ(found.records, 8u);
}

TEST_F(VerifyTest, ADamagedBlobIsFoundWithItsObjects) {
  put_object(server, "bucket", "a", Bytes(300'000, 'x'));
  put_object(server, "bucket", "other", Bytes(100'000, 'x'));
  EXPECT_EQ(copy_object(server, "bucket", "a", "copy"), "200 ");
  flip(file_larger_than(250'000), 200'000);
  const VerifyReport found = report();
  ASSERT_EQ(found.listed.size(), 2u);
  EXPECT_EQ(found.findings, 2u);
  EXPECT_EQ(found.listed[0].bucket, "bucket");
  EXPECT_EQ(found.listed[0].key, "a");
  EXPECT_EQ(found.listed[0].version, "null");
  EXPECT_EQ(found.listed[0].blob.size(), 32u);
  EXPECT_GT(found.listed[0].block, 0u);
  EXPECT_LE(found.listed[0].offset, 200'000u);
  EXPECT_EQ(found.listed[1].key, "copy");
  EXPECT_EQ(found.listed[1].blob, found.listed[0].blob);
}

TEST_F(VerifyTest, AMissingBlobIsFound) {
  put_object(server, "bucket", "key", Bytes(100'000, 'x'));
  std::filesystem::remove(file_larger_than(90'000));
  const VerifyReport found = report();
  ASSERT_EQ(found.listed.size(), 1u);
  EXPECT_EQ(found.listed[0].key, "key");
  EXPECT_EQ(found.listed[0].what, "the blob is missing");
}

TEST_F(VerifyTest, WhatOnlyThePastNamesIsReportedAsReleased) {
  server.edit_bucket("bucket", [](Bucket& bucket) { bucket.recovery_days = 5; });
  put_object(server, "bucket", "key", Bytes(100'000, 'x'));
  delete_object(server, "bucket", "key");
  std::filesystem::remove(file_larger_than(90'000));
  const VerifyReport found = report();
  ASSERT_EQ(found.listed.size(), 1u);
  EXPECT_EQ(found.listed[0].key, "");
  EXPECT_EQ(found.listed[0].blob.size(), 32u);
}

TEST_F(VerifyTest, DamagedRecordsAndInlinePayloadsAreFound) {
  const BucketPtr bucket = server.buckets().find("bucket");
  put_object(server, "bucket", "one", "inline");
  put_object(server, "bucket", "two", Bytes(100'000, 'x'));
  history::ScanRequest request;
  request.space = bucket->spaces.payloads;
  const auto page = sync_wait(server.store().scan(request));
  ASSERT_EQ(page->rows.size(), 1u);
  change(bucket->spaces.payloads, Bytes(page->rows[0].key), "inlinX");
  change(bucket->spaces.heads, "rubbish", Bytes("rubbish"));
  history::ScanRequest names;
  names.space = server.services().root.blobs;
  const auto named = sync_wait(server.store().scan(names));
  ASSERT_EQ(named->rows.size(), 1u);
  change(names.space, Bytes(named->rows[0].key), std::nullopt);
  const VerifyReport found = report();
  ASSERT_EQ(found.listed.size(), 3u);
  EXPECT_EQ(found.listed[0].key, "one");
  EXPECT_NE(found.listed[0].what.find("payload inside the store"), std::string::npos);
  EXPECT_EQ(found.listed[1].key, "rubbish");
  EXPECT_NE(found.listed[1].what.find("record is damaged"), std::string::npos);
  EXPECT_EQ(found.listed[2].key, "two");
  EXPECT_NE(found.listed[2].what.find("not known to be named"), std::string::npos);
}

TEST_F(VerifyTest, ASealedInlinePayloadThatWasChangedIsFound) {
  server.edit_bucket("bucket", [](Bucket& bucket) { bucket.encryption = BucketEncryption{}; });
  const BucketPtr bucket = server.buckets().find("bucket");
  put_object(server, "bucket", "key", "secret");
  history::ScanRequest request;
  request.space = bucket->spaces.payloads;
  const auto page = sync_wait(server.store().scan(request));
  Bytes sealed(page->rows[0].value);
  sealed[0] = static_cast<char>(sealed[0] ^ 1);
  change(bucket->spaces.payloads, Bytes(page->rows[0].key), std::move(sealed));
  const VerifyReport found = report();
  ASSERT_EQ(found.listed.size(), 1u);
  EXPECT_EQ(found.listed[0].key, "key");
}

TEST_F(VerifyTest, ManyFindingsAreCountedAndTheFirstOnesListed) {
  const BucketPtr bucket = server.buckets().find("bucket");
  history::Commit commit;
  for (int i = 0; i < 1'500; ++i) {
    commit.changes.push_back({bucket->spaces.heads, "key" + std::to_string(i), Bytes("rubbish"), history::Version()});
  }
  ASSERT_TRUE(sync_wait(server.store().commit(std::move(commit))).ok());
  const VerifyReport found = report();
  EXPECT_EQ(found.findings, 1'500u);
  EXPECT_EQ(found.listed.size(), findings_max);
}

TEST_F(VerifyTest, OneRunsAtATimeAndOthersJobsAreNone) {
  recovery::Job other;
  other.kind = "lifecycle";
  EXPECT_TRUE(verify_report(other).error().is(Code::invalid));
  recovery::Job damaged;
  damaged.kind = std::string(verify_kind);
  damaged.checkpoint = Bytes("\1\1", 2);
  EXPECT_TRUE(verify_report(damaged).error().is(Code::corruption));
}

}  // namespace
}  // namespace reprise::s3
