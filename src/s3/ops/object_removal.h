// Removing one object, or one version of it: what DeleteObject does once and DeleteObjects many times.
#pragma once

#include <optional>
#include <string>

#include "base/task.h"
#include "s3/model/object.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

struct Removal {
  std::string key;
  std::optional<VersionId> version;     // nothing: what is current goes, or a delete marker comes
  std::optional<std::string> if_match;  // an entity tag, or *
};

struct Removed {
  // Whether a delete marker was made, or is what was removed; and its id, or that of the version.
  bool delete_marker = false;
  std::optional<VersionId> version;
};

// Removes it; what is not there is removed already. NoSuchKey and PreconditionFailed by if_match, AccessDenied where a
// lock protects the version, InvalidArgument, KeyTooLongError. The right to do so has been asked for.
Task<Outcome<Removed>> remove_object(Services& services, const Call& call, Removal removal);

}  // namespace reprise::s3
