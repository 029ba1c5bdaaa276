// The access control lists of objects, version by version: GetObjectAcl and PutObjectAcl.
//
// Where the bucket's owner owns every object (BucketOwnerEnforced), lists are neither kept nor looked at: reading tells
// of the owner's full control, writing is refused.
#include <utility>

#include "s3/model/acl.h"
#include "s3/ops/access.h"
#include "s3/ops/key_write.h"
#include "s3/ops/object_change.h"
#include "s3/ops/version_operations.h"

namespace reprise::s3 {

namespace {

bool has_acls(const Bucket& bucket) { return bucket.ownership != ObjectOwnership::bucket_owner_enforced; }

Acl acl_of(const Bucket& bucket, const ObjectVersion& version) {
  if (!has_acls(bucket)) return private_acl(bucket.owner);
  if (version.acl) return *version.acl;
  return private_acl(version.owner);
}

// Sets the list that a request gives, in its headers or as a document.
class SetAcl final : public VersionChange {
 public:
  explicit SetAcl(const Call& call) : call_(call) {}

  Check apply(ObjectVersion& version) override {
    const Bucket& bucket = call_.in();
    TRY_ASSIGN(std::optional<Acl> acl, acl_of_headers(call_.headers, version.owner, bucket.owner));
    if (acl && !call_.document.empty()) {
      return s3_error(ErrorCode::unexpected_content, "This request does not support content");
    }
    if (!acl && call_.document.empty()) {
      S3Error error = s3_error(ErrorCode::missing_security_header);
      error.details.emplace_back("MissingHeaderName", "x-amz-acl");
      return error;
    }
    if (!acl) {
      TRY_ASSIGN(acl, parse_acl(call_.document));
      if (acl->owner != version.owner) return s3_error(ErrorCode::access_denied);
    }
    const auto& block = bucket.public_access_block;
    if (block && block->block_public_acls && acl->is_public()) return blocked_public_acl(call_, "s3:PutObjectAcl");
    version.acl = std::move(acl);
    return Passed{};
  }

 private:
  const Call& call_;
};

}  // namespace

Task<Outcome<Reply>> get_object_acl(Services& services, Call& call) {
  CO_TRY_ASSIGN(const FoundVersion found, co_await named_object(services, call));
  Reply reply = xml_reply(print_acl(acl_of(call.in(), found.version)));
  add_version_header(reply, call.in(), found.version);
  co_return reply;
}

Task<Outcome<Reply>> put_object_acl(Services& services, Call& call) {
  if (!has_acls(call.in())) co_return s3_error(ErrorCode::access_control_list_not_supported);
  SetAcl change(call);
  co_return co_await change_version(services, call, change, 200);
}

}  // namespace reprise::s3
