// What a new bucket becomes: the configured defaults, and what its request says otherwise.
#pragma once

#include "s3/ops/operation.h"

namespace reprise::s3 {

// Checks everything that can be checked without asking whether the name is taken. The bucket comes without spaces, id
// and creation time (Buckets::add).
[[nodiscard]] Outcome<Bucket> bucket_of_request(const Settings& settings, const Call& call);

Task<Outcome<Reply>> create_bucket(Services& services, Call& call);

}  // namespace reprise::s3
