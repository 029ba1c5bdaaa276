// A BlobStore in a directory: one file for each blob, in one of 256 folders (docs/formats/blob.md).
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/status.h"
#include "blob/blob_store.h"

namespace reprise::blob {

struct FileStoreOptions {
  // Of payload under one checksum, for new blobs; each blob keeps its own. 512 bytes to 16 MiB. Smaller ones make short
  // ranges cheaper, larger ones save 4 bytes and a little work each.
  std::size_t block_bytes = std::size_t{64} << 10;
  // Where less than this is left on the disk, no new blob is begun (exhausted): what is left is for the records, so
  // that removing things still works.
  std::uint64_t reserve_bytes = std::uint64_t{64} << 20;
};

// Makes the directory when it is missing (its parent must be there) and removes what killed writers left in it. The
// directory is this store's alone as long as it lives: unavailable when another one, of this process or not, has it.
Result<std::shared_ptr<BlobStore>> open_file_store(std::string path, FileStoreOptions options = {});

}  // namespace reprise::blob
