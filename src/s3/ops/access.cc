// The decision. Invariants: a Deny is found before anything allows; what the caller may not do is told in detail only
// to callers of the bucket's own account; an ACL counts only where the bucket's ownership setting lets it.
#include "s3/ops/access.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "auth/credentials.h"
#include "auth/policy/policy.h"
#include "s3/ops/access_context.h"
#include "s3/ops/bucket_policies.h"
#include "s3/ops/buckets.h"
#include "s3/ops/key_write.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {
namespace {

using auth::policy::Decision;
using auth::policy::Question;
using auth::policy::Requester;

constexpr std::string_view read_past = "reprise:ReadPast";

enum class Verdict : std::uint8_t {
  allowed,
  denied_by_identity,  // explicitly
  denied_by_resource,  // explicitly
  not_allowed,         // by the caller's own policies, and that is what counts
  refused,             // another account's, or nobody's
};

// ---- What is asked -------------------------------------------------------------------------------------------------

std::string resource_arn(const AccessTarget& target) {
  std::string arn = "arn:aws:s3:::";
  if (target.bucket_name.empty()) return arn + "*";
  arn += target.bucket_name;
  if (!target.key.empty()) arn.append("/").append(target.key);
  return arn;
}

// What an ACL must grant for an action; nothing: an ACL cannot.
struct AclRight {
  std::string_view action;
  bool of_object;  // its own ACL; else the bucket's
  Permission permission;
};
constexpr AclRight acl_rights[] = {
    {"s3:ListBucket", false, Permission::read},
    {"s3:ListBucketVersions", false, Permission::read},
    {"s3:ListBucketMultipartUploads", false, Permission::read},
    {"s3:PutObject", false, Permission::write},
    {"s3:DeleteObject", false, Permission::write},
    {"s3:AbortMultipartUpload", false, Permission::write},
    {"s3:ListMultipartUploadParts", false, Permission::write},
    {"s3:GetBucketAcl", false, Permission::read_acp},
    {"s3:PutBucketAcl", false, Permission::write_acp},
    {"s3:GetObject", true, Permission::read},
    {"s3:GetObjectVersion", true, Permission::read},
    {"s3:GetObjectAcl", true, Permission::read_acp},
    {"s3:GetObjectVersionAcl", true, Permission::read_acp},
    {"s3:PutObjectAcl", true, Permission::write_acp},
    {"s3:PutObjectVersionAcl", true, Permission::write_acp},
};
const AclRight* acl_right(std::string_view action) {
  const auto* found = std::ranges::find(acl_rights, action, &AclRight::action);
  return found == std::end(acl_rights) ? nullptr : found;
}

// WRITE lets make objects. What is there already is its owner's and the bucket owner's to take away ("allows grantee to
// create new objects in the bucket. For the bucket and object owners of existing objects, also allows deletions and
// overwrites of those objects": S3 user guide, "Access control list overview"), and an upload is for who began it ("the
// bucket owner and the initiator": "Multipart upload API and permissions").
bool is_for_owners(std::string_view action) {
  return action == "s3:DeleteObject" || action == "s3:AbortMultipartUpload" || action == "s3:ListMultipartUploadParts";
}

// Whether the action is on an object that is there, and belongs to the object's owner rather than to the bucket's.
bool concerns_object(std::string_view action) {
  return action.starts_with("s3:GetObject") || action.starts_with("s3:PutObjectAcl") ||
         action.starts_with("s3:PutObjectVersionAcl") || action == "s3:RestoreObject";
}
// Of these, what the bucket's owner may do to everybody's objects: tags (S3 API reference, GetObjectTagging: "By
// default, the bucket owner has this permission"), locks, and restores from the archive.
bool concerns_bucket_too(std::string_view action) {
  return action.ends_with("Tagging") || action.ends_with("Retention") || action.ends_with("LegalHold") ||
         action == "s3:RestoreObject";
}
// Whether a policy may ask for the tags of the object that the action is on.
bool may_need_tags(std::string_view action) {
  return concerns_object(action) || action.find("Tagging") != std::string_view::npos;
}

bool keeps_acls(const Bucket& bucket) { return bucket.ownership != ObjectOwnership::bucket_owner_enforced; }

bool manages_policy(std::string_view action) {
  return action == "s3:GetBucketPolicy" || action == "s3:PutBucketPolicy" || action == "s3:DeleteBucketPolicy";
}

// S3 API reference, DeleteObject: "If the s3:DeleteObject or s3:DeleteObjectVersion permissions are explicitly denied
// in your bucket policy, attempts to delete any unversioned objects result in a 403 Access Denied error."
bool is_deletion_of_the_unversioned(std::string_view action, const Bucket& bucket) {
  return action == "s3:DeleteObject" && bucket.versioning == Versioning::never;
}

// ---- ACLs ----------------------------------------------------------------------------------------------------------

enum class Granted : std::uint8_t { no, to_account, to_all };

Granted granted_by(const Acl& acl, Permission permission, const Requester& who, bool ignore_groups) {
  Granted found = Granted::no;
  for (const Grant& grant : acl.grants) {
    if (grant.permission != permission && grant.permission != Permission::full_control) continue;
    switch (grant.grantee.kind) {
      case Grantee::Kind::canonical_user:
        if (!who.anonymous && grant.grantee.id == who.canonical_id) found = std::max(found, Granted::to_account);
        break;
      case Grantee::Kind::all_users:
        if (!ignore_groups) return Granted::to_all;
        break;
      case Grantee::Kind::authenticated_users:
        if (!ignore_groups && !who.anonymous) return Granted::to_all;
        break;
      case Grantee::Kind::log_delivery: break;
    }
  }
  return found;
}

Granted granted(std::string_view action, const AccessTarget& target, const Requester& who) {
  if (target.bucket == nullptr || !keeps_acls(*target.bucket)) return Granted::no;
  const AclRight* right = acl_right(action);
  if (right == nullptr || (right->of_object && target.object == nullptr)) return Granted::no;
  const auto& block = target.bucket->public_access_block;
  const bool ignore_groups = block && block->ignore_public_acls;
  if (!right->of_object) return granted_by(target.bucket->acl, right->permission, who, ignore_groups);
  if (target.object->acl) return granted_by(*target.object->acl, right->permission, who, ignore_groups);
  const bool owns = !who.anonymous && target.object->owner == who.canonical_id;
  return owns ? Granted::to_account : Granted::no;
}

// ---- The decision --------------------------------------------------------------------------------------------------

// Whether the object belongs to an account that is not the bucket's, so that the bucket's owner has no say in it but
// no.
bool is_foreign(std::string_view action, const AccessTarget& target) {
  return target.object != nullptr && !target.object->owner.empty() && target.object->owner != target.bucket->owner &&
         keeps_acls(*target.bucket) && concerns_object(action);
}

// What a policy is asked for, and what ACLs and owners are: an upload that brings an ACL asks for s3:PutObjectAcl on an
// object that is not there yet, which whoever may write has as its owner to be.
struct Asked {
  std::string_view action;
  std::string_view of_owners;
  bool of_others = false;  // on what is neither the caller's nor in the caller's bucket: no ACL grants it
};
Asked asked_of(const Call& call, std::string_view action) {
  const bool upload = action == "s3:PutObjectAcl" && !call.query.has("acl");
  return {action, upload ? "s3:PutObject" : action};
}

Verdict decide(const Asked& asked, const AccessTarget& target, const AccessContext& context, std::string_view resource,
               const auth::Identity* identity) {
  const std::string_view action = asked.action;
  const Requester& who = context.requester();
  const Question question{action, resource, context};
  const Bucket* bucket = target.bucket.get();
  const bool same_account = !who.anonymous && (bucket == nullptr || bucket->account == who.account);

  Decision own = who.root ? Decision::allow : Decision::nothing;
  if (identity != nullptr && !who.root) own = auth::policy::evaluate(identity->policies, question);
  if (own == Decision::deny) return same_account ? Verdict::denied_by_identity : Verdict::refused;
  if (bucket == nullptr) {
    if (who.anonymous) return Verdict::refused;
    return own == Decision::allow ? Verdict::allowed : Verdict::not_allowed;
  }

  const CompiledPolicy policy = policy_of(*bucket);
  Decision said = Decision::nothing;
  if (policy.document != nullptr) said = policy.document->evaluate(question);
  if (said != Decision::deny && policy.document != nullptr && is_deletion_of_the_unversioned(action, *bucket)) {
    const Question of_versions{"s3:DeleteObjectVersion", resource, context};
    if (policy.document->evaluate(of_versions) == Decision::deny) said = Decision::deny;
  }
  if (policy.unreadable && !(who.root && same_account)) said = Decision::deny;
  // Root can always put its own bucket's policy right.
  if (said == Decision::deny && who.root && same_account && manages_policy(action)) return Verdict::allowed;
  if (said == Decision::deny) return same_account ? Verdict::denied_by_resource : Verdict::refused;
  const auto& block = bucket->public_access_block;
  if (!same_account && policy.is_public && block && block->restrict_public_buckets) said = Decision::nothing;

  bool at_home = same_account;
  if (is_foreign(asked.of_owners, target)) {
    const bool owns = !who.anonymous && who.canonical_id == target.object->owner;
    const bool shared = concerns_bucket_too(asked.of_owners);
    if (!shared) said = Decision::nothing;
    at_home = owns || (shared && same_account);
  }
  if (at_home && own == Decision::allow) return Verdict::allowed;
  const Granted grant = asked.of_others ? Granted::no : granted(asked.of_owners, target, who);
  if (same_account || who.anonymous) {
    if (said == Decision::allow || grant == Granted::to_all) return Verdict::allowed;
    if (own == Decision::allow && grant == Granted::to_account) return Verdict::allowed;
    return at_home ? Verdict::not_allowed : Verdict::refused;
  }
  const bool handed_over = said >= Decision::allow_account || grant != Granted::no;
  return handed_over && own == Decision::allow ? Verdict::allowed : Verdict::refused;
}

// Root in its own account, where nothing speaks against it: what nearly every request of a server of one's own is.
bool is_free(const Call& call, const AccessTarget& target) {
  if (call.caller.identity == nullptr || !call.caller.identity->root) return false;
  const Bucket* bucket = target.bucket.get();
  if (bucket == nullptr) return true;
  return bucket->account == call.caller.identity->account && bucket->policy.empty() &&
         (target.key.empty() || !keeps_acls(*bucket));
}

// The object that the request itself names, for its ACL, owner and tags; null when it cannot be told.
Task<std::optional<ObjectVersion>> find_object(Services& services, const Call& call, const AccessTarget& target) {
  const bool own =
      target.bucket != nullptr && !target.key.empty() && target.key == call.key && target.bucket_name == call.bucket;
  if (!own) co_return std::nullopt;
  const auto wanted = call.query.get("versionId");
  auto found = Outcome<std::optional<FoundVersion>>(std::optional<FoundVersion>());
  if (!wanted) {
    found = co_await find_newest(services, *target.bucket, target.key, call.as_of);
  } else if (const auto id = VersionId::parse(*wanted)) {
    found = co_await find_version(services, *target.bucket, target.key, *id, call.as_of);
  }
  // What cannot be read cannot speak for the caller; the operation itself will say what is wrong.
  if (!found.ok() || !*found || (*found)->version.delete_marker) co_return std::nullopt;
  co_return std::move((*found)->version);
}

// Whether the object or the upload that the action takes away is of the caller's account.
Task<bool> is_callers(Services& services, const Call& call, std::string_view action, const AccessTarget& target) {
  if (call.caller.anonymous()) co_return false;
  const std::string& owner = call.caller.canonical_id;
  if (action == "s3:DeleteObject") {
    const auto found = co_await find_newest(services, *target.bucket, target.key, call.as_of);
    co_return found.ok() && *found && !(*found)->version.delete_marker && (*found)->version.owner == owner;
  }
  std::string id(call.query.get_or("uploadId", ""));
  const auto upload = co_await find_upload(services, *target.bucket, target.key, std::move(id));
  if (!upload.ok()) co_return false;
  const std::string& initiator = upload->upload.initiator;
  co_return initiator == owner || initiator.starts_with("arn:aws:iam::" + call.caller.identity->account + ":");
}

Task<Verdict> judge(Services& services, const Call& call, std::string action, const AccessTarget& given) {
  if (is_free(call, given)) co_return Verdict::allowed;
  AccessTarget target = given;
  Requester who = auth::policy::requester_of(call.caller.identity.get());
  who.canonical_id = call.caller.canonical_id;
  const std::string resource = resource_arn(target);
  const AccessContext context(who, services, call, target);
  const auth::Identity* identity = call.caller.identity.get();

  Asked asked = asked_of(call, action);
  const bool at_home = target.bucket != nullptr && !who.anonymous && who.account == target.bucket->account;
  if (is_for_owners(action) && !at_home && target.bucket != nullptr && keeps_acls(*target.bucket)) {
    const bool own = co_await is_callers(services, call, action, target);
    asked.of_others = !own;
  }
  std::optional<ObjectVersion> object;
  bool looked = target.object != nullptr || target.bucket == nullptr || target.key.empty();
  if (!looked && keeps_acls(*target.bucket) && concerns_object(asked.of_owners)) {
    looked = true;
    object = co_await find_object(services, call, target);
    if (object) target.object = &*object;
  }
  Verdict verdict = decide(asked, target, context, resource, identity);
  if (!looked && context.object_missed() && may_need_tags(action)) {
    object = co_await find_object(services, call, target);
    if (object) target.object = &*object;
    if (object) verdict = decide(asked, target, context, resource, identity);
  }
  co_return verdict;
}

bool reads(std::string_view action) { return action.starts_with("s3:Get") || action.starts_with("s3:List"); }

S3Error denied(const Call& call, std::string_view action, const AccessTarget& target, Verdict verdict) {
  if (verdict == Verdict::refused || call.caller.anonymous()) return s3_error(ErrorCode::access_denied);
  std::string text = "User: " + call.caller.identity->arn + " is not authorized to perform: " + std::string(action);
  if (!target.bucket_name.empty()) text += " on resource: \"" + resource_arn(target) + "\"";
  switch (verdict) {
    case Verdict::denied_by_identity: text += " with an explicit deny in an identity-based policy"; break;
    case Verdict::denied_by_resource: text += " with an explicit deny in a resource-based policy"; break;
    default: text += " because no identity-based policy allows the " + std::string(action) + " action";
  }
  return s3_error(ErrorCode::access_denied, std::move(text));
}

// A bucket's policy is its owner's account's, whatever it says of others (S3 API reference, PutBucketPolicy: 405 for
// everybody else who has the right).
bool is_owners_alone(std::string_view action) {
  return action == "s3:GetBucketPolicy" || action == "s3:PutBucketPolicy" || action == "s3:DeleteBucketPolicy";
}

bool is_of_owners_account(const Call& call, const AccessTarget& target) {
  return !call.caller.anonymous() && target.bucket != nullptr &&
         call.caller.identity->account == target.bucket->account;
}

Task<Check> authorize_at_length(Services& services, const Call& call, std::string action, AccessTarget target) {
  const Verdict verdict = co_await judge(services, call, action, target);
  if (verdict != Verdict::allowed) co_return denied(call, action, target, verdict);
  if (is_owners_alone(action) && !is_of_owners_account(call, target)) co_return s3_error(ErrorCode::method_not_allowed);
  if (!call.as_of || !reads(action)) co_return Passed{};
  const Verdict past = co_await judge(services, call, std::string(read_past), target);
  if (past != Verdict::allowed) co_return denied(call, read_past, target, past);
  co_return Passed{};
}

bool is_account_id(std::string_view text) {
  constexpr std::size_t digits = 12;
  return text.size() == digits && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

S3Error blocked(const Call& call, std::string_view action, const AccessTarget& target, std::string_view why) {
  if (call.caller.anonymous()) return s3_error(ErrorCode::access_denied);
  return s3_error(ErrorCode::access_denied, "User: " + call.caller.identity->arn +
                                                " is not authorized to perform: " + std::string(action) +
                                                " on resource: \"" + resource_arn(target) + "\" because " +
                                                std::string(why) + " setting in S3 Block Public Access.");
}

}  // namespace

Task<Check> authorize(Services& services, const Call& call, std::string action, AccessTarget target) {
  if (is_free(call, target)) return Task<Check>(Check(Passed{}));
  return authorize_at_length(services, call, std::move(action), std::move(target));
}

Task<bool> is_allowed(Services& services, const Call& call, std::string action, AccessTarget target) {
  if (is_free(call, target)) co_return true;
  const auto checked = co_await authorize_at_length(services, call, std::move(action), std::move(target));
  co_return checked.ok();
}

Check check_expected_owner(const Call& call, const Bucket& bucket, std::string_view header) {
  const auto expected = call.headers.get(header);
  if (!expected || *expected == bucket.account) return Passed{};
  if (is_account_id(*expected)) return s3_error(ErrorCode::access_denied);
  S3Error error = s3_error(ErrorCode::invalid_bucket_owner);
  error.message.append(" [").append(*expected).append("]");
  return error;
}

bool is_charged(const Call& call, const Bucket& bucket) {
  return bucket.requester_pays && !call.caller.anonymous() && call.caller.identity->account != bucket.account;
}

Check check_payer(const Call& call, const Bucket& bucket) {
  if (!bucket.requester_pays) return Passed{};
  if (call.caller.anonymous()) return s3_error(ErrorCode::access_denied);
  constexpr std::string_view payer = "x-amz-request-payer";
  const auto said = call.headers.has(payer) ? call.headers.get(payer) : call.query.get(payer);
  if (!is_charged(call, bucket) || said == "requester") return Passed{};
  return s3_error(ErrorCode::access_denied);
}

Task<S3Error> past_error(Services& services, const Call& call, std::string bucket_name, std::string key, S3Error why) {
  AccessTarget target;
  target.bucket = services.buckets.find(bucket_name);
  target.bucket_name = std::move(bucket_name);
  target.key = std::move(key);
  const auto checked = co_await authorize(services, call, std::string(read_past), std::move(target));
  if (!checked.ok()) co_return checked.error();
  co_return why;
}

S3Error blocked_public_policy(const Call& call) {
  AccessTarget target;
  target.bucket_name = call.bucket;
  return blocked(call, "s3:PutBucketPolicy", target, "public policies are prevented by the BlockPublicPolicy");
}

S3Error blocked_public_acl(const Call& call, std::string_view action) {
  AccessTarget target;
  target.bucket_name = call.bucket;
  target.key = call.key;
  return blocked(call, action, target, "public ACLs are prevented by the BlockPublicAcls");
}

}  // namespace reprise::s3
