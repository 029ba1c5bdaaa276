// Invariant: no blob is in held_ and in taken_; what is in held_ is in remembered_, if there is one; what is in
// leaving_ is in held_.
#include "blob/blob_holds.h"

#include "base/assert.h"

namespace reprise::blob {

bool BlobHolds::acquire(BlobId id) {
  const std::lock_guard lock(mutex_);
  if (taken_.contains(id)) return false;
  ++held_[id];
  if (remembered_) remembered_->insert(id);
  return true;
}

bool BlobHolds::release(BlobId id) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(id);
  ASSERT(found != held_.end());
  if (--found->second > 0) return false;
  held_.erase(found);
  if (leaving_.erase(id) == 0) return false;
  taken_.insert(id);
  return true;
}

bool BlobHolds::begin_collection() {
  const std::lock_guard lock(mutex_);
  if (remembered_) return false;
  remembered_.emplace();
  for (const auto& [id, times] : held_) remembered_->insert(id);
  return true;
}

void BlobHolds::end_collection() {
  const std::lock_guard lock(mutex_);
  remembered_.reset();
}

bool BlobHolds::begin_take(BlobId id) {
  const std::lock_guard lock(mutex_);
  ASSERT(remembered_.has_value());
  if (remembered_->contains(id)) return false;
  taken_.insert(id);
  return true;
}

void BlobHolds::end_take(BlobId id) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(id);
  ASSERT(found != taken_.end());
  taken_.erase(found);
}

bool BlobHolds::begin_remove(BlobId id) {
  const std::lock_guard lock(mutex_);
  if (held_.contains(id)) {
    leaving_.insert(id);
    return false;
  }
  taken_.insert(id);
  return true;
}

}  // namespace reprise::blob
