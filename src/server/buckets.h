// Where exports go and imports come from: this server's own buckets, and those that the configuration names.
#pragma once

#include <memory>

#include "base/status.h"
#include "blob/object_store.h"
#include "s3/ops/services.h"
#include "server/config.h"

namespace reprise::server {

// A name that is a bucket of this server is that one. Every other is a folder of --buckets-dir, which is made when
// missing, or a bucket of --s3-endpoint with the keys of the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
// AWS_SESSION_TOKEN (may be absent) and AWS_REGION (absent: --region). Nothing is asked of an endpoint yet. Fails with
// one line that names the flag. `services` outlives what is returned.
Result<std::shared_ptr<blob::ObjectStores>> open_buckets(const ServeConfig& config, s3::Services& services);

}  // namespace reprise::server
