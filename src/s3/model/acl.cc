// Access control lists: what they grant, and their canned forms. Their XML and their headers: acl_document.cc.
// Invariant: full control of the owner is a grant like any other: an owner's own rights do not come from here.
#include "s3/model/acl.h"

#include <algorithm>
#include <utility>

namespace reprise::s3 {

namespace {

// The user that EC2 reads bundles of machine images as, which "aws-exec-read" names.
constexpr std::string_view exec_reader = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

bool covers(const Grantee& grantee, std::string_view canonical_id) {
  switch (grantee.kind) {
    case Grantee::Kind::canonical_user: return !canonical_id.empty() && grantee.id == canonical_id;
    case Grantee::Kind::all_users: return true;
    case Grantee::Kind::authenticated_users: return !canonical_id.empty();
    case Grantee::Kind::log_delivery: return false;
  }
  return false;
}

Grant to_group(Grantee::Kind group, Permission permission) { return {{group, {}}, permission}; }

Grant to_user(std::string id, Permission permission) {
  return {{Grantee::Kind::canonical_user, std::move(id)}, permission};
}

}  // namespace

bool Acl::grants_to(std::string_view canonical_id, Permission permission) const {
  return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) {
    return (grant.permission == permission || grant.permission == Permission::full_control) &&
           covers(grant.grantee, canonical_id);
  });
}

bool Acl::is_public() const {
  return std::any_of(grants.begin(), grants.end(), [](const Grant& grant) {
    return grant.grantee.kind == Grantee::Kind::all_users || grant.grantee.kind == Grantee::Kind::authenticated_users;
  });
}

Acl private_acl(std::string owner) {
  Acl acl;
  acl.grants.push_back(to_user(owner, Permission::full_control));
  acl.owner = std::move(owner);
  return acl;
}

std::optional<Acl> canned_acl(std::string_view name, std::string owner, std::string bucket_owner) {
  using Kind = Grantee::Kind;
  Acl acl = private_acl(std::move(owner));
  auto& grants = acl.grants;
  // Of a bucket itself S3 passes over the two bucket-owner-* lists: whoever owns it has full control anyway.
  const bool others_bucket = !bucket_owner.empty() && bucket_owner != acl.owner;
  if (name == "private") return acl;
  if (name == "public-read") {
    grants.push_back(to_group(Kind::all_users, Permission::read));
  } else if (name == "public-read-write") {
    grants.push_back(to_group(Kind::all_users, Permission::read));
    grants.push_back(to_group(Kind::all_users, Permission::write));
  } else if (name == "authenticated-read") {
    grants.push_back(to_group(Kind::authenticated_users, Permission::read));
  } else if (name == "aws-exec-read") {
    grants.push_back(to_user(std::string(exec_reader), Permission::read));
  } else if (name == "bucket-owner-read") {
    if (others_bucket) grants.push_back(to_user(std::move(bucket_owner), Permission::read));
  } else if (name == "bucket-owner-full-control") {
    if (others_bucket) grants.push_back(to_user(std::move(bucket_owner), Permission::full_control));
  } else if (name == "log-delivery-write") {
    grants.push_back(to_group(Kind::log_delivery, Permission::write));
    grants.push_back(to_group(Kind::log_delivery, Permission::read_acp));
  } else {
    return std::nullopt;
  }
  return acl;
}

}  // namespace reprise::s3
