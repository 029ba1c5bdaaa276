#include "s3/ops/bucket_settings.h"

#include <algorithm>
#include <array>
#include <utility>

namespace reprise::s3 {

namespace {

constexpr std::array<std::pair<std::string_view, ObjectOwnership>, 3> ownership_names{{
    {"BucketOwnerEnforced", ObjectOwnership::bucket_owner_enforced},
    {"BucketOwnerPreferred", ObjectOwnership::bucket_owner_preferred},
    {"ObjectWriter", ObjectOwnership::object_writer},
}};

}  // namespace

Task<Outcome<Reply>> change_bucket(Services& services, Call& call, Buckets::Edit change, int status) {
  CO_TRY(co_await services.buckets.edit(call.bucket_info, std::move(change)));
  Reply reply;
  reply.status = status;
  co_return reply;
}

bool blocks_own_acl(const Bucket& bucket) {
  return bucket.public_access_block && bucket.public_access_block->block_public_acls && bucket.acl.is_public();
}

std::optional<ObjectOwnership> ownership_named(std::string_view name) {
  const auto found = std::find_if(ownership_names.begin(), ownership_names.end(),
                                  [&](const auto& known) { return known.first == name; });
  if (found == ownership_names.end()) return std::nullopt;
  return found->second;
}

std::string_view name_of(ObjectOwnership ownership) {
  return std::find_if(ownership_names.begin(), ownership_names.end(),
                      [&](const auto& known) { return known.second == ownership; })
      ->first;
}

bool is_owner_only(const Acl& acl) {
  return !acl.grants.empty() && std::all_of(acl.grants.begin(), acl.grants.end(), [&](const Grant& grant) {
    return grant.grantee.kind == Grantee::Kind::canonical_user && grant.grantee.id == acl.owner &&
           grant.permission == Permission::full_control;
  });
}

}  // namespace reprise::s3
