// Multipart uploads from their beginning to their end, against the store and a directory of blobs: what comes of them,
// what is refused, and that no blob is lost or left, whoever comes first.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "codec/hex.h"
#include "codec/md5.h"
#include "codec/xml.h"
#include "kv/faulty/engine.h"
#include "kv/memory/engine.h"
#include "s3/model/complete_upload.h"
#include "s3/model/upload.h"
#include "s3/ops/blob_names.h"
#include "s3/ops/garbage.h"
#include "s3/ops/key_write.h"
#include "s3/ops/payload.h"
#include "s3/ops/payloads_for_tests.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {
namespace {

constexpr std::size_t part_bytes = std::size_t{5} << 20;

std::string md5_hex(BytesView bytes) { return codec::to_hex(codec::bytes_of(codec::md5(bytes))); }

std::string text_between(const std::string& text, const std::string& before, const std::string& behind) {
  const auto begin = text.find(before);
  if (begin == std::string::npos) return "(nothing)";
  const auto from = begin + before.size();
  return text.substr(from, text.find(behind, from) - from);
}

class MultipartTest : public ::testing::Test {
 protected:
  MultipartTest() { server.make_bucket("bucket"); }

  Outcome<Reply> run(std::string_view name, Call& call) { return server.run(multipart_operations(), name, call); }

  std::string begin(const std::string& key, std::initializer_list<std::pair<const char*, std::string>> headers = {}) {
    Call call = server.call("POST", "bucket", key);
    BucketServer::set_query(call, {{"uploads", ""}});
    BucketServer::set_headers(call, headers);
    return text_between(server.text_of(run("CreateMultipartUpload", call)), "<UploadId>", "</UploadId>");
  }
  Outcome<Reply> put(const std::string& key, const std::string& id, int number, Bytes bytes,
                     std::initializer_list<std::pair<const char*, std::string>> headers = {}) {
    Call call = server.call("PUT", "bucket", key);
    BucketServer::set_query(call, {{"uploadId", id}, {"partNumber", std::to_string(number)}});
    BucketServer::set_headers(call, headers);
    call.body = std::make_unique<TextSource>(std::move(bytes));
    return run("UploadPart", call);
  }
  Outcome<Reply> complete(const std::string& key, const std::string& id, const std::vector<CompletedPart>& parts,
                          std::initializer_list<std::pair<const char*, std::string>> headers = {}) {
    Call call = server.call("POST", "bucket", key);
    BucketServer::set_query(call, {{"uploadId", id}});
    BucketServer::set_headers(call, headers);
    call.document = print_complete_upload(parts);
    return run("CompleteMultipartUpload", call);
  }
  std::string abort(const std::string& key, const std::string& id) {
    Call call = server.call("DELETE", "bucket", key);
    BucketServer::set_query(call, {{"uploadId", id}});
    return server.text_of(run("AbortMultipartUpload", call));
  }
  std::string list(std::initializer_list<std::pair<const char*, std::string>> query) {
    Call call = server.call("GET", "bucket");
    BucketServer::set_query(call, {{"uploads", ""}});
    BucketServer::set_query(call, query);
    return server.text_of(run("ListMultipartUploads", call));
  }
  std::string list_parts(const std::string& key, const std::string& id,
                         std::initializer_list<std::pair<const char*, std::string>> query = {}) {
    Call call = server.call("GET", "bucket", key);
    BucketServer::set_query(call, {{"uploadId", id}});
    BucketServer::set_query(call, query);
    return server.text_of(run("ListParts", call));
  }

  std::optional<ObjectVersion> object(const std::string& key) {
    const auto found = sync_wait(find_newest(server.services(), *server.buckets().find("bucket"), key, std::nullopt));
    EXPECT_TRUE(found.ok());
    if (!found.ok() || !*found) return std::nullopt;
    return (*found)->version;
  }
  Bytes bytes_of(const ObjectVersion& version) {
    std::optional<DataKey> key;
    if (version.encryption.kind != SseKind::none) {
      auto opened = server.keys().open(version.encryption, SseRequest());
      EXPECT_TRUE(opened.ok());
      key = std::move(opened).value();
    }
    auto stream = sync_wait(read_payload(server.services(), server.buckets().find("bucket"), version, std::move(key), 0,
                                         version.bytes, std::nullopt));
    EXPECT_TRUE(stream.ok());
    Reply reply;
    if (stream.ok()) reply.stream = std::move(stream).value();
    return BucketServer::body_of(std::move(reply));
  }

