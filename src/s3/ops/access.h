// Whether a caller may do something: identity policies, bucket policy, ACLs, ownership and public access block,
// together.
//
// The order of AWS: an explicit Deny anywhere refuses. Within one account an Allow of the identity's policy or of the
// bucket's is enough (root of the owner's account needs none). Across accounts the bucket's policy or an ACL must
// grant, and the caller's own policy must allow as well. An anonymous caller gets what a bucket policy or an ACL grants
// to all, unless public access is blocked. Source: S3 user guide, "How Amazon S3 authorizes a request"; IAM user guide,
// "Policy evaluation logic".
//
// Reading the past needs "reprise:ReadPast" besides the action: authorize asks for it too when the call has an as_of
// and the action reads ("s3:Get...", "s3:List..."), so a copy out of the past asks by asking for its source. It is
// granted to whoever is allowed "reprise:*" or "*". Root has it.
//
// Where an ACL, an owner or a policy on tags can matter, and the target is the object that the call itself names, the
// object is looked up here when it does not come with the target.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.h"
#include "s3/model/object.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

struct AccessTarget {
  BucketPtr bucket;                       // null: no bucket (ListBuckets, CreateBucket)
  std::string bucket_name;                // also without a bucket
  std::string key;                        // empty: the bucket itself
  const ObjectVersion* object = nullptr;  // when there is one: its ACL and tags count
  // Further condition keys: {"s3:x-amz-acl", "public-read"}; those of the request's headers and query (prefix,
  // delimiter, max-keys, versionid, source IP, secure transport, ...) are added by authorize.
  std::vector<std::pair<std::string, std::string>> context{};
};

// AccessDenied, with AWS's texts, when `call`'s caller may not do `action` to `target`.
[[nodiscard]] Task<Check> authorize(Services& services, const Call& call, std::string action, AccessTarget target);
// The same without the error: for listings of what may be seen, and NoSuchKey or AccessDenied by s3:ListBucket.
[[nodiscard]] Task<bool> is_allowed(Services& services, const Call& call, std::string action, AccessTarget target);
// x-amz-expected-bucket-owner and x-amz-source-expected-bucket-owner: AccessDenied when another account has the bucket,
// InvalidBucketOwnerAWSAccountID for what is no account's id.
[[nodiscard]] Check check_expected_owner(const Call& call, const Bucket& bucket, std::string_view header);

// Requester pays (S3 user guide, "Using Requester Pays buckets"): whoever is not of the owner's account says
// `x-amz-request-payer: requester`, in a header or in the query, or is AccessDenied; so is an anonymous caller.
[[nodiscard]] Check check_payer(const Call& call, const Bucket& bucket);
// Whether the answer says `x-amz-request-charged: requester`.
[[nodiscard]] bool is_charged(const Call& call, const Bucket& bucket);

// The error of a time that cannot be read at, for whoever may read the past; else AccessDenied, so that nobody else
// learns how far back the past goes. `bucket_name` and `key` (empty: the bucket) are what the time was meant for.
Task<S3Error> past_error(Services& services, const Call& call, std::string bucket_name, std::string key, S3Error why);

// The AccessDenied of a public access block, of the bucket (and key) that `call` names: PutBucketPolicy with a public
// policy where BlockPublicPolicy is set, and `action` ("s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObject") with a
// public ACL where BlockPublicAcls is.
[[nodiscard]] S3Error blocked_public_policy(const Call& call);
[[nodiscard]] S3Error blocked_public_acl(const Call& call, std::string_view action);

}  // namespace reprise::s3
