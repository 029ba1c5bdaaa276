// An object put whole: by PutObject, or by a browser's POST form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/task.h"
#include "s3/ops/operation.h"
#include "s3/ops/payload.h"

namespace reprise::s3 {

struct ObjectUpload {
  std::string key;
  // What describes the object, under the names of PutObject's headers in lower case: of PutObject they are the
  // request's own; of a form its fields ("acl" as x-amz-acl, and so on).
  Fields headers;
  std::optional<Tags> tags;     // of a form, whose tags are XML; else from the headers
  std::uint64_t bytes_min = 0;  // content-length-range: EntityTooSmall, EntityTooLarge
  std::uint64_t bytes_max = single_put_bytes_max;
};

struct StoredObject {
  ObjectVersion version;
  // What the answer says of it: ETag, x-amz-version-id, x-amz-checksum-*, x-amz-server-side-encryption*,
  // x-amz-expiration.
  Fields headers;
};

// Reads `body` to its end and stores it in the bucket of `call`. The caller has been allowed s3:PutObject; what the
// headers need beyond that is asked here. Nothing is left of what fails.
Task<Outcome<StoredObject>> store_object(Services& services, Call& call, ObjectUpload upload, PayloadSource& body);

// An object's ETag, without quotes: the MD5 in hex, or something else where the object is encrypted under a key that
// is not the server's own, for there the MD5 of the plain text is not for everybody to see.
[[nodiscard]] bool hides_md5(SseKind kind);
[[nodiscard]] std::string etag_of(const codec::Md5Digest& md5, SseKind kind, const std::optional<DataKey>& key);

// ETag, x-amz-version-id and so on of a version that has just been stored, as StoredObject has them.
[[nodiscard]] Fields stored_headers(const Services& services, const Bucket& bucket, const std::string& key,
                                    const ObjectVersion& version);

}  // namespace reprise::s3
