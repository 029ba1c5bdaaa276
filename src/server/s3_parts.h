// S3's rooms, made and kept together: the catalogue of buckets, the payloads in DATA/blobs, the master key and the key
// ring, the threads that may block on the disk.
#pragma once

#include <memory>
#include <string>

#include "auth/key_file.h"
#include "base/clock.h"
#include "base/status.h"
#include "recovery/root.h"
#include "s3/ops/services.h"
#include "server/config.h"

namespace reprise::history {
class Store;
}
namespace reprise::recovery {
class Jobs;
}

namespace reprise::server {

class S3Parts {
 public:
  // `buckets` has been opened on `store` with `root`. The key file is made when it is missing, but not where the store
  // already keeps something under a key that is then lost. Registers S3's background work with `jobs`, which has not
  // resumed. What is borrowed outlives the parts. Fails with one line that names the flag or the directory.
  static Result<std::unique_ptr<S3Parts>> open(const ServeConfig& config, const std::string& data,
                                               history::Store& store, recovery::Jobs& jobs,
                                               std::unique_ptr<s3::Buckets> buckets, recovery::RootSpaces root,
                                               WallClock& wall);
  virtual ~S3Parts() = default;
  [[nodiscard]] virtual s3::Services& services() = 0;
  // Under which users' secrets are sealed as well.
  [[nodiscard]] virtual const auth::MasterKey& master() const = 0;
};

}  // namespace reprise::server
