// The listings as documents: what S3 API reference says of ListObjects, ListObjectsV2 and ListObjectVersions.
#include "s3/ops/listing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>
#include <thread>

#include "kv/faulty/engine.h"
#include "s3/ops/versions_for_tests.h"

namespace reprise::s3 {
namespace {

using Lines = std::vector<std::string>;
using Query = std::vector<std::pair<std::string, std::string>>;

class ListingTest : public ::testing::Test {
 protected:
  explicit ListingTest(Versioning versioning = Versioning::never) {
    server_.make_bucket("bucket", [&](Bucket& bucket) {
      bucket.versioning = versioning;
      bucket.recovery_days = 1;
    });
  }
  Written put(const std::string& key, const std::string& etag = "e") { return put_small(server_, "bucket", key, etag); }
  Outcome<Reply> run(OperationFunction operation, const Query& query) {
    Call call = server_.call("GET", "bucket");
    for (const auto& [name, value] : query) call.query.add(name, value);
    return server_.run(operation, call);
  }
  codec::XmlElement v1(const Query& query) { return document_of(run(list_objects, query)); }
  codec::XmlElement v2(Query query) {
    query.emplace_back("list-type", "2");
    return document_of(run(list_objects_v2, query));
  }
  codec::XmlElement versions(const Query& query) { return document_of(run(list_object_versions, query)); }

