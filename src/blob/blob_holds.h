// Which blobs are held, and which may therefore not be collected or removed: the bookkeeping behind blob_store.h's
// promise, for any store of blobs. Thread-safe.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "blob/blob_id.h"

namespace reprise::blob {

class BlobHolds {
 public:
  // False: the blob is being taken by a collection just now, so it is as good as gone.
  [[nodiscard]] bool acquire(BlobId id);
  // True: that was the last hold on a blob that is to go (begin_remove), and whoever let go removes it; nobody can hold
  // it until end_take().
  [[nodiscard]] bool release(BlobId id);

  // From here on every held blob is remembered. False: a collection is under way.
  [[nodiscard]] bool begin_collection();
  void end_collection();
  // True: the blob was not held since, and cannot be until end_take(). Within a collection.
  [[nodiscard]] bool begin_take(BlobId id);
  void end_take(BlobId id);

  // True: nobody holds the blob, and nobody can until end_take(). False: it goes with the last hold on it.
  [[nodiscard]] bool begin_remove(BlobId id);

 private:
  std::mutex mutex_;
  std::unordered_map<BlobId, std::size_t> held_;          // how often
  std::optional<std::unordered_set<BlobId>> remembered_;  // while a collection is under way
  std::unordered_multiset<BlobId> taken_;                 // by a collection, or removed
  std::unordered_set<BlobId> leaving_;                    // with the last hold on them
};

}  // namespace reprise::blob
