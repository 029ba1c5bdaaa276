// The source of a copy: what x-amz-copy-source names, found, allowed and ready to be read.
//
// CopyObject and UploadPartCopy share it. Besides what AWS has, x-reprise-copy-source-as-of (a time as x-reprise-as-of
// takes it) reads the source as it was then, in a bucket without versioning too, and even when the bucket has been
// deleted since.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/task.h"
#include "codec/checksum.h"
#include "codec/md5.h"
#include "s3/model/object.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/operation.h"
#include "s3/ops/ranges.h"

namespace reprise::s3 {

// What the header says, decoded.
struct CopySourceName {
  std::string bucket;
  std::string key;
  std::optional<VersionId> version;  // nothing: the newest
};
// InvalidArgument with AWS's texts.
[[nodiscard]] Outcome<CopySourceName> parse_copy_source(std::string_view header);

struct CopySource {
  CopySourceName name;
  BucketPtr bucket;
  std::optional<Timestamp> as_of;  // read_payload wants it
  ObjectVersion version;           // an object, no delete marker
  std::optional<DataKey> key;      // set when the version is encrypted
  // What the answer says of it: x-amz-copy-source-version-id, where the source's bucket has versions.
  [[nodiscard]] std::optional<std::string> version_header() const;
};

// Reads the headers of `call`, asks whether its caller may read the source (s3:GetObject or s3:GetObjectVersion, and
// reprise:ReadPast for its past), finds it, and looks at x-amz-copy-source-if-*.
// Errors: NoSuchBucket, NoSuchKey, NoSuchVersion, InvalidRequest (a delete marker by its id; the customer's key of the
// source is missing), AccessDenied, PreconditionFailed, InvalidArgument.
Task<Outcome<CopySource>> open_copy_source(Services& services, const Call& call);

// The bytes of a range of it. NoSuchKey when they have gone since its record was read: it is to be looked up again.
Task<Outcome<std::unique_ptr<ReplyStream>>> open_source_bytes(Services& services, const CopySource& source,
                                                              ByteRange range);
// What must be read for: the MD5 of a range, and a checksum. Errors as of open_source_bytes().
struct SourceDigests {
  codec::Md5Digest md5{};
  codec::ChecksumValue checksum;
};
Task<Outcome<SourceDigests>> read_source_digests(Services& services, const CopySource& source, ByteRange range,
                                                 codec::ChecksumAlgorithm algorithm);

// Whether an attempt to copy that failed with `why` is worth another with the source as it is then: it went away, or
// others came and went by its blobs' names at the same moment.
[[nodiscard]] bool source_may_have_changed(const S3Error& why);
// After `why`, which an attempt to read the source or to name its blobs failed with: reads the version that has taken
// its place meanwhile, by the same name, time and key headers. InternalError when the source still is what it was and
// its bytes are gone (`why` is NoSuchKey): then they are lost, and it is not.
Task<Outcome<Passed>> find_copy_source_again(Services& services, const Call& call, const S3Error& why,
                                             CopySource& source);

}  // namespace reprise::s3
