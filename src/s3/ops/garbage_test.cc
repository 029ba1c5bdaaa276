// The collector takes what nobody names and nothing else: not what the past can still read, not what is held, not what
// another object shares; and it goes on after a crash.
#include "s3/ops/garbage.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "blob/blob_store.h"
#include "recovery/jobs.h"
#include "s3/model/upload.h"
#include "s3/ops/buckets.h"
#include "s3/ops/payloads_for_tests.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {
namespace {

constexpr std::uint64_t day = std::uint64_t{86'400} * 1'000'000;

class GarbageTest : public ::testing::Test {
 protected:
  GarbageReport sweep() {
    GarbageOptions options;
    options.grace = std::chrono::microseconds(0);
    GarbageCollector collector(server.services(), options);
    const auto report = sync_wait(collector.sweep());
    EXPECT_TRUE(report.ok()) << report.error().to_string();
    return report.ok() ? *report : GarbageReport();
  }
  Bytes bytes(char fill) { return Bytes(blob_sized, fill); }

  BucketServer server;
};

TEST_F(GarbageTest, ReplacedBlobsGoWhereNoPastIsKept) {
  server.make_bucket("bucket");
  ASSERT_EQ(put_object(server, "bucket", "key", bytes('a')).substr(0, 3), "200");
  ASSERT_EQ(put_object(server, "bucket", "key", bytes('b')).substr(0, 3), "200");
  EXPECT_EQ(blobs_on_disk(server), 2u);
  EXPECT_EQ(sweep().releases, 1u);
  EXPECT_EQ(blobs_on_disk(server), 1u);
  EXPECT_EQ(blobs_named(server), 1u);
  EXPECT_EQ(get_object(server, "bucket", "key"), "200 " + bytes('b'));
  EXPECT_EQ(delete_object(server, "bucket", "key").substr(0, 3), "204");
  sweep();
  EXPECT_EQ(blobs_on_disk(server), 0u);
  EXPECT_EQ(blobs_named(server), 0u);
}

TEST_F(GarbageTest, ReleasedBlobsRestForAWhile) {
  server.make_bucket("bucket");
  put_object(server, "bucket", "key", bytes('a'));
  delete_object(server, "bucket", "key");
  GarbageOptions options;
  options.grace = std::chrono::seconds(60);
  GarbageCollector collector(server.services(), options);
  ASSERT_TRUE(sync_wait(collector.sweep()).ok());
  EXPECT_EQ(blobs_on_disk(server), 1u);
  server.wall().advance(61'000'000);
  const auto report = sync_wait(collector.round());
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->blobs, 1u);
  EXPECT_EQ(blobs_on_disk(server), 0u);
}

TEST_F(GarbageTest, WhatThePastReadsStaysUntilTheHorizonHasPassed) {
  server.make_bucket("bucket", [](Bucket& bucket) { bucket.recovery_days = 2; });
  put_object(server, "bucket", "key", bytes('a'));
  const Timestamp then = server.store().now();
  put_object(server, "bucket", "key", bytes('b'));
  server.wall().advance(day);
  sweep();
  Call call = server.call("GET", "bucket", "key");
  server.set_as_of(call, then);
  EXPECT_EQ(server.text_of(server.run(object_operations(), "GetObject", call)), "200 " + bytes('a'));
  server.wall().advance(day + day / 2);
  EXPECT_EQ(sweep().releases, 1u);
  EXPECT_EQ(blobs_on_disk(server), 1u);
  EXPECT_EQ(get_object(server, "bucket", "key"), "200 " + bytes('b'));
}

TEST_F(GarbageTest, APinHoldsWhatItReads) {
  const BucketPtr bucket = server.make_bucket("bucket");
  put_object(server, "bucket", "key", bytes('a'));
  ASSERT_TRUE(sync_wait(server.store().pin_present("pin", {bucket->spaces.heads, bucket->spaces.versions})).ok());
  delete_object(server, "bucket", "key");
  server.wall().advance(day);
  sweep();
  EXPECT_EQ(blobs_on_disk(server), 1u);
  ASSERT_TRUE(sync_wait(server.store().unpin("pin")).ok());
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  sweep();
  EXPECT_EQ(blobs_on_disk(server), 0u);
}

TEST_F(GarbageTest, ASharedBlobStaysForItsOtherNames) {
  server.make_bucket("bucket");
  put_object(server, "bucket", "a", bytes('a'));
  EXPECT_EQ(copy_object(server, "bucket", "a", "b"), "200 ");
  EXPECT_EQ(copy_object(server, "bucket", "b", "c"), "200 ");
  EXPECT_EQ(blobs_on_disk(server), 1u);
  for (const char* key : {"a", "c"}) {
    delete_object(server, "bucket", key);
    sweep();
    EXPECT_EQ(get_object(server, "bucket", "b"), "200 " + bytes('a'));
  }
  delete_object(server, "bucket", "b");
  sweep();
  EXPECT_EQ(blobs_on_disk(server), 0u);
}

TEST_F(GarbageTest, OrphansGoAndHeldOnesStay) {
  server.make_bucket("bucket");
  put_object(server, "bucket", "key", bytes('a'));
  {
    auto held = server.blobs().create();
    ASSERT_TRUE(held.ok());
    ASSERT_TRUE((*held)->append("being written").ok());
    ASSERT_TRUE((*held)->commit().ok());
    EXPECT_EQ(sweep().orphans, 0u);
    EXPECT_EQ(blobs_on_disk(server), 2u);
  }
  server.reopen();
  EXPECT_EQ(sweep().orphans, 1u);
  EXPECT_EQ(blobs_on_disk(server), 1u);
  EXPECT_EQ(get_object(server, "bucket", "key"), "200 " + bytes('a'));
}

TEST_F(GarbageTest, ManyOrphansGoPageByPage) {
  for (int i = 0; i < 25; ++i) {
    auto writer = server.blobs().create();
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->commit().ok());
  }
  GarbageOptions options;
  options.rows_a_round = 10;
  GarbageCollector collector(server.services(), options);
  const auto report = sync_wait(collector.sweep());
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->orphans, 25u);
  EXPECT_EQ(blobs_on_disk(server), 0u);
}

