// For tests: objects put and read whole, and what is on the disk and in the space of names.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "s3/model/upload.h"
#include "s3/ops/blob_names.h"
#include "s3/ops/buckets_for_tests.h"

namespace reprise::s3 {

// Larger than what stands inside the store.
inline constexpr std::size_t blob_sized = 40'000;

// "200 " or an error's text.
inline std::string put_object(BucketServer& server, const std::string& bucket, const std::string& key, Bytes bytes) {
  Call call = server.call("PUT", bucket, key);
  call.body = std::make_unique<TextSource>(std::move(bytes));
  return server.text_of(server.run(object_operations(), "PutObject", call));
}
inline std::string copy_object(BucketServer& server, const std::string& bucket, const std::string& source,
                               const std::string& key) {
  Call call = server.call("PUT", bucket, key);
  call.headers.add("x-amz-copy-source", bucket + "/" + source);
  return server.text_of(server.run(object_operations(), "CopyObject", call)).substr(0, 4);
}
inline std::string get_object(BucketServer& server, const std::string& bucket, const std::string& key) {
  Call call = server.call("GET", bucket, key);
  return server.text_of(server.run(object_operations(), "GetObject", call));
}
inline std::string delete_object(BucketServer& server, const std::string& bucket, const std::string& key) {
  Call call = server.call("DELETE", bucket, key);
  return server.text_of(server.run(version_operations(), "DeleteObject", call));
}
// The id.
// Adds to `commit` what UploadPart leaves of a part: its record, and the names of its blobs, which need not be there.
inline void add_part(BucketServer& server, const Bucket& bucket, const std::string& key, const std::string& upload,
                     const UploadedPart& part, history::Commit& commit) {
  Bytes row = part_key(key, *UploadId::parse(upload), part.number());
  commit.changes.push_back({bucket.spaces.uploads, std::move(row), encode_part(part), history::Version()});
  Payload payload;
  payload.parts = part.pieces;
  ASSERT_TRUE(sync_wait(add_names(server.services(), payload, true, commit)).ok());
}
inline std::string begin_upload(BucketServer& server, const std::string& bucket, const std::string& key) {
  Call call = server.call("POST", bucket, key);
  const std::string text = server.text_of(server.run(multipart_operations(), "CreateMultipartUpload", call));
  const auto at = text.find("<UploadId>");
  return at == std::string::npos ? text : text.substr(at + 10, 48);
}
inline std::string put_part(BucketServer& server, const std::string& bucket, const std::string& key,
                            const std::string& id, int number, Bytes bytes) {
  Call call = server.call("PUT", bucket, key);
  BucketServer::set_query(call, {{"uploadId", id}, {"partNumber", std::to_string(number)}});
  call.body = std::make_unique<TextSource>(std::move(bytes));
  return server.text_of(server.run(multipart_operations(), "UploadPart", call));
}

// Committed blobs on the disk.
inline std::size_t blobs_on_disk(const BucketServer& server) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(server.directory() / "blobs")) {
    const bool partial = entry.path().parent_path().filename() == "partial";
    if (entry.is_regular_file() && !partial && entry.path().filename().string().size() == 32) ++count;
  }
  return count;
}
// Rows of a space.
inline std::size_t rows_in(BucketServer& server, SpaceId space) {
  history::ScanRequest request;
  request.space = space;
  const auto page = sync_wait(server.store().scan(request));
  EXPECT_TRUE(page.ok());
  return page.ok() ? page->rows.size() : 0;
}
// Blobs that have names.
inline std::size_t blobs_named(BucketServer& server) { return rows_in(server, server.services().root.blobs); }

}  // namespace reprise::s3