  // Files of blobs on the disk.
  std::size_t blobs() {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(server.directory() / "blobs")) {
      if (entry.is_regular_file() && entry.path().filename().string().size() == 32) ++count;
    }
    return count;
  }
  // Entries of names.
  std::size_t names() {
    history::ScanRequest request;
    request.space = server.services().root.blobs;
    const auto page = sync_wait(server.store().scan(request));
    EXPECT_TRUE(page.ok());
    return page->rows.size();
  }
  std::size_t rows_of_uploads() {
    history::ScanRequest request;
    request.space = server.buckets().find("bucket")->spaces.uploads;
    const auto page = sync_wait(server.store().scan(request));
    EXPECT_TRUE(page.ok());
    return page->rows.size();
  }

  BucketServer server;
};

CompletedPart named(std::uint32_t number, BytesView bytes) { return {number, md5_hex(bytes), {}}; }

TEST_F(MultipartTest, PartsBecomeAnObject) {
  const Bytes first(part_bytes, 'a'), second = "the end";
  const std::string id = begin("key", {{"content-type", "audio/ogg"}, {"x-amz-meta-who", "me"}});
  auto reply = put("key", id, 1, first);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->headers.get("ETag"), '"' + md5_hex(first) + '"');
  ASSERT_TRUE(put("key", id, 7, second).ok());
  EXPECT_FALSE(object("key"));
  const std::string text = server.text_of(complete("key", id, {named(1, first), named(7, second)}));
  const auto made = object("key");
  ASSERT_TRUE(made) << text;
  const std::string digests = *codec::from_hex(md5_hex(first)) + *codec::from_hex(md5_hex(second));
  EXPECT_EQ(made->etag, md5_hex(digests) + "-2");
  EXPECT_EQ(text_between(text, "<ETag>", "</ETag>"), "&quot;" + made->etag + "&quot;");
  EXPECT_EQ(made->bytes, first.size() + second.size());
  EXPECT_EQ(made->headers.front(), (std::pair<std::string, std::string>("content-type", "audio/ogg")));
  EXPECT_EQ(made->metadata.front(), (std::pair<std::string, std::string>("who", "me")));
  EXPECT_TRUE(made->multipart);
  EXPECT_EQ(made->payload.parts.back().number, 7u);
  ASSERT_EQ(made->checksums.size(), 1u);
  EXPECT_EQ(made->checksums[0].value, codec::checksum_of(codec::ChecksumAlgorithm::crc64nvme, first + second));
  EXPECT_EQ(made->checksums[0].type, ChecksumType::full_object);
  EXPECT_EQ(bytes_of(*made), first + second);
  EXPECT_EQ(blobs(), 2u);
  EXPECT_EQ(names(), 2u);
  EXPECT_EQ(rows_of_uploads(), 1u);  // the note
}

TEST_F(MultipartTest, ARepeatedCompletionIsAnsweredTheSame) {
  const std::string id = begin("key");
  ASSERT_TRUE(put("key", id, 1, "bytes").ok());
  const std::string first = server.text_of(complete("key", id, {named(1, "bytes")}));
  EXPECT_EQ(server.text_of(complete("key", id, {named(1, "bytes")})), first);
  EXPECT_EQ(names(), 1u);
  EXPECT_TRUE(abort("key", id).starts_with("404 NoSuchUpload"));
  EXPECT_FALSE(put("key", id, 2, "more").ok());
  EXPECT_EQ(blobs(), 1u);
}