  BucketServer server_;
};
class VersionListingTest : public ListingTest {
 protected:
  VersionListingTest() : ListingTest(Versioning::enabled) {}
};

TEST_F(ListingTest, DocumentOfVersionOne) {
  put("a/1", "e1");
  put("b", "e2");
  Call call = server_.call("GET", "bucket");
  BucketServer::set_query(call, {{"delimiter", "/"}, {"max-keys", "1"}});
  const auto reply = server_.run(list_objects, call);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name><Prefix></Prefix>"
            "<Marker></Marker><NextMarker>a/</NextMarker><MaxKeys>1</MaxKeys><Delimiter>/</Delimiter>"
            "<IsTruncated>true</IsTruncated><CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes></ListBucketResult>");
}

TEST_F(ListingTest, EntriesTellWhatS3Tells) {
  const auto write = open_key(server_, "bucket", "k");
  ObjectVersion object = small_object("0123");
  object.checksums = {{codec::checksum_of(codec::ChecksumAlgorithm::crc64nvme, "0123"), ChecksumType::full_object, 0}};
  ASSERT_TRUE(sync_wait(write->put(object, "0123", Naming::made_now)).ok());
  ASSERT_TRUE(sync_wait(write->commit()).ok());
  const auto document = v2({{"fetch-owner", "true"}});
  const auto* entry = document.child("Contents");
  ASSERT_NE(entry, nullptr);
  Lines order;
  for (const auto& child : entry->children) order.push_back(child.name);
  EXPECT_EQ(order, (Lines{"Key", "LastModified", "ETag", "ChecksumAlgorithm", "ChecksumType", "Size", "Owner",
                          "StorageClass"}));
  EXPECT_EQ(entry->text_of("ETag"), "\"0123\"");
  EXPECT_EQ(entry->text_of("ChecksumAlgorithm"), "CRC64NVME");
  EXPECT_EQ(entry->text_of("ChecksumType"), "FULL_OBJECT");
  EXPECT_EQ(entry->text_of("Size"), "4");
  EXPECT_EQ(entry->text_of("LastModified"), "2027-01-15T08:00:00.000Z");
  EXPECT_EQ(entry->child("Owner")->text_of("ID"), canonical_id_of(auth::root_account));
  EXPECT_EQ(v2({}).child("Contents")->child("Owner"), nullptr) << "only when asked for";
  EXPECT_NE(v1({}).child("Contents")->child("Owner"), nullptr);
}

TEST_F(ListingTest, GoesOnByMarkerTokenAndStartAfter) {
  for (const char* key : {"a", "b", "c", "d"}) put(key);
  auto page = v2({{"max-keys", "2"}});
  EXPECT_EQ(listed(page), (Lines{"a", "b"}));
  EXPECT_EQ(page.text_of("KeyCount"), "2");
  const std::string token(page.text_of("NextContinuationToken"));
  page = v2({{"max-keys", "2"}, {"continuation-token", token}, {"start-after", "zzz"}});
  EXPECT_EQ(listed(page), (Lines{"c", "d"})) << "the token goes before start-after";
  EXPECT_EQ(page.text_of("IsTruncated"), "false");
  EXPECT_EQ(page.text_of("ContinuationToken"), token);
  EXPECT_EQ(page.text_of("StartAfter"), "zzz");
  EXPECT_EQ(page.child("NextContinuationToken"), nullptr);
  EXPECT_EQ(listed(v2({{"start-after", "b"}})), (Lines{"c", "d"}));
  EXPECT_EQ(listed(v1({{"marker", "b"}})), (Lines{"c", "d"}));
  EXPECT_EQ(v1({{"max-keys", "2"}}).child("NextMarker"), nullptr) << "without a delimiter";
}

TEST_F(ListingTest, RefusesTokensThatItHasNotMade) {
  for (const std::string token : {"a", "YQ==", "AWFhYWFhYQ==", "%"}) {
    Call call = server_.call("GET", "bucket");
    BucketServer::set_query(call, {{"list-type", "2"}, {"continuation-token", token}});
    EXPECT_EQ(server_.text_of(server_.run(list_objects_v2, call)),
              "400 InvalidArgument: The continuation token provided is incorrect")
        << token;
  }
}

TEST_F(ListingTest, RollsUpByTheDelimiter) {
  for (const char* key : {"a", "b/1", "b/2", "b/c/3", "d/", "e//f", "z"}) put(key);
  EXPECT_EQ(listed(v2({{"delimiter", "/"}})), (Lines{"a", "z", "b/>", "d/>", "e/>"}));
  EXPECT_EQ(listed(v2({{"delimiter", "/"}, {"prefix", "b/"}})), (Lines{"b/1", "b/2", "b/c/>"}));
  EXPECT_EQ(listed(v2({{"delimiter", "/"}, {"prefix", "d/"}})), Lines{"d/"}) << "the prefix itself is an object";
  EXPECT_EQ(listed(v2({{"delimiter", "/"}, {"prefix", "e/"}})), Lines{"e//>"});
  EXPECT_EQ(listed(v2({{"delimiter", "c/"}})), (Lines{"a", "b/1", "b/2", "d/", "e//f", "z", "b/c/>"}));
  EXPECT_EQ(listed(v2({{"prefix", "none"}})), Lines{});
  EXPECT_EQ(listed(v2({{"delimiter", "/"}, {"start-after", "b/1"}})), (Lines{"z", "d/>", "e/>"}))
      << "no prefix that is not greater";
  EXPECT_EQ(listed(v1({{"delimiter", "/"}, {"marker", "b/"}})), (Lines{"z", "d/>", "e/>"}));
}

TEST_F(ListingTest, ACommonPrefixEndsAPageOnce) {
  for (const char* key : {"a/1", "a/2", "b/1", "b/2", "c"}) put(key);
  Lines all;
  std::string token;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = v2({{"delimiter", "/"}, {"max-keys", "1"}, {"continuation-token", token}});
    for (const auto& line : listed(page)) all.push_back(line);
    if (page.text_of("IsTruncated") != "true") break;
    token = page.text_of("NextContinuationToken");
  }
  EXPECT_EQ(all, (Lines{"a/>", "b/>", "c"}));
}

