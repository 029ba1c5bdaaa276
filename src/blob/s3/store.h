// The buckets of an S3 endpoint (blob/object_store.h): Amazon's, or any other's that speaks its protocol with buckets
// addressed by path. Operations used: HeadBucket, ListObjectsV2, GetObject (by ranges), PutObject, DeleteObject and
// multipart uploads for objects larger than a part.
#pragma once

#include <memory>

#include "base/status.h"
#include "blob/object_store.h"
#include "blob/s3/client.h"

namespace reprise::blob {

// An object is read and written in pieces of this many bytes, which is also what a reader or writer keeps in memory.
struct S3StoreOptions {
  std::size_t part_bytes = std::size_t{8} << 20;  // S3 asks for 5 MiB at least
};

// Which account owns a bucket is the endpoint's to say: its credentials decide what may be used.
std::shared_ptr<ObjectStores> make_s3_buckets(std::shared_ptr<S3Client> client, S3StoreOptions options = {});

}  // namespace reprise::blob
