// The operations on versions: deleting, listing, and the tags and ACLs of objects. s3/ops/operation.h says what an
// operation is.
#pragma once

#include "s3/ops/operation.h"

namespace reprise::s3 {

Task<Outcome<Reply>> delete_object(Services& services, Call& call);
Task<Outcome<Reply>> delete_objects(Services& services, Call& call);

Task<Outcome<Reply>> list_objects(Services& services, Call& call);
Task<Outcome<Reply>> list_objects_v2(Services& services, Call& call);
Task<Outcome<Reply>> list_object_versions(Services& services, Call& call);

Task<Outcome<Reply>> get_object_tagging(Services& services, Call& call);
Task<Outcome<Reply>> put_object_tagging(Services& services, Call& call);
Task<Outcome<Reply>> delete_object_tagging(Services& services, Call& call);

Task<Outcome<Reply>> get_object_acl(Services& services, Call& call);
Task<Outcome<Reply>> put_object_acl(Services& services, Call& call);

Task<Outcome<Reply>> update_object_encryption(Services& services, Call& call);

}  // namespace reprise::s3
