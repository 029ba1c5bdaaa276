// A BlobStore in a directory: one file for each blob, in one of 256 folders (docs/formats/blob.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/disk_room.h"
#include "base/status.h"
#include "blob/blob_store.h"

namespace reprise::blob {

struct FileStoreOptions {
  // Of payload under one checksum, for new blobs; each blob keeps its own. 512 bytes to 16 MiB. Smaller ones make short
  // ranges cheaper, larger ones save 4 bytes and a little work each.
  std::size_t block_bytes = std::size_t{64} << 10;
  // Where less than this, or than an eighth of a small disk, would be left, nothing is written (exhausted): that is for
  // the records, whose store begins to refuse at half of it (base/disk_room.h). Looked at when a blob is begun, and
  // after every 8 MiB of it.
  std::uint64_t reserve_bytes = std::uint64_t{128} << 20;
  // What the disk has; none: what the file system says. From any thread.
  std::function<std::optional<DiskRoom>()> room = {};
};

// Makes the directory when it is missing (its parent must be there) and removes what killed writers left in it. The
// directory is this store's alone as long as it lives: unavailable when another one, of this process or not, has it.
Result<std::shared_ptr<BlobStore>> open_file_store(std::string path, FileStoreOptions options = {});

}  // namespace reprise::blob
