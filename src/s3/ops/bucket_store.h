// This server's own buckets as blob::ObjectStores: exports, imports and backups name them like any other bucket.
//
// Objects are written whole, under the bucket's own rules (versioning, default encryption), and belong to its owner.
// What is larger than a piece becomes an object of several parts, so memory is bounded by one of them.
//
// Threading: as object_store.h says. The calls block; they run on threads of their own, so they may be made from any
// thread but those of Services::disk.
#pragma once

#include <memory>

#include "blob/object_store.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// A name that is a bucket of this server is that one; every other is looked for in `others` (may be null). `services`
// outlives what is returned.
std::shared_ptr<blob::ObjectStores> open_own_buckets(Services& services, std::shared_ptr<blob::ObjectStores> others);

}  // namespace reprise::s3
