// One blob's file, read: what file_store.cc's readers and verify() stand on.
// Threading: thread-safe; reading does not move anything. Errors: those of blob_store.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "blob/blob_id.h"
#include "blob/blob_store.h"
#include "blob/file_format.h"
#include "blob/file_handle.h"

namespace reprise::blob {

// Fails with corruption when the head is damaged. A file that is too short opens; the blocks that are missing fail when
// they are read.
Result<std::unique_ptr<BlobReader>> open_blob_file(const std::string& path, BlobId id);
// See BlobStore::open_cached().
std::unique_ptr<BlobReader> open_cached_blob_file(const std::string& path, BlobId id);

// See BlobStore::verify().
Result<BlobReport> verify_blob_file(const std::string& path, BlobId id);

}  // namespace reprise::blob