TEST_F(MultipartTest, PartsThatAreNotNamedGo) {
  const std::string id = begin("key");
  ASSERT_TRUE(put("key", id, 1, "one").ok());
  ASSERT_TRUE(put("key", id, 2, "two").ok());
  ASSERT_TRUE(put("key", id, 3, "three").ok());
  ASSERT_TRUE(complete("key", id, {named(2, "two")}).ok());
  EXPECT_EQ(bytes_of(*object("key")), "two");
  EXPECT_EQ(blobs(), 1u);
  EXPECT_EQ(names(), 1u);
}

TEST_F(MultipartTest, APartThatComesAgainReplacesTheOldOneAtOnce) {
  const std::string id = begin("key");
  ASSERT_TRUE(put("key", id, 1, "old").ok());
  ASSERT_TRUE(put("key", id, 1, "new").ok());
  EXPECT_EQ(blobs(), 1u);
  EXPECT_EQ(names(), 1u);
  EXPECT_EQ(complete("key", id, {named(1, "old")}).error().code, ErrorCode::invalid_part);
  ASSERT_TRUE(complete("key", id, {named(1, "new")}).ok());
  EXPECT_EQ(bytes_of(*object("key")), "new");
}

TEST_F(MultipartTest, AbortLeavesNothing) {
  const std::string id = begin("key");
  ASSERT_TRUE(put("key", id, 1, "one").ok());
  ASSERT_TRUE(put("key", id, 2, "two").ok());
  EXPECT_EQ(abort("key", id), "204 ");
  EXPECT_EQ(blobs(), 0u);
  EXPECT_EQ(names(), 0u);
  EXPECT_EQ(rows_of_uploads(), 0u);
  EXPECT_TRUE(abort("key", id).starts_with("404 NoSuchUpload"));
  EXPECT_EQ(complete("key", id, {named(1, "one")}).error().code, ErrorCode::no_such_upload);
}

TEST_F(MultipartTest, AnEmptyPartMakesAnEmptyObject) {
  const std::string id = begin("key");
  ASSERT_TRUE(put("key", id, 1, "").ok());
  ASSERT_TRUE(complete("key", id, {named(1, "")}).ok());
  const auto made = object("key");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->bytes, 0u);
  EXPECT_EQ(made->payload.parts.size(), 1u);
}

TEST_F(MultipartTest, EncryptedPartsOpen) {
  server.edit_bucket("bucket", [](Bucket& bucket) { bucket.encryption = BucketEncryption{}; });
  const Bytes first(part_bytes + 17, 'x');
  const std::string id = begin("key");
  auto reply = put("key", id, 1, first);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->headers.get("x-amz-server-side-encryption"), "AES256");
  ASSERT_TRUE(put("key", id, 2, "rest").ok());
  ASSERT_TRUE(complete("key", id, {named(1, first), named(2, "rest")}).ok());
  const auto made = object("key");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->encryption.kind, SseKind::s3);
  EXPECT_EQ(bytes_of(*made), first + "rest");
}

