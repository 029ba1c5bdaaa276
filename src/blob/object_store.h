// Where large immutable objects outside the store live: a directory, or the buckets of an S3 endpoint. Backups, exports
// and imports go through this interface; which place it is, the operator configures.
//
// An object is written once, as a stream, and seen by others only when it is complete: commit() makes it durable
// (directory: written beside its name, fsynced, renamed, directory fsynced; S3: PutObject or CompleteMultipartUpload).
// Writing a key again replaces the object whole. A writer that is destroyed before commit() leaves nothing behind.
//
// Every call blocks: use it from background threads (jobs), never from a thread that serves connections.
// Threading: an ObjectStore may be used from any thread; a reader or writer from one at a time.
// Errors: not_found (no such bucket or key), permission_denied, unavailable (worth another attempt), exhausted (disk
// full), invalid (a key that cannot be), corruption, io_error.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::blob {

struct ObjectInfo {
  std::string key;
  std::uint64_t bytes = 0;
  std::string etag;  // without quotes; S3: as the endpoint says, directory: the MD5 in hex
};

class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  virtual Status append(BytesView bytes) = 0;
  virtual Result<ObjectInfo> commit() = 0;
};

class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  // The next bytes, at most `max`; empty at the end.
  virtual Result<Bytes> read(std::size_t max) = 0;
  [[nodiscard]] virtual const ObjectInfo& info() const = 0;
};

// One bucket (or the one directory of backups). Keys are S3's: UTF-8, 1 to 1024 bytes, '/' separates folders.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual Result<std::unique_ptr<ObjectWriter>> create(std::string key) = 0;
  virtual Result<std::unique_ptr<ObjectReader>> open(std::string key) = 0;
  // Keys that begin with `prefix` and come after `start_after`, in order of their bytes, at most `limit`.
  virtual Result<std::vector<ObjectInfo>> list(std::string prefix, std::string start_after, std::size_t limit) = 0;
  // ok when there is none.
  virtual Status remove(std::string key) = 0;
};

// The buckets that exports and imports can name.
class ObjectStores {
 public:
  virtual ~ObjectStores() = default;
  // not_found: there is no such bucket. permission_denied: not this account's. unsupported: none are configured.
  virtual Result<std::shared_ptr<ObjectStore>> bucket(std::string account, std::string name) = 0;
};

}  // namespace reprise::blob