// A blob that was held when its last name went is taken later.
TEST_F(GarbageTest, WhatIsHeldIsTakenLater) {
  server.make_bucket("bucket");
  put_object(server, "bucket", "key", bytes('a'));
  GarbageOptions options;
  options.grace = std::chrono::microseconds(0);
  GarbageCollector collector(server.services(), options);
  {
    Call call = server.call("GET", "bucket", "key");
    const auto reply = server.run(object_operations(), "GetObject", call);
    ASSERT_TRUE(reply.ok());
    history::ScanRequest request;
    request.space = server.services().root.blobs;
    const auto page = sync_wait(server.store().scan(request));
    ASSERT_EQ(page->rows.size(), 1u);
    const auto hold = server.blobs().hold(*blob::BlobId::from_bytes(page->rows[0].key));
    ASSERT_TRUE(hold.ok());
    delete_object(server, "bucket", "key");
    ASSERT_TRUE(sync_wait(collector.sweep()).ok());
    EXPECT_EQ(blobs_on_disk(server), 1u);
    EXPECT_EQ(blobs_named(server), 0u);
  }
  ASSERT_TRUE(sync_wait(collector.round()).ok());
  EXPECT_EQ(blobs_on_disk(server), 0u);
}

// As after a crash between the end of an upload and the removal of its parts.
TEST_F(GarbageTest, PartsOfAnUploadThatHasEndedGo) {
  const BucketPtr bucket = server.make_bucket("bucket");
  const std::string kept = begin_upload(server, "bucket", "kept");
  const std::string ended = begin_upload(server, "bucket", "ended");
  for (int number = 1; number <= 3; ++number) {
    put_part(server, "bucket", "kept", kept, number, "kept");
    put_part(server, "bucket", "ended", ended, number, "ended");
  }
  const Bytes row = upload_key(UploadEntry::upload, "ended", *UploadId::parse(ended));
  auto before = sync_wait(server.store().get(bucket->spaces.uploads, row));
  ASSERT_TRUE(before.ok() && *before);
  history::Commit commit;
  commit.changes.push_back({bucket->spaces.uploads, row, std::nullopt, std::move(before).value()});
  ASSERT_TRUE(sync_wait(server.store().commit(std::move(commit))).ok());
  server.reopen();
  sweep();
  EXPECT_EQ(blobs_on_disk(server), 3u);
  EXPECT_EQ(blobs_named(server), 3u);
  EXPECT_EQ(rows_in(server, bucket->spaces.uploads), 4u);
}

