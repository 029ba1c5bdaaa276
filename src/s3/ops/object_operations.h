// The operations on whole objects, a file for each kind. Their table is in object_operations.cc.
#pragma once

#include <optional>
#include <string_view>

#include "base/task.h"
#include "s3/model/object.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

Task<Outcome<Reply>> put_object(Services& services, Call& call);
Task<Outcome<Reply>> get_object(Services& services, Call& call);
Task<Outcome<Reply>> head_object(Services& services, Call& call);
Task<Outcome<Reply>> copy_object(Services& services, Call& call);
Task<Outcome<Reply>> get_object_attributes(Services& services, Call& call);
Task<Outcome<Reply>> restore_object(Services& services, Call& call);

// ---- What they share -----------------------------------------------------------------------------------------------

// The object that a GET or HEAD names, and that its caller may read: s3:GetObject or s3:GetObjectVersion, asked with
// the version's own ACL and tags. Who may not read is not told what is missing.
struct NamedObject {
  ObjectVersion version;
  bool newest = false;
};
Task<Outcome<NamedObject>> readable_object(Services& services, const Call& call, std::string_view action,
                                           std::string_view version_action);

// The key that such a version opens with, of what the request's headers bring; nothing when it is stored in plain,
// where no key is to be sent. InvalidRequest, AccessDenied.
[[nodiscard]] Outcome<std::optional<DataKey>> key_of_read(Services& services, const Call& call,
                                                          const ObjectVersion& version);

}  // namespace reprise::s3
