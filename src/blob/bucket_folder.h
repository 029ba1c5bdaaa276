// A folder of a bucket as an object store of its own: keys below it are written and read without its name.
#pragma once

#include <memory>
#include <string>

#include "blob/object_store.h"

namespace reprise::blob {

// `prefix` is put before every key; empty, or it ends with '/'. The bucket is looked for when something is asked of it,
// so that a server starts while its endpoint is away; what bucket() fails with, the call does.
std::shared_ptr<ObjectStore> open_bucket_folder(std::shared_ptr<ObjectStores> buckets, std::string account,
                                                std::string bucket, std::string prefix);

}  // namespace reprise::blob
