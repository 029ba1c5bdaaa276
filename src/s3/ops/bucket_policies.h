// Buckets' policies, compiled once for each text.
//
// Threading: any thread.
#pragma once

#include "auth/policy/policy.h"
#include "s3/model/bucket.h"

namespace reprise::s3 {

struct CompiledPolicy {
  auth::policy::DocumentPtr document;  // null: there is none, or it cannot be read
  bool unreadable = false;             // there is one that this version cannot read: nobody but root gets past it
  bool is_public = false;              // as S3 means it
};
[[nodiscard]] CompiledPolicy policy_of(const Bucket& bucket);

}  // namespace reprise::s3
