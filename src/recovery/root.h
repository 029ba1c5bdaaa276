// The spaces everything else is found from. The first three are the first ones made in a new store, in one step, so
// their ids are the same in every store; the others stand in the catalogue space under `r/NAME`, so that a store of an
// earlier version gets them when it is opened.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/task.h"

namespace reprise::history {
class Store;
}

namespace reprise::recovery {

struct RootSpaces {
  SpaceId catalogue;  // tables (dynamo/ops/catalog.h), and the spaces below
  SpaceId jobs;       // background jobs (recovery/jobs.h)
  SpaceId buckets;    // S3's catalogue
  SpaceId tokens;     // client request tokens: what was answered to a request that may be sent again
  SpaceId archives;   // on-demand backups, exports and imports
  SpaceId blobs;      // how many names each payload of S3 has (s3/ops/blob_names.h)
  SpaceId users;      // users, their keys and policies (admin/users.h)
  SpaceId keys;       // the key ring of SSE-KMS (s3/ops/key_ring.h)
};

// Makes what is missing of them. corruption: the store has spaces, but not these.
Task<Result<RootSpaces>> open_root_spaces(history::Store& store);

// Whether `space` is one of them. A catalogue that drops what nobody names asks.
[[nodiscard]] bool is_root_space(const RootSpaces& root, SpaceId space);
// Whether a key of the catalogue space names one of them.
[[nodiscard]] bool is_root_key(BytesView key);

}  // namespace reprise::recovery
