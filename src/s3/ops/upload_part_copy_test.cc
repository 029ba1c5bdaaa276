// UploadPartCopy: which blobs a part shares with its source, which bytes are copied, that every copy reads as its
// source did, and that no blob goes before the last slice of it, nor stays behind it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/md5.h"
#include "s3/model/complete_upload.h"
#include "s3/ops/garbage.h"
#include "s3/ops/key_write.h"
#include "s3/ops/payloads_for_tests.h"
#include "s3/ops/shared_payload.h"
#include "s3/ops/uploads.h"
#include "s3/ops/verify.h"

namespace reprise::s3 {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
constexpr std::uint64_t part_min = 5 * megabyte;

// A text whose every stretch is unlike the others.
Bytes text_of(std::size_t bytes, std::uint64_t seed = 1) {
  Bytes text(bytes, '\0');
  std::uint64_t state = 0x9e3779b97f4a7c15 * seed;
  for (char& c : text) {
    state = state * 6364136223846793005 + 1442695040888963407;
    c = static_cast<char>(state >> 56);
  }
  return text;
}

std::string md5_hex(BytesView bytes) { return codec::to_hex(codec::bytes_of(codec::md5(bytes))); }

std::string between(const std::string& text, const std::string& before, const std::string& behind) {
  const auto begin = text.find(before);
  if (begin == std::string::npos) return "(nothing)";
  const auto from = begin + before.size();
  return text.substr(from, text.find(behind, from) - from);
}

// The headers of SSE-C: of a request, or ("copy-source-") of the source of one.
Headers customer(char letter, const std::string& of = "") {
  const Bytes key(32, letter);
  std::string text, digest;
  codec::append_base64(text, key);
  codec::append_base64(digest, codec::bytes_of(codec::md5(key)));
  const std::string prefix = "x-amz-" + of + "server-side-encryption-customer-";
  return {{prefix + "algorithm", "AES256"}, {prefix + "key", text}, {prefix + "key-md5", digest}};
}
const Headers kms = {{"x-amz-server-side-encryption", "aws:kms"}};

Headers operator+(Headers a, const Headers& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Range {
  std::uint64_t first = 0;
  std::uint64_t past = 0;
};

class UploadPartCopyTest : public ::testing::Test {
 protected:
  UploadPartCopyTest() : server({}, [](Services& services) { register_verification(services); }) {
    server.make_bucket("plain");
    for (const char* name : {"sealed", "other"}) {
      server.make_bucket(name, [](Bucket& bucket) { bucket.encryption = BucketEncryption{}; });
    }
    server.make_bucket("kept", [](Bucket& bucket) {
      bucket.encryption = BucketEncryption{};
      bucket.recovery_days = 7;
    });
  }

  Outcome<Reply> send(std::span<const Operation> family, std::string_view name, Call& call, const Headers& headers) {
    for (const auto& [field, value] : headers) call.headers.add(field, value);
    return server.run(family, name, call);
  }
  void put(const std::string& bucket, const std::string& key, Bytes bytes, const Headers& headers = {}) {
    Call call = server.call("PUT", bucket, key);
    call.body = std::make_unique<TextSource>(std::move(bytes));
    const auto reply = send(object_operations(), "PutObject", call, headers);
    ASSERT_TRUE(reply.ok()) << reply.error().message;
  }
  std::string begin(const std::string& bucket, const std::string& key, const Headers& headers = {}) {
    Call call = server.call("POST", bucket, key);
    const std::string text = server.text_of(send(multipart_operations(), "CreateMultipartUpload", call, headers));
    return between(text, "<UploadId>", "<");
  }
  Outcome<Reply> put_one(const std::string& bucket, const std::string& key, const std::string& id, int number,
                         Bytes bytes) {
    Call call = server.call("PUT", bucket, key);
    BucketServer::set_query(call, {{"uploadId", id}, {"partNumber", std::to_string(number)}});
    call.body = std::make_unique<TextSource>(std::move(bytes));
    return server.run(multipart_operations(), "UploadPart", call);
  }
  // An answer as BucketServer::text_of has it.
  std::string copy(const std::string& bucket, const std::string& key, const std::string& id, int number,
                   const std::string& source, std::optional<Range> range, const Headers& headers = {}) {
    Call call = server.call("PUT", bucket, key);
    BucketServer::set_query(call, {{"uploadId", id}, {"partNumber", std::to_string(number)}});
    call.headers.add("x-amz-copy-source", source);
    if (range) {
      call.headers.add("x-amz-copy-source-range",
                       "bytes=" + std::to_string(range->first) + "-" + std::to_string(range->past - 1));
    }
    return server.text_of(send(multipart_operations(), "UploadPartCopy", call, headers));
  }
  static std::string etag_in(const std::string& answer) { return between(answer, "<ETag>&quot;", "&quot;"); }

  Outcome<Reply> complete(const std::string& bucket, const std::string& key, const std::string& id,
                          const std::vector<std::string>& etags) {
    std::vector<CompletedPart> parts;
    for (const std::string& etag : etags) parts.push_back({static_cast<std::uint32_t>(parts.size() + 1), etag, {}});
    Call call = server.call("POST", bucket, key);
    BucketServer::set_query(call, {{"uploadId", id}});
    call.document = print_complete_upload(parts);
    return server.run(multipart_operations(), "CompleteMultipartUpload", call);
  }
  // An object put in parts.
  void put_in_parts(const std::string& bucket, const std::string& key, const std::vector<Bytes>& parts) {
    const std::string id = begin(bucket, key);
    std::vector<std::string> etags;
    for (const Bytes& part : parts) {
      const auto reply = put_one(bucket, key, id, static_cast<int>(etags.size() + 1), part);
      ASSERT_TRUE(reply.ok()) << reply.error().message;
      etags.push_back(md5_hex(part));
    }
    ASSERT_TRUE(complete(bucket, key, id, etags).ok());
  }
  // Copies an object range by range, cut at `cuts`.
  void copy_in_ranges(const std::string& source, std::uint64_t bytes, const std::vector<std::uint64_t>& cuts,
                      const std::string& bucket, const std::string& key, const Headers& creating = {},
                      const Headers& copying = {}) {
    const std::string id = begin(bucket, key, creating);
    std::vector<std::string> etags;
    std::uint64_t first = 0;
    std::vector<std::uint64_t> ends = cuts;
    ends.push_back(bytes);
    for (const std::uint64_t end : ends) {
      const std::string answer =
          copy(bucket, key, id, static_cast<int>(etags.size() + 1), source, Range{first, end}, copying);
      ASSERT_TRUE(answer.starts_with("200 ")) << answer;
      etags.push_back(etag_in(answer));
      first = end;
    }
    const auto done = complete(bucket, key, id, etags);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  std::string get(const std::string& bucket, const std::string& key, const Headers& headers = {},
                  std::optional<Timestamp> as_of = {}) {
    Call call = server.call("GET", bucket, key);
    if (as_of) server.set_as_of(call, *as_of);
    const std::string text = server.text_of(send(object_operations(), "GetObject", call, headers));
    return text.starts_with("200 ") || text.starts_with("206 ") ? text.substr(4) : text;
  }
  Outcome<Reply> part_of(const std::string& bucket, const std::string& key, int number) {
    Call call = server.call("GET", bucket, key);
    call.query.add("partNumber", std::to_string(number));
    call.headers.add("x-amz-checksum-mode", "ENABLED");
    return server.run(object_operations(), "GetObject", call);
  }
  ObjectVersion object(const std::string& bucket, const std::string& key) {
    const auto found = sync_wait(find_newest(server.services(), *server.buckets().find(bucket), key, std::nullopt));
    EXPECT_TRUE(found.ok() && *found) << key;
    return found.ok() && *found ? (*found)->version : ObjectVersion();
  }
  std::uint64_t names_of(blob::BlobId id) {
    const auto stored = sync_wait(server.store().get(server.services().root.blobs, id.bytes()));
    EXPECT_TRUE(stored.ok());
    return stored.ok() && *stored ? decode_names(stored->value()).value() : 0;
  }
  void remove(const std::string& bucket, const std::string& key) {
    EXPECT_TRUE(delete_object(server, bucket, key).starts_with("204 "));
  }
  void sweep() {
    GarbageOptions options;
    options.grace = std::chrono::microseconds(0);
    GarbageCollector collector(server.services(), options);
    server.wall().advance(5'000'000);
    ASSERT_TRUE(sync_wait(collector.sweep()).ok());
  }
  std::size_t blobs() { return blobs_on_disk(server); }
  // Damages the blob at a byte of its stored form.
  void flip(blob::BlobId id, std::streamoff at) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(server.directory() / "blobs")) {
      if (!entry.is_regular_file() || entry.path().filename() != id.text()) continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(at);
      const char old = static_cast<char>(file.get());
      file.seekp(at);
      file.put(static_cast<char>(old ^ 1));
      return;
    }
    ADD_FAILURE() << "no blob " << id.text();
  }

  BucketServer server;
};

// ---- What is shared ------------------------------------------------------------------------------------------------

TEST_F(UploadPartCopyTest, RangesOfOneBlobShareIt) {
  const Bytes text = text_of(13 * megabyte + 77);
  for (const std::string bucket : {"plain", "sealed"}) {
    put(bucket, "source", text);
    const std::size_t before = blobs();
    const std::vector<std::uint64_t> cuts = {part_min + 1, part_min + 1 + part_min + 65'519};
    copy_in_ranges(bucket + "/source", text.size(), cuts, bucket, "copy");
    EXPECT_EQ(blobs(), before) << "nothing was written";
    EXPECT_TRUE(get(bucket, "copy") == text);
    const ObjectVersion made = object(bucket, "copy");
    ASSERT_EQ(made.payload.parts.size(), 3U);
    EXPECT_EQ(names_of(made.payload.parts[0].blob), 4U) << "the source's, and one for each part";
    ASSERT_EQ(made.checksums.size(), 1U);
    EXPECT_EQ(made.checksums[0].value, codec::checksum_of(codec::ChecksumAlgorithm::crc64nvme, text));
    Bytes digests;
    std::uint64_t first = 0;
    for (const std::uint64_t end : {cuts[0], cuts[1], text.size()}) {
      digests += *codec::from_hex(md5_hex(text.substr(first, end - first)));
      first = end;
    }
    EXPECT_EQ(made.etag, md5_hex(digests) + "-3");
    // Across the seam of two parts, and of blocks.
    for (const std::uint64_t at : {cuts[0] - 3, cuts[0], cuts[1] - 70'000, cuts[1]}) {
      const std::string range = "bytes=" + std::to_string(at) + "-" + std::to_string(at + 99'999);
      EXPECT_TRUE(get(bucket, "copy", {{"range", range}}) == text.substr(at, 100'000)) << at;
    }
  }
}

TEST_F(UploadPartCopyTest, RangesAcrossThePartsOfASource) {
  const std::vector<Bytes> parts = {text_of(part_min + 17, 1), text_of(part_min, 2), text_of(6 * megabyte + 5, 3),
                                    text_of(777, 4)};
  Bytes text;
  for (const Bytes& part : parts) text += part;
  put_in_parts("sealed", "source", parts);
  ASSERT_EQ(blobs(), 4U);
  const std::vector<std::uint64_t> cuts = {8 * megabyte};
  copy_in_ranges("sealed/source", text.size(), cuts, "other", "copy");
  EXPECT_EQ(blobs(), 4U);
  EXPECT_TRUE(get("other", "copy") == text);
  const ObjectVersion made = object("other", "copy");
  EXPECT_EQ(made.payload.parts.size(), 5U) << "two and three pieces";
  EXPECT_TRUE(made.etag.ends_with("-2")) << made.etag;
  EXPECT_EQ(made.checksums[0].value, codec::checksum_of(codec::ChecksumAlgorithm::crc64nvme, text));

  // A part is whole to whoever asks for it by its number.
  auto second = part_of("other", "copy", 2);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->status, 206);
  EXPECT_EQ(second->headers.get_or("x-amz-mp-parts-count", ""), "2");
  EXPECT_EQ(
      second->headers.get_or("Content-Range", ""),
      "bytes " + std::to_string(cuts[0]) + '-' + std::to_string(text.size() - 1) + '/' + std::to_string(text.size()));
  EXPECT_TRUE(BucketServer::body_of(std::move(second).value()) == text.substr(cuts[0]));
  EXPECT_EQ(part_of("other", "copy", 3).error().code, ErrorCode::invalid_part_number);
  Call attributes = server.call("GET", "other", "copy");
  attributes.headers.add("x-amz-object-attributes", "ObjectParts");
  const std::string told = server.text_of(server.run(object_operations(), "GetObjectAttributes", attributes));
  EXPECT_EQ(between(told, "<PartsCount>", "<"), "2") << told;
}

TEST_F(UploadPartCopyTest, CopiesOfCopiesOutliveTheirSources) {
  const std::vector<Bytes> parts = {text_of(part_min, 1), text_of(part_min + 4'321, 2), text_of(2 * megabyte, 3)};
  Bytes text;
  for (const Bytes& part : parts) text += part;
  put_in_parts("sealed", "source", parts);
  copy_in_ranges("sealed/source", text.size(), {6 * megabyte + 1}, "other", "first");
  copy_in_ranges("other/first", text.size(), {part_min + 3}, "sealed", "second", kms);
  Call call = server.call("PUT", "other", "third");
  call.headers.add("x-amz-copy-source", "sealed/second");
  ASSERT_TRUE(server.run(object_operations(), "CopyObject", call).ok());
  EXPECT_EQ(blobs(), 3U);
  remove("sealed", "source");
  remove("other", "first");
  sweep();
  EXPECT_EQ(blobs(), 3U);
  EXPECT_TRUE(get("sealed", "second") == text);
  EXPECT_TRUE(get("other", "third") == text);
  remove("sealed", "second");
  sweep();
  server.reopen();
  EXPECT_TRUE(get("other", "third") == text);
  remove("other", "third");
  sweep();
  EXPECT_EQ(blobs(), 0U);
  EXPECT_EQ(blobs_named(server), 0U);
}

TEST_F(UploadPartCopyTest, ABlobStaysForASliceOfItAndGoesWithTheLast) {
  const Bytes text = text_of(12 * megabyte);
  put("sealed", "source", text);
  copy_in_ranges("sealed/source", 2 * megabyte, {}, "sealed", "slice");
  remove("sealed", "source");
  sweep();
  EXPECT_EQ(blobs(), 1U);
  EXPECT_TRUE(get("sealed", "slice") == text.substr(0, 2 * megabyte));
  remove("sealed", "slice");
  sweep();
  EXPECT_EQ(blobs(), 0U);
}

// Ranges that continue one another in a blob are one slice again: copies of copies do not go to pieces.
// The last name of a payload goes with an aborted upload while a download of the object that it was made for, deleted
// since, has not come to it.
TEST_F(UploadPartCopyTest, ABlobStaysForAReaderWhenAnUploadThatSharesItIsAborted) {
  const std::vector<Bytes> parts = {text_of(part_min, 1), text_of(megabyte, 2)};
  put_in_parts("plain", "source", parts);
  const std::string id = begin("plain", "copy");
  const Range whole{0, part_min + megabyte};
  ASSERT_TRUE(copy("plain", "copy", id, 1, "plain/source", whole).starts_with("200 "));
  Call call = server.call("GET", "plain", "source");
  auto reply = server.run(object_operations(), "GetObject", call);
  ASSERT_TRUE(reply.ok());
  remove("plain", "source");
  sweep();
  EXPECT_EQ(blobs(), 2U);
  Call abort = server.call("DELETE", "plain", "copy");
  BucketServer::set_query(abort, {{"uploadId", id}});
  ASSERT_TRUE(server.run(multipart_operations(), "AbortMultipartUpload", abort).ok());
  EXPECT_EQ(blobs_named(server), 0U);
  EXPECT_TRUE(BucketServer::body_of(std::move(reply).value()) == parts[0] + parts[1]);
  EXPECT_EQ(blobs(), 0U);
}

TEST_F(UploadPartCopyTest, SlicesThatContinueOneAnotherAreOne) {
  const Bytes text = text_of(16 * megabyte);
  put("sealed", "source", text);
  copy_in_ranges("sealed/source", text.size(), {part_min, 11 * megabyte}, "sealed", "cut");
  ASSERT_EQ(object("sealed", "cut").payload.parts.size(), 3U);
  copy_in_ranges("sealed/cut", text.size(), {7 * megabyte}, "sealed", "again");
  ASSERT_EQ(object("sealed", "again").payload.parts.size(), 2U);
  const std::string id = begin("sealed", "whole");
  const std::string answer = copy("sealed", "whole", id, 1, "sealed/again", std::nullopt);
  ASSERT_TRUE(complete("sealed", "whole", id, {etag_in(answer)}).ok()) << answer;
  const ObjectVersion whole = object("sealed", "whole");
  ASSERT_EQ(whole.payload.parts.size(), 1U);
  EXPECT_EQ(whole.payload.parts[0].blob_bytes, 0U) << "the blob as it is";
  EXPECT_TRUE(get("sealed", "whole") == text);
}

TEST_F(UploadPartCopyTest, SmallRangesAndSmallObjectsAreCopied) {
  const Bytes text = text_of(6 * megabyte);
  put("sealed", "source", text);
  put("sealed", "small", "inline");
  put("sealed", "empty", "");
  const std::string id = begin("sealed", "copy");
  const std::string etag = etag_in(copy("sealed", "copy", id, 1, "sealed/source", Range{3, megabyte + 2}));
  EXPECT_EQ(etag, md5_hex(text.substr(3, megabyte - 1)));
  EXPECT_EQ(blobs(), 2U) << "so that the large blob does not stay for it";
  EXPECT_EQ(etag_in(copy("sealed", "copy", id, 1, "sealed/small", std::nullopt)), md5_hex("inline"));
  EXPECT_EQ(etag_in(copy("sealed", "copy", id, 2, "sealed/small", Range{2, 4})), md5_hex("li"));
  EXPECT_EQ(etag_in(copy("sealed", "copy", id, 3, "sealed/empty", std::nullopt)), md5_hex(""));
  EXPECT_TRUE(copy("sealed", "copy", id, 4, "sealed/source", Range{0, text.size() + 1}).starts_with("400 Invalid"));
  EXPECT_TRUE(copy("sealed", "copy", id, 4, "sealed/none", std::nullopt).starts_with("404 NoSuchKey"));
}

// ---- ETags and checksums -------------------------------------------------------------------------------------------

// Damage tells whether the bytes are read.
TEST_F(UploadPartCopyTest, WhatTheRecordTellsIsNotReadAgain) {
  const std::vector<Bytes> parts = {text_of(part_min, 1), text_of(part_min, 2)};
  put_in_parts("sealed", "parts", parts);
  put("sealed", "whole", parts[0]);
  flip(object("sealed", "parts").payload.parts[1].blob, 100'000);
  flip(object("sealed", "whole").payload.parts[0].blob, 100'000);
  const std::string id = begin("sealed", "copy");
  EXPECT_EQ(etag_in(copy("sealed", "copy", id, 1, "sealed/parts", Range{part_min, 2 * part_min})), md5_hex(parts[1]));
  EXPECT_EQ(etag_in(copy("sealed", "copy", id, 2, "sealed/whole", std::nullopt)), md5_hex(parts[0]));
  EXPECT_TRUE(copy("sealed", "copy", id, 3, "sealed/parts", Range{part_min - 1, 2 * part_min})
                  .starts_with("500 InternalError"));
  EXPECT_TRUE(copy("sealed", "copy", id, 3, "sealed/whole", Range{1, part_min}).starts_with("500 InternalError"));
  const std::string sha = begin("sealed", "sha", {{"x-amz-checksum-algorithm", "SHA256"}});
  EXPECT_TRUE(copy("sealed", "sha", sha, 1, "sealed/whole", std::nullopt).starts_with("500 InternalError"))
      << "nobody has computed that one";
  EXPECT_EQ(blobs(), 3U);
}

TEST_F(UploadPartCopyTest, TheChecksumIsThatOfTheUpload) {
  const std::vector<Bytes> sources = {text_of(part_min, 1), text_of(part_min, 2)};
  put_in_parts("sealed", "source", sources);
  const Bytes text = sources[0] + sources[1];
  const std::string id = begin("sealed", "copy", {{"x-amz-checksum-algorithm", "SHA256"}});
  Call call = server.call("POST", "sealed", "copy");
  call.query.add("uploadId", id);
  std::vector<CompletedPart> parts;
  for (const Range range : {Range{5, part_min + 6}, Range{part_min + 6, text.size()}}) {
    const auto number = static_cast<std::uint32_t>(parts.size() + 1);
    const std::string answer = copy("sealed", "copy", id, static_cast<int>(number), "sealed/source", range);
    const Bytes copied = text.substr(range.first, range.past - range.first);
    const std::string sum = codec::checksum_of(codec::ChecksumAlgorithm::sha256, copied).base64();
    EXPECT_EQ(between(answer, "<ChecksumSHA256>", "<"), sum);
    EXPECT_EQ(etag_in(answer), md5_hex(copied));
    parts.push_back({number, md5_hex(copied), {{codec::ChecksumAlgorithm::sha256, sum}}});
  }
  call.document = print_complete_upload(parts);
  const auto done = server.run(multipart_operations(), "CompleteMultipartUpload", call);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(blobs(), 2U);
  EXPECT_EQ(object("sealed", "copy").payload.parts.size(), 3U);

  Call attributes = server.call("GET", "sealed", "copy");
  attributes.headers.add("x-amz-object-attributes", "ObjectParts");
  std::string told = server.text_of(server.run(object_operations(), "GetObjectAttributes", attributes));
  for (const std::uint64_t bytes : {part_min + 1, part_min - 6}) {
    const std::string part = between(told, "<Part>", "</Part>");
    EXPECT_EQ(between(part, "<Size>", "<"), std::to_string(bytes)) << told;
    told.erase(0, told.find("</Part>") + 1);
  }
  EXPECT_EQ(between(told, "<Part>", "</Part>"), "(nothing)") << "two parts, though of three pieces";
}

// ---- Encryption ----------------------------------------------------------------------------------------------------

TEST_F(UploadPartCopyTest, BetweenPlainAndEncryptedBytesAreCopied) {
  const Bytes text = text_of(7 * megabyte);
  put("plain", "source", text);
  copy_in_ranges("plain/source", text.size(), {part_min + 7}, "sealed", "copy");
  EXPECT_EQ(blobs(), 3U);
  EXPECT_TRUE(get("sealed", "copy") == text);
  copy_in_ranges("sealed/copy", text.size(), {}, "plain", "back");
  EXPECT_EQ(blobs(), 4U);
  EXPECT_TRUE(get("plain", "back") == text);
}

TEST_F(UploadPartCopyTest, NamedKeysShare) {
  const Bytes text = text_of(7 * megabyte);
  put("sealed", "source", text);
  copy_in_ranges("sealed/source", text.size(), {part_min + 7}, "sealed", "kms", kms);
  copy_in_ranges("sealed/kms", text.size(), {6 * megabyte}, "sealed", "again", kms);
  copy_in_ranges("sealed/again", text.size(), {part_min}, "sealed", "back");
  EXPECT_EQ(blobs(), 1U);
  for (const char* key : {"kms", "again", "back"}) EXPECT_TRUE(get("sealed", key) == text) << key;
  const auto first = part_of("sealed", "back", 1);
  ASSERT_TRUE(first.ok());

  // The MD5 is not to be seen of what a named key protects, and is that of the bytes elsewhere.
  const std::string hidden = begin("sealed", "etag", kms);
  const std::string secret = etag_in(copy("sealed", "etag", hidden, 1, "sealed/source", std::nullopt));
  EXPECT_EQ(secret.size(), 32U);
  EXPECT_NE(secret, md5_hex(text));
  ASSERT_TRUE(complete("sealed", "etag", hidden, {secret}).ok());
  const std::string open = begin("sealed", "shown");
  EXPECT_EQ(etag_in(copy("sealed", "shown", open, 1, "sealed/etag", std::nullopt)), md5_hex(text));
  EXPECT_EQ(blobs(), 1U);
}

TEST_F(UploadPartCopyTest, AnotherKeyForACopyOpensIt) {
  const Bytes text = text_of(7 * megabyte);
  put("sealed", "source", text);
  copy_in_ranges("sealed/source", text.size(), {part_min + 7}, "sealed", "copy");
  const auto key = sync_wait(server.keys().create(std::string(auth::root_account), "alias/new"));
  ASSERT_TRUE(key.ok());
  Call call = server.call("PUT", "sealed", "copy");
  call.document = "<ObjectEncryption><SSE-KMS><KMSKeyArn>" + key->arn + "</KMSKeyArn></SSE-KMS></ObjectEncryption>";
  const auto changed = server.run(version_operations(), "UpdateObjectEncryption", call);
  ASSERT_TRUE(changed.ok()) << changed.error().message;
  EXPECT_EQ(object("sealed", "copy").encryption.key_id, key->arn);
  EXPECT_TRUE(get("sealed", "copy") == text);
}

TEST_F(UploadPartCopyTest, ACustomersKeySharesWithItselfAlone) {
  const Bytes text = text_of(7 * megabyte);
  const std::string of_source = "copy-source-";
  put("sealed", "c", text, customer('c'));
  put("sealed", "s3", text);
  ASSERT_EQ(blobs(), 2U);
  // The same key.
  copy_in_ranges("sealed/c", text.size(), {part_min + 9}, "sealed", "same", customer('c'),
                 customer('c', of_source) + customer('c'));
  EXPECT_EQ(blobs(), 2U);
  EXPECT_TRUE(get("sealed", "same", customer('c')) == text);
  EXPECT_TRUE(get("sealed", "same", customer('d')).starts_with("403 AccessDenied"));
  EXPECT_TRUE(get("sealed", "same").starts_with("400 InvalidRequest"));
  // Another one: who has the old key must not read it.
  copy_in_ranges("sealed/same", text.size(), {}, "sealed", "changed", customer('d'),
                 customer('c', of_source) + customer('d'));
  EXPECT_EQ(blobs(), 3U);
  EXPECT_TRUE(get("sealed", "changed", customer('d')) == text);
  // From it to the server's, and back.
  copy_in_ranges("sealed/same", text.size(), {}, "sealed", "open", {}, customer('c', of_source));
  EXPECT_EQ(blobs(), 4U);
  EXPECT_TRUE(get("sealed", "open") == text);
  copy_in_ranges("sealed/s3", text.size(), {}, "sealed", "closed", customer('c'), customer('c'));
  EXPECT_EQ(blobs(), 5U);
  EXPECT_TRUE(get("sealed", "closed", customer('c')) == text);
  // Without the source's key there is nothing to copy.
  const std::string id = begin("sealed", "none");
  EXPECT_TRUE(copy("sealed", "none", id, 1, "sealed/c", std::nullopt).starts_with("400 InvalidRequest"));
}

TEST_F(UploadPartCopyTest, ABlobsKeyIsOfNoUseElsewhere) {
  const DataKey mine(Bytes(32, 'm'));
  const DataKey yours(Bytes(32, 'y'));
  Payload payload;
  payload.parts.resize(1);
  payload.parts[0].blob = blob::BlobId::random();
  payload.parts[0].bytes = 1'000;
  payload.parts[0].salt = Bytes(16, 's');
  auto slices = slices_of(payload, mine, 10, 20, yours);
  ASSERT_TRUE(slices.ok());
  ASSERT_EQ(slices->size(), 1U);
  PayloadPart slice = slices->front();
  EXPECT_EQ(slice.from, 10U);
  EXPECT_EQ(slice.bytes, 20U);
  EXPECT_EQ(slice.blob_bytes, 1'000U);
  EXPECT_TRUE(slice.salt.empty());
  EXPECT_EQ(blob_key_of(slice, yours)->bytes(), blob_key_of(payload.parts[0], mine)->bytes());
  EXPECT_EQ(blob_key_of(slice, mine).error().code(), Code::corruption);
  slice.blob = blob::BlobId::random();
  EXPECT_EQ(blob_key_of(slice, yours).error().code(), Code::corruption);
}

// ---- The past ------------------------------------------------------------------------------------------------------

TEST_F(UploadPartCopyTest, OutOfThePastAndInThePast) {
  const Bytes text = text_of(8 * megabyte);
  put("kept", "source", text);
  const Timestamp then = server.store().now();
  put("kept", "source", "overwritten");
  const Headers past = {{"x-reprise-copy-source-as-of", format_iso8601(then.micros(), 6)}};
  copy_in_ranges("kept/source", text.size(), {part_min + 1}, "kept", "copy", {}, past);
  EXPECT_EQ(blobs(), 1U);
  EXPECT_TRUE(get("kept", "copy") == text);
  const Timestamp copied = server.store().now();
  remove("kept", "copy");
  remove("kept", "source");
  sweep();
  server.reopen();
  EXPECT_TRUE(get("kept", "copy").starts_with("404 NoSuchKey"));
  EXPECT_TRUE(get("kept", "copy", {}, copied) == text);
  EXPECT_TRUE(get("kept", "source", {}, then) == text);
}

// ---- Parts that are replaced, and uploads that end -----------------------------------------------------------------

TEST_F(UploadPartCopyTest, NamesFollowThePart) {
  const Bytes text = text_of(12 * megabyte);
  put("sealed", "source", text);
  put("sealed", "second", text);
  const blob::BlobId first = object("sealed", "source").payload.parts[0].blob;
  const blob::BlobId second = object("sealed", "second").payload.parts[0].blob;
  const std::string id = begin("sealed", "copy");
  for (int i = 0; i < 3; ++i) {
    const Range range{static_cast<std::uint64_t>(i) * megabyte, 6 * megabyte};
    ASSERT_TRUE(copy("sealed", "copy", id, 1, "sealed/source", range).starts_with("200 "));
    EXPECT_EQ(names_of(first), 2U);
  }
  ASSERT_TRUE(copy("sealed", "copy", id, 2, "sealed/source", std::nullopt).starts_with("200 "));
  EXPECT_EQ(names_of(first), 3U);
  ASSERT_TRUE(copy("sealed", "copy", id, 1, "sealed/second", std::nullopt).starts_with("200 "));
  EXPECT_EQ(names_of(first), 2U);
  EXPECT_EQ(names_of(second), 2U);
  ASSERT_TRUE(put_one("sealed", "copy", id, 1, "bytes of its own").ok());
  EXPECT_EQ(names_of(second), 1U);
  EXPECT_EQ(blobs(), 3U);
  remove("sealed", "source");
  sweep();
  EXPECT_EQ(names_of(first), 1U) << "the part's";
  Call abort = server.call("DELETE", "sealed", "copy");
  abort.query.add("uploadId", id);
  ASSERT_TRUE(server.run(multipart_operations(), "AbortMultipartUpload", abort).ok());
  EXPECT_EQ(names_of(first), 0U);
  EXPECT_EQ(blobs(), 1U);
}

// An object's record stays of a size that can be read for every request.
TEST_F(UploadPartCopyTest, VeryManyPiecesAreCopiedInstead) {
  std::vector<Bytes> parts;
  Bytes text;
  for (std::uint64_t i = 1; i <= 5; ++i) text += parts.emplace_back(text_of(part_min, i));
  put_in_parts("sealed", "source", parts);
  const std::string id = begin("sealed", "copy");
  ASSERT_TRUE(copy("sealed", "copy", id, 1, "sealed/source", std::nullopt).starts_with("200 "));
  EXPECT_EQ(blobs(), 5U);
  UploadedPart many;
  many.etag = md5_hex("");
  many.pieces.resize(39'995);
  for (PayloadPart& piece : many.pieces) {
    piece.blob = blob::BlobId::random();
    piece.number = 9;
  }
  history::Commit commit;
  commit.changes.push_back({server.buckets().find("sealed")->spaces.uploads, part_key("copy", *UploadId::parse(id), 9),
                            encode_part(many), history::Version()});
  ASSERT_TRUE(sync_wait(server.store().commit(std::move(commit))).ok());
  EXPECT_EQ(etag_in(copy("sealed", "copy", id, 2, "sealed/source", std::nullopt)), md5_hex(text));
  EXPECT_EQ(blobs(), 6U);
  EXPECT_EQ(etag_in(copy("sealed", "copy", id, 3, "sealed/source", Range{1, 2 * part_min})),
            md5_hex(text.substr(1, 2 * part_min - 1)));
  EXPECT_EQ(blobs(), 6U) << "a few pieces are always shared";
}

// ---- Damage --------------------------------------------------------------------------------------------------------

TEST_F(UploadPartCopyTest, DamageIsFoundInEveryCopyAndNamedOnce) {
  const Bytes text = text_of(12 * megabyte);
  put("sealed", "source", text);
  copy_in_ranges("sealed/source", text.size(), {part_min + 1}, "sealed", "copy");
  flip(object("sealed", "source").payload.parts[0].blob, static_cast<std::streamoff>(11 * megabyte));
  const auto id = sync_wait(start_verify(server.services()));
  ASSERT_TRUE(id.ok());
  std::optional<recovery::Job> job = server.jobs().find(*id);
  while (job && job->state == recovery::JobState::running) {
    std::this_thread::yield();
    job = server.jobs().find(*id);
  }
  const auto report = verify_report(*job);
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->listed.size(), 2U);
  EXPECT_EQ(report->listed[0].key, "copy");
  EXPECT_EQ(report->listed[1].key, "source");
  EXPECT_TRUE(get("sealed", "copy", {{"range", "bytes=6000000-6999999"}}) == text.substr(6'000'000, 1'000'000));
  EXPECT_TRUE(get("sealed", "copy").ends_with(")")) << "it fails, and no wrong byte is given out";
}

TEST_F(UploadPartCopyTest, ASourceWhosePayloadIsLost) {
  put("plain", "source", text_of(2 * megabyte));
  ASSERT_TRUE(server.blobs().remove(object("plain", "source").payload.parts[0].blob).ok());
  const std::string id = begin("plain", "copy");
  const std::string shared = copy("plain", "copy", id, 1, "plain/source", std::nullopt);
  EXPECT_TRUE(shared.starts_with("500 InternalError")) << shared;
  const std::string read = copy("plain", "copy", id, 1, "plain/source", Range{0, 1'000});
  EXPECT_TRUE(read.starts_with("500 InternalError")) << read;
}

// ---- Many at once --------------------------------------------------------------------------------------------------

TEST_F(UploadPartCopyTest, ManyRangesAtOnce) {
  const Bytes text = text_of(64 * megabyte);
  put("sealed", "source", text);
  const std::string id = begin("sealed", "copy");
  constexpr int threads_count = 8;
  std::vector<std::string> etags(12);
  const std::uint64_t step = part_min + 12'345;
  std::vector<std::thread> threads;
  for (int t = 0; t < threads_count; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = static_cast<std::size_t>(t); i < etags.size(); i += threads_count) {
        const Range range{i * step, std::min<std::uint64_t>(text.size(), (i + 1) * step)};
        const std::string answer = copy("sealed", "copy", id, static_cast<int>(i + 1), "sealed/source", range);
        EXPECT_TRUE(answer.starts_with("200 ")) << answer;
        etags[i] = etag_in(answer);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(complete("sealed", "copy", id, etags).ok());
  EXPECT_EQ(blobs(), 1U);
  EXPECT_TRUE(get("sealed", "copy") == text.substr(0, 12 * step));
}

// Whoever comes first: the part is of the one object or of the other, and nothing is left over.
TEST_F(UploadPartCopyTest, AgainstOverwritesOfTheSource) {
  const Bytes one = text_of(3 * megabyte, 1), two = text_of(3 * megabyte, 2);
  put("sealed", "source", one);
  const std::string id = begin("sealed", "copy");
  std::vector<std::thread> threads;
  for (int t = 1; t <= 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 8; ++i) {
        const std::string answer = copy("sealed", "copy", id, t, "sealed/source", std::nullopt);
        const std::string etag = etag_in(answer);
        EXPECT_TRUE(etag == md5_hex(one) || etag == md5_hex(two)) << answer;
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < 8; ++i) put("sealed", "source", i % 2 == 0 ? two : one);
  });
  threads.emplace_back([&] {
    GarbageOptions options;
    options.grace = std::chrono::microseconds(0);
    GarbageCollector collector(server.services(), options);
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(sync_wait(collector.round()).ok());
  });
  for (std::thread& thread : threads) thread.join();
  sweep();
  EXPECT_EQ(blobs(), blobs_named(server));
  EXPECT_LE(blobs(), 4U);
  const std::string etag = [&] {
    Call call = server.call("GET", "sealed", "copy");
    call.query.add("uploadId", id);
    return etag_in(server.text_of(server.run(multipart_operations(), "ListParts", call)));
  }();
  ASSERT_TRUE(complete("sealed", "copy", id, {etag}).ok());
  EXPECT_TRUE(get("sealed", "copy") == (etag == md5_hex(one) ? one : two));
}

}  // namespace
}  // namespace reprise::s3