// An abort answers after the first thousand parts, and a job takes the rest at once. The parts' records are put in the
// space as UploadPart would.
TEST(AbortTest, VeryManyPartsGoWithoutASweep) {
  BucketServer server({}, [](Services& services) { register_parts_removal(services); });
  const BucketPtr bucket = server.make_bucket("bucket");
  const std::string id = begin_upload(server, "bucket", "key");
  history::Commit commit;
  for (std::uint32_t number = 1; number <= 3'500; ++number) {
    PayloadPart piece;
    piece.blob = blob::BlobId::random();
    piece.bytes = 1;
    piece.number = number;
    UploadedPart part;
    part.pieces.push_back(piece);
    add_part(server, *bucket, "key", id, part, commit);
  }
  ASSERT_TRUE(sync_wait(server.store().commit(std::move(commit))).ok());
  Call call = server.call("DELETE", "bucket", "key");
  BucketServer::set_query(call, {{"uploadId", id}});
  ASSERT_TRUE(server.run(multipart_operations(), "AbortMultipartUpload", call).ok());
  ASSERT_EQ(server.jobs().list().size(), 1U);
  std::string job = server.jobs().list().front().id;
  while (server.jobs().find(job)->state == recovery::JobState::running) std::this_thread::yield();
  EXPECT_EQ(server.jobs().find(job)->state, recovery::JobState::done);
  EXPECT_EQ(rows_in(server, bucket->spaces.uploads), 0U);
  EXPECT_EQ(blobs_named(server), 0U);
}

TEST_F(GarbageTest, ADeletedBucketGoesWhenNothingOfItIsLeft) {
  const BucketPtr bucket = server.make_bucket("bucket", [](Bucket& made) { made.recovery_days = 1; });
  put_object(server, "bucket", "key", bytes('a'));
  delete_object(server, "bucket", "key");
  const std::string id = begin_upload(server, "bucket", "upload");
  put_part(server, "bucket", "upload", id, 1, "part");
  put_part(server, "bucket", "upload", id, 2, "part");
  EXPECT_EQ(blobs_on_disk(server), 3u);
  ASSERT_TRUE(sync_wait(server.buckets().remove(bucket)).ok());
  sweep();
  EXPECT_EQ(blobs_on_disk(server), 1u);  // what the past can read
  ASSERT_TRUE(sync_wait(server.buckets().purge_deleted()).ok());
  EXPECT_EQ(server.buckets().deleted().size(), 1u);
  server.wall().advance(2 * day);
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  ASSERT_TRUE(sync_wait(server.buckets().purge_deleted()).ok());
  EXPECT_EQ(server.buckets().deleted().size(), 1u);  // it still names a blob
  sweep();
  EXPECT_EQ(blobs_on_disk(server), 0u);
  EXPECT_EQ(blobs_named(server), 0u);
  ASSERT_TRUE(sync_wait(server.buckets().purge_deleted()).ok());
  EXPECT_TRUE(server.buckets().deleted().empty());
}

TEST_F(GarbageTest, NotesOfCompletedUploadsAreForgotten) {
  const BucketPtr bucket = server.make_bucket("bucket");
  const std::string id = begin_upload(server, "bucket", "key");
  put_part(server, "bucket", "key", id, 1, "part");
  Call call = server.call("POST", "bucket", "key");
  BucketServer::set_query(call, {{"uploadId", id}});
  Call list = server.call("GET", "bucket", "key");
  BucketServer::set_query(list, {{"uploadId", id}});
  const std::string listed = server.text_of(server.run(multipart_operations(), "ListParts", list));
  const auto at = listed.find("<ETag>&quot;") + 12;
  call.document = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + listed.substr(at, 32) +
                  "</ETag></Part></CompleteMultipartUpload>";
  ASSERT_TRUE(server.run(multipart_operations(), "CompleteMultipartUpload", call).ok());
  sweep();
  EXPECT_EQ(rows_in(server, bucket->spaces.uploads), 1u);
  server.wall().advance(2 * day);
  sweep();
  EXPECT_EQ(rows_in(server, bucket->spaces.uploads), 0u);
}