// What a common prefix hides is sought past: the reads grow with what is shown.
TEST(ListingCost, SkipsWhatACommonPrefixHides) {
  const auto memory = kv::make_memory_engine();
  kv::FaultyEngine engine(*memory);
  BucketServer server({}, {}, &engine);
  const BucketPtr bucket = server.make_bucket("bucket");
  Lines folders;
  for (int folder = 0; folder < 5; ++folder) {
    folders.push_back("folder" + std::to_string(folder) + "/");
    history::Commit commit;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
      ObjectVersion object;
      object.sequence = i + 1;
      commit.changes.push_back({bucket->spaces.heads, folders.back() + std::to_string(i), encode_version(object), {}});
    }
    ASSERT_TRUE(sync_wait(server.store().commit(std::move(commit))).ok());
  }
  ListRange range;
  range.delimiter = "/";
  for (const auto list : {list_current, list_versions}) {
    const auto before = engine.calls(kv::Operation::scan);
    const auto listing = sync_wait(list(server.services(), bucket, range));
    ASSERT_TRUE(listing.ok());
    EXPECT_EQ(listing->common_prefixes, folders);
    EXPECT_TRUE(listing->entries.empty());
    EXPECT_LT(engine.calls(kv::Operation::scan) - before, 20U) << "to read all would take more than fifty";
  }
}

// A listing of current objects costs the same however many versions they have.
TEST(ListingCost, OfCurrentObjectsDoesNotGrowWithTheirVersions) {
  const auto memory = kv::make_memory_engine();
  kv::FaultyEngine engine(*memory);
  BucketServer server({}, {}, &engine);
  const BucketPtr bucket = server.make_bucket("bucket", [](Bucket& made) { made.versioning = Versioning::enabled; });
  const auto cost = [&] {
    const auto before = engine.calls();
    EXPECT_EQ(sync_wait(list_current(server.services(), bucket, ListRange()))->entries.size(), 20U);
    return engine.calls() - before;
  };
  for (int i = 0; i < 20; ++i) put_small(server, "bucket", "k" + std::to_string(i), "e");
  const auto first = cost();
  for (int n = 0; n < 20; ++n) {
    for (int i = 0; i < 20; ++i) put_small(server, "bucket", "k" + std::to_string(i), "e");
  }
  EXPECT_EQ(cost(), first);
}

Task<void> note_request(Lines* events) {
  events->push_back("another request");
  co_return;
}
// On `executor`, where another request is due when the listing begins.
Task<bool> list_beside_another(Executor* executor, BucketServer* server, BucketPtr bucket, ListRange range,
                               Lines* events) {
  co_await ResumeOn{*executor};
  spawn(*executor, note_request(events));
  const auto listing = co_await list_current(server->services(), std::move(bucket), std::move(range));
  events->push_back("listed");
  co_return listing.ok() && listing->entries.empty();
}

// What was not there yet at the time of a listing is passed over a bounded part at a time.
TEST(ListingCost, OfAThinPastLetsOtherRequestsIn) {
  BucketServer server;
  const BucketPtr bucket = server.make_bucket("bucket", [](Bucket& made) { made.recovery_days = 1; });
  const Timestamp then = server.store().now();
  for (int part = 0; part < 12; ++part) {
    history::Commit commit;
    for (int i = 0; i < 5'000; ++i) {
      ObjectVersion object;
      object.sequence = 1;
      const std::string key = std::to_string(10 + part) + "/" + std::to_string(i);
      commit.changes.push_back({bucket->spaces.heads, key, encode_version(object), {}});
    }
    ASSERT_TRUE(sync_wait(server.store().commit(std::move(commit))).ok());
  }
  ListRange range;
  range.as_of = then;
  Lines events;
  {
    ThreadExecutor one(1);  // ends when all of it is done
    EXPECT_TRUE(sync_wait(list_beside_another(&one, &server, bucket, range, &events)));
  }
  EXPECT_EQ(events, (Lines{"another request", "listed"}));
}

