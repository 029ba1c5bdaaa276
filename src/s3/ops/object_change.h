// Rewriting what a version keeps beside its bytes: tags and ACL. No new version comes of it.
#pragma once

#include "base/task.h"
#include "s3/model/object.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// Rewrites the version that `call` names, by key and versionId, and answers `status` with its x-amz-version-id where
// the bucket has versions. The errors of named_object.
class VersionChange {
 public:
  virtual ~VersionChange() = default;
  // Under the key's lock.
  virtual Check apply(ObjectVersion& version) = 0;
};
Task<Outcome<Reply>> change_version(Services& services, Call& call, VersionChange& change, int status);

// x-amz-version-id, in answers about a version of a bucket that has had versions.
void add_version_header(Reply& reply, const Bucket& bucket, const ObjectVersion& version);

}  // namespace reprise::s3
