// CopyObject: what is shared, what is read anew, what is refused.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "auth/policy/policy.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/md5.h"
#include "kv/faulty/engine.h"
#include "kv/memory/engine.h"
#include "s3/ops/buckets_for_tests.h"
#include "s3/ops/copy_source.h"
#include "s3/ops/garbage.h"
#include "s3/ops/key_write.h"
#include "s3/ops/object_operations.h"

namespace reprise::s3 {
namespace {

namespace fs = std::filesystem;
using Headers = std::initializer_list<std::pair<const char*, std::string>>;

class CopyObjectTest : public testing::Test {
 protected:
  CopyObjectTest() {
    server_.make_bucket("plain");
    server_.make_bucket("other");
    server_.make_bucket("sealed", [](Bucket& bucket) { bucket.encryption = BucketEncryption{}; });
    server_.make_bucket("versioned", [](Bucket& bucket) { bucket.versioning = Versioning::enabled; });
    server_.make_bucket("kept", [](Bucket& bucket) { bucket.recovery_days = 7; });
  }

  Outcome<Reply> put(const std::string& bucket, const std::string& key, Bytes body, Headers headers = {}) {
    Call call = server_.call("PUT", bucket, key);
    call.body = std::make_unique<TextSource>(std::move(body));
    BucketServer::set_headers(call, headers);
    return server_.run(put_object, call);
  }
  Outcome<Reply> copy(const std::string& source, const std::string& bucket, const std::string& key,
                      Headers headers = {}) {
    Call call = server_.call("PUT", bucket, key);
    call.headers.add("x-amz-copy-source", source);
    BucketServer::set_headers(call, headers);
    return server_.run(copy_object, call);
  }
  std::string get(const std::string& bucket, const std::string& key) {
    Call call = server_.call("GET", bucket, key);
    return server_.text_of(server_.run(get_object, call));
  }
  Outcome<Reply> head(const std::string& bucket, const std::string& key) {
    Call call = server_.call("HEAD", bucket, key);
    call.headers.add("x-amz-checksum-mode", "ENABLED");
    return server_.run(head_object, call);
  }
  static std::string header(const Outcome<Reply>& reply, std::string_view name) {
    return reply.ok() ? std::string(reply->headers.get_or(name, "(none)")) : "(" + reply.error().message + ")";
  }
  static std::string error_of(const Outcome<Reply>& reply) {
    return reply.ok() ? "ok" : std::string(spelling_of(reply.error().code).name);
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

TEST(CopySourceTest, Names) {
  const auto parsed = [](std::string_view header) -> std::string {
    const auto name = parse_copy_source(header);
    if (!name.ok()) return name.error().message;
    return name->bucket + "|" + name->key + (name->version ? "|" + name->version->text() : "");
  };
  EXPECT_EQ(parsed("b/k"), "b|k");
  EXPECT_EQ(parsed("/b/k"), "b|k");
  EXPECT_EQ(parsed("b/a/b//c"), "b|a/b//c");
  EXPECT_EQ(parsed("b%2Fk"), "b|k");
  EXPECT_EQ(parsed("b/%C3%A9+%2B"), "b|\xC3\xA9 +");
  EXPECT_EQ(parsed("b/k?versionId=null"), "b|k|null");
  EXPECT_EQ(parsed("b/k%3FversionId=null"), "b|k?versionId=null");
  EXPECT_EQ(parsed("b/k?versionId=x"), "Invalid version id specified");
  EXPECT_EQ(parsed("b/k%4"), "Invalid copy source encoding.");
  for (const char* header : {"", "/", "//k", "b c/k", "%C3%A9/k", "?versionId=null"}) {
    EXPECT_EQ(parsed(header), "Invalid copy source bucket name") << header;
  }
  for (const char* header : {"b", "/b", "b/", "b%2F", "b?versionId=null"}) {
    EXPECT_EQ(parsed(header), "Invalid copy source object key") << header;
  }
}

TEST_F(CopyObjectTest, SharesTheBlob) {
  ASSERT_TRUE(put("plain", "k", Bytes(500'000, 'x'), {{"content-type", "text/css"}, {"x-amz-meta-a", "1"}}).ok());
  ASSERT_EQ(blobs(), 1U);
  const auto copied = copy("plain/k", "other", "copy");
  ASSERT_TRUE(copied.ok()) << copied.error().message;
  EXPECT_EQ(blobs(), 1U);
  EXPECT_EQ(get("other", "copy"), "200 " + Bytes(500'000, 'x'));
  EXPECT_EQ(header(head("other", "copy"), "Content-Type"), "text/css");
  EXPECT_EQ(header(head("other", "copy"), "x-amz-meta-a"), "1");
  EXPECT_EQ(header(head("other", "copy"), "ETag"), header(head("plain", "k"), "ETag"));
  EXPECT_NE(copied->body.find("<ChecksumCRC64NVME>"), Bytes::npos);
  ASSERT_TRUE(put("plain", "k", "gone").ok());
  EXPECT_EQ(get("other", "copy"), "200 " + Bytes(500'000, 'x'));
}

TEST_F(CopyObjectTest, SmallOnesAreCopied) {
  ASSERT_TRUE(put("plain", "k", "small").ok());
  ASSERT_TRUE(put("plain", "empty", "").ok());
  for (const char* bucket : {"other", "sealed"}) {
    ASSERT_TRUE(copy("plain/k", bucket, "copy").ok());
    EXPECT_EQ(get(bucket, "copy"), "200 small");
    ASSERT_TRUE(copy("plain/empty", bucket, "empty").ok());
    EXPECT_EQ(get(bucket, "empty"), "200 ");
  }
}

TEST_F(CopyObjectTest, BetweenPlainAndSealedItIsWrittenAnew) {
  const Bytes text(300'000, 'y');
  ASSERT_TRUE(put("plain", "k", text).ok());
  ASSERT_TRUE(copy("plain/k", "sealed", "k").ok());
  EXPECT_EQ(blobs(), 2U);
  EXPECT_EQ(get("sealed", "k"), "200 " + text);
  EXPECT_EQ(header(head("sealed", "k"), "x-amz-server-side-encryption"), "AES256");
  EXPECT_EQ(header(head("sealed", "k"), "ETag"), header(head("plain", "k"), "ETag"));
  ASSERT_TRUE(copy("sealed/k", "other", "k").ok());
  EXPECT_EQ(blobs(), 3U);
  EXPECT_EQ(get("other", "k"), "200 " + text);
  EXPECT_EQ(header(head("other", "k"), "x-amz-server-side-encryption"), "(none)");
  ASSERT_TRUE(copy("sealed/k", "sealed", "again").ok());
  EXPECT_EQ(blobs(), 3U) << "the data key is wrapped anew";
  EXPECT_EQ(get("sealed", "again"), "200 " + text);
}

// Its ETag is the MD5 of the bytes where no named key hides that, and something else where one does.
TEST_F(CopyObjectTest, ToANamedKeyAndBack) {
  const Bytes text(300'000, 'n');
  const std::string md5 = '"' + codec::to_hex(codec::bytes_of(codec::md5(text))) + '"';
  ASSERT_TRUE(put("sealed", "k", text).ok());
  EXPECT_EQ(header(head("sealed", "k"), "ETag"), md5);
  ASSERT_TRUE(copy("sealed/k", "sealed", "kms", {{"x-amz-server-side-encryption", "aws:kms"}}).ok());
  EXPECT_EQ(header(head("sealed", "kms"), "ETag").size(), md5.size());
  EXPECT_NE(header(head("sealed", "kms"), "ETag"), md5);
  const auto back = copy("sealed/kms", "sealed", "back");
  ASSERT_TRUE(back.ok());
  EXPECT_NE(back->body.find(md5.substr(1, 32)), Bytes::npos) << back->body;
  EXPECT_EQ(header(head("sealed", "back"), "ETag"), md5);
  EXPECT_EQ(header(head("sealed", "back"), "x-amz-checksum-crc64nvme"),
            codec::checksum_of(codec::ChecksumAlgorithm::crc64nvme, text).base64());
  EXPECT_EQ(get("sealed", "back"), "200 " + text);
  EXPECT_EQ(blobs(), 1U);
}

// Whoever has the one key must not come to read what is under the other.
TEST_F(CopyObjectTest, ACustomersKeySharesWithItselfAlone) {
  const auto customer = [](const std::string& of, char letter) {
    const Bytes key(32, letter);
    std::string text, digest;
    codec::append_base64(text, key);
    codec::append_base64(digest, codec::bytes_of(codec::md5(key)));
    const std::string prefix = "x-amz-" + of + "server-side-encryption-customer-";
    return std::vector<std::pair<std::string, std::string>>{
        {prefix + "algorithm", "AES256"}, {prefix + "key", text}, {prefix + "key-md5", digest}};
  };
  const Bytes text(300'000, 'c');
  const auto run = [&](OperationFunction operation, Call call, std::initializer_list<decltype(customer("", 'c'))> all) {
    for (const auto& headers : all) {
      for (const auto& [name, value] : headers) call.headers.add(name, value);
    }
    return server_.text_of(server_.run(operation, call));
  };
  const auto copied = [&](const std::string& from, const std::string& to,
                          std::initializer_list<decltype(customer("", 'c'))> all) {
    Call call = server_.call("PUT", "sealed", to);
    call.headers.add("x-amz-copy-source", "sealed/" + from);
    return run(copy_object, std::move(call), all).substr(0, 4);
  };
  Call put_call = server_.call("PUT", "sealed", "c");
  put_call.body = std::make_unique<TextSource>(text);
  ASSERT_EQ(run(put_object, std::move(put_call), {customer("", 'c')}), "200 ");
  const auto source = customer("copy-source-", 'c');
  EXPECT_EQ(copied("c", "same", {source, customer("", 'c')}), "200 ");
  EXPECT_EQ(blobs(), 1U);
  EXPECT_EQ(copied("c", "other", {source, customer("", 'd')}), "200 ");
  EXPECT_EQ(blobs(), 2U);
  EXPECT_EQ(copied("c", "open", {source}), "200 ");
  EXPECT_EQ(blobs(), 3U);
  EXPECT_EQ(copied("open", "closed", {customer("", 'c')}), "200 ");
  EXPECT_EQ(blobs(), 4U);
  EXPECT_EQ(run(get_object, server_.call("GET", "sealed", "same"), {customer("", 'c')}), "200 " + text);
  EXPECT_EQ(run(get_object, server_.call("GET", "sealed", "other"), {customer("", 'd')}), "200 " + text);
  EXPECT_EQ(run(get_object, server_.call("GET", "sealed", "open"), {}), "200 " + text);
  EXPECT_EQ(run(get_object, server_.call("GET", "sealed", "closed"), {customer("", 'c')}), "200 " + text);
}

TEST_F(CopyObjectTest, ToItself) {
  ASSERT_TRUE(put("plain", "k", "text", {{"x-amz-meta-a", "1"}}).ok());
  const auto refused = copy("plain/k", "plain", "k");
  EXPECT_EQ(error_of(refused), "InvalidRequest");
  EXPECT_TRUE(refused.error().message.starts_with("This copy request is illegal because"));
  EXPECT_TRUE(copy("plain/k", "plain", "k", {{"x-amz-metadata-directive", "REPLACE"}, {"x-amz-meta-b", "2"}}).ok());
  EXPECT_EQ(header(head("plain", "k"), "x-amz-meta-a"), "(none)");
  EXPECT_EQ(header(head("plain", "k"), "x-amz-meta-b"), "2");
  EXPECT_TRUE(copy("plain/k", "plain", "k", {{"x-amz-storage-class", "STANDARD_IA"}}).ok());
  EXPECT_TRUE(copy("plain/k", "plain", "k", {{"x-amz-server-side-encryption", "AES256"}}).ok());
  EXPECT_TRUE(copy("plain/k", "plain", "k", {{"x-amz-checksum-algorithm", "SHA256"}}).ok());
  EXPECT_EQ(get("plain", "k"), "200 text");
  EXPECT_TRUE(copy("plain/k?versionId=null", "plain", "k").ok()) << "a version is named: that is a restore";
}

TEST_F(CopyObjectTest, AnOlderVersionOverTheCurrentOne) {
  const std::string first = header(put("versioned", "k", Bytes(100'000, '1')), "x-amz-version-id");
  ASSERT_TRUE(put("versioned", "k", "two").ok());
  const auto copied = copy("versioned/k?versionId=" + first, "versioned", "k");
  EXPECT_EQ(header(copied, "x-amz-copy-source-version-id"), first);
  EXPECT_NE(header(copied, "x-amz-version-id"), first);
  EXPECT_EQ(get("versioned", "k"), "200 " + Bytes(100'000, '1'));
  EXPECT_EQ(blobs(), 1U);
}

TEST_F(CopyObjectTest, OutOfThePastOfABucketWithoutVersions) {
  for (const Bytes& text : {Bytes("small"), Bytes(400'000, 'l')}) {
    ASSERT_TRUE(put("kept", "k", text).ok());
    const Timestamp then = server_.store().now();
    ASSERT_TRUE(put("kept", "k", "overwritten").ok());
    const auto copied =
        copy("kept/k", "kept", "k", {{"x-reprise-copy-source-as-of", format_iso8601(then.micros(), 6)}});
    ASSERT_TRUE(copied.ok()) << copied.error().message;
    EXPECT_EQ(get("kept", "k"), "200 " + text);
  }
  EXPECT_EQ(error_of(copy("kept/k", "kept", "k", {{"x-reprise-copy-source-as-of", "soon"}})), "InvalidArgument");
}

TEST_F(CopyObjectTest, Directives) {
  ASSERT_TRUE(put("plain", "k", "text",
                  {{"x-amz-tagging", "a=1"}, {"x-amz-website-redirect-location", "/x"}, {"cache-control", "no-store"}})
                  .ok());
  ASSERT_TRUE(copy("plain/k", "other", "k").ok());
  EXPECT_EQ(header(head("other", "k"), "x-amz-tagging-count"), "1");
  EXPECT_EQ(header(head("other", "k"), "Cache-Control"), "no-store");
  EXPECT_EQ(header(head("other", "k"), "x-amz-website-redirect-location"), "(none)") << "it is never copied";
  ASSERT_TRUE(copy("plain/k", "other", "k", {{"x-amz-tagging-directive", "REPLACE"}}).ok());
  EXPECT_EQ(header(head("other", "k"), "x-amz-tagging-count"), "(none)");
  ASSERT_TRUE(copy("plain/k", "other", "k", {{"x-amz-metadata-directive", "REPLACE"}, {"content-type", "a/b"}}).ok());
  EXPECT_EQ(header(head("other", "k"), "Cache-Control"), "(none)");
  EXPECT_EQ(header(head("other", "k"), "Content-Type"), "a/b");
  EXPECT_EQ(error_of(copy("plain/k", "other", "k", {{"x-amz-metadata-directive", "MOVE"}})), "InvalidArgument");
  EXPECT_EQ(error_of(copy("plain/k", "other", "k", {{"x-amz-tagging-directive", "copy"}})), "InvalidArgument");
}

TEST_F(CopyObjectTest, Checksums) {
  const Bytes text(200'000, 'c');
  ASSERT_TRUE(put("plain", "k", text).ok());
  const std::string crc = codec::checksum_of(codec::ChecksumAlgorithm::crc64nvme, text).base64();
  const std::string sha = codec::checksum_of(codec::ChecksumAlgorithm::sha256, text).base64();
  ASSERT_TRUE(copy("plain/k", "other", "same").ok());
  EXPECT_EQ(header(head("other", "same"), "x-amz-checksum-crc64nvme"), crc);
  ASSERT_TRUE(copy("plain/k", "other", "sha", {{"x-amz-checksum-algorithm", "SHA256"}}).ok());
  EXPECT_EQ(header(head("other", "sha"), "x-amz-checksum-sha256"), sha);
  EXPECT_EQ(header(head("other", "sha"), "x-amz-checksum-crc64nvme"), "(none)");
  EXPECT_EQ(blobs(), 1U);
  EXPECT_EQ(error_of(copy("plain/k", "other", "x", {{"x-amz-checksum-algorithm", "CRC1"}})), "InvalidRequest");
}

TEST_F(CopyObjectTest, SourcesThatAreNone) {
  EXPECT_EQ(error_of(copy("plain/none", "other", "k")), "NoSuchKey");
  EXPECT_EQ(error_of(copy("nowhere/k", "other", "k")), "NoSuchBucket");
  EXPECT_EQ(error_of(copy("plain", "other", "k")), "InvalidArgument");
  ASSERT_TRUE(put("versioned", "k", "text").ok());
  Call call = server_.call("DELETE", "versioned", "k");
  const auto deleted = server_.run(version_operations(), "DeleteObject", call);
  const std::string marker = header(deleted, "x-amz-version-id");
  EXPECT_EQ(error_of(copy("versioned/k", "other", "k")), "NoSuchKey");
  const auto refused = copy("versioned/k?versionId=" + marker, "other", "k");
  EXPECT_EQ(error_of(refused), "InvalidRequest");
  EXPECT_EQ(refused.error().message,
            "The source of a copy request may not specifically refer to a delete marker by version id.");
  EXPECT_EQ(error_of(copy("versioned/k?versionId=" + VersionId::make(99).text(), "other", "k")), "NoSuchVersion");
}

TEST_F(CopyObjectTest, Conditions) {
  ASSERT_TRUE(put("plain", "k", "text").ok());
  ASSERT_TRUE(put("other", "there", "text").ok());
  const std::string etag = header(head("plain", "k"), "ETag");
  EXPECT_TRUE(copy("plain/k", "other", "k", {{"x-amz-copy-source-if-match", etag}}).ok());
  EXPECT_EQ(error_of(copy("plain/k", "other", "k", {{"x-amz-copy-source-if-match", "x"}})), "PreconditionFailed");
  EXPECT_EQ(error_of(copy("plain/k", "other", "k", {{"x-amz-copy-source-if-none-match", etag}})), "PreconditionFailed");
  EXPECT_EQ(error_of(copy("plain/k", "other", "there", {{"if-none-match", "*"}})), "PreconditionFailed");
  EXPECT_TRUE(copy("plain/k", "other", "new", {{"if-none-match", "*"}}).ok());
  EXPECT_EQ(error_of(copy("plain/k", "other", "missing", {{"if-match", "x"}})), "NoSuchKey");
}

// The key is there, so it is no NoSuchKey, which a client would take for an object that somebody has deleted.
TEST_F(CopyObjectTest, ASourceWhosePayloadIsLost) {
  ASSERT_TRUE(put("plain", "k", Bytes(100'000, 'a')).ok());
  ASSERT_TRUE(put("plain", "other", Bytes(100'000, 'b')).ok());
  const auto found = sync_wait(find_newest(server_.services(), *server_.buckets().find("plain"), "k", std::nullopt));
  ASSERT_TRUE(server_.blobs().remove((*found)->version.payload.parts.front().blob).ok());
  EXPECT_EQ(error_of(copy("plain/k", "other", "copy")), "InternalError");
  EXPECT_EQ(error_of(copy("plain/k", "sealed", "copy")), "InternalError");
  EXPECT_TRUE(copy("plain/other", "other", "copy").ok());
}

TEST_F(CopyObjectTest, ManyAtOnce) {
  const Bytes text(100'000, 'm');
  ASSERT_TRUE(put("plain", "k", text).ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 10; ++n) {
        const auto copied = copy("plain/k", "other", "k" + std::to_string(i));
        EXPECT_TRUE(copied.ok()) << error_of(copied);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(blobs(), 1U);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(get("other", "k" + std::to_string(i)), "200 " + text);
}

// Somebody who may do everything but set tags.
auth::IdentityRef who_may_not_tag() {
  auto identity = std::make_shared<auth::Identity>();
  identity->access_key_id = "AKIAUSER";
  identity->account = auth::root_account;
  identity->user = "anna";
  identity->arn = "arn:aws:iam::000000000000:user/anna";
  auto document = auth::policy::Document::parse(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},
          {"Effect":"Deny","Action":"s3:PutObjectTagging","Resource":"*"}]})",
      auth::policy::Kind::identity);
  EXPECT_TRUE(document.ok());
  identity->policies = std::make_shared<const auth::policy::PolicySet>(std::vector{*document});
  return identity;
}

// A source that is replaced while it is copied is looked up again, and so is the right to what it brings.
TEST(CopyRace, TagsThatCameWithAnotherSourceAreAskedFor) {
  const auto memory = kv::make_memory_engine();
  kv::FaultyEngine engine(*memory);
  BucketServer server({}, {}, &engine);
  server.make_bucket("bucket");
  const auto put = [&](Bytes bytes, const char* tags) {
    Call call = server.call("PUT", "bucket", "source");
    if (*tags != 0) call.headers.add("x-amz-tagging", tags);
    call.body = std::make_unique<TextSource>(std::move(bytes));
    return server.text_of(server.run(put_object, call));
  };
  const auto copy = [&] {
    Call call = server.call("PUT", "bucket", "target");
    call.caller.identity = who_may_not_tag();
    call.headers.add("x-amz-copy-source", "bucket/source");
    return server.text_of(server.run(copy_object, call)).substr(0, 17);
  };
  ASSERT_EQ(put(Bytes(40'000, 'a'), ""), "200 ");
  // The store asks an engine that does not answer at once a second time, to wait for it.
  for (const std::uint64_t call : {1, 2}) {
    engine.plan(kv::Operation::get, call, {kv::Fault::Effect::hold_after, Code::ok});
  }
  std::string copied;
  std::atomic<bool> ended{false};
  std::thread copier([&] {
    copied = copy();
    ended = true;
  });
  while (engine.held() == 0 && !ended) std::this_thread::yield();
  EXPECT_EQ(engine.held(), 1U) << "it has read the record of the source";
  EXPECT_EQ(put(Bytes(40'000, 'b'), "secret=yes"), "200 ");
  GarbageOptions options;
  options.grace = std::chrono::microseconds(0);
  GarbageCollector collector(server.services(), options);
  const auto swept = sync_wait(collector.sweep());
  engine.release();
  copier.join();
  ASSERT_TRUE(swept.ok());
  EXPECT_EQ(swept->blobs, 1U) << "the source as it was read";
  EXPECT_EQ(copied, "403 AccessDenied:");
  EXPECT_EQ(copy(), "403 AccessDenied:");
}

}  // namespace
}  // namespace reprise::s3
