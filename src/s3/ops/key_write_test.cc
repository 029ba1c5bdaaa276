// The versions of one key, step by step: what S3 user guide, "Using versioning in S3 buckets", says of them.
#include "s3/ops/key_write.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "s3/ops/blob_names.h"
#include "s3/ops/versions_for_tests.h"

namespace reprise::s3 {
namespace {

class KeyWriteTest : public ::testing::Test {
 protected:
  void bucket(Versioning versioning) {
    server_.make_bucket("bucket", [&](Bucket& bucket) {
      bucket.versioning = versioning;
      bucket.recovery_days = 1;
    });
  }
  void set_versioning(Versioning versioning) {
    server_.edit_bucket("bucket", [&](Bucket& bucket) { bucket.versioning = versioning; });
  }
  Written put(const std::string& key, const std::string& etag) { return put_small(server_, "bucket", key, etag); }
  std::optional<ObjectVersion> remove(const std::string& key) { return remove_current(server_, "bucket", key); }
  bool remove(const std::string& key, VersionId id) { return remove_version(server_, "bucket", key, id); }

  std::optional<FoundVersion> newest(const std::string& key, std::optional<Timestamp> as_of = std::nullopt) {
    auto found = sync_wait(find_newest(server_.services(), *server_.buckets().find("bucket"), key, as_of));
    EXPECT_TRUE(found.ok()) << found.error().message;
    return found.ok() ? *found : std::nullopt;
  }
  std::optional<FoundVersion> version(const std::string& key, VersionId id,
                                      std::optional<Timestamp> as_of = std::nullopt) {
    auto found = sync_wait(find_version(server_.services(), *server_.buckets().find("bucket"), key, id, as_of));
    EXPECT_TRUE(found.ok()) << found.error().message;
    return found.ok() ? *found : std::nullopt;
  }
  // Every version of the key, newest first: "etag" or "marker", with '0' in front for the null version.
  std::vector<std::string> stack(const std::string& key) {
    std::vector<std::string> out;
    Call call = server_.call("GET", "bucket");
    BucketServer::set_query(call, {{"versions", ""}, {"prefix", key}});
    const auto document = document_of(server_.run(list_object_versions, call));
    for (const auto& child : document.children) {
      if (child.text_of("Key") != key) continue;
      std::string line(child.name == "DeleteMarker" ? "marker" : child.text_of("ETag"));
      std::erase(line, '"');
      out.push_back((child.text_of("VersionId") == "null" ? "0" : "") + line);
    }
    return out;
  }
  std::size_t live_payloads() {
    history::ScanRequest request;
    request.space = server_.buckets().find("bucket")->spaces.payloads;
    return sync_wait(server_.store().scan(request))->rows.size();
  }
  std::uint64_t names_of(blob::BlobId id) {
    auto entry = sync_wait(server_.store().get(server_.services().root.blobs, id.bytes()));
    EXPECT_TRUE(entry.ok());
    return entry->exists() ? decode_names(entry->value()).value() : 0;
  }
  std::vector<std::pair<blob::BlobId, std::uint64_t>> releases() {
    history::ScanRequest request;
    request.space = server_.buckets().find("bucket")->spaces.releases;
    const auto page = sync_wait(server_.store().scan(request));
    std::vector<std::pair<blob::BlobId, std::uint64_t>> out;
    for (std::size_t i = 0; i < page->rows.size(); ++i) {
      out.emplace_back(parse_release_key(page->rows[i].key)->id, decode_names(page->rows[i].value).value());
    }
    return out;
  }

