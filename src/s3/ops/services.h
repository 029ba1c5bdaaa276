// What every S3 operation works with. Borrowed by the operations; outlives them.
//
// Threading: everything in it is thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "recovery/root.h"
#include "s3/model/bucket.h"

namespace reprise {
class Executor;
}
namespace reprise::blob {
class BlobStore;
}
namespace reprise::history {
class Store;
}
namespace reprise::recovery {
class Jobs;
}

namespace reprise::s3 {

class Buckets;
class KeyRing;

// What an operator can choose (design.md section 7).
struct Settings {
  std::string region = "eu-west-1";
  // What a new bucket starts with unless its request says otherwise: the [buckets] of the configuration file.
  ObjectOwnership ownership = ObjectOwnership::bucket_owner_enforced;
  bool public_access_block = true;
  bool versioning = false;           // production: true
  bool encryption = true;            // SSE-S3, as AWS does; false: plain payloads
  std::int64_t noncurrent_days = 0;  // > 0: a rule that expires noncurrent versions (production: 90)
  std::int64_t recovery_days = 0;    // how long the past of a new bucket is kept (production: 35)
  std::int64_t recovery_days_max = 3650;
  // How long one day lasts for lifecycle rules (--lifecycle-day-seconds).
  std::chrono::seconds lifecycle_day{86'400};
  // Objects up to this size stand in the store itself; larger ones are blobs.
  std::uint64_t inline_bytes_max = std::uint64_t{32} << 10;
};

struct Services {
  history::Store& store;
  Buckets& buckets;
  recovery::Jobs& jobs;
  blob::BlobStore& blobs;
  KeyRing& keys;
  Executor& disk;  // threads that may block on blobs and compute long hashes
  WallClock& wall;
  Settings settings;
  recovery::RootSpaces root;
};

}  // namespace reprise::s3