TEST_F(ListingTest, ThePageHasItsLimits) {
  for (int i = 0; i < 1005; ++i) put("k" + std::to_string(10'000 + i));
  EXPECT_EQ(listed(v2({})).size(), 1000U);
  const auto more = v2({{"max-keys", "5000"}});
  EXPECT_EQ(listed(more).size(), 1000U);
  EXPECT_EQ(more.text_of("MaxKeys"), "1000");
  EXPECT_EQ(more.text_of("IsTruncated"), "true");
  const auto none = v2({{"max-keys", "0"}});
  EXPECT_EQ(listed(none).size(), 0U);
  EXPECT_EQ(none.text_of("IsTruncated"), "false");
  EXPECT_EQ(none.text_of("MaxKeys"), "0");
  EXPECT_EQ(listed(v2({{"max-keys", ""}})).size(), 1000U);
  EXPECT_EQ(listed(v2({{"prefix", "k109"}, {"max-keys", "100"}})).size(), 100U);
  EXPECT_EQ(v2({{"prefix", "k109"}, {"max-keys", "100"}}).text_of("IsTruncated"), "false") << "that was exactly all";
}

TEST_F(ListingTest, RefusesBadParameters) {
  const std::pair<Query, std::string> cases[] = {
      {{{"max-keys", "-1"}}, "400 InvalidArgument: Argument maxKeys must be an integer between 0 and 2147483647"},
      {{{"max-keys", "2147483648"}},
       "400 InvalidArgument: Argument maxKeys must be an integer between 0 and 2147483647"},
      {{{"max-keys", "ten"}}, "400 InvalidArgument: Provided max-keys not an integer or within integer range"},
      {{{"max-keys", "1x"}}, "400 InvalidArgument: Provided max-keys not an integer or within integer range"},
      {{{"encoding-type", "base64"}}, "400 InvalidArgument: Invalid Encoding Method specified in Request"}};
  for (const auto& [query, answer] : cases) {
    EXPECT_EQ(server_.text_of(run(list_objects, query)), answer);
    EXPECT_EQ(server_.text_of(run(list_object_versions, query)), answer);
  }
  EXPECT_EQ(server_.text_of(run(list_object_versions, {{"version-id-marker", "null"}})),
            "400 InvalidArgument: A version-id marker cannot be specified without a key marker.");
  EXPECT_EQ(server_.text_of(run(list_object_versions, {{"key-marker", "k"}, {"version-id-marker", "nonsense"}})),
            "400 InvalidArgument: Invalid version id specified");
}

TEST_F(ListingTest, EncodesKeysWhenAsked) {
  const std::string key = "d r/\xc3\xa9+%~\x01(1).txt";
  put(key);
  const auto encoded = v2({{"encoding-type", "url"}, {"prefix", "d r"}, {"delimiter", "~"}, {"start-after", "a b"}});
  EXPECT_EQ(encoded.text_of("Prefix"), "d+r");
  EXPECT_EQ(encoded.text_of("Delimiter"), "%7E");
  EXPECT_EQ(encoded.text_of("StartAfter"), "a+b");
  EXPECT_EQ(encoded.text_of("EncodingType"), "url");
  EXPECT_EQ(listed(encoded), Lines{"d+r/%C3%A9%2B%25%7E>"});
  EXPECT_EQ(listed(v2({{"encoding-type", "url"}})), Lines{"d+r/%C3%A9%2B%25%7E%01%281%29.txt"});
  EXPECT_EQ(listed(v2({})), Lines{key}) << "a reference in the document";
}

TEST_F(ListingTest, ShowsThePast) {
  put("a", "one");
  const auto before = put("b", "one");
  put("a", "two");
  remove_current(server_, "bucket", "b");
  put("c", "one");
  Call call = server_.call("GET", "bucket");
  server_.set_as_of(call, before.at);
  call.query.add("list-type", "2");
  const auto then = document_of(server_.run(list_objects_v2, call));
  EXPECT_EQ(listed(then), (Lines{"a", "b"}));
  EXPECT_EQ(then.child("Contents")->text_of("ETag"), "\"one\"");
  Call too_early = server_.call("GET", "bucket");
  too_early.as_of = Timestamp::from_micros(1);
  const auto refused = server_.run(list_objects, too_early);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
}

// ---- Versions ------------------------------------------------------------------------------------------------------

TEST_F(VersionListingTest, OrderIsKeysThenNewestFirst) {
  const auto a1 = put("a").version;
  const auto b1 = put("b").version;
  const auto a2 = put("a").version;
  const auto marker = remove_current(server_, "bucket", "b");
  EXPECT_EQ(listed(versions({})), (Lines{"a@" + a2.id.text() + "*", "a@" + a1.id.text(),
                                         "b@" + marker->id.text() + "!*", "b@" + b1.id.text()}));
  EXPECT_EQ(listed(v2({})), Lines{"a"}) << "under a marker there is no object";
}

TEST_F(VersionListingTest, EntriesTellWhatS3Tells) {
  put("k");
  remove_current(server_, "bucket", "k");
  const auto document = versions({});
  Lines order;
  for (const auto& child : document.child("Version")->children) order.push_back(child.name);
  EXPECT_EQ(order, (Lines{"Key", "VersionId", "IsLatest", "LastModified", "ETag", "Size", "Owner", "StorageClass"}));
  order.clear();
  for (const auto& child : document.child("DeleteMarker")->children) order.push_back(child.name);
  EXPECT_EQ(order, (Lines{"Key", "VersionId", "IsLatest", "LastModified", "Owner"}));
  order.clear();
  for (const auto& child : document.children) order.push_back(child.name);
  EXPECT_EQ(order, (Lines{"Name", "Prefix", "KeyMarker", "VersionIdMarker", "MaxKeys", "IsTruncated", "DeleteMarker",
                          "Version"}));
}

TEST_F(VersionListingTest, GoesOnInTheMiddleOfAKey) {
  const auto one = put("k").version;
  const auto two = put("k").version;
  const auto three = put("k").version;
  const auto other = put("l").version;
  auto page = versions({{"max-keys", "2"}});
  EXPECT_EQ(page.text_of("NextKeyMarker"), "k");
  EXPECT_EQ(page.text_of("NextVersionIdMarker"), two.id.text());
  page = versions({{"key-marker", "k"}, {"version-id-marker", two.id.text()}});
  EXPECT_EQ(listed(page), (Lines{"k@" + one.id.text(), "l@" + other.id.text() + "*"}));
  EXPECT_EQ(listed(versions({{"key-marker", "k"}})), Lines{"l@" + other.id.text() + "*"});
  EXPECT_EQ(listed(versions({{"key-marker", "k"}, {"version-id-marker", three.id.text()}, {"max-keys", "1"}})),
            Lines{"k@" + two.id.text()});
  EXPECT_EQ(listed(versions({{"key-marker", "k"}, {"version-id-marker", ""}})), Lines{"l@" + other.id.text() + "*"});
}

// Who removes each page's versions before asking for the next one meets every version.
TEST_F(VersionListingTest, GoesOnWhereVersionsHaveGone) {
  server_.edit_bucket("bucket", [](Bucket& bucket) { bucket.versioning = Versioning::suspended; });
  for (const char* key : {"a", "b", "c"}) put(key);
  server_.edit_bucket("bucket", [](Bucket& bucket) { bucket.versioning = Versioning::enabled; });
  for (int i = 0; i < 4; ++i) {
    for (const char* key : {"a", "b", "c"}) put(key);
    remove_current(server_, "bucket", "b");
  }
  std::string key_marker;
  std::string id_marker;
  int removed = 0;
  for (int pages = 0; pages < 50; ++pages) {
    const auto page = versions({{"max-keys", "2"}, {"key-marker", key_marker}, {"version-id-marker", id_marker}});
    std::string last_key;  // what was above has gone
    for (const auto& child : page.children) {
      if (child.name != "Version" && child.name != "DeleteMarker") continue;
      EXPECT_EQ(child.text_of("IsLatest"), child.text_of("Key") != last_key ? "true" : "false");
      last_key = child.text_of("Key");
      ASSERT_TRUE(remove_version(server_, "bucket", std::string(child.text_of("Key")),
                                 *VersionId::parse(child.text_of("VersionId"))));
      ++removed;
    }
    if (page.text_of("IsTruncated") != "true") break;
    key_marker = page.text_of("NextKeyMarker");
    id_marker = page.text_of("NextVersionIdMarker");
  }
  EXPECT_EQ(removed, 3 * 5 + 4);
  EXPECT_EQ(listed(versions({})), Lines{});
}

// Versions move from one space to the other under a listing: those that are there all the time are shown, once.
TEST_F(VersionListingTest, MissesNothingWhileOthersWrite) {
  std::multiset<std::string> there;
  for (int n = 0; n < 3; ++n) {
    for (int i = 0; i < 10; ++i) there.insert(put("k" + std::to_string(i)).version.id.text());
  }
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    // No more than can be listed again and again on a machine that favours this thread.
    for (int i = 0; !stop && i < 2'000; ++i) put("k" + std::to_string(i * 7 % 10));
  });
  for (int round = 0; round < 30; ++round) {
    std::multiset<std::string> seen;
    ListRange range;
    range.max = 4;
    for (bool more = true; more;) {
      const auto page = sync_wait(list_versions(server_.services(), server_.buckets().find("bucket"), range));
      ASSERT_TRUE(page.ok());
      for (const auto& entry : page->entries) {
        if (there.contains(entry.version.id.text())) seen.insert(entry.version.id.text());
      }
      more = page->truncated;
      range.from = page->last;
      if (more) range.below = page->entries.back().version.sequence;
    }
    EXPECT_EQ(seen, there) << "round " << round;
  }
  stop = true;
  writer.join();
}

// The other way: what stands above a version is removed while it is listed. Held at each read of the store in turn.
TEST(VersionListingRace, ShowsAVersionThatComesToTheTopMeanwhile) {
  const auto memory = kv::make_memory_engine();
  kv::FaultyEngine engine(*memory);
  BucketServer server({}, {}, &engine);
  const BucketPtr bucket = server.make_bucket("bucket", [](Bucket& made) { made.versioning = Versioning::enabled; });
  const VersionId kept = put_small(server, "bucket", "folder/k", "e").version.id;
  for (const char* const delimiter : {"", "/"}) {
    bool reached = true;
    for (std::uint64_t read = 1; reached; ++read) {
      SCOPED_TRACE(std::string("delimiter ") + delimiter + ", read " + std::to_string(read));
      ASSERT_LT(read, 50U);
      const auto marker = remove_current(server, "bucket", "folder/k");
      ASSERT_TRUE(marker);
      ListRange range;
      range.delimiter = delimiter;
      engine.plan(kv::Operation::scan, read, {kv::Fault::Effect::hold_after, Code::ok});
      std::optional<Outcome<Listing>> listing;
      std::atomic<bool> ended{false};
      std::thread lister([&] {
        listing.emplace(sync_wait(list_versions(server.services(), bucket, range)));
        ended = true;
      });
      while (engine.held() == 0 && !ended) std::this_thread::yield();
      reached = engine.held() > 0;
      engine.clear();
      EXPECT_TRUE(remove_version(server, "bucket", "folder/k", marker->id));
      engine.release();
      lister.join();
      ASSERT_TRUE(listing && listing->ok());
      const Listing& found = listing->value();
      if (*delimiter != 0) {
        EXPECT_EQ(found.common_prefixes, Lines{"folder/"});
        continue;
      }
      const auto times = std::count_if(found.entries.begin(), found.entries.end(),
                                       [&](const ListedVersion& one) { return one.version.id == kept; });
      EXPECT_EQ(times, 1);
    }
  }
}

TEST_F(VersionListingTest, RollsUpByTheDelimiter) {
  put("a/1");
  put("a/1");
  remove_current(server_, "bucket", "a/2");
  const auto b = put("b").version;
  EXPECT_EQ(listed(versions({{"delimiter", "/"}})), (Lines{"b@" + b.id.text() + "*", "a/>"}));
  const auto page = versions({{"delimiter", "/"}, {"max-keys", "1"}});
  EXPECT_EQ(listed(page), Lines{"a/>"});
  EXPECT_EQ(page.text_of("NextKeyMarker"), "a/");
  EXPECT_EQ(page.child("NextVersionIdMarker"), nullptr);
  EXPECT_EQ(listed(versions({{"delimiter", "/"}, {"key-marker", "a/"}})), Lines{"b@" + b.id.text() + "*"});
}

}  // namespace
}  // namespace reprise::s3
