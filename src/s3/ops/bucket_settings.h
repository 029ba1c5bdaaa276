// What the operations on a bucket's settings share.
#pragma once

#include <string>
#include <string_view>

#include "s3/model/error.h"
#include "s3/ops/buckets.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// Changes the bucket of `call` by `change` (Buckets::edit) and answers with `status` and no body.
Task<Outcome<Reply>> change_bucket(Services& services, Call& call, Buckets::Edit change, int status = 200);

// Whether the bucket refuses lists like the one it has now: it blocks public ACLs, and that one is public.
[[nodiscard]] bool blocks_own_acl(const Bucket& bucket);

// The names of ownership settings on the wire: "BucketOwnerEnforced". Nothing: there is no such.
[[nodiscard]] std::optional<ObjectOwnership> ownership_named(std::string_view name);
[[nodiscard]] std::string_view name_of(ObjectOwnership ownership);

// Whether the list gives the owner full control and nobody else anything.
[[nodiscard]] bool is_owner_only(const Acl& acl);

}  // namespace reprise::s3
