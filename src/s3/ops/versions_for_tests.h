// For tests of versions: writing them without a payload's way, and reading the documents of the listings.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/xml.h"
#include "s3/ops/buckets_for_tests.h"
#include "s3/ops/key_write.h"
#include "s3/ops/version_operations.h"

namespace reprise::s3 {

inline std::unique_ptr<KeyWrite> open_key(BucketServer& server, const std::string& bucket, const std::string& key) {
  auto write = sync_wait(KeyWrite::open(server.services(), server.buckets().find(bucket), key));
  EXPECT_TRUE(write.ok()) << write.error().message;
  return write.ok() ? std::move(*write) : nullptr;
}

inline ObjectVersion small_object(const std::string& etag) {
  ObjectVersion version;
  version.owner = canonical_id_of(auth::root_account);
  version.etag = etag;
  version.bytes = etag.size();
  version.payload.inlined = blob::BlobId::random();
  return version;
}

struct Written {
  ObjectVersion version;
  Timestamp at;
};
// Puts an object whose inline bytes are its entity tag.
inline Written put_small(BucketServer& server, const std::string& bucket, const std::string& key,
                         const std::string& etag) {
  const auto write = open_key(server, bucket, key);
  auto version = sync_wait(write->put(small_object(etag), etag, Naming::made_now));
  EXPECT_TRUE(version.ok());
  const auto done = sync_wait(write->commit());
  EXPECT_TRUE(done.ok()) << done.error().message;
  return {*version, *done};
}
inline std::optional<ObjectVersion> remove_current(BucketServer& server, const std::string& bucket,
                                                   const std::string& key) {
  const auto write = open_key(server, bucket, key);
  auto marker = sync_wait(write->remove_newest());
  EXPECT_TRUE(marker.ok());
  const auto done = sync_wait(write->commit());
  EXPECT_TRUE(done.ok());
  return *marker;
}
// Whether there was one.
inline bool remove_version(BucketServer& server, const std::string& bucket, const std::string& key, VersionId id) {
  const auto write = open_key(server, bucket, key);
  auto removed = sync_wait(write->remove(id));
  EXPECT_TRUE(removed.ok());
  const auto done = sync_wait(write->commit());
  EXPECT_TRUE(done.ok());
  return removed->has_value();
}

inline codec::XmlElement document_of(const Outcome<Reply>& reply) {
  if (!reply.ok()) {
    ADD_FAILURE() << spelling_of(reply.error().code).name << ": " << reply.error().message;
    return {};
  }
  auto root = codec::parse_xml(reply->body);
  EXPECT_TRUE(root.ok()) << reply->body;
  return root.ok() ? std::move(*root) : codec::XmlElement();
}

// "key" of an object, "key@VERSIONID" of a version, "key@VERSIONID!" of a marker, with '*' behind it when it is the
// latest; "prefix>" of a common prefix.
inline std::vector<std::string> listed(const codec::XmlElement& document) {
  std::vector<std::string> out;
  for (const auto& child : document.children) {
    std::string line(child.text_of("Key"));
    if (child.name == "Version" || child.name == "DeleteMarker") {
      line += "@" + std::string(child.text_of("VersionId"));
      if (child.name == "DeleteMarker") line += "!";
      if (child.text_of("IsLatest") == "true") line += "*";
    } else if (child.name == "CommonPrefixes") {
      line = std::string(child.text_of("Prefix")) + ">";
    } else if (child.name != "Contents") {
      continue;
    }
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace reprise::s3
