// PutObject, GetObject, HeadObject and their like against a server without HTTP.
#include "s3/ops/object_operations.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/md5.h"
#include "s3/ops/buckets_for_tests.h"

namespace reprise::s3 {
namespace {

namespace fs = std::filesystem;
using Headers = std::initializer_list<std::pair<const char*, std::string>>;

class ObjectOperationsTest : public testing::Test {
 protected:
  ObjectOperationsTest() { server_.make_bucket("plain"); }

  Call put_call(const std::string& bucket, const std::string& key, Bytes body, Headers headers = {}) {
    Call call = server_.call("PUT", bucket, key);
    call.body = std::make_unique<TextSource>(std::move(body));
    BucketServer::set_headers(call, headers);
    return call;
  }
  Outcome<Reply> put(const std::string& bucket, const std::string& key, Bytes body, Headers headers = {}) {
    Call call = put_call(bucket, key, std::move(body), headers);
    return server_.run(put_object, call);
  }
  // "200 BODY", or the error.
  std::string get(const std::string& bucket, const std::string& key, Headers headers = {}, Headers query = {}) {
    Call call = server_.call("GET", bucket, key);
    BucketServer::set_headers(call, headers);
    BucketServer::set_query(call, query);
    return server_.text_of(server_.run(get_object, call));
  }
  Outcome<Reply> head(const std::string& bucket, const std::string& key, Headers headers = {}, Headers query = {}) {
    Call call = server_.call("HEAD", bucket, key);
    BucketServer::set_headers(call, headers);
    BucketServer::set_query(call, query);
    return server_.run(head_object, call);
  }
  static std::string header(const Outcome<Reply>& reply, std::string_view name) {
    return reply.ok() ? std::string(reply->headers.get_or(name, "(none)")) : "(" + reply.error().message + ")";
  }
  std::string error_of(const Outcome<Reply>& reply) {
    if (reply.ok()) return "ok";
    return std::string(spelling_of(reply.error().code).name);
  }
  std::size_t blobs() {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(server_.directory() / "blobs")) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }

