// Where exports go and imports come from: the buckets that the configuration names.
#pragma once

#include <memory>

#include "base/status.h"
#include "blob/object_store.h"
#include "server/config.h"

namespace reprise::server {

// Folders of --buckets-dir, which is made when missing, or the buckets of --s3-endpoint with the keys of the
// environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (may be absent) and AWS_REGION (absent:
// --region). Nothing is asked of an endpoint yet. Fails with one line that names the flag.
Result<std::shared_ptr<blob::ObjectStores>> open_buckets(const ServeConfig& config);

}  // namespace reprise::server