// So that the housekeeping goes on at once, however much there is.
TEST_F(GarbageTest, ARoundTellsWhetherMoreIsDue) {
  const BucketPtr bucket = server.make_bucket("bucket");
  put_object(server, "bucket", "source", bytes('s'));
  for (int i = 0; i < 1'102; ++i) ASSERT_EQ(copy_object(server, "bucket", "source", "copy"), "200 ");
  GarbageOptions options;
  options.grace = std::chrono::microseconds(0);
  options.rows_a_round = 1;  // rounded up to what one commit takes, which is 500
  GarbageCollector collector(server.services(), options);
  for (const std::size_t left : {601U, 101U, 0U}) {
    const auto report = sync_wait(collector.round());
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(rows_in(server, bucket->spaces.releases), left);
    EXPECT_EQ(report->more, left > 0);
  }
}

TEST_F(GarbageTest, IdleBucketsDoNotTakeTurns) {
  for (int i = 0; i < 1'100; ++i) server.make_bucket("idle-" + std::to_string(i));
  const BucketPtr bucket = server.make_bucket("bucket");
  put_object(server, "bucket", "source", bytes('s'));
  GarbageOptions options;
  options.grace = std::chrono::microseconds(0);
  options.rows_a_round = 1;  // rounded up to what one commit takes, which is 500
  GarbageCollector collector(server.services(), options);
  ASSERT_TRUE(sync_wait(collector.sweep()).ok());
  for (int i = 0; i < 1'102; ++i) ASSERT_EQ(copy_object(server, "bucket", "source", "copy"), "200 ");
  for (const std::size_t left : {601U, 101U, 0U}) {
    ASSERT_TRUE(sync_wait(collector.round()).ok());
    EXPECT_EQ(rows_in(server, bucket->spaces.releases), left);
  }
}

// Each copy changes the number of names of the one blob, and so does each round.
TEST_F(GarbageTest, CopiesOfOneSourceDoNotKeepTheCollectorOff) {
  server.make_bucket("bucket");
  put_object(server, "bucket", "source", bytes('s'));
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      while (!stop) copy_object(server, "bucket", "source", "copy" + std::to_string(i));
    });
  }
  GarbageOptions options;
  options.grace = std::chrono::microseconds(0);
  GarbageCollector collector(server.services(), options);
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 2; ++i) EXPECT_EQ(copy_object(server, "bucket", "source", "mine").substr(0, 3), "200");
    const auto report = sync_wait(collector.round());
    EXPECT_TRUE(report.ok() && report->releases > 0) << round;
  }
  stop = true;
  for (auto& thread : threads) thread.join();
}

// Writers, copiers and deleters beside the collector: whatever can be listed can be read, and in the end every blob on
// the disk has its names.
TEST_F(GarbageTest, BesideWritersNothingIsLostAndNothingIsLeft) {
  server.make_bucket("bucket");
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0;
  const auto work = [&](int seed) {
    Rng rng(static_cast<std::uint64_t>(seed));
    for (int i = 0; i < 120; ++i) {
      const std::string key(1, static_cast<char>('a' + rng.below(4)));
      const std::string other(1, static_cast<char>('a' + rng.below(4)));
      const auto what = rng.below(4);
      if (what == 0) put_object(server, "bucket", key, bytes(key[0]));
      if (what == 1 && key != other) copy_object(server, "bucket", key, other);
      if (what == 2) delete_object(server, "bucket", key);
      const std::string text = get_object(server, "bucket", key);
      if (text.size() != 4 + blob_sized && !text.starts_with("404 NoSuchKey")) ++failures;
    }
  };
  std::thread collecting([&] {
    while (!stop) sweep();
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work, i);
  for (auto& thread : threads) thread.join();
  stop = true;
  collecting.join();
  EXPECT_EQ(failures, 0);
  sweep();
  EXPECT_EQ(blobs_on_disk(server), blobs_named(server));
  for (const char* key : {"a", "b", "c", "d"}) delete_object(server, "bucket", key);
  sweep();
  EXPECT_EQ(blobs_on_disk(server), 0u);
  EXPECT_EQ(blobs_named(server), 0u);
}

}  // namespace
}  // namespace reprise::s3
