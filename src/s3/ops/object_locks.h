// What object lock says to the operations that store and remove versions: which lock a new version gets, which versions
// may not be removed, and what a reader is told.
//
// Source: S3 user guide, "Locking objects with Object Lock"; texts as the service answers them.
// Threading: from any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/task.h"
#include "s3/model/object.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// The lock that x-amz-object-lock-mode, -retain-until-date and -legal-hold ask for, or the bucket's default retention
// from `now_micros` on. InvalidArgument for headers that are wrong, whatever the bucket is; InvalidRequest where the
// bucket has no object lock.
[[nodiscard]] Outcome<ObjectLock> lock_of_new_version(const Fields& headers, const Bucket& bucket,
                                                      std::int64_t now_micros);
// An upload with a body (PutObject, UploadPart) whose object is to be locked must say what its body is: InvalidRequest
// without Content-MD5 and without a checksum, in the headers or announced as a trailer.
[[nodiscard]] Check check_lock_digest(const Fields& headers, const ObjectLock& lock);

// Whether the lock holds at that time.
[[nodiscard]] bool is_locked(const ObjectLock& lock, std::int64_t now_micros);

// AccessDenied when `version` is protected: by a legal hold; by compliance retention; by governance retention, unless
// the request says x-amz-bypass-governance-retention and the caller is allowed s3:BypassGovernanceRetention on the key.
// Delete markers never are. InvalidArgument (check_bypass_header) comes first.
[[nodiscard]] Task<Check> check_removal_allowed(Services& services, const Call& call, const Bucket& bucket,
                                                const ObjectVersion& version, std::string key);
// Of the key that `call` addresses.
[[nodiscard]] Task<Check> check_removal_allowed(Services& services, const Call& call, const Bucket& bucket,
                                                const ObjectVersion& version);
// x-amz-bypass-governance-retention belongs to buckets with object lock: InvalidArgument elsewhere, whatever its value.
[[nodiscard]] Check check_bypass_header(const Fields& headers, const Bucket& bucket);
// Whether the request asks to bypass governance and may.
[[nodiscard]] Task<bool> may_bypass_governance(Services& services, const Call& call, std::string key);

// The headers x-amz-object-lock-* of a GET or HEAD.
void add_lock_headers(Fields& headers, const ObjectLock& lock);
// As much of the lock as the caller of `call` may see: the retention with s3:GetObjectRetention, the legal hold with
// s3:GetObjectLegalHold.
[[nodiscard]] Task<ObjectLock> visible_lock(Services& services, const Call& call, const ObjectVersion& version);

}  // namespace reprise::s3