TEST_F(MultipartTest, RefusesWrongCompletions) {
  const std::string id = begin("key");
  ASSERT_TRUE(put("key", id, 1, "one").ok());
  ASSERT_TRUE(put("key", id, 2, "two").ok());
  const auto small = complete("key", id, {named(1, "one"), named(2, "two")});
  ASSERT_FALSE(small.ok());
  EXPECT_EQ(small.error().code, ErrorCode::entity_too_small);
  const std::vector<std::pair<std::string, std::string>> details = {
      {"ProposedSize", "3"}, {"MinSizeAllowed", "5242880"}, {"PartNumber", "1"}, {"ETag", md5_hex("one")}};
  EXPECT_EQ(small.error().details, details);
  const auto code = [&](const std::vector<CompletedPart>& parts) { return complete("key", id, parts).error().code; };
  EXPECT_EQ(code({named(2, "two"), named(1, "one")}), ErrorCode::invalid_part_order);
  EXPECT_EQ(code({named(1, "one"), named(1, "one")}), ErrorCode::invalid_part_order);
  EXPECT_EQ(code({named(3, "three")}), ErrorCode::invalid_part);
  EXPECT_EQ(code({named(1, "other")}), ErrorCode::invalid_part);
  EXPECT_EQ(code({named(20'000, "one")}), ErrorCode::invalid_part);
  EXPECT_EQ(complete("key", id, {named(1, "one")}, {{"x-amz-mp-object-size", "4"}}).error().code,
            ErrorCode::invalid_request);
  EXPECT_EQ(complete("key", id, {named(1, "one")}, {{"x-amz-mp-object-size", "x"}}).error().code,
            ErrorCode::invalid_request);
  EXPECT_EQ(complete("other", id, {named(1, "one")}).error().code, ErrorCode::no_such_upload);
  EXPECT_EQ(complete("key", "nonsense", {named(1, "one")}).error().code, ErrorCode::no_such_upload);
  EXPECT_FALSE(object("key"));
  EXPECT_TRUE(complete("key", id, {named(1, "one")}, {{"x-amz-mp-object-size", "3"}}).ok());
}

TEST_F(MultipartTest, ConditionsAreLookedAtWhenItCompletes) {
  const std::string first = begin("key"), second = begin("key"), third = begin("key");
  for (const std::string& id : {first, second, third}) ASSERT_TRUE(put("key", id, 1, id).ok());
  ASSERT_TRUE(complete("key", first, {named(1, first)}, {{"if-none-match", "*"}}).ok());
  EXPECT_EQ(complete("key", second, {named(1, second)}, {{"if-none-match", "*"}}).error().code,
            ErrorCode::precondition_failed);
  EXPECT_EQ(complete("key", second, {named(1, second)}, {{"if-match", "\"x\""}}).error().code,
            ErrorCode::precondition_failed);
  const std::string etag = '"' + object("key")->etag + '"';
  EXPECT_TRUE(complete("key", third, {named(1, third)}, {{"if-match", etag}}).ok());
  EXPECT_EQ(abort("key", second), "204 ");
}

TEST_F(MultipartTest, ChecksumsOfPartsAndOfTheWhole) {
  const auto sum = [](codec::ChecksumAlgorithm algorithm, BytesView bytes) {
    return codec::checksum_of(algorithm, bytes);
  };
  const auto sha = codec::ChecksumAlgorithm::sha256;
  const Bytes first(part_bytes, '1');
  const std::string id = begin("key", {{"x-amz-checksum-algorithm", "SHA256"}});
  EXPECT_EQ(put("key", id, 1, first).error().message,
            "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: null");
  EXPECT_EQ(put("key", id, 1, first, {{"x-amz-checksum-crc32", "AAAAAA=="}}).error().message,
            "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32");
  EXPECT_EQ(put("key", id, 1, first, {{"x-amz-checksum-sha256", sum(sha, "other").base64()}}).error().code,
            ErrorCode::bad_digest);
  EXPECT_EQ(blobs(), 0u);
  ASSERT_TRUE(put("key", id, 1, first, {{"x-amz-checksum-sha256", sum(sha, first).base64()}}).ok());
  ASSERT_TRUE(put("key", id, 2, "end", {{"x-amz-checksum-sha256", sum(sha, "end").base64()}}).ok());
  CompletedPart one = named(1, first), two = named(2, "end");
  EXPECT_EQ(complete("key", id, {one, two}).error().message,
            "The upload was created using a sha256 checksum. The complete request must include the checksum for each "
            "part. It was missing for part 1 in the request.");
  one.checksums = {{sha, sum(sha, first).base64()}};
  two.checksums = {{sha, sum(sha, "wrong").base64()}};
  EXPECT_EQ(complete("key", id, {one, two}).error().code, ErrorCode::invalid_part);
  two.checksums = {{sha, sum(sha, "end").base64()}};
  EXPECT_EQ(complete("key", id, {two}).error().code, ErrorCode::invalid_part_order);
  EXPECT_EQ(complete("key", id, {one, two}, {{"x-amz-checksum-type", "FULL_OBJECT"}}).error().code,
            ErrorCode::invalid_request);
  const codec::ChecksumValue both[] = {sum(sha, first), sum(sha, "end")};
  const std::string composite = codec::composite(both).base64();
  const std::string text =
      server.text_of(complete("key", id, {one, two}, {{"x-amz-checksum-sha256", composite + "-2"}}));
  EXPECT_EQ(text_between(text, "<ChecksumSHA256>", "</ChecksumSHA256>"), composite + "-2") << text;
  EXPECT_EQ(text_between(text, "<ChecksumType>", "</ChecksumType>"), "COMPOSITE");
}

TEST_F(MultipartTest, FullObjectChecksumsAreVerified) {
  const auto crc = codec::ChecksumAlgorithm::crc32;
  const Bytes first(part_bytes, '1');
  const std::string id = begin("key", {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}});
  ASSERT_TRUE(put("key", id, 1, first).ok());
  ASSERT_TRUE(put("key", id, 2, "end").ok());
  const std::vector<CompletedPart> parts = {named(1, first), named(2, "end")};
  EXPECT_EQ(complete("key", id, parts, {{"x-amz-checksum-crc32", "AAAAAA=="}}).error().code, ErrorCode::bad_digest);
  const std::string whole = codec::checksum_of(crc, first + "end").base64();
  EXPECT_TRUE(complete("key", id, parts, {{"x-amz-checksum-crc32", whole}}).ok());
  EXPECT_EQ(object("key")->checksums[0].text(), whole);
}

TEST_F(MultipartTest, AlgorithmsAndTypesThatDoNotGoTogether) {
  const auto error = [&](std::initializer_list<std::pair<const char*, std::string>> headers) {
    Call call = server.call("POST", "bucket", "key");
    BucketServer::set_headers(call, headers);
    return server.text_of(run("CreateMultipartUpload", call));
  };
  EXPECT_EQ(error({{"x-amz-checksum-algorithm", "CRC64NVME"}, {"x-amz-checksum-type", "COMPOSITE"}}),
            "400 InvalidRequest: The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.");
  EXPECT_EQ(error({{"x-amz-checksum-algorithm", "SHA256"}, {"x-amz-checksum-type", "FULL_OBJECT"}}),
            "400 InvalidRequest: The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm.");
  EXPECT_EQ(error({{"x-amz-checksum-type", "FULL_OBJECT"}}),
            "400 InvalidRequest: The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
            "header.");
  EXPECT_TRUE(error({{"x-amz-checksum-algorithm", "CRC99"}}).starts_with("400 InvalidRequest: Checksum algorithm"));
  EXPECT_EQ(rows_of_uploads(), 0u);
}

TEST_F(MultipartTest, PartNumbersAndIds) {
  const std::string id = begin("key");
  for (const int number : {0, -1, 10'001}) {
    const auto reply = put("key", id, number, "x");
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().message, "Part number must be an integer between 1 and 10000, inclusive");
  }
  EXPECT_EQ(put("key", "unknown", 1, "x").error().code, ErrorCode::no_such_upload);
  EXPECT_EQ(put("other", id, 1, "x").error().code, ErrorCode::no_such_upload);
  EXPECT_TRUE(put("key", id, 10'000, "x").ok());
  EXPECT_EQ(blobs(), 1u);
}

TEST_F(MultipartTest, ABodyThatFailsLeavesNothing) {
  const std::string id = begin("key");
  Call call = server.call("PUT", "bucket", "key");
  BucketServer::set_query(call, {{"uploadId", id}, {"partNumber", "1"}});
  auto body = std::make_unique<TextSource>(Bytes(3 << 20, 'x'));
  body->failure = s3_error(ErrorCode::incomplete_body);
  call.body = std::move(body);
  EXPECT_EQ(run("UploadPart", call).error().code, ErrorCode::incomplete_body);
  EXPECT_EQ(blobs(), 0u);
  EXPECT_EQ(rows_of_uploads(), 1u);
}

TEST_F(MultipartTest, PartsAreListedByNumberInPages) {
  const std::string id = begin("key");
  for (const int number : {3, 1, 20, 10'000}) ASSERT_TRUE(put("key", id, number, std::to_string(number)).ok());
  const std::string first = list_parts("key", id, {{"max-parts", "2"}});
  EXPECT_EQ(text_between(first, "<NextPartNumberMarker>", "<"), "3");
  EXPECT_EQ(text_between(first, "<IsTruncated>", "<"), "true");
  const std::string second = list_parts("key", id, {{"max-parts", "2"}, {"part-number-marker", "3"}});
  EXPECT_EQ(text_between(second, "<PartNumber>", "<"), "20");
  EXPECT_EQ(text_between(second, "<NextPartNumberMarker>", "<"), "10000");
  EXPECT_EQ(text_between(second, "<IsTruncated>", "<"), "false");
  const std::string none = list_parts("key", id, {{"part-number-marker", "10000"}});
  EXPECT_EQ(none.find("<Part>"), std::string::npos);
  EXPECT_TRUE(list_parts("key", id, {{"max-parts", "x"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(list_parts("key", "unknown").starts_with("404 NoSuchUpload"));
}

TEST_F(MultipartTest, UploadsAreListedByKeyAndTime) {
  const std::string b = begin("b"), a1 = begin("a"), a2 = begin("a"), deep = begin("dir/x"), deeper = begin("dir/y/z");
  const auto ids = [](const std::string& text) {
    std::vector<std::string> found;
    for (auto at = text.find("<UploadId>"); at != std::string::npos; at = text.find("<UploadId>", at + 1)) {
      found.push_back(text.substr(at + 10, 48));
    }
    return found;
  };
  EXPECT_EQ(ids(list({})), (std::vector{a1, a2, b, deep, deeper}));
  EXPECT_EQ(ids(list({{"prefix", "dir/"}})), (std::vector{deep, deeper}));
  const std::string grouped = list({{"delimiter", "/"}});
  EXPECT_EQ(ids(grouped), (std::vector{a1, a2, b}));
  EXPECT_EQ(text_between(grouped, "<CommonPrefixes><Prefix>", "<"), "dir/");
  EXPECT_EQ(ids(list({{"key-marker", "a"}})), (std::vector{b, deep, deeper}));
  EXPECT_EQ(ids(list({{"key-marker", "a"}, {"upload-id-marker", a1}})), (std::vector{a2, b, deep, deeper}));
  EXPECT_TRUE(list({{"key-marker", "a"}, {"upload-id-marker", "x"}}).starts_with("400 InvalidArgument"));

  std::vector<std::string> paged;
  std::string key, id;
  for (int pages = 0; pages < 10; ++pages) {
    const std::string page =
        list({{"max-uploads", "1"}, {"delimiter", "/"}, {"key-marker", key}, {"upload-id-marker", id}});
    for (const std::string& found : ids(page)) paged.push_back(found);
    if (page.find("<CommonPrefixes>") != std::string::npos) paged.push_back("dir/");
    if (text_between(page, "<IsTruncated>", "<") == "false") break;
    key = text_between(page, "<NextKeyMarker>", "<");
    id = text_between(page, "<NextUploadIdMarker>", "<");
  }
  EXPECT_EQ(paged, (std::vector<std::string>{a1, a2, b, "dir/"}));
}

// What a common prefix hides is passed over where it has been read, and sought past where it is more than that: the
// reads grow with what is shown.
TEST(UploadListingCost, DoesNotReadAPageForEachCommonPrefix) {
  const auto memory = kv::make_memory_engine();
  kv::FaultyEngine engine(*memory);
  BucketServer server({}, {}, &engine);
  const BucketPtr bucket = server.make_bucket("bucket");
  const auto add_uploads = [&](const std::string& folder, int count) {
    history::Commit commit;
    for (int i = 0; i < count; ++i) {
      Bytes row = upload_key(UploadEntry::upload, folder + std::to_string(i), UploadId::make(1'000 + i));
      commit.changes.push_back({bucket->spaces.uploads, std::move(row), encode_upload(Upload()), history::Version()});
    }
    ASSERT_TRUE(sync_wait(server.store().commit(std::move(commit))).ok());
  };
  std::vector<std::string> folders;
  for (int folder = 100; folder < 300; ++folder) {
    folders.push_back("folder" + std::to_string(folder) + "/");
    add_uploads(folders.back(), folder == 200 ? 5'000 : 2);
  }
  Call call = server.call("GET", "bucket");
  BucketServer::set_query(call, {{"uploads", ""}, {"delimiter", "/"}});
  const auto before = engine.calls(kv::Operation::scan);
  const Outcome<Reply> reply = server.run(multipart_operations(), "ListMultipartUploads", call);
  EXPECT_LT(engine.calls(kv::Operation::scan) - before, 10U);
  ASSERT_TRUE(reply.ok());
  const auto document = codec::parse_xml(reply->body);
  ASSERT_TRUE(document.ok());
  std::vector<std::string> shown;
  for (const auto& child : document->children) {
    EXPECT_NE(child.name, "Upload");
    if (child.name == "CommonPrefixes") shown.emplace_back(child.text_of("Prefix"));
  }
  EXPECT_EQ(shown, folders);
  EXPECT_EQ(document->text_of("IsTruncated"), "false");
}

// Neither do many rows of a common prefix cost more than a few, nor a listing of one upload more than two.
TEST(UploadListingCost, RowsGrowWithWhatIsShown) {
  const auto memory = kv::make_memory_engine();
  kv::FaultyEngine engine(*memory);
  BucketServer server({}, {}, &engine);
  const BucketPtr bucket = server.make_bucket("bucket");
  constexpr int folders = 50;
  constexpr int uploads = 500;
  for (int folder = 0; folder < folders; ++folder) {
    history::Commit commit;
    for (int i = 0; i < uploads; ++i) {
      const std::string key = "folder" + std::to_string(100 + folder) + "/" + std::to_string(i);
      Bytes row = upload_key(UploadEntry::upload, key, UploadId::make(1'000 + i));
      commit.changes.push_back({bucket->spaces.uploads, std::move(row), encode_upload(Upload()), history::Version()});
    }
    ASSERT_TRUE(sync_wait(server.store().commit(std::move(commit))).ok());
  }
  const auto rows_of_listing = [&](std::initializer_list<std::pair<const char*, std::string>> query) {
    Call call = server.call("GET", "bucket");
    BucketServer::set_query(call, {{"uploads", ""}});
    BucketServer::set_query(call, query);
    const auto before = engine.rows_asked();
    EXPECT_TRUE(server.run(multipart_operations(), "ListMultipartUploads", call).ok());
    return engine.rows_asked() - before;
  };
  EXPECT_LE(rows_of_listing({{"delimiter", "/"}}), folders * 20U) << "of " << folders * uploads;
  EXPECT_LE(rows_of_listing({{"delimiter", "/"}, {"max-uploads", "1"}}), 4U);
  EXPECT_LE(rows_of_listing({{"max-uploads", "1"}}), 2U);
  EXPECT_LE(rows_of_listing({}), 1'001U);
}

TEST_F(MultipartTest, KeysAreEncodedWhereAskedFor) {
  begin("a b/\n");
  const std::string text = list({{"encoding-type", "url"}});
  EXPECT_EQ(text_between(text, "<Key>", "<"), "a+b/%0A");
  EXPECT_TRUE(list({{"encoding-type", "base64"}}).starts_with("400 InvalidArgument"));
}

TEST_F(MultipartTest, CopiesOfWholePlainObjectsShareTheirBlob) {
  const Bytes bytes(part_bytes, 'c');
  Call source = server.call("PUT", "bucket", "source");
  source.body = std::make_unique<TextSource>(bytes);
  ASSERT_TRUE(server.run(object_operations(), "PutObject", source).ok());
  ASSERT_EQ(blobs(), 1u);
  const std::string id = begin("copy");
  const auto copy = [&](int number, std::initializer_list<std::pair<const char*, std::string>> headers) {
    Call call = server.call("PUT", "bucket", "copy");
    BucketServer::set_query(call, {{"uploadId", id}, {"partNumber", std::to_string(number)}});
    BucketServer::set_headers(call, {{"x-amz-copy-source", "bucket/source"}});
    BucketServer::set_headers(call, headers);
    return server.text_of(run("UploadPartCopy", call));
  };
  EXPECT_TRUE(copy(1, {}).starts_with("200 "));
  EXPECT_TRUE(copy(1, {}).starts_with("200 "));  // again: still one name more
  EXPECT_EQ(blobs(), 1u);
  const std::string range = copy(2, {{"x-amz-copy-source-range", "bytes=0-9"}});
  EXPECT_EQ(text_between(range, "<ETag>", "<"), "&quot;" + md5_hex(bytes.substr(0, 10)) + "&quot;");
  EXPECT_TRUE(copy(3, {{"x-amz-copy-source-range", "bytes=0-99999999"}}).starts_with("400 InvalidArgument"));
  EXPECT_TRUE(copy(3, {{"x-amz-copy-source-if-match", "no"}}).starts_with("412 "));
  ASSERT_TRUE(complete("copy", id, {named(1, bytes), named(2, bytes.substr(0, 10))}).ok());
  EXPECT_EQ(bytes_of(*object("copy")), bytes + bytes.substr(0, 10));
  EXPECT_EQ(blobs(), 2u);
  const auto shared = object("source")->payload.parts.front().blob;
  const auto counted = sync_wait(server.store().get(server.services().root.blobs, shared.bytes()));
  ASSERT_TRUE(counted.ok());
  EXPECT_EQ(*decode_names(counted->value()), 2u);
}

// The most that an object may be made of: one commit, and one record. The parts' records are put in the space as
// UploadPart would, with sizes that nobody reads.
TEST_F(MultipartTest, TenThousandPartsAreOneObject) {
  const BucketPtr bucket = server.buckets().find("bucket");
  const std::string id = begin("key");
  std::vector<CompletedPart> wanted;
  history::Commit commit;
  for (std::uint32_t number = 1; number <= part_number_max; ++number) {
    UploadedPart part;
    part.etag = md5_hex(std::to_string(number));
    PayloadPart piece;
    piece.blob = blob::BlobId::random();
    piece.bytes = part_bytes;
    piece.number = number;
    piece.checksum = codec::checksum_of(codec::ChecksumAlgorithm::crc64nvme, std::to_string(number));
    part.pieces.push_back(std::move(piece));
    wanted.push_back({number, part.etag, {}});
    add_part(server, *bucket, "key", id, part, commit);
  }
  ASSERT_TRUE(sync_wait(server.store().commit(std::move(commit))).ok());
  const auto reply = complete("key", id, wanted);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  const auto made = object("key");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->bytes, std::uint64_t{part_number_max} * part_bytes);
  EXPECT_TRUE(made->etag.ends_with("-10000"));
  EXPECT_EQ(made->payload.parts.size(), part_number_max);
  EXPECT_EQ(rows_of_uploads(), 1u);
  wanted.push_back({part_number_max + 1, wanted.front().etag, {}});
  EXPECT_EQ(complete("key", id, wanted).ok(), true);  // a repetition is not looked into
}

// Whoever comes first: the object has the part or the part is refused, and nothing is left over.
TEST_F(MultipartTest, PartsAgainstTheEndOfTheUpload) {
  for (int round = 0; round < 30; ++round) {
    const std::string key = "key" + std::to_string(round);
    const std::string id = begin(key);
    ASSERT_TRUE(put(key, id, 1, "one").ok());
    const bool completes = round % 2 == 0;
    std::vector<std::thread> threads;
    for (int number = 1; number <= 3; ++number) {
      threads.emplace_back([&, number] { static_cast<void>(put(key, id, number, "late").ok()); });
    }
    threads.emplace_back([&] {
      if (completes) static_cast<void>(complete(key, id, {named(1, "one")}).ok());
      if (!completes) {
        EXPECT_EQ(abort(key, id), "204 ");
      }
    });
    for (auto& thread : threads) thread.join();
    const auto made = object(key);
    if (made) {
      EXPECT_EQ(bytes_of(*made), "one");
    } else if (completes) {
      EXPECT_EQ(abort(key, id), "204 ");  // the new part 1 came first
    }
  }
  GarbageOptions options;
  options.grace = std::chrono::microseconds(0);
  GarbageCollector collector(server.services(), options);
  ASSERT_TRUE(sync_wait(collector.sweep()).ok());
  EXPECT_EQ(blobs(), names());
  EXPECT_LE(names(), 15u);
}

}  // namespace
}  // namespace reprise::s3
