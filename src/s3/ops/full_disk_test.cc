// On a disk that is nearly full: what puts something is refused and leaves nothing; deletes, aborts, settings and the
// collector go through, and payloads leave the disk.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kv/faulty/engine.h"
#include "kv/memory/engine.h"
#include "s3/ops/garbage.h"
#include "s3/ops/payloads_for_tests.h"
#include "s3/ops/versions_for_tests.h"

namespace reprise::s3 {
namespace {

class FullDisk : public ::testing::Test {
 protected:
  void sweep() {
    GarbageOptions options;
    options.grace = std::chrono::microseconds(0);
    GarbageCollector collector(server_.services(), options);
    for (int round = 0; round < 2; ++round) {
      const auto report = sync_wait(collector.sweep());
      EXPECT_TRUE(report.ok());
    }
  }
  std::string run(std::span<const Operation> family, std::string_view name, const std::string& method,
                  const std::string& bucket) {
    Call call = server_.call(method, bucket);
    return server_.text_of(server_.run(family, name, call));
  }

  std::unique_ptr<kv::Engine> memory_ = kv::make_memory_engine();
  kv::FaultyEngine engine_{*memory_};
  BucketServer server_{{}, {}, &engine_};
};

bool refused(const std::string& text) {
  return text.starts_with("503 ServiceUnavailable: ") && text.find("disk is full") != std::string::npos;
}

TEST_F(FullDisk, ObjectsGoAndTheirPayloadsToo) {
  server_.make_bucket("bucket");
  for (const auto* key : {"a", "b"}) {
    ASSERT_EQ(put_object(server_, "bucket", key, Bytes(blob_sized, 'x')), "200 ");
  }
  ASSERT_EQ(put_object(server_, "bucket", "small", "x"), "200 ");
  engine_.set_nearly_full(true);
  EXPECT_TRUE(refused(put_object(server_, "bucket", "c", Bytes(blob_sized, 'x'))));
  EXPECT_TRUE(refused(put_object(server_, "bucket", "a", "x"))) << "an overwrite, too";
  EXPECT_EQ(delete_object(server_, "bucket", "a"), "204 ");
  EXPECT_EQ(delete_object(server_, "bucket", "small"), "204 ");
  EXPECT_TRUE(get_object(server_, "bucket", "a").starts_with("404"));
  EXPECT_TRUE(get_object(server_, "bucket", "c").starts_with("404"));
  EXPECT_EQ(get_object(server_, "bucket", "b"), "200 " + Bytes(blob_sized, 'x'));
  sweep();
  EXPECT_EQ(blobs_on_disk(server_), 1u);
  engine_.set_nearly_full(false);
  EXPECT_EQ(put_object(server_, "bucket", "c", "x"), "200 ");
}

TEST_F(FullDisk, VersionsAreMarkedDeletedAndGo) {
  server_.make_bucket("bucket", [](Bucket& bucket) { bucket.versioning = Versioning::enabled; });
  const ObjectVersion older = put_small(server_, "bucket", "a", "1").version;
  put_small(server_, "bucket", "a", "2");
  engine_.set_nearly_full(true);
  const auto marker = remove_current(server_, "bucket", "a");
  ASSERT_TRUE(marker.has_value());
  EXPECT_TRUE(get_object(server_, "bucket", "a").starts_with("404"));
  EXPECT_TRUE(remove_version(server_, "bucket", "a", older.id));
  EXPECT_TRUE(remove_version(server_, "bucket", "a", marker->id));
  EXPECT_EQ(get_object(server_, "bucket", "a"), "200 2");
}

TEST_F(FullDisk, UploadsAreAbortedAndBucketsDeleted) {
  server_.make_bucket("bucket");
  const std::string id = begin_upload(server_, "bucket", "a");
  ASSERT_TRUE(put_part(server_, "bucket", "a", id, 1, Bytes(blob_sized, 'p')).starts_with("200"));
  engine_.set_nearly_full(true);
  EXPECT_TRUE(refused(put_part(server_, "bucket", "a", id, 2, Bytes(blob_sized, 'p'))));
  EXPECT_TRUE(refused(begin_upload(server_, "bucket", "b")));
  Call abort = server_.call("DELETE", "bucket", "a");
  BucketServer::set_query(abort, {{"uploadId", id}});
  EXPECT_EQ(server_.text_of(server_.run(multipart_operations(), "AbortMultipartUpload", abort)), "204 ");
  sweep();
  EXPECT_EQ(blobs_on_disk(server_), 0u);
  EXPECT_EQ(run(bucket_operations(), "DeleteBucket", "DELETE", "bucket"), "204 ");
  EXPECT_EQ(server_.buckets().find("bucket"), nullptr);
  EXPECT_TRUE(sync_wait(server_.store().collect()).ok());
}

TEST_F(FullDisk, SettingsThatMakeRoomAreTaken) {
  server_.make_bucket("bucket", [](Bucket& bucket) { bucket.recovery_days = 35; });
  engine_.set_nearly_full(true);
  server_.edit_bucket("bucket", [](Bucket& bucket) { bucket.recovery_days = 0; });
  EXPECT_EQ(server_.buckets().find("bucket")->recovery_days, 0);
}

}  // namespace
}  // namespace reprise::s3
