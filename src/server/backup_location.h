// Where on-demand backups are written: the directory or the bucket that --backup-dir names.
#pragma once

#include <memory>

#include "base/status.h"
#include "blob/object_store.h"
#include "server/config.h"

namespace reprise::server {

struct BackupLocation {
  std::shared_ptr<blob::ObjectStore> store;
  bool remote = false;  // asking it may take long, or fail for a while
};

// A directory, which is made when missing, or `s3://BUCKET/PREFIX` of the buckets that exports use (`buckets`). Nothing
// is asked of an endpoint yet. Fails with one line that names the flag.
Result<BackupLocation> open_backup_location(const ServeConfig& config, std::shared_ptr<blob::ObjectStores> buckets);

}  // namespace reprise::server