  BucketServer server_;
};

using Stack = std::vector<std::string>;

TEST_F(KeyWriteTest, WithoutVersioningThereIsOne) {
  bucket(Versioning::never);
  EXPECT_FALSE(newest("k").has_value());
  const auto first = put("k", "one");
  EXPECT_TRUE(first.version.id.is_null());
  put("k", "two");
  EXPECT_EQ(stack("k"), Stack{"0two"});
  EXPECT_EQ(live_payloads(), 1U);
  EXPECT_EQ(newest("k", first.at)->version.etag, "one") << "its past is kept";
  EXPECT_FALSE(remove("k").has_value()) << "no marker";
  EXPECT_FALSE(newest("k").has_value());
  EXPECT_EQ(live_payloads(), 0U);
  EXPECT_FALSE(remove("k").has_value()) << "again";
}

// Without a past the bytes of an overwritten object are deleted unread; a pin gives the space a past again.
TEST_F(KeyWriteTest, InlineBytesGoWithTheirObjectWhateverKeepsThem) {
  bucket(Versioning::never);
  server_.edit_bucket("bucket", [](Bucket& bucket) { bucket.recovery_days = 0; });
  const auto payloads = server_.buckets().find("bucket")->spaces.payloads;
  const auto bytes_left = [&] {
    return sync_wait(server_.store().collect()).ok() ? server_.store().info(payloads)->bytes : 0;
  };
  put("k", "one");
  put("k", "another");
  EXPECT_EQ(live_payloads(), 1U);
  EXPECT_EQ(bytes_left(), 7U);
  const auto pinned = sync_wait(server_.store().pin_present("pin", {payloads}));
  ASSERT_TRUE(pinned.ok());
  const auto kept = newest("k")->version.payload.inlined;
  put("k", "two");
  EXPECT_EQ(live_payloads(), 1U);
  const auto past = sync_wait(server_.store().get(payloads, kept->bytes(), *pinned));
  ASSERT_TRUE(past.ok() && past->exists());
  EXPECT_EQ(past->value(), "another");
  remove("k");
  EXPECT_EQ(live_payloads(), 0U);
  EXPECT_EQ(bytes_left(), 0U);
}

TEST_F(KeyWriteTest, EachPutIsAVersion) {
  bucket(Versioning::enabled);
  const auto one = put("k", "one").version;
  const auto two = put("k", "two").version;
  const auto three = put("k", "three").version;
  EXPECT_EQ(stack("k"), (Stack{"three", "two", "one"}));
  EXPECT_LT(one.sequence, two.sequence);
  EXPECT_LT(two.sequence, three.sequence);
  EXPECT_EQ(version("k", one.id)->version.etag, "one");
  EXPECT_FALSE(version("k", one.id)->newest);
  EXPECT_TRUE(version("k", three.id)->newest);
  EXPECT_EQ(version("k", two.id)->version.noncurrent_since_micros, three.modified_micros);
  EXPECT_EQ(live_payloads(), 3U);
  EXPECT_FALSE(version("k", VersionId::make(two.sequence)).has_value()) << "the id is more than the sequence";
  EXPECT_FALSE(version("k", VersionId()).has_value()) << "there is no null version";
}

TEST_F(KeyWriteTest, DeletingPutsMarkersOnTop) {
  bucket(Versioning::enabled);
  const auto one = put("k", "one");
  const auto marker = remove("k");
  ASSERT_TRUE(marker.has_value());
  EXPECT_FALSE(marker->id.is_null());
  EXPECT_EQ(stack("k"), (Stack{"marker", "one"}));
  EXPECT_TRUE(newest("k")->version.delete_marker);
  EXPECT_TRUE(version("k", marker->id)->newest);
  const auto second = remove("k");
  EXPECT_EQ(stack("k"), (Stack{"marker", "marker", "one"}));
  EXPECT_EQ(version("k", marker->id)->version.noncurrent_since_micros, second->modified_micros);
  EXPECT_TRUE(remove("never written").has_value()) << "even where there is nothing";
  EXPECT_EQ(stack("never written"), Stack{"marker"});
}

TEST_F(KeyWriteTest, RemovingTheNewestPromotesTheNext) {
  bucket(Versioning::enabled);
  const auto one = put("k", "one").version;
  const auto two = put("k", "two").version;
  const auto marker = remove("k");
  EXPECT_TRUE(remove("k", marker->id)) << "undelete";
  EXPECT_EQ(stack("k"), (Stack{"two", "one"}));
  EXPECT_EQ(newest("k")->version.etag, "two");
  EXPECT_EQ(newest("k")->version.noncurrent_since_micros, 0);
  EXPECT_TRUE(remove("k", two.id));
  EXPECT_EQ(newest("k")->version.etag, "one");
  EXPECT_TRUE(remove("k", one.id));
  EXPECT_FALSE(newest("k").has_value());
  EXPECT_FALSE(remove("k", one.id)) << "it has gone";
  EXPECT_EQ(live_payloads(), 0U);
}

TEST_F(KeyWriteTest, RemovingTheNewestMayLeaveAMarkerOnTop) {
  bucket(Versioning::enabled);
  put("k", "one");
  const auto marker = remove("k");
  const auto two = put("k", "two").version;
  EXPECT_TRUE(remove("k", two.id));
  EXPECT_EQ(stack("k"), (Stack{"marker", "one"}));
  EXPECT_TRUE(newest("k")->version.delete_marker);
  EXPECT_EQ(newest("k")->version.noncurrent_since_micros, 0);
}

TEST_F(KeyWriteTest, WhatWasThereBeforeVersioningIsTheNullVersion) {
  bucket(Versioning::never);
  put("k", "zero");
  set_versioning(Versioning::enabled);
  put("k", "one");
  EXPECT_EQ(stack("k"), (Stack{"one", "0zero"}));
  EXPECT_EQ(version("k", VersionId())->version.etag, "zero");
  put("k", "two");
  EXPECT_EQ(version("k", VersionId())->version.etag, "zero");
  EXPECT_TRUE(remove("k", VersionId()));
  EXPECT_EQ(stack("k"), (Stack{"two", "one"}));
  EXPECT_FALSE(version("k", VersionId()).has_value());
}

TEST_F(KeyWriteTest, SuspendedVersioningReplacesTheNullVersion) {
  bucket(Versioning::enabled);
  put("k", "one");
  set_versioning(Versioning::suspended);
  put("k", "zero");
  EXPECT_EQ(stack("k"), (Stack{"0zero", "one"}));
  put("k", "nought");
  EXPECT_EQ(stack("k"), (Stack{"0nought", "one"}));
  EXPECT_EQ(live_payloads(), 2U);
  set_versioning(Versioning::enabled);
  put("k", "two");
  put("k", "three");
  EXPECT_EQ(stack("k"), (Stack{"three", "two", "0nought", "one"}));
  set_versioning(Versioning::suspended);
  put("k", "nil");
  EXPECT_EQ(stack("k"), (Stack{"0nil", "three", "two", "one"})) << "wherever it was";
  EXPECT_EQ(live_payloads(), 4U);
}

TEST_F(KeyWriteTest, SuspendedDeletingReplacesTheNullVersionByAMarker) {
  bucket(Versioning::enabled);
  put("k", "one");
  set_versioning(Versioning::suspended);
  put("k", "zero");
  auto marker = remove("k");
  ASSERT_TRUE(marker.has_value());
  EXPECT_TRUE(marker->id.is_null());
  EXPECT_EQ(stack("k"), (Stack{"0marker", "one"}));
  marker = remove("k");
  EXPECT_EQ(stack("k"), (Stack{"0marker", "one"})) << "one null version at most";
  EXPECT_TRUE(version("k", VersionId())->version.delete_marker);
  put("k", "zero again");
  EXPECT_EQ(stack("k"), (Stack{"0zero again", "one"}));
  EXPECT_TRUE(remove("k", VersionId()));
  EXPECT_EQ(stack("k"), Stack{"one"});
}

TEST_F(KeyWriteTest, RewritingMakesNoVersion) {
  bucket(Versioning::enabled);
  const auto one = put("k", "one").version;
  const auto two = put("k", "two").version;
  for (const auto& target : {one, two}) {
    const auto write = open_key(server_, "bucket", "k");
    auto found = sync_wait(write->find(target.id));
    ASSERT_TRUE(found.ok() && found->has_value());
    (*found)->tags = {{"of", target.etag}};
    ASSERT_TRUE(sync_wait(write->rewrite(**found)).ok());
    ASSERT_TRUE(sync_wait(write->commit()).ok());
  }
  EXPECT_EQ(stack("k"), (Stack{"two", "one"}));
  EXPECT_EQ(version("k", one.id)->version.tags, (Tags{{"of", "one"}}));
  EXPECT_EQ(version("k", two.id)->version.tags, (Tags{{"of", "two"}}));
  EXPECT_EQ(live_payloads(), 2U);
}

TEST_F(KeyWriteTest, ThePastShowsWhatWasThere) {
  bucket(Versioning::never);
  const auto one = put("k", "one");
  set_versioning(Versioning::enabled);
  const auto two = put("k", "two");
  const auto marker = remove("k");
  const Timestamp marked = server_.store().now();
  remove("k", two.version.id);
  remove("k", marker->id);
  EXPECT_EQ(newest("k")->version.etag, "one");
  EXPECT_EQ(newest("k", one.at)->version.etag, "one");
  EXPECT_EQ(newest("k", two.at)->version.etag, "two");
  EXPECT_TRUE(newest("k", marked)->version.delete_marker);
  EXPECT_EQ(version("k", two.version.id, marked)->version.etag, "two") << "removed for good since";
  EXPECT_FALSE(version("k", two.version.id).has_value());
  EXPECT_EQ(version("k", VersionId(), marked)->version.etag, "one");
}

TEST_F(KeyWriteTest, TimesOutsideTheWindowAreRefused) {
  bucket(Versioning::never);
  put("k", "one");
  const auto found = sync_wait(find_newest(server_.services(), *server_.buckets().find("bucket"), "k",
                                           Timestamp::from_micros(TickingClock::start / 2)));
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::invalid_argument);
}

// ---- Blobs ---------------------------------------------------------------------------------------------------------

ObjectVersion object_of(std::vector<blob::BlobId> blobs) {
  ObjectVersion version;
  version.etag = "large";
  for (const auto& id : blobs) {
    PayloadPart part;
    part.blob = id;
    part.bytes = 1'000'000;
    version.payload.parts.push_back(part);
  }
  return version;
}

TEST_F(KeyWriteTest, BlobsAreNamedAndReleased) {
  bucket(Versioning::never);
  const auto id = blob::BlobId::random();
  auto write = open_key(server_, "bucket", "k");
  ASSERT_TRUE(sync_wait(write->put(object_of({id}), {}, Naming::made_now)).ok());
  ASSERT_TRUE(sync_wait(write->commit()).ok());
  EXPECT_EQ(names_of(id), 1U);

  write = open_key(server_, "bucket", "copy");
  ASSERT_TRUE(sync_wait(write->put(object_of({id, id}), {}, Naming::shared)).ok());
  ASSERT_TRUE(sync_wait(write->commit()).ok());
  EXPECT_EQ(names_of(id), 3U);

  remove("copy");
  EXPECT_EQ(names_of(id), 3U) << "the past still names it";
  ASSERT_EQ(releases().size(), 1U);
  EXPECT_EQ(releases()[0], std::pair(id, std::uint64_t{2}));

  put("k", "overwritten");
  EXPECT_EQ(releases().size(), 2U);

  history::Commit commit;
  auto last = sync_wait(remove_names(server_.services(), id, 2, commit));
  ASSERT_TRUE(last.ok());
  EXPECT_FALSE(*last);
  ASSERT_TRUE(sync_wait(server_.store().commit(std::move(commit))).ok());
  EXPECT_EQ(names_of(id), 1U);
  history::Commit rest;
  last = sync_wait(remove_names(server_.services(), id, 1, rest));
  EXPECT_TRUE(last.ok() && *last);
  ASSERT_TRUE(sync_wait(server_.store().commit(std::move(rest))).ok());
  EXPECT_EQ(names_of(id), 0U);
}

TEST_F(KeyWriteTest, ACopyOfABlobThatHasGoneFails) {
  bucket(Versioning::never);
  const auto write = open_key(server_, "bucket", "copy");
  ASSERT_TRUE(sync_wait(write->put(object_of({blob::BlobId::random()}), {}, Naming::shared)).ok());
  const auto done = sync_wait(write->commit());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::no_such_key);
  EXPECT_FALSE(newest("copy").has_value());
}