  BucketServer server_;
};

// A version with an id is told even when versioning was set while the object was on its way, and no id is made up.
TEST_F(ObjectOperationsTest, TheVersionIdToldIsThatOfTheVersionMade) {
  const auto set = [this](Versioning wanted) {
    server_.edit_bucket("plain", [wanted](Bucket& bucket) { bucket.versioning = wanted; });
  };
  const auto etag = [this](const std::string& id) {
    return header(head("plain", "k", {}, {{"versionId", id}}), "ETag");
  };
  Call early = put_call("plain", "k", "one");
  Call copying =
      put_call("plain", "k", "", {{"x-amz-copy-source", "plain/k"}, {"x-amz-metadata-directive", "REPLACE"}});
  set(Versioning::enabled);
  const std::string put_id = header(server_.run(put_object, early), "x-amz-version-id");
  EXPECT_EQ(etag(put_id), "\"" + codec::to_hex(codec::bytes_of(codec::md5("one"))) + "\"") << put_id;
  const std::string copy_id = header(server_.run(copy_object, copying), "x-amz-version-id");
  EXPECT_NE(copy_id, put_id);
  EXPECT_EQ(etag(copy_id), etag(put_id)) << copy_id;

  Call late = put_call("plain", "k", "two");
  Call late_copy = put_call("plain", "k", "", {{"x-amz-copy-source", "plain/k?versionId=" + put_id}});
  set(Versioning::suspended);
  EXPECT_EQ(header(server_.run(put_object, late), "x-amz-version-id"), "(none)");
  EXPECT_EQ(header(server_.run(copy_object, late_copy), "x-amz-version-id"), "(none)");
}

TEST_F(ObjectOperationsTest, WhatIsPutIsGot) {
  const auto stored = put("plain", "a/b", "hello", {{"content-type", "text/plain"}, {"x-amz-meta-color", "blue"}});
  EXPECT_EQ(header(stored, "ETag"), "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_EQ(header(stored, "x-amz-checksum-crc64nvme"), "M3eFcAZSQlc=");
  EXPECT_EQ(header(stored, "x-amz-checksum-type"), "FULL_OBJECT");
  EXPECT_EQ(header(stored, "x-amz-version-id"), "(none)");
  EXPECT_EQ(get("plain", "a/b"), "200 hello");
  const auto seen = head("plain", "a/b");
  EXPECT_EQ(header(seen, "Content-Type"), "text/plain");
  EXPECT_EQ(header(seen, "x-amz-meta-color"), "blue");
  EXPECT_EQ(header(seen, "ETag"), "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_EQ(header(seen, "Accept-Ranges"), "bytes");
  EXPECT_EQ(header(seen, "x-amz-checksum-crc64nvme"), "(none)") << "nobody asked";
  EXPECT_EQ(seen->content_length, 5U);
  EXPECT_EQ(header(head("plain", "a/b", {{"x-amz-checksum-mode", "ENABLED"}}), "x-amz-checksum-crc64nvme"),
            "M3eFcAZSQlc=");
}

TEST_F(ObjectOperationsTest, TheHeadersOfTheObject) {
  const auto stored = put("plain", "k", "x",
                          {{"content-encoding", "gzip, aws-chunked"},
                           {"cache-control", "no-store"},
                           {"content-disposition", "attachment"},
                           {"content-language", "fr"},
                           {"expires", "tomorrow"},
                           {"x-amz-storage-class", "STANDARD_IA"},
                           {"x-amz-website-redirect-location", "/there"},
                           {"x-amz-tagging", "a=1&b=2"},
                           {"x-amz-meta-list", "one"},
                           {"x-amz-meta-list", "two"}});
  ASSERT_TRUE(stored.ok()) << stored.error().message;
  const auto seen = head("plain", "k");
  EXPECT_EQ(header(seen, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(seen, "Cache-Control"), "no-store");
  EXPECT_EQ(header(seen, "Content-Disposition"), "attachment");
  EXPECT_EQ(header(seen, "Content-Language"), "fr");
  EXPECT_EQ(header(seen, "Expires"), "tomorrow");
  EXPECT_EQ(header(seen, "Content-Type"), "binary/octet-stream");
  EXPECT_EQ(header(seen, "x-amz-storage-class"), "STANDARD_IA");
  EXPECT_EQ(header(seen, "x-amz-website-redirect-location"), "/there");
  EXPECT_EQ(header(seen, "x-amz-tagging-count"), "2");
  EXPECT_EQ(header(seen, "x-amz-meta-list"), "one,two");
  const auto overridden = head("plain", "k", {}, {{"response-content-type", "text/css"}, {"response-expires", "now"}});
  EXPECT_EQ(header(overridden, "Content-Type"), "text/css");
  EXPECT_EQ(header(overridden, "Expires"), "now");
}

TEST_F(ObjectOperationsTest, WhatUploadsAreRefusedFor) {
  EXPECT_EQ(error_of(put("plain", std::string(1025, 'k'), "x")), "KeyTooLongError");
  EXPECT_TRUE(put("plain", std::string(1024, 'k'), "x").ok());
  EXPECT_EQ(error_of(put("plain", "k", "x", {{"x-amz-meta-a", std::string(2048, 'm')}})), "MetadataTooLarge");
  EXPECT_TRUE(put("plain", "k", "x", {{"x-amz-meta-a", std::string(2047, 'm')}}).ok());
  EXPECT_EQ(error_of(put("plain", "k", "x", {{"x-amz-storage-class", "GLACIER"}})), "InvalidStorageClass");
  EXPECT_EQ(error_of(put("plain", "k", "x", {{"x-amz-storage-class", "standard"}})), "InvalidStorageClass");
  EXPECT_EQ(error_of(put("plain", "k", "x", {{"x-amz-website-redirect-location", "there"}})),
            "InvalidRedirectLocation");
  EXPECT_EQ(error_of(put("plain", "k", "x", {{"x-amz-acl", "public-read"}})), "AccessControlListNotSupported");
  EXPECT_TRUE(put("plain", "k", "x", {{"x-amz-acl", "bucket-owner-full-control"}}).ok());
  EXPECT_EQ(error_of(put("plain", "k", "x", {{"x-amz-grant-read", "id=1"}})), "AccessControlListNotSupported");
  EXPECT_EQ(error_of(put("plain", "k", "x", {{"x-amz-acl", "private"}, {"x-amz-grant-read", "id=1"}})),
            "AccessControlListNotSupported");
  EXPECT_EQ(error_of(put("plain", "k", "x", {{"x-amz-object-lock-legal-hold", "ON"}})), "InvalidRequest");
  EXPECT_EQ(error_of(put("plain", "k", "x", {{"content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="}})), "BadDigest");
}

// Where lists are disabled, "private" is the owner's full control when it comes from the owner's account, else not.
TEST_F(ObjectOperationsTest, APrivateListIsTheOwnersAlone) {
  EXPECT_TRUE(put("plain", "k", "own", {{"x-amz-acl", "private"}}).ok());
  Call foreign = put_call("plain", "k", "foreign", {{"x-amz-acl", "private"}});
  foreign.caller.canonical_id = canonical_id_of("111111111111");
  EXPECT_EQ(error_of(server_.run(put_object, foreign)), "AccessControlListNotSupported");
  Call anonymous = put_call("plain", "k", "anonymous", {{"x-amz-acl", "private"}});
  anonymous.caller = Caller{};
  EXPECT_FALSE(server_.run(put_object, anonymous).ok());
  EXPECT_EQ(get("plain", "k"), "200 own");
}

TEST_F(ObjectOperationsTest, AWrongChecksumLeavesTheOldObjectAndNoBlob) {
  ASSERT_TRUE(put("plain", "k", "old").ok());
  const auto refused = put("plain", "k", Bytes(300'000, 'n'), {{"x-amz-checksum-crc32", "AAAAAA=="}});
  EXPECT_EQ(error_of(refused), "BadDigest");
  EXPECT_EQ(get("plain", "k"), "200 old");
  EXPECT_EQ(blobs(), 0U);
}

TEST_F(ObjectOperationsTest, ConditionalWrites) {
  EXPECT_EQ(error_of(put("plain", "k", "1", {{"if-match", "\"x\""}})), "NoSuchKey");
  EXPECT_TRUE(put("plain", "k", "1", {{"if-none-match", "*"}}).ok());
  EXPECT_EQ(error_of(put("plain", "k", Bytes(300'000, 'n'), {{"if-none-match", "*"}})), "PreconditionFailed");
  EXPECT_EQ(blobs(), 0U);
  EXPECT_EQ(error_of(put("plain", "k", "2", {{"if-match", "\"x\""}})), "PreconditionFailed");
  EXPECT_TRUE(put("plain", "k", "2", {{"if-match", "\"c4ca4238a0b923820dcc509a6f75849b\""}}).ok());
  EXPECT_EQ(get("plain", "k"), "200 2");
  EXPECT_EQ(error_of(put("plain", "k", "3", {{"if-none-match", "\"x\""}})), "NotImplemented");
}

// Its body writes the same key first: the condition held when the request began, and does not under the lock.
class JealousSource final : public PayloadSource {
 public:
  explicit JealousSource(std::function<void()> meanwhile) : meanwhile_(std::move(meanwhile)) {}
  Task<Outcome<Bytes>> read() override {
    if (meanwhile_) std::exchange(meanwhile_, nullptr)();
    return text_.read();
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return text_.length(); }
  [[nodiscard]] const Fields& trailers() const override { return text_.trailers(); }

 private:
  std::function<void()> meanwhile_;
  TextSource text_{Bytes(200'000, 'j')};
};

TEST_F(ObjectOperationsTest, ConditionsCountUnderTheLock) {
  Call call = put_call("plain", "k", "", {{"if-none-match", "*"}});
  call.body = std::make_unique<JealousSource>([this] { ASSERT_TRUE(put("plain", "k", "first").ok()); });
  EXPECT_EQ(error_of(server_.run(put_object, call)), "PreconditionFailed");
  EXPECT_EQ(get("plain", "k"), "200 first");
  EXPECT_EQ(blobs(), 0U);
}

TEST_F(ObjectOperationsTest, Ranges) {
  ASSERT_TRUE(put("plain", "k", "0123456789").ok());
  EXPECT_EQ(get("plain", "k", {{"range", "bytes=2-4"}}), "206 234");
  EXPECT_EQ(get("plain", "k", {{"range", "bytes=-3"}}), "206 789");
  EXPECT_EQ(get("plain", "k", {{"range", "bytes=0-1,4-5"}}), "200 0123456789");
  EXPECT_EQ(get("plain", "k", {{"range", "bytes=10-"}}), "416 InvalidRange: The requested range is not satisfiable");
  const auto ranged = head("plain", "k", {{"range", "bytes=2-4"}});
  EXPECT_EQ(header(ranged, "Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(ranged->content_length, 3U);
  const std::string etag = header(ranged, "ETag");
  EXPECT_EQ(get("plain", "k", {{"range", "bytes=2-4"}, {"if-range", etag}}), "206 234");
  EXPECT_EQ(get("plain", "k", {{"range", "bytes=2-4"}, {"if-range", "\"x\""}}), "200 0123456789");
  EXPECT_EQ(header(head("plain", "k", {{"range", "bytes=2-4"}, {"x-amz-checksum-mode", "ENABLED"}}),
                   "x-amz-checksum-crc64nvme"),
            "(none)");
}

TEST_F(ObjectOperationsTest, PartsOfAnObjectThatWasPutWhole) {
  ASSERT_TRUE(put("plain", "k", "0123456789").ok());
  EXPECT_EQ(get("plain", "k", {}, {{"partNumber", "1"}}), "206 0123456789");
  EXPECT_EQ(header(head("plain", "k", {}, {{"partNumber", "1"}}), "x-amz-mp-parts-count"), "(none)");
  EXPECT_TRUE(get("plain", "k", {}, {{"partNumber", "2"}}).starts_with("416 InvalidPartNumber"));
  EXPECT_TRUE(get("plain", "k", {}, {{"partNumber", "0"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(get("plain", "k", {}, {{"partNumber", "x"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(get("plain", "k", {{"range", "bytes=0-1"}}, {{"partNumber", "1"}}).starts_with("400 InvalidRequest"));
}

TEST_F(ObjectOperationsTest, VersionsAndMarkers) {
  server_.make_bucket("versioned", [](Bucket& bucket) { bucket.versioning = Versioning::enabled; });
  const std::string first = header(put("versioned", "k", "one"), "x-amz-version-id");
  const std::string second = header(put("versioned", "k", Bytes(100'000, '2')), "x-amz-version-id");
  EXPECT_NE(first, second);
  EXPECT_EQ(get("versioned", "k", {}, {{"versionId", first}}), "200 one");
  EXPECT_EQ(get("versioned", "k"), "200 " + Bytes(100'000, '2'));
  EXPECT_EQ(header(head("versioned", "k"), "x-amz-version-id"), second);
  EXPECT_TRUE(get("versioned", "k", {}, {{"versionId", "nonsense"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(get("versioned", "none").starts_with("404 NoSuchKey"));
}

TEST_F(ObjectOperationsTest, EncryptedWithTheServersKey) {
  server_.make_bucket("sealed", [](Bucket& bucket) { bucket.encryption = BucketEncryption{}; });
  for (const Bytes& text : {Bytes("small"), Bytes(500'000, 'l')}) {
    const auto stored = put("sealed", "k", text);
    ASSERT_TRUE(stored.ok()) << stored.error().message;
    EXPECT_EQ(header(stored, "x-amz-server-side-encryption"), "AES256");
    EXPECT_EQ(header(stored, "ETag"), "\"" + codec::to_hex(codec::bytes_of(codec::md5(text))) + "\"");
    EXPECT_EQ(get("sealed", "k"), "200 " + text);
    EXPECT_EQ(get("sealed", "k", {{"range", "bytes=2-3"}}), "206 " + text.substr(2, 2));
    EXPECT_EQ(header(head("sealed", "k"), "x-amz-server-side-encryption"), "AES256");
  }
}

TEST_F(ObjectOperationsTest, EncryptedWithTheCustomersKey) {
  const std::string key = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=";  // 32 times 'k'
  Bytes raw(32, 'k');
  const std::string digest = [&] {
    Bytes text;
    const auto md5 = codec::md5(raw);
    codec::append_base64(text, codec::bytes_of(md5));
    return text;
  }();
  const std::pair<const char*, std::string> algorithm = {"x-amz-server-side-encryption-customer-algorithm", "AES256"};
  const std::pair<const char*, std::string> sent = {"x-amz-server-side-encryption-customer-key", key};
  const std::pair<const char*, std::string> md5 = {"x-amz-server-side-encryption-customer-key-md5", digest};
  const auto stored = put("plain", "k", Bytes(100'000, 's'), {algorithm, sent, md5});
  ASSERT_TRUE(stored.ok()) << stored.error().message;
  EXPECT_NE(header(stored, "ETag"), "\"" + codec::to_hex(codec::bytes_of(codec::md5(Bytes(100'000, 's')))) + "\"");
  EXPECT_TRUE(get("plain", "k").starts_with("400 InvalidRequest"));
  EXPECT_EQ(error_of(head("plain", "k")), "InvalidRequest");
  EXPECT_EQ(get("plain", "k", {algorithm, sent, md5}), "200 " + Bytes(100'000, 's'));
  ASSERT_TRUE(put("plain", "open", "text").ok());
  EXPECT_TRUE(get("plain", "open", {algorithm, sent, md5}).starts_with("400 InvalidRequest"));
}

TEST_F(ObjectOperationsTest, TwoPutsOfOneKeyBothSucceed) {
  for (int i = 0; i < 20; ++i) {
    std::vector<std::thread> threads;
    std::atomic<int> stored = 0;
    for (const std::uint64_t bytes : {10U, 100'000U, 20U, 200'000U}) {
      threads.emplace_back([&, bytes] { stored += put("plain", "k", Bytes(bytes, 'x')).ok() ? 1 : 0; });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(stored, 4);
    EXPECT_TRUE(get("plain", "k").starts_with("200 xxxxxxxxxx"));
  }
}

TEST_F(ObjectOperationsTest, ReadersAreNotDisturbedByWriters) {
  ASSERT_TRUE(put("plain", "k", Bytes(50'000, 'a')).ok());
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; i < 60; ++i) {
      EXPECT_TRUE(put("plain", "k", Bytes(i % 2 == 0 ? 100 : 50'000, static_cast<char>('a' + i % 26))).ok());
    }
    stop = true;
  });
  int reads = 0;
  while (!stop || reads < 10) {
    const std::string text = get("plain", "k");
    ASSERT_TRUE(text.starts_with("200 ")) << text.substr(0, 200);
    ASSERT_EQ(text.find_first_not_of(text[4], 4), text.npos) << "one version, not a mixture";
    ++reads;
  }
  writer.join();
}

TEST_F(ObjectOperationsTest, AsOf) {
  server_.make_bucket("kept", [](Bucket& bucket) { bucket.recovery_days = 7; });
  ASSERT_TRUE(put("kept", "k", "old").ok());
  ASSERT_TRUE(put("kept", "large", Bytes(100'000, 'o')).ok());
  const Timestamp then = server_.store().now();
  ASSERT_TRUE(put("kept", "k", "new").ok());
  ASSERT_TRUE(put("kept", "large", "new").ok());
  Call call = server_.call("GET", "kept", "k");
  server_.set_as_of(call, then);
  EXPECT_EQ(server_.text_of(server_.run(get_object, call)), "200 old");
  Call large = server_.call("GET", "kept", "large");
  server_.set_as_of(large, then);
  EXPECT_EQ(server_.text_of(server_.run(get_object, large)), "200 " + Bytes(100'000, 'o'));
  EXPECT_EQ(get("kept", "large"), "200 new");
}

TEST_F(ObjectOperationsTest, Attributes) {
  ASSERT_TRUE(put("plain", "k", "hello").ok());
  Call call = server_.call("GET", "plain", "k");
  BucketServer::set_headers(call, {{"x-amz-object-attributes", "ETag,ObjectSize, Checksum,StorageClass,ObjectParts"}});
  EXPECT_EQ(server_.text_of(server_.run(get_object_attributes, call)),
            "200 <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<GetObjectAttributesResponse xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<ETag>5d41402abc4b2a76b9719d911017c592</ETag>"
            "<Checksum><ChecksumCRC64NVME>M3eFcAZSQlc=</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>"
            "</Checksum><StorageClass>STANDARD</StorageClass><ObjectSize>5</ObjectSize></GetObjectAttributesResponse>");
  Call none = server_.call("GET", "plain", "k");
  EXPECT_EQ(error_of(server_.run(get_object_attributes, none)), "InvalidArgument");
  Call wrong = server_.call("GET", "plain", "k");
  BucketServer::set_headers(wrong, {{"x-amz-object-attributes", "Etag"}});
  EXPECT_EQ(error_of(server_.run(get_object_attributes, wrong)), "InvalidArgument");
}

TEST_F(ObjectOperationsTest, NothingIsToBeRestored) {
  ASSERT_TRUE(put("plain", "k", "hello").ok());
  Call call = server_.call("POST", "plain", "k");
  call.document = "<RestoreRequest><Days>1</Days></RestoreRequest>";
  EXPECT_EQ(server_.text_of(server_.run(restore_object, call)),
            "403 InvalidObjectState: Restore is not allowed for the object's current storage class");
  call.document = "<Restore/>";
  EXPECT_EQ(error_of(server_.run(restore_object, call)), "MalformedXML");
}

}  // namespace
}  // namespace reprise::s3
