// Single reads of the records of a key: what key_write.h's functions are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/task.h"
#include "history/version.h"
#include "s3/model/object.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// A record with what a commit that changes it guards on. Without one, `version` is nothing.
struct StoredVersion {
  history::Version before;
  std::optional<ObjectVersion> version;
};

// The record of the space of heads.
Task<Outcome<StoredVersion>> read_head(Services& services, const Bucket& bucket, std::string key,
                                       std::optional<Timestamp> as_of);
// A record of the space of versions.
Task<Outcome<StoredVersion>> read_stored_version(Services& services, const Bucket& bucket, std::string key,
                                                 std::uint64_t sequence, std::optional<Timestamp> as_of);
// The first version in the space of versions that is older than `below`.
Task<Outcome<std::optional<ObjectVersion>>> first_stored_version(Services& services, const Bucket& bucket,
                                                                 std::string key, std::uint64_t below,
                                                                 std::optional<Timestamp> as_of);

// What to answer when a read of a bucket's spaces failed: InvalidArgument when it is the time that cannot be read at,
// NoSuchBucket when the spaces have gone, else store_error.
[[nodiscard]] S3Error bucket_read_error(const Status& status, std::optional<Timestamp> as_of);

// The version id that a request's `versionId` names; nothing when it has none. InvalidArgument.
[[nodiscard]] Outcome<std::optional<VersionId>> version_id_of(const Call& call);

}  // namespace reprise::s3