TEST_F(KeyWriteTest, WithoutNamesNothingIsCounted) {
  bucket(Versioning::never);
  const auto id = blob::BlobId::random();
  const auto write = open_key(server_, "bucket", "k");
  ASSERT_TRUE(sync_wait(write->put(object_of({id}), {}, Naming::already_named)).ok());
  ASSERT_TRUE(sync_wait(write->commit()).ok());
  EXPECT_EQ(names_of(id), 0U);
}

// Two copies of one blob at a time: the loser of the race for the blob's entry tries again.
TEST_F(KeyWriteTest, CopiesOfOneBlobDoNotDisturbEachOther) {
  bucket(Versioning::enabled);
  const auto id = blob::BlobId::random();
  const auto write = open_key(server_, "bucket", "k");
  ASSERT_TRUE(sync_wait(write->put(object_of({id}), {}, Naming::made_now)).ok());
  ASSERT_TRUE(sync_wait(write->commit()).ok());
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&, n] {
      for (int i = 0; i < 25; ++i) {
        const auto copy = open_key(server_, "bucket", "copy " + std::to_string(n));
        const bool planned = sync_wait(copy->put(object_of({id}), {}, Naming::shared)).ok();
        if (!planned || !sync_wait(copy->commit()).ok()) ++failed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(names_of(id), 101U);
}

TEST_F(KeyWriteTest, ADeletedBucketTakesNoMore) {
  bucket(Versioning::never);
  const auto gone = server_.buckets().find("bucket");
  auto write = open_key(server_, "bucket", "k");
  ASSERT_TRUE(sync_wait(write->put(small_object("late"), "late", Naming::made_now)).ok());
  ASSERT_TRUE(sync_wait(server_.buckets().remove(gone)).ok());
  const auto done = sync_wait(write->commit());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::no_such_bucket);
  const auto again = sync_wait(KeyWrite::open(server_.services(), gone, "k"));
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::no_such_bucket);
}

}  // namespace
}  // namespace reprise::s3
