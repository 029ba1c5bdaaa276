// The spaces everything else is found from. They are the first ones made in a new store, in one step, so their ids are
// the same in every store.
#pragma once

#include "base/ids.h"
#include "base/status.h"
#include "base/task.h"

namespace reprise::history {
class Store;
}

namespace reprise::recovery {

struct RootSpaces {
  SpaceId catalogue;  // tables (dynamo/ops/catalog.h)
  SpaceId jobs;       // background jobs (recovery/jobs.h)
  SpaceId buckets;    // S3's catalogue
};

// Makes them in an empty store, finds them in any other. corruption: the store has spaces, but not these.
Task<Result<RootSpaces>> open_root_spaces(history::Store& store);

// Whether `space` is one of them, in a store where they have been made. A catalogue that drops what nobody names asks.
[[nodiscard]] bool is_root_space(const RootSpaces& root, SpaceId space);
// The root spaces of a store in which open_root_spaces has succeeded.
[[nodiscard]] Result<RootSpaces> find_root_spaces(const history::Store& store);

}  // namespace reprise::recovery
